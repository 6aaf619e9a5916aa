"""What groups decide, said as the programme would say it."""

import uuid
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.cohorts.rules import (
    GroupPlan,
    GroupProblem,
    JoinProblem,
    Lack,
    OralProblem,
    Standing,
    attendance_share,
    group_problem,
    join_problem,
    lacks,
    oral_problem,
    planned_days,
    scored,
)

ANA, BERTA = uuid.uuid4(), uuid.uuid4()
FIRST, LAST = date(2026, 11, 1), date(2027, 1, 31)


def plan(**changes):
    told = {
        "name": "Grupo", "place_code": "1406", "language": "spa", "modality": "virtual",
        "starts_on": FIRST, "ends_on": LAST, "capacity": 25,
    }  # fmt: skip
    return GroupPlan(**(told | changes))


def test_a_group_ends_after_it_began_and_has_room_for_who_is_in_it():
    assert group_problem(plan()) is None
    assert group_problem(plan(ends_on=date(2026, 10, 1))) is GroupProblem.DATES
    assert group_problem(plan(ends_on=date(2046, 10, 1))) is GroupProblem.TOO_LONG
    assert group_problem(plan(capacity=0)) is GroupProblem.CAPACITY
    assert group_problem(plan(capacity=5), members=6) is GroupProblem.TOO_SMALL
    assert group_problem(plan(modality="by_post")) is GroupProblem.MODALITY


def may_join(is_closed=False, is_joinable=True, members=0, leads=False, today=FIRST):
    return join_problem(is_closed, is_joinable, LAST, 2, members, leads, today)


def test_a_code_lets_people_in_until_the_last_day_while_there_is_room():
    assert may_join() is None
    assert may_join(today=LAST) is None
    assert may_join(today=date(2027, 2, 1)) is JoinProblem.ENDED
    assert may_join(members=2) is JoinProblem.FULL
    assert may_join(is_closed=True) is JoinProblem.CLOSED
    assert may_join(is_joinable=False) is JoinProblem.NOT_BY_CODE
    assert may_join(leads=True) is JoinProblem.LEADS


def test_before_the_first_session_nobody_has_a_share():
    assert attendance_share(0, 0) is None
    assert attendance_share(3, 4) == 75


def test_sessions_keep_their_distance_over_the_turn_of_the_year():
    assert planned_days(date(2026, 12, 26), 2, 14) == [date(2026, 12, 26), date(2027, 1, 9)]


def test_a_critical_row_below_two_fails_whatever_the_sum_says():
    assert scored([3] * 14 + [1], {14}, 3, 75).missed_critical == (14,)
    assert not scored([3] * 14 + [1], {14}, 3, 75).is_passed
    assert scored([3] * 14 + [1], set(), 3, 75).is_passed
    assert scored([2, 3, 2, 2], {0}, 3, 75).is_passed


@pytest.mark.parametrize("levels", [[], [4], [-1]])
def test_a_row_outside_the_scale_is_no_observation(levels):
    with pytest.raises(ValueError, match="each row"):
        scored(levels, set(), 3, 75)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=20), st.sets(st.integers(0, 19)), st.integers(0, 100))
def test_a_pass_never_hides_a_missed_critical_row_or_a_low_sum(levels, places, mark):
    critical = {place for place in places if place < len(levels)}
    result = scored(levels, critical, 3, mark)
    low = any(levels[place] < 2 for place in critical)
    assert result.is_passed is (not low and 100 * sum(levels) / (3 * len(levels)) >= mark)


def oral(enterer=ANA, learner=BERTA, leads=(ANA,), is_assessor=False, purpose="final", kinds=("single",)):
    return oral_problem(enterer, learner, leads, is_assessor, purpose, kinds)


def test_a_test_is_read_aloud_by_a_facilitator_or_an_assessor_and_never_to_oneself():
    assert oral() is None
    assert oral(leads=()) is OralProblem.NOT_YOURS
    assert oral(leads=(), is_assessor=True) is None
    assert oral(learner=ANA) is OralProblem.ONESELF
    assert oral(learner=ANA, is_assessor=True) is OralProblem.ONESELF
    assert oral(enterer=None) is OralProblem.NOT_YOURS
    assert oral(purpose="practice") is OralProblem.PURPOSE
    assert oral(kinds=("single", "open")) is OralProblem.KIND


def standing(**changes):
    told = {
        "attended": 4, "held": 4, "has_final": True, "best_mark": 90, "pass_mark": 80, "missed_critical": False,
        "has_rubric": True, "is_practice_passed": True, "is_complete": True,
    }  # fmt: skip
    return Standing(**(told | changes))


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({}, []),
        ({"attended": 2}, [Lack.SESSIONS]),
        ({"attended": 3}, []),
        ({"best_mark": None}, [Lack.NOT_TRIED]),
        ({"best_mark": 70}, [Lack.TEST]),
        ({"missed_critical": True}, [Lack.CRITICAL]),
        ({"is_practice_passed": False}, [Lack.PRACTICE]),
        ({"is_practice_passed": False, "has_rubric": False}, []),
        ({"is_complete": False}, [Lack.PARTS]),
        ({"attended": 0, "best_mark": 10, "is_practice_passed": False}, [Lack.SESSIONS, Lack.TEST, Lack.PRACTICE]),
    ],
)
def test_each_thing_that_is_lacking_is_named(changes, missing):
    assert lacks(standing(**changes)) == missing
