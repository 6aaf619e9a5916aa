"""The life of an attempt: opened once, every answer kept, handed in once, graded from what is stored."""

import random
from datetime import timedelta

import pytest

from lms.core.database import db
from lms.core.errors import NotFound, RuleBroken
from lms.learning.models import AttemptSave, Enrolment, Progress
from lms.learning.quizzes import quiz_of
from lms.learning.rules import GRACE
from lms.learning.services.attempts import (
    close_overdue,
    drawn_from,
    held_attempt,
    open_attempt,
    result_of_attempt,
    save_answers,
    submit,
)
from tests import factories
from tests.assessment.bank import RIGHT
from tests.factories import NOW
from tests.learning.conftest import activity, attempts, sheet_of

MINUTE = timedelta(minutes=1)


@pytest.fixture
def quiz(course, enrolment):
    """Look a quiz of the course up: `quiz("m2/final")`."""
    return lambda path: quiz_of(enrolment.version_id, activity(course, path))


@pytest.fixture
def opened(enrolment, quiz, lucia):
    """Open an attempt and hold its row: `opened("m2/final")`."""

    def open_one(path, now=NOW):
        attempt_id = open_attempt(enrolment.id, quiz(path), now)
        db.session.commit()
        return held_attempt(attempt_id, lucia.person_id)

    return open_one


def again(row):
    """Hold the same attempt once more, as the next request does."""
    db.session.commit()
    return held_attempt(row.id, row.person_id)


def number(row, slug):
    return sheet_of(row.id).number(slug)


def stored(row):
    return next(one for one in attempts() if one.id == row.id)


def test_starting_twice_opens_one_attempt(enrolment, quiz):
    first = open_attempt(enrolment.id, quiz("m2/final"), NOW)
    assert open_attempt(enrolment.id, quiz("m2/final"), NOW + MINUTE) == first
    assert len(attempts()) == 1


def test_the_deadline_is_fixed_at_the_start(opened):
    assert opened("m2/final").deadline_at == NOW + timedelta(minutes=20)
    assert opened("m2/todo").deadline_at is None


def test_the_questions_are_drawn_once_and_in_another_order_for_each(quiz):
    orders = {tuple(drawn_from(quiz("m2/todo"), random.Random(seed))) for seed in range(20)}
    assert len(orders) == 20
    assert len({tuple(sorted(order)) for order in orders}) == 1


def test_a_quiz_that_does_not_shuffle_keeps_the_author_s_order(quiz):
    assert drawn_from(quiz("m1/prueba"), random.Random(1)) == list(quiz("m1/prueba").fixed)


def test_an_attempt_of_another_person_is_not_found(opened):
    row = opened("m2/final")
    other = factories.user("Diego Chávez")
    with pytest.raises(NotFound):
        held_attempt(row.id, other.person_id)


def test_the_same_save_twice_is_one_save(opened):
    row = opened("m2/final")
    for _time in range(2):
        assert save_answers(row, {number(row, "una"): "b"}, 10, NOW) == {number(row, "una"): "b"}
    assert db.session.query(AttemptSave).count() == 1


def test_saves_out_of_order_end_in_the_latest(opened):
    row = opened("m2/final")
    una = number(row, "una")
    save_answers(row, {una: "b"}, 30, NOW)
    assert save_answers(row, {una: "a"}, 20, NOW) == {una: "b"}
    assert db.session.query(AttemptSave).count() == 2


def test_a_form_counts_after_everything_before_it(opened):
    row = opened("m2/final")
    una = number(row, "una")
    save_answers(row, {una: "b"}, 9000, NOW)
    assert save_answers(row, {una: "c"}, None, NOW + MINUTE) == {una: "c"}


def test_unchanged_answers_of_a_form_are_not_kept_again(opened):
    row = opened("m2/final")
    una = number(row, "una")
    save_answers(row, {una: "b"}, None, NOW)
    save_answers(row, {una: "b"}, None, NOW + MINUTE)
    assert db.session.query(AttemptSave).count() == 1


def test_an_answer_can_be_taken_back(opened):
    row = opened("m2/final")
    una = number(row, "una")
    save_answers(row, {una: "b"}, 10, NOW)
    assert save_answers(row, {una: None}, 20, NOW) == {una: None}


def test_a_question_that_was_not_asked_is_not_kept(opened):
    row = opened("m2/final")
    assert save_answers(row, {9999: "b"}, 10, NOW) == {}


def test_handing_in_grades_what_was_saved_and_what_came_along(opened):
    row = opened("m2/final")
    slugs = {slug: number(row, slug) for slug in ("una", "varias", "cierto", "numero")}
    save_answers(row, {slugs["una"]: "b", slugs["varias"]: ["a", "b"]}, 10, NOW)
    done = submit(again(row), {slugs["cierto"]: False, slugs["numero"]: "24"}, NOW + MINUTE)
    assert done.is_first
    assert done.result.score == 100
    assert db.session.query(AttemptSave).count() == 0
    assert len(stored(row).answers) == 4 * 3


def test_handing_in_twice_gives_the_result_of_the_first_time(opened):
    row = opened("m2/final")
    una = number(row, "una")
    first = submit(row, {una: "b"}, NOW + MINUTE)
    second = submit(again(row), {una: "a"}, NOW + 2 * MINUTE)
    assert not second.is_first
    assert second.result == first.result
    assert stored(row).submitted_at == NOW + MINUTE


