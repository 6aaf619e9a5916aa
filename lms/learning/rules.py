"""What learning decides: may a quiz be tried, when does it end, what is next, is the course done. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import inf
from typing import Any

from lms.assessment.rules import Answer

# A submission that was on its way when time ran out still counts: slow lines are not the learner's fault.
GRACE = timedelta(seconds=60)


class Purpose(StrEnum):
    """What a quiz is for."""

    PRETEST = "pretest"
    CHECK = "check"
    FINAL = "final"
    PRACTICE = "practice"
    RENEWAL = "renewal"  # of a certificate: it counts for nothing in the course


@dataclass(frozen=True)
class Tried:
    """What matters of an attempt to the next one."""

    state: str
    started_at: datetime
    submitted_at: datetime | None
    score: float | None
    is_passed: bool | None


class Refused(StrEnum):
    """Why no further attempt is open now."""

    OPEN = "open"  # one is open already: continue it
    MARKING = "marking"  # the last one waits for a person
    PASSED = "passed"
    NO_MORE = "no_more"
    COOL_DOWN = "cool_down"


@dataclass(frozen=True)
class MayTry:
    """Whether a new attempt may start; if not now, why and from when."""

    refused: Refused | None = None
    again_at: datetime | None = None
    left: int | None = None

    def __bool__(self) -> bool:
        return self.refused is None


def may_try(purpose: str, attempts: int, cool_down_hours: float, tried: Sequence[Tried], now: datetime) -> MayTry:
    """Decide whether a quiz may be tried (again). A pretest is taken once; practice never ends.

    :param attempts: how many are allowed, 0 for any number.
    :param tried: earlier attempts, oldest first.
    """
    left = max(0, attempts - len(tried)) if attempts else None
    if tried and tried[-1].state == "open":
        return MayTry(Refused.OPEN, left=left)
    if tried and tried[-1].state == "marking":
        return MayTry(Refused.MARKING, left=left)
    if purpose == Purpose.PRACTICE:
        return MayTry(left=None)
    if purpose == Purpose.RENEWAL and tried and tried[-1].is_passed:
        return MayTry(left=None)  # passed for the renewal before; whoever offers it knows when it is due
    if purpose == Purpose.PRETEST:
        return MayTry(Refused.NO_MORE, left=0) if tried else MayTry(left=1)
    if purpose != Purpose.RENEWAL and any(one.is_passed for one in tried):
        return MayTry(Refused.PASSED, left=left)
    if left == 0:
        return MayTry(Refused.NO_MORE, left=0)
    if tried and cool_down_hours and (ended := tried[-1].submitted_at):
        again_at = ended + timedelta(hours=cool_down_hours)
        if now < again_at:
            return MayTry(Refused.COOL_DOWN, again_at, left)
    return MayTry(left=left)


def deadline(started_at: datetime, time_limit_minutes: int) -> datetime | None:
    """Fix the end of an attempt at its start; None without a limit."""
    return started_at + timedelta(minutes=time_limit_minutes) if time_limit_minutes else None


def is_over(deadline_at: datetime | None, now: datetime) -> bool:
    """Tell whether answers come too late, counting the grace for slow lines."""
    return deadline_at is not None and now > deadline_at + GRACE


def closed_at(deadline_at: datetime | None, now: datetime) -> datetime:
    """Say when an attempt ended: when it was handed in, or when its time ran out, whichever was first."""
    return now if deadline_at is None else min(now, deadline_at + GRACE)


def tenths(started_at: datetime, now: datetime) -> int:
    """Count the tenths of a second since an attempt began: the order of its saves, whoever's clock is wrong."""
    return max(0, int((now - started_at).total_seconds() * 10))


def _in_time(started_at: datetime, deadline_at: datetime | None) -> float:
    return inf if deadline_at is None else (deadline_at - started_at + GRACE).total_seconds()


