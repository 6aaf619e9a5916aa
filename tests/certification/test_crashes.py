"""Killed at whatever moment: no certificate without signature, none twice, no mail for what is not there."""

import json

import pytest
from sqlalchemy import func, select

from lms.certification.models import ActiveCredential, Credential, CredentialEvent
from lms.core.database import db
from lms.core.ids import id_text
from lms.core.models import AuditEntry, Mail
from tests.harness.crashing import killed_at

MOST = 100  # writes of one request; it has far fewer


def how_many(model, *where):
    return db.session.scalar(select(func.count()).select_from(model).where(*where))


@pytest.fixture
def until_done(app):
    """Send a request that is killed at its first write, then at its second, …; look each time at what is left."""

    def go(send, look):
        for write in range(1, MOST):
            has_died = killed_at(app, write, send)
            look()
            db.session.commit()
            if not has_died:
                return write - 1
        raise AssertionError("it never came to an end")

    return go


def test_certifying_killed_at_any_write_leaves_all_or_nothing(cascade, app, sign_in, runner, until_done):
    people = [cascade.user(name) for name in ("Berta Sic", "Carmen Pol")]
    cohort = cascade.group(cascade.trainers, cascade.elena, people)
    cascade.qualify(cohort, people, cascade.elena)
    browser = app.test_client()
    sign_in(browser, cascade.elena, is_shared=False)
    path = f"/groups/{id_text(cohort.id)}/certify"
    form = {"person": [id_text(one.person_id) for one in people], "answers": "yes"}
    form["level"] = id_text(cascade.level(1).id)

    def send():
        assert browser.post(path, data=form).status_code == 303

    def look():
        made = db.session.scalars(select(Credential)).all()
        assert len(made) in (0, 2)
        assert all(json.loads(one.document)["proof"] and len(one.claim) > 64 for one in made)
        assert how_many(CredentialEvent, CredentialEvent.kind == "issued") == len(made)
        assert how_many(ActiveCredential) == len(made)
        assert how_many(AuditEntry, AuditEntry.action == "credential.issue") == len(made)

    assert until_done(send, look) > 5
    # Killed again and again, also right after the commit, it was issued once; and every signature holds.
    assert how_many(Credential) == 2
    found = {
        one["check"]: one["is_well"] for one in json.loads(runner.invoke(args=["doctor", "--deep", "--json"]).output)
    }
    assert found["certificates"] and found["signing key"]


def test_revoking_killed_at_any_write_leaves_no_mail_without_it(cascade, app, sign_in, until_done):
    berta, first = cascade.trainer()
    _cohort, people, _below = cascade.facilitators_of(berta, ["Juana Tomás", "Felipa Ren"])
    for number, user in enumerate((berta, *people)):
        user.email = f"persona.{number}@svet.gob.gt"
    browser = app.test_client()
    sign_in(browser, cascade.elena, is_shared=False)
    path = f"/manage/certificates/{id_text(first.id)}/revoke"

    def send():
        answer = browser.post(path, data={"reason": "conduct", "policy": "revoke", "sure": "y"})
        assert answer.status_code in (303, 422)  # 422: it was done already, right before the last death

    def look():
        fallen = how_many(CredentialEvent, CredentialEvent.kind == "revoked")
        assert fallen in (0, 3) and how_many(Mail) == fallen
        assert how_many(AuditEntry, AuditEntry.action == "credential.revoke") == (1 if fallen else 0)
        assert how_many(ActiveCredential) == (0 if fallen else 3)

    assert until_done(send, look) > 5
    assert how_many(CredentialEvent, CredentialEvent.kind == "revoked") == 3
