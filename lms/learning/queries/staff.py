"""What staff see of learning: enrolments, codes, who has answers to mark. Everything narrowed to their reach."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, cast, false, func, or_, select
from sqlalchemy.engine import Row
from sqlalchemy.orm import contains_eager, joinedload

from lms.access.policy import Action, Actor, reach
from lms.access.queries import within
from lms.accounts.models import User
from lms.core.database import db
from lms.core.errors import NotFound
from lms.core.texts import folded
from lms.curriculum.models import Course, Version
from lms.curriculum.queries import Outline, outline_of
from lms.learning.models import Attempt, Enrolment, JoinCode, Progress
from lms.learning.quizzes import quiz_of
from lms.learning.rules import Purpose
from lms.organization.models import Person, Unit

SIZE = 50
STATES = ("active", "overdue", "completed", "withdrawn", "all")


def people_by_version(version_ids: list[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Count the people in each version who have not left."""
    rows = db.session.execute(
        select(Enrolment.version_id, func.count())
        .where(Enrolment.version_id.in_(version_ids), Enrolment.state != "withdrawn")
        .group_by(Enrolment.version_id)
    )
    return dict(rows.all())


def courses_with_people(actor: Actor, words: str, today: date, page: int) -> tuple[list[Row[Any]], int]:
    """List the published courses with how many people within reach are in them; and how many courses there are."""
    mine = (
        select(
            Enrolment.course_id,
            func.count().label("people"),
            func.sum(cast(Enrolment.state == "completed", Integer)).label("completed"),
            func.sum(cast(_is_overdue(today), Integer)).label("overdue"),
        )
        .join(Person, Person.id == Enrolment.person_id)
        .join(Unit, Unit.id == Person.unit_id)
        .where(Enrolment.state != "withdrawn", _reach(actor))
        .group_by(Enrolment.course_id)
        .subquery()
    )
    # A course that was withdrawn still has its people: it goes by the version that one of them is in.
    newest_first = select(Enrolment.version_id).order_by(Enrolment.enrolled_at.desc())
    mine_in = newest_first.where(Enrolment.course_id == Course.id).limit(1).scalar_subquery()
    query = (
        select(
            Course.slug,
            Version.id,
            Version.title,
            Version.enrolment,
            func.coalesce(mine.c.people, 0).label("people"),
            func.coalesce(mine.c.completed, 0).label("completed"),
            func.coalesce(mine.c.overdue, 0).label("overdue"),
        )
        .select_from(Course)
        .join(Version, Version.id == func.coalesce(Course.current_version_id, mine_in))
        .outerjoin(mine, mine.c.course_id == Course.id)
        .where(Course.archived_at.is_(None))
    )
    for word in folded(words).split():
        query = query.where(Version.search.contains(word, autoescape=True))
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = db.session.execute(query.order_by(Version.search, Course.id).limit(SIZE).offset((page - 1) * SIZE)).all()
    return list(rows), total


def _reach(actor: Actor, action: Action = Action.ENROLMENT_READ) -> ColumnElement[bool]:
    """Narrow to the units below which the actor may do this; one's own rows are not among them for that alone."""
    return within(reach(actor, action), Unit.path)


def _is_overdue(today: date) -> ColumnElement[bool]:
    # Written as a case so that it is never NULL: a sum over it counts.
    return case((and_(Enrolment.state == "active", Enrolment.due_on < today), True), else_=False)


@dataclass(frozen=True)
class Filter:
    """What a list of enrolments shows."""

    words: str = ""
    state: str = "active"
    sort: str = "name"


def finals_of(outline: Outline) -> list[int]:
    """Return the numbers of a version's final tests."""
    return [
        line.number
        for line in outline.activities
        if line.kind == "quiz" and quiz_of(outline.version_id, line.number).purpose == Purpose.FINAL
    ]