def folded(
    saves: Iterable[tuple[int, int, int, Answer]],
    long: Collection[int],
    started_at: datetime,
    deadline_at: datetime | None,
) -> list[Any]:
    """Fold the saves of an attempt for keeping: question, seconds since the start, answer, and so on, in their order.

    One flat list, for there are millions. Of the questions in `long`, answered by writing at length, only the last text
    is kept, and the last in time: half-written sentences prove nothing.

    >>> at = datetime(2026, 11, 21)
    >>> folded([(4, 20, 2, "b"), (4, 10, 1, "a"), (7, 30, 3, "Av"), (7, 40, 4, "Aviso")], {7}, at, None)
    [4, 1, 'a', 4, 2, 'b', 7, 4, 'Aviso']
    """
    limit = _in_time(started_at, deadline_at)
    kept: list[tuple[int, int, Answer]] = []
    for number, _sequence, seconds, answer in sorted(saves, key=lambda save: save[1]):
        if number in long:
            kept = [one for one in kept if one[0] != number or (one[1] <= limit) != (seconds <= limit)]
        kept.append((number, seconds, answer))
    return [part for save in kept for part in save]


def counted(kept: Sequence[Any], started_at: datetime, deadline_at: datetime | None) -> dict[int, Answer]:
    """Read what `folded` kept: the answers that count, for each question the last one given in time."""
    limit = _in_time(started_at, deadline_at)
    triples = zip(kept[::3], kept[1::3], kept[2::3], strict=True)
    return {number: answer for number, seconds, answer in triples if seconds <= limit}


def latest(saves: Iterable[tuple[int, int, int, Answer]]) -> dict[int, Answer]:
    """Fold saves (question, sequence, seconds, answer) into one answer for each question: the highest sequence wins.

    >>> latest([(4, 2, 30, "b"), (4, 1, 20, "a"), (7, 1, 40, "c")])
    {4: 'b', 7: 'c'}
    """
    best: dict[int, tuple[int, Answer]] = {}
    for question, sequence, _seconds, answer in saves:
        if question not in best or sequence > best[question][0]:
            best[question] = (sequence, answer)
    return {question: answer for question, (_, answer) in best.items()}


@dataclass(frozen=True)
class Step:
    """An activity as the way through a course sees it."""

    number: int
    is_required: bool


def next_step(steps: Sequence[Step], done: Mapping[int, datetime], after: int | None = None) -> int | None:
    """Return where to go on: the first activity not done after the one just left, else the first not done at all.

    Without `after` the activity done last is the one just left, so people come back to where they were.
    """
    if after is None and done:
        after = max(done, key=lambda number: (done[number], number))
    open_steps = [step.number for step in steps if step.number not in done]
    later = [number for number in open_steps if after is not None and number > after]
    return next(iter(later or open_steps), None)


def is_complete(steps: Sequence[Step], done: Iterable[int]) -> bool:
    """Tell whether every required activity is done."""
    return {step.number for step in steps if step.is_required} <= set(done)


REMINDERS = (7, 1)  # days before the due day


def reminder_due(due_on: date, today: date, reminded: int | None) -> int | None:
    """Return which reminder is to be sent today, in days before the due day; None when none is.

    Each is sent once, and a late one only while the day has not passed.

    >>> reminder_due(date(2026, 11, 28), date(2026, 11, 21), None)
    7
    >>> reminder_due(date(2026, 11, 28), date(2026, 11, 24), 7) is None
    True
    >>> reminder_due(date(2026, 11, 28), date(2026, 11, 27), 7)
    1
    """
    left = (due_on - today).days
    if left < 0:
        return None
    due = min((days for days in REMINDERS if left <= days), default=None)
    return due if due is not None and (reminded is None or due < reminded) else None


def gain(before: Sequence[float], after: Sequence[float]) -> float | None:
    """Mean gain in percentage points over matched persons (domain.md 2.5); None without any.

    >>> gain([40.0, 50.0], [80.0, 90.0])
    40.0
    """
    pairs = list(zip(before, after, strict=True))
    return sum(late - early for early, late in pairs) / len(pairs) if pairs else None
