"""Coming into a course and going out of it."""

from datetime import timedelta

import pytest

from lms.access.policy import Role
from lms.core.database import db
from lms.core.errors import NotFound, RuleBroken
from lms.core.models import AuditEntry
from lms.curriculum.services import load_package, publish, withdraw
from lms.learning.models import Enrolment, JoinCode
from lms.learning.services.codes import end_code, enrol_by_code, open_code, shown_code, tidy_code
from lms.learning.services.enrolments import (
    enrol,
    enrol_many,
    enrol_oneself,
    leave,
    set_due,
    set_language,
)
from tests import factories
from tests.factories import NOW, TODAY
from tests.learning.conftest import as_actor, publish_course
from tests.learning.package import files

LATER = NOW + timedelta(days=1)


def enrolments():
    db.session.flush()
    return db.session.query(Enrolment).all()


def newer(**changes):
    """Publish a second version of the course."""
    package = files(**changes)
    package["course.toml"] = package["course.toml"].replace(b"2026.1", b"2026.2")
    return publish_course(package)


def test_enrolling_twice_changes_nothing(course, lucia):
    first = enrol(lucia.person_id, course, "self", as_actor(lucia), NOW)
    assert enrol(lucia.person_id, course, "staff", as_actor(lucia), LATER) is first
    assert len(enrolments()) == 1


def test_an_enrolment_pins_the_version(course, lucia):
    mine = enrol(lucia.person_id, course, "self", as_actor(lucia), NOW)
    first = course.current_version_id
    newer()
    assert course.current_version_id != first
    assert enrol(lucia.person_id, course, "self", as_actor(lucia), LATER) is mine
    assert mine.version_id == first


def test_whoever_left_comes_back_with_her_progress(enrolment, lucia, course):
    leave(enrolment, as_actor(lucia), NOW)
    assert enrolment.state == "withdrawn"
    assert enrol(lucia.person_id, course, "self", as_actor(lucia), LATER) is enrolment
    assert enrolment.state == "active"


def test_whoever_comes_back_after_a_new_version_takes_that_one(enrolment, lucia, course):
    leave(enrolment, as_actor(lucia), NOW)
    newer()
    again = enrol(lucia.person_id, course, "self", as_actor(lucia), LATER)
    assert again.version_id == course.current_version_id
    assert len(enrolments()) == 2


def test_a_completed_course_cannot_be_left(enrolment, lucia):
    enrolment.state = "completed"
    with pytest.raises(RuleBroken):
        leave(enrolment, as_actor(lucia), NOW)


@pytest.mark.parametrize("rule", ["code", "invited"])
def test_only_open_courses_are_entered_by_oneself(db_session, clock, lucia, rule):
    clock.hold(NOW)
    with pytest.raises(RuleBroken):
        enrol_oneself(lucia.person_id, publish_course(files(enrolment=rule)), as_actor(lucia), NOW)


def test_nobody_enters_a_course_that_is_not_published(db_session, lucia):
    draft = load_package(files(), factories.agency(), None, NOW).version
    with pytest.raises(RuleBroken):
        enrol(lucia.person_id, draft.course, "staff", as_actor(lucia), NOW)
    publish(draft, None, NOW)
    enrol(lucia.person_id, draft.course, "staff", as_actor(lucia), NOW)
    withdraw(draft, None, NOW)
    with pytest.raises(RuleBroken):
        enrol(factories.user("Diego Us").person_id, draft.course, "staff", as_actor(lucia), NOW)


def test_many_are_enrolled_with_one_entry_of_the_trail(course, school):
    people = [factories.person(f"Persona {index}", school).id for index in range(7)]
    enrol(people[0], course, "self", factories.actor(), NOW)
    before = db.session.query(AuditEntry).count()
    entered = enrol_many([*people, people[1]], course, factories.actor(Role.REGISTRAR), LATER, TODAY)
    assert entered == set(people[1:])
    assert len(enrolments()) == 7
    db.session.flush()
    assert db.session.query(AuditEntry).count() == before + 1
    assert enrol_many(people, course, factories.actor(Role.REGISTRAR), LATER) == set()


def test_many_bring_back_whoever_had_left(enrolment, lucia, course):
    leave(enrolment, as_actor(lucia), NOW)
    assert enrol_many([lucia.person_id], course, factories.actor(), LATER, TODAY) == {lucia.person_id}
    assert (enrolment.state, enrolment.due_on) == ("active", TODAY)


def test_a_new_day_begins_the_reminders_anew(enrolment, lucia):
    enrolment.reminded = 1
    set_due(enrolment, TODAY, as_actor(lucia), NOW)
    assert enrolment.reminded is None


def test_the_language_of_a_course_is_one_it_has(enrolment):
    set_language(enrolment, "eng")
    with pytest.raises(NotFound):
        set_language(enrolment, "quc")
    assert enrolment.language == "eng"


@pytest.fixture
def code(course, school):
    """A code for two people, good until today."""
    return open_code(course, school, 2, TODAY, TODAY, factories.actor(), NOW)


def test_a_code_is_made_of_signs_nobody_mistakes(code):
    assert len(code.code) == 8
    assert not set(code.code) & set("01OILU")
    assert tidy_code(f" {shown_code(code.code).lower()} ") == code.code


def test_a_code_lets_a_person_in_with_its_day(code, lucia):
    mine = enrol_by_code(lucia.person_id, shown_code(code.code), as_actor(lucia), NOW, TODAY)
    assert (mine.source, mine.due_on) == ("code", TODAY)
    assert db.session.get_one(JoinCode, code.code, populate_existing=True).used == 1


def test_typing_a_code_twice_takes_one_place(code, lucia):
    for _time in range(2):
        enrol_by_code(lucia.person_id, code.code, as_actor(lucia), NOW, TODAY)
    assert db.session.get_one(JoinCode, code.code, populate_existing=True).used == 1


@pytest.mark.parametrize("typed", ["", "ZZZZZZZZ", "' OR 1=1 --", "0" * 300, "ñandú"])
def test_a_code_nobody_made_opens_nothing(course, lucia, typed):
    with pytest.raises(RuleBroken, match="Ningún curso tiene este código"):
        enrol_by_code(lucia.person_id, typed, as_actor(lucia), NOW, TODAY)


def test_a_code_ends_with_its_day_and_when_somebody_ends_it(code, lucia):
    with pytest.raises(RuleBroken, match="venció"):
        enrol_by_code(lucia.person_id, code.code, as_actor(lucia), NOW, TODAY + timedelta(days=1))
    end_code(code, factories.actor(), NOW, TODAY)
    with pytest.raises(RuleBroken, match="venció"):
        enrol_by_code(lucia.person_id, code.code, as_actor(lucia), NOW, TODAY)


def test_a_code_has_no_more_places_than_it_has(code):
    for name in ("Ana Us", "Diego Us"):
        user = factories.user(name)
        enrol_by_code(user.person_id, code.code, as_actor(user), NOW, TODAY)
    late = factories.user("Pedro Us")
    with pytest.raises(RuleBroken, match="lugares"):
        enrol_by_code(late.person_id, code.code, as_actor(late), NOW, TODAY)
    assert len(enrolments()) == 2
