"""Reads of courses as one person takes them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import String, bindparam, cast, func, select
from sqlalchemy.engine import Row

from lms.accounts.sessions import HOME, WHO_ASKS
from lms.core.database import read
from lms.core.errors import NotFound
from lms.core.prepared import Prepared
from lms.curriculum.models import Course, Version
from lms.curriculum.queries import ActivityLine, Outline, outline_of
from lms.learning.models import Enrolment, Progress
from lms.learning.rules import Step, next_step
from lms.library.queries import facts_revision
from lms.organization.models import Person, Unit

_DONE = (
    select(func.aggregate_strings(cast(Progress.activity_number, String), ","))
    .where(Progress.enrolment_id == Enrolment.id)
    .scalar_subquery()
)

_COLUMNS = (
    Enrolment.id.label("enrolment_id"),
    Enrolment.version_id,
    Enrolment.state.label("enrolment_state"),
    Enrolment.enrolled_at,
    Enrolment.language,
    Enrolment.due_on,
    Enrolment.completed_at,
    _DONE.label("done"),
    facts_revision.label("facts_at"),
)


_COURSE = select(Course.id).where(Course.slug == bindparam("slug")).scalar_subquery()
_COUNTS = (Enrolment.course_id == _COURSE) & Enrolment.state.in_(("active", "completed"))

_STANDING = Prepared(
    select(*_COLUMNS, func.coalesce(Person.place_code, Unit.place_code).label("place_code"))
    .join(Person, Person.id == Enrolment.person_id)
    .join(Unit, Unit.id == Person.unit_id)
    .where(_COUNTS, Enrolment.person_id == bindparam("person_id"))
)
# The same beside who asks: one round trip for the page that is read more than all others.
WITH_WHO_ASKS = Prepared(
    WHO_ASKS.add_columns(*_COLUMNS, func.coalesce(Person.place_code, HOME.c.place_code).label("place_code")).outerjoin(
        Enrolment, (Enrolment.person_id == Person.id) & _COUNTS
    )
)


@dataclass(frozen=True)
class Standing:
    """Where a person stands in a course she is enrolled in."""

    enrolment_id: uuid.UUID
    outline: Outline
    state: str
    language: str | None
    due_on: date | None
    completed_at: datetime | None
    done: frozenset[int]
    facts_at: datetime | None
    place_code: str | None  # where she works, for places of help nearby


def standing(person_id: uuid.UUID, slug: str) -> Standing:
    """Read, in one statement, where a person stands in a course; raise NotFound when she is not enrolled."""
    found = find_standing(person_id, slug)
    if found is None:
        raise NotFound
    return found


def find_standing(person_id: uuid.UUID, slug: str) -> Standing | None:
    """Read where a person stands in a course, or None."""
    if "\x00" in slug:  # PostgreSQL knows no such text
        return None
    rows = _STANDING.all(slug=slug, person_id=person_id)
    return standing_in(rows) if rows else None


def standing_in(rows: Sequence[Any]) -> Standing:
    """Read the latest standing from the rows of one of the statements above; raise NotFound when there is none."""
    held = [row for row in rows if row.enrolment_id is not None]
    if not held:
        raise NotFound
    row = max(held, key=attrgetter("enrolled_at"))
    return Standing(
        row.enrolment_id,
        outline_of(row.version_id),
        row.enrolment_state,
        row.language,
        row.due_on,
        row.completed_at,
        numbers_of(row.done),
        row.facts_at,
        row.place_code,
    )


def numbers_of(joined: str | None) -> frozenset[int]:
    """Read numbers that a statement joined with commas."""
    return frozenset(int(number) for number in joined.split(",")) if joined else frozenset()


def done_last(enrolment_id: uuid.UUID) -> int | None:
    """Return the number of the activity done last: from there one goes on."""
    with read() as connection:
        number: int | None = connection.execute(
            select(Progress.activity_number)
            .where(Progress.enrolment_id == enrolment_id)
            .order_by(Progress.done_at.desc(), Progress.activity_number.desc())
            .limit(1)
        ).scalar()
    return number


@dataclass(frozen=True)
class CourseLine:
    """One of a person's courses, as home lists it."""

    outline: Outline
    state: str
    done: frozenset[int]
    next: ActivityLine | None
    due_on: date | None
    completed_at: datetime | None
    touched_at: datetime

    @property
    def lessons_done(self) -> int:
        return len(self.done)

    @property
    def lessons(self) -> int:
        return len(self.outline.activities)

    @property
    def place(self) -> tuple[int, int, int]:
        """Module, activity in the module, activities of the module: “Module 2, lesson 3 of 5”."""
        for index, module in enumerate(self.outline.modules, 1):
            numbers = [activity.number for activity in module.activities]
            if self.next and self.next.number in numbers:
                return index, numbers.index(self.next.number) + 1, len(numbers)
        return len(self.outline.modules), 0, 0


