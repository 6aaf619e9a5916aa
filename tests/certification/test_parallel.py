"""At the same moment, from several places: one certificate, one place of a quota, and no right that was just lost."""

import threading
from collections import Counter

import pytest
from sqlalchemy import func, select

from lms.access.policy import Role
from lms.accounts.models import Grant
from lms.certification.models import Credential, CredentialEvent
from lms.certification.services import standing
from lms.certification.services.issuing import certify
from lms.certification.services.standing import Policy
from lms.core import clock
from lms.core.database import db
from lms.core.ids import id_text
from lms.organization.models import Person
from tests.certification.conftest import staff_actor
from tests.factories import NOW, TODAY
from tests.learning.conftest import as_actor

MANY = 4


@pytest.fixture
def browsers(app, sign_in):
    """Several browsers, each somebody's: `browsers(user, …)`."""

    def come(*users):
        db.session.commit()
        made = []
        for user in users:
            browser = app.test_client()
            sign_in(browser, user, is_shared=False)
            made.append(browser)
        return made

    return come


def at_once(*requests):
    """Send requests from threads at the same moment; return the statuses of the answers, in order."""
    gate, statuses = threading.Barrier(len(requests)), [0] * len(requests)

    def one(index, browser, path, form):
        with clock.frozen(NOW):
            gate.wait(30)
            statuses[index] = browser.post(path, data=form).status_code

    db.session.commit()
    threads = [threading.Thread(target=one, args=(index, *each)) for index, each in enumerate(requests)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return statuses


def to_certify(cascade, cohort, number, *people):
    form = {"person": [id_text(one.person_id) for one in people], "answers": "yes"}
    return f"/groups/{id_text(cohort.id)}/certify", form | {"level": id_text(cascade.level(number).id)}


def how_many(model, *where):
    return db.session.scalar(select(func.count()).select_from(model).where(*where))


def test_the_first_certificate_of_a_site_asked_for_many_times_at_once_is_one(cascade, browsers):
    cohort, (berta,) = cascade.ready_group(cascade.trainers, cascade.elena, ["Berta Sic"])
    request = to_certify(cascade, cohort, 1, berta)
    statuses = at_once(*((browser, *request) for browser in browsers(*[cascade.elena] * MANY)))
    assert set(statuses) <= {303, 409} and 303 in statuses, statuses
    assert how_many(Credential) == how_many(CredentialEvent, CredentialEvent.kind == "issued") == 1


def test_two_signers_who_certify_one_person_at_once_give_one_certificate(cascade, browsers):
    berta, _first = cascade.trainer()
    carmen, _other = cascade.trainer("Carmen Pol")
    cohort, (juana,) = cascade.ready_group(cascade.facilitators, berta, ["Juana Tomás"])
    for user in (berta, carmen):
        lets_in(cascade, user)
    request = to_certify(cascade, cohort, 2, juana)
    statuses = at_once(*((browser, *request) for browser in browsers(berta, carmen, berta, carmen)))
    assert set(statuses) <= {303, 409} and 303 in statuses, statuses
    assert how_many(Credential, Credential.holder_id == juana.person_id) == 1


def lets_in(cascade, user):
    """Let somebody open the page of a group; her right to sign is her own certificate's."""
    grant = Grant(user_id=user.id, unit_id=cascade.agency.id, role=Role.REGISTRAR.value, granted_at=NOW)
    db.session.add(grant)
    db.session.commit()


def test_a_quota_holds_when_two_groups_are_certified_at_once(cascade, browsers):
    berta, first = cascade.trainer()
    first.warrant = first.warrant | {"quota": 1}
    groups = [cascade.ready_group(cascade.facilitators, berta, [name]) for name in ("Juana Tomás", "Felipa Ren")]
    sent = [to_certify(cascade, cohort, 2, *people) for cohort, people in groups]
    statuses = at_once(*((browser, *request) for browser, request in zip(browsers(berta, berta), sent, strict=True)))
    assert Counter(statuses) in (Counter({303: 2}), Counter({303: 1, 409: 1}))
    assert how_many(Credential, Credential.parent_id == first.id) == 1


@pytest.mark.parametrize("falls", ["signer", "above"])
def test_a_certificate_issued_while_a_revocation_waits_comes_under_review_with_the_branch(cascade, app, falls):
    """The revocation cannot pass by an issuing that is under way: it waits for it, and finds what it made."""
    berta, first = cascade.trainer()
    _cohort, (juana,), (second,) = cascade.facilitators_of(berta, ["Juana Tomás"])
    village, (ana,) = cascade.ready_group(cascade.facilitators, juana, ["Ana Batz"])
    wanted, boss = {"signer": second, "above": first}[falls].id, staff_actor(cascade.elena)
    ids, level_id, signer_id = (village.id, ana.person_id), cascade.level(3).id, juana.person_id
    actor, errors = as_actor(juana), []
    db.session.commit()

    def revoke():
        try:
            with app.test_request_context(method="POST"), clock.frozen(NOW):
                falling = db.session.get_one(Credential, wanted)
                standing.revoke(falling, Policy.REVIEW, "conduct", "", boss, NOW, TODAY)
                db.session.commit()
        except Exception as error:
            errors.append(error)

    with app.test_request_context(method="POST"), clock.frozen(NOW):
        cohort, level = db.session.get_one(type(village), ids[0]), db.session.get_one(type(cascade.level(3)), level_id)
        signer = db.session.get_one(Person, signer_id)
        answer = certify(cohort, level, [ids[1]], signer, actor, False, NOW, TODAY)[0]
        assert answer.is_new
        made_id = answer.credential.id
        meanwhile = threading.Thread(target=revoke)
        meanwhile.start()
        meanwhile.join(0.5)
        db.session.commit()
    meanwhile.join(60)
    assert not errors
    told = select(CredentialEvent.kind).where(CredentialEvent.credential_id == made_id).order_by(CredentialEvent.at)
    assert set(db.session.scalars(told)) == {"issued", "under_review"}


def test_issuing_that_races_with_a_revocation_leaves_nothing_valid_below_the_revoked(cascade, browsers):
    berta, first = cascade.trainer()
    cohort, people = cascade.ready_group(cascade.facilitators, berta, ["Juana Tomás", "Felipa Ren"])
    sent = [to_certify(cascade, cohort, 2, one) for one in people]
    path = f"/manage/certificates/{id_text(first.id)}/revoke"
    form = {"reason": "conduct", "policy": "revoke", "sure": "y"}
    boss, *hers = browsers(cascade.elena, berta, berta)
    statuses = at_once((boss, path, form), *((one, *request) for one, request in zip(hers, sent, strict=True)))
    assert statuses[0] == 303 and set(statuses) <= {303, 409}
    made = select(Credential.id).where(Credential.parent_id == first.id)
    fallen = select(CredentialEvent.credential_id).where(CredentialEvent.kind == "revoked")
    assert set(db.session.scalars(made)) <= set(db.session.scalars(fallen))
