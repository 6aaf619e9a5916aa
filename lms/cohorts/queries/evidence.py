"""What a group shows about each of its people: the facts certification asks for, fresh, in a handful of statements."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import case, func, select

from lms.cohorts.models import Attendance, Cohort, CohortMember, Observation, Session
from lms.core.clock import local_day
from lms.core.database import db
from lms.curriculum.models import Course
from lms.curriculum.queries import outline_of
from lms.learning.models import Attempt, Enrolment
from lms.learning.rules import Purpose
from lms.organization.models import Person, Unit


@dataclass(frozen=True)
class Practised:
    """An observation that both have signed."""

    kind: str
    observed_on: date
    is_passed: bool
    missed_critical: bool


@dataclass
class Facts:
    """One member's facts."""

    person_id: uuid.UUID
    name: str
    unit_id: uuid.UUID
    unit_kind: str
    enrolment_id: uuid.UUID
    version_id: uuid.UUID
    completed_at: datetime | None
    best_mark: float | None = None
    missed_critical: int = 0
    course_mark: float | None = None  # what the course asks in its final test; None when it has none
    attended: int = 0
    practised: list[Practised] = field(default_factory=list)
    led_on: list[date] = field(default_factory=list)


@dataclass(frozen=True)
class CohortFacts:
    """A group's facts: how many sessions were held, and each member's."""

    sessions_held: int
    people: dict[uuid.UUID, Facts]


def facts_of(cohort: Cohort, people: Collection[uuid.UUID] | None = None) -> CohortFacts:
    """Read the facts of a group, or of some of its members, in five statements.

    The best mark is that of the best final test whose critical questions were all right; where there is none, the best
    of all, and `missed_critical` says that it was these that failed it.
    """
    query = (
        _PEOPLE.join(CohortMember, CohortMember.enrolment_id == Enrolment.id)
        .where(CohortMember.cohort_id == cohort.id, CohortMember.left_at.is_(None))
        .order_by(Person.name_folded, Person.id)
    )
    if people is not None:
        query = query.where(Person.id.in_(people))
    facts = _read(query)
    if not facts:
        return CohortFacts(0, {})
    _add_marks(facts)
    held = _add_attendance(cohort, facts)
    _add_practice(facts)
    _add_led(facts)
    return CohortFacts(held, facts)


def own_facts(enrolment: Enrolment) -> Facts:
    """Read the facts of one person in a course she takes without a group, in four statements."""
    facts = _read(_PEOPLE.where(Enrolment.id == enrolment.id))
    _add_marks(facts)
    _add_practice(facts)
    _add_led(facts)
    return facts[enrolment.person_id]


def facts_of_course(slug: str, limit: int) -> dict[uuid.UUID, Facts]:
    """Read the facts of those who completed a course, in a group or not, the latest first, in four statements."""
    facts = _read(
        _PEOPLE.join(Course, Course.id == Enrolment.course_id)
        .where(Course.slug == slug, Enrolment.completed_at.is_not(None))
        .order_by(Enrolment.completed_at.desc())
        .limit(limit)
    )
    if facts:
        _add_marks(facts)
        _add_practice(facts)
        _add_led(facts)
    return facts


_PEOPLE = (
    select(
        Person.id,
        Person.given_names,
        Person.family_names,
        Person.unit_id,
        Unit.kind,
        Enrolment.id.label("enrolment_id"),
        Enrolment.version_id,
        Enrolment.completed_at,
    )
    .join(Enrolment, Enrolment.person_id == Person.id)
    .join(Unit, Unit.id == Person.unit_id)
)


def _read(query: Any) -> dict[uuid.UUID, Facts]:
    return {
        row.id: Facts(
            row.id,
            f"{row.given_names} {row.family_names}".strip(),
            row.unit_id,
            row.kind,
            row.enrolment_id,
            row.version_id,
            row.completed_at,
        )
        for row in db.session.execute(query)
    }


def final_numbers(version_id: uuid.UUID) -> list[int]:
    """Return the numbers of a version's final tests."""
    return [one.number for one in outline_of(version_id).activities if one.settings.get("purpose") == Purpose.FINAL]


def _add_marks(facts: dict[uuid.UUID, Facts]) -> None:
    by_enrolment = {one.enrolment_id: one for one in facts.values()}
    finals = {version: final_numbers(version) for version in {one.version_id for one in facts.values()}}
    for one in facts.values():
        one.course_mark = outline_of(one.version_id).pass_mark if finals[one.version_id] else None
    rows = db.session.execute(
        select(
            Attempt.enrolment_id,
            Attempt.activity_number,
            func.max(case((Attempt.is_passed.is_(True), Attempt.score))).label("passed"),
            func.max(Attempt.score).label("best"),
        )
        .where(Attempt.enrolment_id.in_(by_enrolment), Attempt.state == "graded")
        .group_by(Attempt.enrolment_id, Attempt.activity_number)
    )
    best: dict[uuid.UUID, tuple[bool, float]] = {}
    for row in rows:
        if row.activity_number in finals[by_enrolment[row.enrolment_id].version_id] and row.best is not None:
            mark = (row.passed is not None, row.best if row.passed is None else row.passed)
            best[row.enrolment_id] = max(mark, best.get(row.enrolment_id, mark))  # one passed beats any that is not
    for enrolment_id, (is_passed, score) in best.items():
        one = by_enrolment[enrolment_id]
        one.best_mark = score
        one.missed_critical = int(not is_passed and score >= outline_of(one.version_id).pass_mark)


def _add_attendance(cohort: Cohort, facts: dict[uuid.UUID, Facts]) -> int:
    held = select(func.count()).where(Session.cohort_id == cohort.id, Session.state == "held").scalar_subquery()
    rows = db.session.execute(
        select(held.label("held"), Attendance.person_id, func.count(Attendance.session_id).label("attended"))
        .select_from(Cohort)
        .outerjoin(Session, (Session.cohort_id == Cohort.id) & (Session.state == "held"))
        .outerjoin(Attendance, (Attendance.session_id == Session.id) & Attendance.state.in_(("present", "late")))
        .where(Cohort.id == cohort.id)
        .group_by(Attendance.person_id)
    ).all()
    for row in rows:
        if row.person_id is not None and row.person_id in facts:
            facts[row.person_id].attended = row.attended
    return rows[0].held if rows else 0


def _add_practice(facts: dict[uuid.UUID, Facts]) -> None:
    rows = db.session.execute(
        select(
            Observation.person_id,
            Observation.kind,
            Observation.observed_on,
            Observation.is_passed,
            Observation.missed_critical,
        )
        .where(Observation.person_id.in_(facts), Observation.person_signed_at.is_not(None))
        .order_by(Observation.observed_on)
    )
    for row in rows:
        facts[row.person_id].practised.append(Practised(row.kind, row.observed_on, row.is_passed, row.missed_critical))


def _add_led(facts: dict[uuid.UUID, Facts]) -> None:
    rows = db.session.execute(
        select(Session.held_by_id, Session.starts_at).where(Session.held_by_id.in_(facts), Session.state == "held")
    )
    for person_id, starts_at in rows:
        if person_id is not None:
            facts[person_id].led_on.append(local_day(starts_at))
