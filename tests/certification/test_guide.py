"""A live certificate with a warrant opens the guide of the courses it reaches."""

from lms.certification.services.standing import suspend
from lms.core.database import db
from lms.core.ids import id_text
from tests.certification.conftest import staff_actor
from tests.factories import NOW, TODAY


def guide_of(course) -> str:
    return f"/guides/{id_text(course.current_version_id)}"


def test_a_trainer_prints_the_guide_of_what_she_may_certify(client, sign_in, cascade):
    berta, _credential = cascade.trainer()
    sign_in(client, berta)
    assert client.get(guide_of(cascade.facilitators)).status_code == 200
    page = client.get("/certificates").text
    assert guide_of(cascade.facilitators) in page


def test_who_holds_no_certificate_finds_none(client, sign_in, cascade):
    cascade.trainer()
    sign_in(client, cascade.user("Diego Tzoc"))
    assert client.get(guide_of(cascade.facilitators)).status_code == 404
    assert "/guides/" not in client.get("/certificates").text


def test_a_suspended_certificate_opens_no_guide(client, sign_in, cascade):
    berta, credential = cascade.trainer()
    suspend(credential, "inquiry", "", staff_actor(cascade.elena), NOW, TODAY)
    db.session.commit()
    sign_in(client, berta)
    assert client.get(guide_of(cascade.facilitators)).status_code == 404
