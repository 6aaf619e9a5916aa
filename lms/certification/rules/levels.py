"""What a level asks of a person: requirements as data, shortfalls as the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any


class Missing(StrEnum):
    """What can be lacking; pages put each into words with its numbers."""

    COURSE = "course"
    MARK = "mark"
    CRITICAL = "critical"
    ATTENDANCE = "attendance"
    PRACTICE = "practice"
    PRACTICE_CRITICAL = "practice_critical"
    SESSIONS_LED = "sessions_led"
    PRIOR = "prior"
    MEMBERSHIP = "membership"
    BRIDGE = "bridge"
    REFRESHER = "refresher"
    UPDATE = "update"


@dataclass(frozen=True)
class Practice:
    """Practice that has to be seen: how often, of which kind, on the rubric with its critical rows."""

    kind: str  # teach_back co_facilitation led_session
    times: int = 1
    within_days: int | None = None  # after the course was passed


@dataclass(frozen=True)
class Requirements:
    """What a level asks. None and empty mean: not asked."""

    pass_mark: float | None = None  # per cent in the final test; critical questions always have to be right
    is_course_mark: bool = False  # the pass mark is the course's own, where it has a final test
    is_course_required: bool = True
    attendance: float | None = None  # share of the sessions held, 0 to 1
    practices: tuple[Practice, ...] = ()
    sessions_led: int = 0
    sessions_led_months: int = 12
    prior_level: int | None = None  # must hold this level of the same scheme, valid today
    unit_kinds: tuple[str, ...] = ()  # belongs to a unit of one of these kinds
    is_update_asked: bool = False  # a short test on the course, passed since the renewal opened
    refresher: str = ""  # slug of a short course to be passed since the certificate was issued


@dataclass(frozen=True)
class LevelRules:
    """Everything a level decides. Durations in months and days of the calendar."""

    requirements: Requirements = field(default_factory=Requirements)
    renewal: Requirements = field(default_factory=lambda: Requirements(is_course_required=False))
    validity_months: int | None = 12  # None: does not expire
    renewal_window_days: int = 90
    lapse_months: int = 6  # after the end, how long it can still be renewed
    # Days to take the short unit when a new version of a course brings a change; None: this level is not asked for it.
    bridge_days: int | None = None
    signed_by: tuple[int, ...] = ()  # levels that may sign this one; empty: the agency alone
    is_cosigned: bool = False
    may_be_claimed: bool = False  # a learner without a group asks for it herself, once all is met
    bars_own_trainee: bool = False  # the person who taught may not sign
    bars_same_unit: bool = False
    warrant: Mapping[str, Any] | None = None  # what a holder receives, cut down to the signer's own
    warrant_place: str = "department"  # where it holds: country, or the department or municipality of the group
    hours: float | None = None


@dataclass(frozen=True)
class PracticeSeen:
    """An observation that both signed."""

    kind: str
    observed_on: date
    is_passed: bool
    missed_critical: bool = False


@dataclass(frozen=True)
class Evidence:
    """Fresh facts about one person, read in the transaction that signs."""

    is_course_complete: bool = False
    course_passed_on: date | None = None
    best_mark: float | None = None
    missed_critical: int = 0
    course_mark: float | None = None  # what the course itself asks in its final test; None when it has none
    sessions_held: int = 0
    sessions_attended: int = 0
    practices: Sequence[PracticeSeen] = ()
    sessions_led: Sequence[date] = ()
    valid_levels: frozenset[int] = frozenset()
    unit_kind: str = ""
    needs_bridge: bool = False
    is_refreshed: bool = False
    is_updated: bool = False


@dataclass(frozen=True)
class Shortfall:
    """One requirement not yet met: what it is, how much there is and how much is needed."""

    what: Missing
    has: float | int | None = None
    needs: float | int | None = None
    detail: str = ""


def shortfalls(asked: Requirements, evidence: Evidence, today: date) -> list[Shortfall]:
    """Name every requirement not yet met; an empty list means that the person qualifies.

    >>> asked = Requirements(pass_mark=80, attendance=0.75)
    >>> facts = Evidence(True, None, 70.0, 0, 4, 2)
    >>> [short.what.value for short in shortfalls(asked, facts, date(2026, 11, 21))]
    ['mark', 'attendance']
    """
    found: list[Shortfall] = []
    if asked.is_course_required and not evidence.is_course_complete:
        found.append(Shortfall(Missing.COURSE))
    found += _mark_lacks(asked, evidence)
    if asked.attendance is not None:
        needed = ceiling(asked.attendance * evidence.sessions_held)
        if evidence.sessions_held == 0 or evidence.sessions_attended < needed:
            found.append(Shortfall(Missing.ATTENDANCE, evidence.sessions_attended, max(needed, 1)))
    found += [short for practice in asked.practices if (short := _lacks(practice, evidence))]
    if asked.sessions_led:
        since = months_before(today, asked.sessions_led_months)
        led = sum(day > since for day in evidence.sessions_led)
        if led < asked.sessions_led:
            found.append(Shortfall(Missing.SESSIONS_LED, led, asked.sessions_led))
    if asked.prior_level is not None and asked.prior_level not in evidence.valid_levels:
        found.append(Shortfall(Missing.PRIOR, None, asked.prior_level))
    if asked.unit_kinds and evidence.unit_kind not in asked.unit_kinds:
        found.append(Shortfall(Missing.MEMBERSHIP))
    if asked.refresher and not evidence.is_refreshed:
        found.append(Shortfall(Missing.REFRESHER, detail=asked.refresher))
    if asked.is_update_asked and not evidence.is_updated:
        found.append(Shortfall(Missing.UPDATE))
    if evidence.needs_bridge:
        found.append(Shortfall(Missing.BRIDGE))
    return found


def _mark_lacks(asked: Requirements, evidence: Evidence) -> list[Shortfall]:
    mark = asked.pass_mark if asked.pass_mark is not None or not asked.is_course_mark else evidence.course_mark
    if mark is None:
        return []
    if evidence.best_mark is None or evidence.best_mark < mark:
        return [Shortfall(Missing.MARK, evidence.best_mark, mark)]
    return [Shortfall(Missing.CRITICAL, evidence.missed_critical, 0)] if evidence.missed_critical else []


def _lacks(practice: Practice, evidence: Evidence) -> Shortfall | None:
    seen = [one for one in evidence.practices if one.kind == practice.kind]
    passed = [one for one in seen if one.is_passed]
    if practice.within_days is not None and evidence.course_passed_on is not None:
        last = evidence.course_passed_on + timedelta(days=practice.within_days)
        passed = [one for one in passed if one.observed_on <= last]
    if len(passed) >= practice.times:
        return None
    what = Missing.PRACTICE_CRITICAL if any(one.missed_critical for one in seen) else Missing.PRACTICE
    return Shortfall(what, len(passed), practice.times, practice.kind)


def ceiling(number: float) -> int:
    """Round up, forgiving the last bits of a float.

    >>> ceiling(0.75 * 4), ceiling(0.8 * 4), ceiling(0.1 * 30)
    (3, 4, 3)
    """
    return int(-(-round(number, 9) // 1))


def months_after(day: date, months: int) -> date:
    """Return the same day so many months later, or the last day of that month.

    >>> months_after(date(2026, 8, 31), 6)
    datetime.date(2027, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def months_before(day: date, months: int) -> date:
    """Return the same day so many months earlier, or the last day of that month."""
    return months_after(day, -months)


def valid_until(rules: LevelRules, valid_from: date) -> date | None:
    """Return the last day of a credential issued today; None when it does not expire."""
    return None if rules.validity_months is None else months_after(valid_from, rules.validity_months)


def rules_to_data(rules: LevelRules) -> dict[str, Any]:
    """Write a level's rules as plain JSON data."""
    return json_ready(asdict(rules))


def json_ready(value: Any) -> Any:
    """Turn tuples into lists, all the way down."""
    if isinstance(value, dict):
        return {key: json_ready(one) for key, one in value.items()}
    return [json_ready(one) for one in value] if isinstance(value, (list, tuple)) else value


def rules_from_data(data: Mapping[str, Any]) -> LevelRules:
    """Read what `rules_to_data` wrote; raise TypeError for a field that no rule knows.

    >>> rules = LevelRules(Requirements(pass_mark=80, practices=(Practice("teach_back"),)), signed_by=(1,))
    >>> rules_from_data(rules_to_data(rules)) == rules
    True
    """
    values = dict(data)
    for name in ("requirements", "renewal"):
        if name in values:
            values[name] = _requirements(values[name])
    if "signed_by" in values:
        values["signed_by"] = tuple(values["signed_by"])
    return LevelRules(**values)


def _requirements(data: Mapping[str, Any]) -> Requirements:
    values = dict(data)
    values["practices"] = tuple(Practice(**one) for one in values.get("practices", ()))
    values["unit_kinds"] = tuple(values.get("unit_kinds", ()))
    return Requirements(**values)
