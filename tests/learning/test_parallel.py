"""Two at the same moment: one wins, the other gets the same answer, and nothing is lost."""

import threading
from collections import Counter

import pytest

from lms.core import clock
from lms.core.database import db
from lms.curriculum.queries import outline_of
from lms.learning.models import AttemptSave, Enrolment, JoinCode
from lms.learning.quizzes import quiz_of
from lms.learning.services.attempts import held_attempt, open_attempt, save_answers, submit
from lms.learning.services.codes import enrol_by_code, open_code
from lms.learning.services.enrolments import enrol
from lms.learning.services.progress import hold, mark_done
from tests import factories
from tests.factories import NOW, TODAY
from tests.learning.conftest import activity, as_actor, attempts, sheet_of

MANY = 6


@pytest.fixture
def at_once(app):
    """Do something in several threads at the same moment, each with a connection of its own; return what they gave."""

    def run(work, count=MANY):
        gate, results, errors = threading.Barrier(count), [], []

        def one(index):
            try:
                with app.test_request_context(method="POST"), clock.frozen(NOW):
                    gate.wait(10)
                    results.append(work(index))
                    db.session.commit()
            except Exception as error:
                errors.append(error)

        db.session.commit()
        threads = [threading.Thread(target=one, args=(index,)) for index in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not errors, errors
        return results

    return run


@pytest.fixture
def attempt(course, enrolment, lucia):
    """An open attempt at the final test."""
    quiz = quiz_of(enrolment.version_id, activity(course, "m2/final"))
    attempt_id = open_attempt(enrolment.id, quiz, NOW)
    db.session.commit()
    return attempt_id, lucia.person_id


def test_many_taps_on_start_open_one_attempt(course, enrolment, at_once):
    quiz = quiz_of(enrolment.version_id, activity(course, "m2/final"))
    enrolment_id = enrolment.id
    assert len(set(at_once(lambda _index: open_attempt(enrolment_id, quiz, NOW)))) == 1
    assert len(attempts()) == 1


def test_many_hands_in_have_one_result(attempt, at_once):
    una = sheet_of(attempt[0]).number("una")
    results = at_once(lambda index: submit(held_attempt(*attempt), {una: "ab"[index % 2]}, NOW))
    assert sum(done.is_first for done in results) == 1
    assert len({(done.result.score, done.result.right) for done in results}) == 1


def test_saves_that_meet_a_hand_in_are_kept_or_refused_whole(attempt, at_once):
    sheet = sheet_of(attempt[0])
    una, cierto = sheet.number("una"), sheet.number("cierto")

    def work(index):
        row = held_attempt(*attempt)
        if index == 0:
            return submit(row, {}, NOW).result.right
        if row.state != "open":
            return "closed"
        return save_answers(row, {una: "b", cierto: False}, index, NOW) and "kept"

    results = at_once(work)
    right = next(one for one in results if isinstance(one, int))
    assert right == (2 if "kept" in results else 0)
    assert db.session.query(AttemptSave).count() == 0


def test_the_same_save_from_many_lines_is_one(attempt, at_once):
    una = sheet_of(attempt[0]).number("una")
    at_once(lambda _index: save_answers(held_attempt(*attempt), {una: "b"}, 10, NOW))
    assert db.session.query(AttemptSave).count() == 1


def test_many_taps_on_take_this_course_enrol_once(course, lucia, at_once):
    slug, person_id, actor = course, lucia.person_id, as_actor(lucia)
    at_once(lambda _index: enrol(person_id, db.session.merge(slug), "self", actor, NOW).id)
    assert db.session.query(Enrolment).count() == 1


def test_a_code_lets_no_more_people_in_than_it_has_places(course, school, at_once):
    people = [factories.user(f"Persona {index}", over=school) for index in range(MANY)]
    code = open_code(course, school, 3, TODAY, None, as_actor(people[0]), NOW).code
    ids = [(person.person_id, as_actor(person)) for person in people]

    def work(index):
        try:
            enrol_by_code(ids[index][0], code, ids[index][1], NOW, TODAY)
        except Exception as error:
            db.session.rollback()
            return type(error).__name__
        return "in"

    assert Counter(at_once(work)) == {"in": 3, "RuleBroken": 3}
    db.session.rollback()
    assert db.session.get_one(JoinCode, code).used == 3
    assert db.session.query(Enrolment).count() == 3


def test_the_last_steps_taken_at_once_complete_the_course(enrolment, at_once):
    outline, enrolment_id = outline_of(enrolment.version_id), enrolment.id
    required = [line.number for line in outline.activities if line.is_required]

    def work(index):
        hold(enrolment_id)
        return mark_done(enrolment_id, outline, required[index], NOW)

    assert sum(at_once(work, len(required))) == 1
    db.session.rollback()
    assert db.session.get_one(Enrolment, enrolment_id).completed_at == NOW
