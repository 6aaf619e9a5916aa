"""What groups decide: dates and places, who was there, what an observation is worth, what may be read aloud. Pure."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

HOME = ZoneInfo("America/Guatemala")
MOST_PEOPLE = 500
LONGEST = timedelta(days=3 * 366)


class Modality(StrEnum):
    """How a group meets."""

    IN_PERSON = "in_person"
    VIRTUAL = "virtual"
    MIXED = "mixed"


class Mark(StrEnum):
    """Whether a member was at a session."""

    PRESENT = "present"
    LATE = "late"
    ABSENT = "absent"


WAS_THERE = frozenset({Mark.PRESENT, Mark.LATE})


class Seen(StrEnum):
    """What kind of practice was observed."""

    TEACH_BACK = "teach_back"
    CO_FACILITATION = "co_facilitation"
    LED_SESSION = "led_session"


@dataclass(frozen=True)
class GroupPlan:
    """Everything somebody decides about a group when it is opened or changed."""

    name: str
    place_code: str
    language: str
    modality: str
    starts_on: date
    ends_on: date
    capacity: int
    audience: str = ""
    project_id: uuid.UUID | None = None
    is_joinable: bool = True


class GroupProblem(StrEnum):
    """Why a group cannot be as planned."""

    DATES = "dates"
    TOO_LONG = "too_long"
    CAPACITY = "capacity"
    TOO_SMALL = "too_small"
    MODALITY = "modality"


def group_problem(plan: GroupPlan, members: int = 0) -> GroupProblem | None:
    """Say what is wrong with a plan; None when nothing is.

    :param members: how many people the group has already.
    """
    if plan.ends_on < plan.starts_on:
        return GroupProblem.DATES
    if plan.ends_on - plan.starts_on > LONGEST:
        return GroupProblem.TOO_LONG
    if not 1 <= plan.capacity <= MOST_PEOPLE:
        return GroupProblem.CAPACITY
    if plan.capacity < members:
        return GroupProblem.TOO_SMALL
    if plan.modality not in set(Modality):
        return GroupProblem.MODALITY
    return None


class JoinProblem(StrEnum):
    """Why a code does not let somebody into a group."""

    CLOSED = "closed"
    ENDED = "ended"
    NOT_BY_CODE = "not_by_code"
    FULL = "full"
    LEADS = "leads"


def join_problem(
    is_closed: bool, is_joinable: bool, ends_on: date, capacity: int, members: int, leads: bool, today: date
) -> JoinProblem | None:
    """Say why the code of a group does not let somebody in today; None when it does."""
    if is_closed:
        return JoinProblem.CLOSED
    if today > ends_on:
        return JoinProblem.ENDED
    if not is_joinable:
        return JoinProblem.NOT_BY_CODE
    if leads:
        return JoinProblem.LEADS
    return JoinProblem.FULL if members >= capacity else None


def moment(day: date, hour: time) -> datetime:
    """Return the moment of a local day and hour.

    >>> moment(date(2026, 11, 28), time(9)).astimezone(ZoneInfo("UTC")).hour
    15
    """
    return datetime.combine(day, hour, HOME)


def planned_days(first: date, count: int, every: int = 7) -> list[date]:
    """Return the days of so many sessions, at the same distance from one another.

    >>> [day.day for day in planned_days(date(2026, 11, 7), 3)]
    [7, 14, 21]
    """
    return [first + timedelta(days=every * step) for step in range(count)]


def attendance_share(attended: int, held: int) -> float | None:
    """Return which share of the sessions held a person was at, in per cent; None before the first.

    >>> attendance_share(3, 4)
    75.0
    """
    return 100 * attended / held if held else None


def tallied(numbers: Mapping[str, int | None]) -> dict[str, int]:
    """Keep the counts of people without a record that hold something.

    >>> tallied({"women": 4, "men": 0, "minors": None})
    {'women': 4}
    """
    return {key: number for key in ("women", "men", "other", "minors") if (number := numbers.get(key) or 0)}


# --- observed practice ----------------------------------------------------------------------------------------------

CRITICAL_FROM = 2  # a critical row below this fails, whatever the sum says


@dataclass(frozen=True)
class Scored:
    """What an observation is worth."""

    score: float
    is_passed: bool
    missed_critical: tuple[int, ...] = ()  # places of the rows, from 0


def scored(levels: Sequence[int], critical: Collection[int], top: int, pass_mark: float) -> Scored:
    """Add up the rows of a rubric: enough in all, and no critical row below two.

    >>> scored([3, 3, 1], critical={2}, top=3, pass_mark=75)
    Scored(score=77.8, is_passed=False, missed_critical=(2,))

    :raise ValueError: a row lies outside the scale, or there is none.
    """
    if not levels or any(not 0 <= level <= top for level in levels):
        raise ValueError("each row holds a number from 0 to the top of the scale")
    share = 100 * sum(levels) / (top * len(levels))
    needed = min(CRITICAL_FROM, top)
    missed = tuple(place for place in sorted(critical) if levels[place] < needed)
    return Scored(round(share, 1), share >= pass_mark and not missed, missed)


# --- a test read aloud ----------------------------------------------------------------------------------------------

# Gaps in a text and essays are read with the eyes; everything else can be asked aloud and pointed at.
ORAL_KINDS = frozenset(
    {"single", "multiple", "true_false", "matching", "ordering", "numeric", "short_text", "scenario", "likert"}
)
ORAL_PURPOSES = frozenset({"pretest", "check", "final"})


class OralProblem(StrEnum):
    """Why somebody may not enter a test for a learner."""

    ONESELF = "oneself"
    NOT_YOURS = "not_yours"
    PURPOSE = "purpose"
    KIND = "kind"


def oral_problem(
    enterer: uuid.UUID | None,
    learner: uuid.UUID,
    facilitators: Collection[uuid.UUID],
    is_assessor: bool,
    purpose: str,
    kinds: Collection[str],
) -> OralProblem | None:
    """Say why somebody may not read this test aloud to this learner; None when she may."""
    if enterer == learner:
        return OralProblem.ONESELF
    if enterer not in facilitators and not is_assessor:
        return OralProblem.NOT_YOURS
    if purpose not in ORAL_PURPOSES:
        return OralProblem.PURPOSE
    return None if set(kinds) <= ORAL_KINDS else OralProblem.KIND


# --- where a person stands ------------------------------------------------------------------------------------------


class Lack(StrEnum):
    """What a person of a group still lacks."""

    SESSIONS = "sessions"
    TEST = "test"
    CRITICAL = "critical"
    NOT_TRIED = "not_tried"
    PRACTICE = "practice"
    PARTS = "parts"


@dataclass(frozen=True)
class Standing:
    """The facts that decide where a person stands in her group."""

    attended: int
    held: int
    has_final: bool
    best_mark: float | None
    pass_mark: float
    missed_critical: bool
    has_rubric: bool
    is_practice_passed: bool
    is_complete: bool


ATTENDANCE_NEEDED = 75.0  # where no level asks for another share


def lacks(standing: Standing) -> list[Lack]:
    """Name what somebody still lacks of what the group itself asks; whether she is certified is not decided here."""
    found: list[Lack] = []
    share = attendance_share(standing.attended, standing.held)
    if share is not None and share < ATTENDANCE_NEEDED:
        found.append(Lack.SESSIONS)
    if standing.has_final:
        if standing.best_mark is None:
            found.append(Lack.NOT_TRIED)
        elif standing.missed_critical:
            found.append(Lack.CRITICAL)
        elif standing.best_mark < standing.pass_mark:
            found.append(Lack.TEST)
    if standing.has_rubric and not standing.is_practice_passed:
        found.append(Lack.PRACTICE)
    if not found and not standing.is_complete:
        found.append(Lack.PARTS)
    return found
