"""What learning decides, said as the programme would say it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.learning.rules import (
    GRACE,
    Refused,
    Step,
    Tried,
    closed_at,
    counted,
    deadline,
    folded,
    gain,
    is_complete,
    is_over,
    latest,
    may_try,
    next_step,
    reminder_due,
    tenths,
)

NOW = datetime(2026, 11, 21, 15, tzinfo=UTC)
DAY = date(2026, 11, 21)
STEPS = [Step(1, False), Step(2, True), Step(3, True), Step(4, False)]


def tried(state="graded", is_passed=False, hours_ago=1.0, score=50.0):
    ended = NOW - timedelta(hours=hours_ago)
    return Tried(state, ended - timedelta(minutes=10), None if state == "open" else ended, score, is_passed)


def ask(*earlier, purpose="check", attempts=0, cool_down=0):
    return may_try(purpose, attempts, cool_down, earlier, NOW)


def test_the_first_attempt_is_open():
    assert ask(attempts=3)
    assert ask(attempts=3).left == 3


def test_an_attempt_already_open_is_continued():
    assert ask(tried("open")).refused is Refused.OPEN


def test_while_a_person_marks_nobody_starts_again():
    assert ask(tried("marking", is_passed=None)).refused is Refused.MARKING


def test_a_test_that_was_passed_is_not_taken_again():
    assert ask(tried(is_passed=True), tried()).refused is Refused.PASSED


def test_attempts_are_counted():
    assert ask(tried(), attempts=2).left == 1
    assert ask(tried(), tried(), attempts=2).refused is Refused.NO_MORE


def test_without_a_limit_one_may_try_again_and_again():
    assert ask(*[tried()] * 40)
    assert ask(*[tried()] * 40).left is None


def test_between_attempts_there_is_time_to_read():
    verdict = ask(tried(hours_ago=23), cool_down=24)
    assert verdict.refused is Refused.COOL_DOWN
    assert verdict.again_at == NOW + timedelta(hours=1)
    assert ask(tried(hours_ago=24), cool_down=24)


def test_the_opening_questions_are_asked_once():
    assert ask(purpose="pretest")
    assert ask(tried(), purpose="pretest").refused is Refused.NO_MORE


def test_practice_never_ends():
    assert ask(*[tried(is_passed=True)] * 9, purpose="practice", attempts=3, cool_down=24)
    assert ask(tried("open"), purpose="practice").refused is Refused.OPEN


def test_the_end_of_an_attempt_is_fixed_at_its_start():
    assert deadline(NOW, 20) == NOW + timedelta(minutes=20)
    assert deadline(NOW, 0) is None


def test_an_answer_that_was_on_its_way_still_counts():
    assert not is_over(NOW, NOW + GRACE)
    assert is_over(NOW, NOW + GRACE + timedelta(seconds=1))
    assert not is_over(None, NOW)


def test_an_attempt_nobody_closed_ended_when_its_time_ran_out():
    assert closed_at(NOW, NOW + timedelta(days=3)) == NOW + GRACE
    assert closed_at(NOW, NOW - timedelta(minutes=5)) == NOW - timedelta(minutes=5)
    assert closed_at(None, NOW) == NOW


def test_what_came_too_late_is_kept_and_not_counted():
    kept = folded([(1, 10, 5, "a"), (1, 99, 1261, "b"), (2, 50, 1260, "c")], (), NOW, NOW + timedelta(minutes=20))
    assert counted(kept, NOW, NOW + timedelta(minutes=20)) == {1: "a", 2: "c"}
    assert counted(kept, NOW, None) == {1: "b", 2: "c"}


def test_of_running_text_the_last_is_kept_and_the_last_in_time():
    texts = [
        (1, order, seconds, text)
        for order, (seconds, text) in enumerate([(1, "A"), (2, "Av"), (1261, "x"), (1262, "y")])
    ]
    end = NOW + timedelta(minutes=20)
    kept = folded(texts, {1}, NOW, end)
    assert kept == [1, 2, "Av", 1, 1262, "y"]
    assert counted(kept, NOW, end) == {1: "Av"}


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 99), st.integers(0, 99), st.text(max_size=3)), max_size=9))
def test_what_was_folded_counts_as_the_saves_did(sent):
    assert counted(folded(sent, (), NOW, None), NOW, None) == counted(folded(sent, {1, 2}, NOW, None), NOW, None)


saves = st.lists(
    st.tuples(st.integers(1, 4), st.integers(0, 9), st.just(0), st.sampled_from("abc")), unique_by=lambda s: s[:2]
)


@given(saves, st.randoms())
def test_the_order_in_which_saves_arrive_changes_nothing(sent, chance):
    mixed = list(sent)
    chance.shuffle(mixed)
    assert latest(mixed) == latest(sent)
    assert latest([*mixed, *sent]) == latest(sent)


def test_saves_are_counted_in_tenths_of_a_second_and_never_below_nought():
    assert tenths(NOW, NOW + timedelta(seconds=3.25)) == 32
    assert tenths(NOW, NOW - timedelta(hours=1)) == 0


def test_a_course_is_complete_when_what_is_required_is_done():
    assert is_complete(STEPS, {2, 3})
    assert not is_complete(STEPS, {1, 2, 4})


def test_one_goes_on_after_what_was_done_last():
    done = {2: NOW - timedelta(hours=1), 1: NOW}
    assert next_step(STEPS, {}) == 1
    assert next_step(STEPS, done) == 3
    assert next_step(STEPS, done, after=3) == 4
    assert next_step(STEPS, {3: NOW, 4: NOW}) == 1
    assert next_step(STEPS, dict.fromkeys((1, 2, 3, 4), NOW)) is None


@pytest.mark.parametrize(
    ("days_ahead", "reminded", "due"),
    [(8, None, None), (7, None, 7), (5, None, 7), (5, 7, None), (1, None, 1), (1, 7, 1), (0, 7, 1), (0, 1, None)],
)
def test_reminders_are_sent_a_week_and_a_day_before_each_once(days_ahead, reminded, due):
    assert reminder_due(DAY + timedelta(days=days_ahead), DAY, reminded) == due


def test_nobody_is_reminded_of_a_day_that_has_passed():
    assert reminder_due(DAY - timedelta(days=1), DAY, None) is None


def test_the_gain_is_the_mean_of_matched_persons():
    assert gain([40, 50], [80, 70]) == 30
    assert gain([], []) is None
    with pytest.raises(ValueError, match="shorter"):
        gain([40], [])