def courses_of(person_id: uuid.UUID) -> list[CourseLine]:
    """Return a person's courses, the one she touched last first. One statement."""
    mine = (
        select(
            Enrolment.id,
            Enrolment.version_id,
            Enrolment.state,
            Enrolment.due_on,
            Enrolment.enrolled_at,
            Enrolment.completed_at,
        )
        .where(Enrolment.person_id == person_id, Enrolment.state != "withdrawn")
        .order_by(Enrolment.enrolled_at.desc())
        .limit(100)
        .subquery()
    )
    query = (
        select(mine, Progress.activity_number, Progress.done_at)
        .outerjoin(Progress, Progress.enrolment_id == mine.c.id)
        .order_by(mine.c.enrolled_at.desc())
    )
    courses: dict[uuid.UUID, Row[Any]] = {}
    done: dict[uuid.UUID, dict[int, datetime]] = {}
    with read() as connection:
        for row in connection.execute(query):
            courses.setdefault(row.id, row)
            parts = done.setdefault(row.id, {})
            if row.activity_number is not None:
                parts[row.activity_number] = row.done_at
    rows = courses.values()
    lines = []
    for row in rows:
        outline, parts = outline_of(row.version_id), done[row.id]
        following = next_step([Step(one.number, one.is_required) for one in outline.activities], parts)
        lines.append(
            CourseLine(
                outline,
                row.state,
                frozenset(parts),
                outline.activity(following) if following is not None and row.state != "completed" else None,
                row.due_on,
                row.completed_at,
                max([row.enrolled_at, *parts.values()]),
            )
        )
    return sorted(lines, key=lambda line: (line.state == "completed", -line.touched_at.timestamp()))


def catalogue(person_id: uuid.UUID, words: str, page: int, size: int) -> tuple[list[Row[Any]], int]:
    """Search the published courses a person may see: open and code ones, and those she is in.

    :param words: folded.
    :return: rows (version_id, enrolment rule, her state or None) and how many there are in all.
    """
    mine = (
        select(Enrolment.course_id, func.max(Enrolment.state).label("state"))
        .where(Enrolment.person_id == person_id, Enrolment.state != "withdrawn")
        .group_by(Enrolment.course_id)
        .subquery()
    )
    query = (
        select(Version.id, Version.enrolment, mine.c.state)
        .join(Course, Course.current_version_id == Version.id)
        .outerjoin(mine, mine.c.course_id == Course.id)
        .where(Course.archived_at.is_(None), (Version.enrolment != "invited") | mine.c.state.is_not(None))
    )
    for word in words.split():
        query = query.where(Version.search.contains(word, autoescape=True))
    with read() as connection:
        total = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
        rows = connection.execute(
            query.order_by(mine.c.state.is_(None), Version.search, Version.id).limit(size).offset((page - 1) * size)
        ).all()
    return list(rows), total
