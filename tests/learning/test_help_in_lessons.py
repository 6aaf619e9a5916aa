"""A lesson that asks for it ends with the places of help of its reader's own municipality."""

from datetime import date

import pytest

from lms.core import clock as time
from lms.core.database import db
from lms.curriculum.queries import outline_of
from lms.learning.services.enrolments import enrol
from lms.library.models import Referral
from tests import factories
from tests.learning.conftest import as_actor, publish_course
from tests.learning.package import files


@pytest.fixture
def path(db_session, clock):
    """The address of the first lesson of a course, with a gap for places of help."""
    clock.hold(factories.NOW)
    package = dict(files())
    lesson = next(name for name in sorted(package) if name.endswith(".spa.md"))
    for name in (lesson, lesson.replace(".spa.", ".eng.")):
        package[name] += "\n\n::: referrals A quién acudir\nPregunte en la municipalidad.\n:::\n".encode()
    course = publish_course(package)
    module, slug = lesson.removesuffix(".spa.md").split("/")
    return course, f"/courses/{outline_of(course.current_version_id).course_slug}/{module}/{slug}"


def reader(client, sign_in, course, place):
    user = factories.user("Lucía Tum", over=factories.unit("Escuela", kind="school", place_code=place))
    enrol(user.person_id, course, "staff", as_actor(user), time.now())
    db.session.commit()
    sign_in(client, user)


def clinic(place):
    return Referral(
        unit_id=factories.agency().id,
        kind="health",
        place_code=place,
        name=f"Centro de salud {place}",
        name_folded=f"centro de salud {place}",
        phone="2411 0000",
        checked_on=date(2026, 11, 1),
        checked_by="Rosa",
        review_by=date(2027, 5, 1),
    )


def test_the_readers_own_municipality_is_listed_and_others_are_not(client, sign_in, path, statements):
    course, address = path
    db.session.add_all([clinic("1406"), clinic("1304")])
    reader(client, sign_in, course, "1406")
    client.get(address)
    with statements() as seen:
        page = client.get(address).text
    assert "Centro de salud 1406" in page
    assert "Centro de salud 1304" not in page
    assert "Pregunte en la municipalidad" not in page
    assert len(seen) <= 3


def test_where_nothing_is_listed_the_lesson_says_what_to_do(client, sign_in, path):
    course, address = path
    reader(client, sign_in, course, "1414")
    assert "Pregunte en la municipalidad" in client.get(address).text