def version_shown(course: Course) -> uuid.UUID:
    """Return the version a course goes by: the published one, else one that people are in; raise NotFound."""
    in_use = select(Enrolment.version_id).where(Enrolment.course_id == course.id).order_by(Enrolment.enrolled_at.desc())
    found = course.current_version_id or db.session.scalar(in_use.limit(1))
    if found is None:
        raise NotFound
    return found


def outlines_of(course: Course) -> dict[uuid.UUID, Outline]:
    """Return the outlines of a course's versions in which somebody is."""
    ids = db.session.scalars(select(Enrolment.version_id).where(Enrolment.course_id == course.id).distinct())
    return {version_id: outline_of(version_id) for version_id in ids}


def _enrolments(actor: Actor, course: Course, outlines: Iterable[Outline], wanted: Filter, today: date) -> Any:
    done = select(func.count()).where(Progress.enrolment_id == Enrolment.id).scalar_subquery()
    is_final = or_(
        false(),
        *(
            and_(Enrolment.version_id == outline.version_id, Attempt.activity_number.in_(finals_of(outline)))
            for outline in outlines
        ),
    )
    best = select(func.max(Attempt.score)).where(Attempt.enrolment_id == Enrolment.id, is_final).scalar_subquery()
    query = (
        select(
            Enrolment.id,
            Enrolment.person_id,
            Person.given_names,
            Person.family_names,
            Unit.name.label("unit"),
            Enrolment.version_id,
            Enrolment.state,
            Enrolment.due_on,
            Enrolment.enrolled_at,
            Enrolment.completed_at,
            done.label("done"),
            best.label("best"),
            _is_overdue(today).label("is_overdue"),
        )
        .select_from(Enrolment)
        .join(Person, Person.id == Enrolment.person_id)
        .join(Unit, Unit.id == Person.unit_id)
        .where(Enrolment.course_id == course.id, _reach(actor))
    )
    if wanted.state == "overdue":
        query = query.where(_is_overdue(today))
    elif wanted.state != "all":
        query = query.where(Enrolment.state == wanted.state)
    for word in folded(wanted.words).split()[:8]:
        query = query.where(
            Person.name_folded.contains(word, autoescape=True) | Unit.name_folded.contains(word, autoescape=True)
        )
    columns: dict[str, Any] = {
        "name": Person.name_folded,
        "unit": Unit.name_folded,
        "done": done,
        "best": best,
        "due": Enrolment.due_on,
        "since": Enrolment.enrolled_at,
    }
    column = columns.get(wanted.sort.removeprefix("-"), Person.name_folded)
    first = column.desc().nulls_last() if wanted.sort.startswith("-") else column.asc().nulls_last()
    return query.order_by(first, Person.name_folded, Enrolment.id)


def enrolments_page(
    actor: Actor, course: Course, outlines: Iterable[Outline], wanted: Filter, today: date, page: int
) -> tuple[Sequence[Row[Any]], int]:
    """Return a page of the enrolments of a course, and how many there are."""
    query = _enrolments(actor, course, outlines, wanted, today)
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    return db.session.execute(query.limit(SIZE).offset((page - 1) * SIZE)).all(), total


def every_enrolment(
    actor: Actor, course: Course, outlines: Iterable[Outline], wanted: Filter, today: date
) -> Iterable[Row[Any]]:
    """Return all the enrolments a filter finds, for taking away as a file."""
    return db.session.execute(_enrolments(actor, course, outlines, wanted, today).execution_options(yield_per=1000))


def get_enrolment(enrolment_id: uuid.UUID) -> Enrolment:
    """Load an enrolment with its person; raise NotFound."""
    found = db.session.get(
        Enrolment,
        enrolment_id,
        options=[joinedload(Enrolment.person).joinedload(Person.unit), joinedload(Enrolment.course)],
    )
    if found is None:
        raise NotFound
    return found


