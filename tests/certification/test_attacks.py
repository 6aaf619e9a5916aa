"""What a dishonest hand sends to the doors: for herself, for yesterday, for a stranger, for more than she may."""

import pytest
from sqlalchemy import func, select

from lms.access.policy import Role
from lms.accounts.models import Grant
from lms.certification.models import Credential, RefusedSigning
from lms.certification.rules.warrants import Limit
from lms.core.database import db
from lms.core.ids import id_text, new_id
from tests.certification.chain import cascade as signed_chain
from tests.factories import NOW, TODAY


@pytest.fixture
def send(app, sign_in):
    """Send the form of a group as somebody: `send(user, cohort, level, people, …)` gives the status."""

    def post(user, cohort, level, people, **more):
        db.session.commit()
        browser = app.test_client()
        sign_in(browser, user, is_shared=False)
        form = {"level": id_text(level.id), "person": [id_text(one) for one in people], "answers": "yes"}
        status = browser.post(f"/groups/{id_text(cohort.id)}/certify", data=form | more).status_code
        db.session.expire_all()
        return status

    return post


def issued(*where):
    return db.session.scalar(select(func.count()).select_from(Credential).where(*where))


def test_nobody_certifies_herself_through_the_door_and_the_try_is_kept(cascade, send):
    berta, _first = cascade.trainer()
    cohort, _people = cascade.ready_group(cascade.facilitators, cascade.elena, ["Juana Tomás"])
    cascade.join(cohort, berta)
    registrar = Grant(user_id=berta.id, unit_id=cascade.agency.id, role=Role.REGISTRAR.value, granted_at=NOW)
    db.session.add(registrar)
    assert send(berta, cohort, cascade.level(2), [berta.person_id]) == 303
    assert issued(Credential.holder_id == berta.person_id) == 1  # that which she had
    assert db.session.scalars(select(RefusedSigning.limits)).all() == [[Limit.CONFLICT_SELF.value]]


def test_no_field_of_the_form_dates_back_nor_widens_a_right(cascade, send):
    berta, first = cascade.trainer()
    cohort, (juana,) = cascade.ready_group(cascade.facilitators, berta, ["Juana Tomás"])
    forged = {
        "valid_from": "2020-01-01", "valid_until": "2099-01-01", "issued_at": "2020-01-01T00:00:00Z",
        "max_depth": "99", "generation": "1", "parent": "", "is_agency": "1", "public_name": "Otra",
        "warrant": '{"levels": [1, 2, 3]}', "code": first.code, "request_key": "x",
    }  # fmt: skip
    for more in ({"quota": "9999"}, {"territory": "01"}, {"ends_on": "2020-01-01"}):
        assert send(berta, cohort, cascade.level(2), [juana.person_id], **more) == 422
    assert issued(Credential.holder_id == juana.person_id) == 0
    assert send(berta, cohort, cascade.level(2), [juana.person_id], **forged) == 303
    made = db.session.scalars(select(Credential).where(Credential.holder_id == juana.person_id)).one()
    assert (made.valid_from, made.issued_at, made.valid_until.year) == (TODAY, NOW, TODAY.year + 1)
    assert (made.generation, made.parent_id, made.public_name) == (2, first.id, "Juana T.")
    assert made.warrant["levels"] == [3] and made.warrant["territory"] == ["14"] and made.warrant["quota"] <= 60


def test_neither_a_stranger_nor_an_id_of_nobody_is_certified(cascade, send):
    berta, _first = cascade.trainer()
    cohort, (juana,) = cascade.ready_group(cascade.facilitators, berta, ["Juana Tomás"])
    stranger = cascade.user("Pedro Us")
    for people in ([stranger.person_id], [juana.person_id, stranger.person_id], [new_id()]):
        assert send(berta, cohort, cascade.level(2), people) == 422
    assert issued(Credential.holder_id != berta.person_id) == 0


def test_a_level_that_only_the_agency_signs_is_not_had_by_naming_it(cascade, send):
    berta, _first = cascade.trainer()
    cohort, (carmen,) = cascade.ready_group(cascade.trainers, berta, ["Carmen Pol"])
    assert send(berta, cohort, cascade.level(1), [carmen.person_id]) == 403
    assert issued(Credential.holder_id == carmen.person_id) == 0


@pytest.mark.parametrize(
    "written",
    ["%", "_" * 12, "' OR 1=1 --", "0" * 5000, "\u202e\ufeff", "💥" * 12, "9FX2%00P7VA", "../../etc/passwd", "{{7*7}}",
     "<script>alert(1)</script>", "０" * 12],
)  # fmt: skip
def test_whatever_is_written_as_a_code_is_answered_in_words(client, db_session, clock, written):
    clock.hold(NOW)
    signed_chain()
    for answer in (client.get("/verify", query_string={"code": written}), client.get(f"/verify/{written}")):
        assert answer.status_code in (303, 404, 422), answer.status_code
        assert "It is valid" not in answer.text and "49" not in answer.headers.get("Location", "")
        assert "<script>alert" not in answer.text
    for kind in ("", ".json", ".jwt", ".png", ".svg"):
        assert client.get(f"/credentials/{written}{kind}").status_code in (303, 404)


def test_the_published_words_are_read_only(client, db_session, clock):
    clock.hold(NOW)
    code = signed_chain().marta.code
    for path in (
        f"/verify/{code}",
        f"/credentials/{code}",
        "/status/1",
        "/.well-known/did.json",
        "/.well-known/jwks.json",
    ):
        for method in ("post", "put", "delete", "patch"):
            assert getattr(client, method)(path).status_code == 405