def test_an_attempt_that_was_handed_in_takes_no_more(opened):
    row = opened("m2/final")
    submit(row, {}, NOW + MINUTE)
    with pytest.raises(RuleBroken):
        save_answers(again(row), {number(row, "una"): "b"}, 99, NOW)


def test_answers_after_the_deadline_are_kept_and_do_not_count(opened):
    row = opened("m2/final")
    una = number(row, "una")
    save_answers(row, {una: "a"}, 10, NOW)
    late = row.deadline_at + GRACE + MINUTE
    save_answers(row, {una: "b"}, 99_999, late)
    submit(again(row), {number(row, "cierto"): False}, late + MINUTE)
    found = stored(row)
    assert found.answers[2::3] == ["a", "b", False]
    assert found.score == 0
    assert found.submitted_at == row.deadline_at + GRACE


def test_the_score_follows_from_what_is_stored(opened):
    row = opened("m2/todo")
    chance = random.Random(7)
    for sequence in range(1, 60):
        slug = chance.choice(list(RIGHT))
        answer = RIGHT[slug] if chance.random() < 0.6 else None
        save_answers(row, {number(row, slug): answer}, sequence, NOW)
    given = submit(again(row), {number(row, "abierta"): "Aviso hoy."}, NOW + MINUTE).result
    assert result_of_attempt(again(row)) == given


def test_a_crash_between_two_answers_loses_neither(opened):
    row = opened("m2/final")
    una, cierto = number(row, "una"), number(row, "cierto")
    save_answers(row, {una: "b"}, 10, NOW)
    row = again(row)
    save_answers(row, {cierto: False}, 20, NOW)
    db.session.rollback()  # the process died before the second was acknowledged; the phone sends it again
    save_answers(held_attempt(row.id, row.person_id), {cierto: False}, 20, NOW)
    assert submit(again(row), {}, NOW + MINUTE).result.right == 2


def test_of_running_text_only_the_last_version_is_folded_in(opened):
    row = opened("m2/entrega")
    plan = number(row, "abierta")
    for sequence, text in enumerate(("Aviso", "Aviso a la", "Aviso a la dirección."), 1):
        save_answers(row, {plan: text}, sequence, NOW)
    submit(again(row), {}, NOW + MINUTE)
    assert stored(row).answers[2::3] == ["Aviso a la dirección."]
    assert stored(row).state == "marking"


def test_step_by_step_the_first_whole_answer_stands(opened):
    row = opened("m1/prueba")
    una, orden = number(row, "una"), number(row, "orden")
    save_answers(row, {una: "a"}, None, NOW)
    assert save_answers(row, {una: "b"}, None, NOW + MINUTE) == {una: "a"}
    assert save_answers(row, {una: "b"}, 99_999, NOW + MINUTE) == {una: "a"}
    save_answers(row, {orden: [1, 2, None, None]}, None, NOW)
    assert save_answers(row, {orden: [1, 2, 3, 4]}, None, NOW)[orden] == [1, 2, 3, 4]


def test_in_a_scenario_nobody_goes_back(opened):
    row = opened("m2/todo")
    way = number(row, "camino")
    save_answers(row, {way: [1]}, None, NOW)
    assert save_answers(row, {way: [0, 0]}, None, NOW)[way] == [1]
    assert save_answers(row, {way: [1, 0]}, None, NOW)[way] == [1, 0]


def test_a_pretest_counts_by_being_taken(opened, enrolment):
    row = opened("inicio/antes")
    submit(row, {}, NOW + MINUTE)
    assert db.session.get(Progress, (enrolment.id, row.activity_number))


def test_a_check_counts_by_being_passed(opened, enrolment):
    row = opened("m2/todo")
    submit(row, {}, NOW + MINUTE)
    assert db.session.get(Progress, (enrolment.id, row.activity_number)) is None


def test_the_course_is_complete_with_its_last_required_step(course, opened, enrolment):
    for path in ("m1/uno", "m1/dos", "m1/prueba"):
        db.session.add(Progress(enrolment_id=enrolment.id, activity_number=activity(course, path), done_at=NOW))
    db.session.commit()
    row = opened("m2/final")
    answers = {number(row, slug): RIGHT[slug] for slug in ("una", "varias", "cierto", "numero")}
    assert submit(row, answers, NOW + MINUTE).is_course_complete
    db.session.commit()
    found = db.session.get_one(Enrolment, enrolment.id, populate_existing=True)
    assert (found.state, found.completed_at) == ("completed", NOW + MINUTE)


def test_what_ran_out_of_time_is_handed_in_with_what_was_saved(opened):
    row = opened("m2/final")
    save_answers(row, {number(row, "cierto"): False}, 10, NOW)
    db.session.commit()
    assert close_overdue(row.deadline_at + GRACE) == 0
    assert close_overdue(row.deadline_at + GRACE + MINUTE) == 1
    db.session.commit()
    assert (stored(row).state, stored(row).score) == ("graded", 25)
    assert close_overdue(row.deadline_at + 9 * MINUTE) == 0


def test_attempts_without_a_limit_stay_open(opened):
    opened("m2/todo")
    db.session.commit()
    assert close_overdue(NOW + timedelta(days=365)) == 0