def people_called(actor: Actor, names: Sequence[str]) -> dict[str, tuple[uuid.UUID, str]]:
    """Find people within reach by user name or e-mail, as typed lines: folded line to (person, name)."""
    columns = (Person.id, Person.given_names, Person.family_names, User.username, User.email)
    found: dict[str, tuple[uuid.UUID, str]] = {}
    for start in range(0, len(names), 400):
        batch = names[start : start + 400]
        rows = db.session.execute(
            select(*columns)
            .join(User, User.person_id == Person.id)
            .join(Unit, Unit.id == Person.unit_id)
            .where(
                _reach(actor, Action.ENROLMENT_MANAGE),
                Person.merged_into_id.is_(None),
                User.username.in_([folded(name) for name in batch]) | User.email.in_([one.lower() for one in batch]),
            )
        )
        for person_id, given, family, username, email in rows:
            who = (person_id, f"{given} {family}".strip())
            found[username] = who
            if email:
                found[email] = who
    return found


def people_in_unit(unit: Unit, with_below: bool) -> list[uuid.UUID]:
    """Return the people of a unit, with those of everything below it if wanted; not who left."""
    where = Unit.path.startswith(unit.path, autoescape=True) if with_below else Unit.id == unit.id
    query = (
        select(Person.id)
        .join(Unit, Unit.id == Person.unit_id)
        .where(where, Person.left_on.is_(None), Person.merged_into_id.is_(None))
        .order_by(Person.id)
    )
    return list(db.session.scalars(query))


def codes_of(actor: Actor, course: Course, page: int) -> tuple[list[JoinCode], int]:
    """Return a page of a course's join codes within reach, the newest first, and how many there are."""
    query = (
        select(JoinCode)
        .join(Unit, Unit.id == JoinCode.unit_id)
        .where(JoinCode.course_id == course.id, _reach(actor, Action.ENROLMENT_MANAGE))
    )
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    listed = query.options(contains_eager(JoinCode.unit)).order_by(JoinCode.created_at.desc(), JoinCode.code)
    return list(db.session.scalars(listed.limit(SIZE).offset((page - 1) * SIZE))), total


def get_code(code: str) -> JoinCode:
    """Load a join code; raise NotFound."""
    found = db.session.get(
        JoinCode, code.replace("\x00", ""), options=[joinedload(JoinCode.unit), joinedload(JoinCode.course)]
    )
    if found is None:
        raise NotFound
    return found


def units_held(actor: Actor, action: Action) -> list[Unit]:
    """Return the units an actor's reach begins at."""
    query = select(Unit).where(Unit.path.in_(reach(actor, action).paths)).order_by(Unit.name_folded).limit(100)
    return list(db.session.scalars(query))


def waiting_to_be_marked(actor: Actor, page: int) -> tuple[list[Row[Any]], int]:
    """Return a page of the attempts whose open answers wait within reach, the oldest first; never one's own."""
    query = (
        select(
            Attempt.id,
            Attempt.activity_number,
            Attempt.submitted_at,
            Enrolment.version_id,
            Person.given_names,
            Person.family_names,
        )
        .select_from(Attempt)
        .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
        .join(Person, Person.id == Enrolment.person_id)
        .join(Unit, Unit.id == Person.unit_id)
        .where(
            Attempt.state == "marking",
            Enrolment.person_id != actor.person_id,
            _reach(actor, Action.RESPONSE_MARK),
        )
    )
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    listed = query.order_by(Attempt.submitted_at, Attempt.id).limit(SIZE).offset((page - 1) * SIZE)
    return list(db.session.execute(listed)), total


def get_attempt(attempt_id: uuid.UUID) -> Attempt:
    """Load an attempt with its person; raise NotFound."""
    found = db.session.get(
        Attempt,
        attempt_id,
        options=[joinedload(Attempt.enrolment).joinedload(Enrolment.person).joinedload(Person.unit)],
    )
    if found is None:
        raise NotFound
    return found
