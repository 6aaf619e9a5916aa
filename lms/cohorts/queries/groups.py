"""Groups: which ones somebody leads, learns in or may look at, and what one group's pages show."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, or_, select
from sqlalchemy.orm import joinedload

from lms.access.policy import Action, Actor, reach
from lms.access.queries import within
from lms.accounts.models import User
from lms.cohorts.models import (
    Announcement,
    Attendance,
    Cohort,
    CohortFacilitator,
    CohortMember,
    CohortQuestion,
    Observation,
    Session,
)
from lms.core.database import db, read
from lms.core.errors import NotFound
from lms.core.pages import Pages
from lms.core.texts import folded
from lms.curriculum.models import Course, Version
from lms.organization.models import Person, Place, Project, Unit

SIZE = 50
CODE_LENGTH = 8
_STILL_ON = timedelta(hours=4)  # a session that began this morning is still today's
_WITH = (
    joinedload(Cohort.unit),
    joinedload(Cohort.place),
    joinedload(Cohort.project),
    joinedload(Cohort.course),
    joinedload(Cohort.version),
)


def get_cohort(cohort_id: uuid.UUID) -> Cohort:
    """Load a group with what its pages show; raise NotFound."""
    found = db.session.get(Cohort, cohort_id, options=_WITH)
    if found is None:
        raise NotFound
    return found


def get_session(session_id: uuid.UUID) -> Session:
    """Load a session with its group; raise NotFound."""
    found = db.session.get(
        Session,
        session_id,
        options=[
            joinedload(Session.cohort).options(
                joinedload(Cohort.unit), joinedload(Cohort.place), joinedload(Cohort.version)
            )
        ],
    )
    if found is None:
        raise NotFound
    return found


def get_observation(observation_id: uuid.UUID) -> Observation:
    """Load an observation with its group; raise NotFound."""
    found = db.session.get(
        Observation,
        observation_id,
        options=[
            joinedload(Observation.cohort).joinedload(Cohort.unit),
            joinedload(Observation.person),
            joinedload(Observation.observer),
            joinedload(Observation.rubric),
        ],
    )
    if found is None:
        raise NotFound
    return found


def get_question(question_id: uuid.UUID) -> CohortQuestion:
    """Load a member's question with its group; raise NotFound."""
    found = db.session.get(
        CohortQuestion, question_id, options=[joinedload(CohortQuestion.cohort).joinedload(Cohort.unit)]
    )
    if found is None:
        raise NotFound
    return found


def _led_by(person_id: uuid.UUID | None) -> ColumnElement[bool]:
    return Cohort.id.in_(
        select(CohortFacilitator.cohort_id).where(
            CohortFacilitator.person_id == person_id, CohortFacilitator.until.is_(None)
        )
    )


def _visible(actor: Actor) -> ColumnElement[bool]:
    far = within(reach(actor, Action.COHORT_READ), Unit.path)
    return far if actor.person_id is None else or_(far, _led_by(actor.person_id))


@dataclass(frozen=True)
class GroupFilter:
    """What a list of groups is narrowed to."""

    words: str = ""
    state: str = "open"  # open | closed | all
    is_own: bool = False


def groups_page(
    actor: Actor, wanted: GroupFilter, sort: str = "-starts", page: int = 1
) -> tuple[list[Row[Any]], Pages]:
    """List the groups somebody leads or may look at, with their people and sessions, fifty at a time."""
    people = (
        select(func.count())
        .where(CohortMember.cohort_id == Cohort.id, CohortMember.left_at.is_(None))
        .correlate(Cohort)
        .scalar_subquery()
    )
    held = (
        select(func.count())
        .where(Session.cohort_id == Cohort.id, Session.state == "held")
        .correlate(Cohort)
        .scalar_subquery()
    )
    planned = (
        select(func.count())
        .where(Session.cohort_id == Cohort.id, Session.state != "cancelled")
        .correlate(Cohort)
        .scalar_subquery()
    )
    query: Any = (
        select(
            Cohort.id,
            Cohort.name,
            Cohort.code,
            Cohort.starts_on,
            Cohort.ends_on,
            Cohort.capacity,
            Cohort.closed_at,
            Version.title.label("course"),
            Place.name.label("place"),
            Unit.name.label("unit"),
            people.label("people"),
            held.label("held"),
            planned.label("planned"),
        )
        .join(Unit, Unit.id == Cohort.unit_id)
        .join(Version, Version.id == Cohort.version_id)
        .join(Place, Place.code == Cohort.place_code)
        .where(_visible(actor))
    )
    if wanted.is_own:
        query = query.where(_led_by(actor.person_id))
    if wanted.state != "all":
        query = query.where(Cohort.closed_at.is_(None) if wanted.state == "open" else Cohort.closed_at.is_not(None))
    for word in folded(wanted.words).split()[:8]:
        query = query.where(
            or_(
                func.lower(Cohort.name).contains(word, autoescape=True),
                Place.name_folded.contains(word, autoescape=True),
                Version.search.contains(word, autoescape=True),
                func.lower(Cohort.code) == word.replace("-", ""),
            )
        )
    columns: dict[str, Any] = {"name": Cohort.name, "starts": Cohort.starts_on, "place": Place.name, "people": people}
    column = columns.get(sort.removeprefix("-"), Cohort.starts_on)
    total = db.session.scalar(select(func.count()).select_from(query.with_only_columns(Cohort.id).subquery())) or 0
    listed = query.order_by(column.desc() if sort.startswith("-") else column, Cohort.name, Cohort.id)
    rows = db.session.execute(listed.limit(SIZE).offset((page - 1) * SIZE)).all()
    return list(rows), Pages(page, SIZE, total)


def session_called(actor: Actor, code: str) -> uuid.UUID | None:
    """Return the session whose printed sheet has this code, when the actor may look at its group."""
    if len(code) != CODE_LENGTH:
        return None
    query = (
        select(Session.id)
        .join(Cohort, Cohort.id == Session.cohort_id)
        .join(Unit, Unit.id == Cohort.unit_id)
        .where(Session.code == code, _visible(actor))
    )
    return db.session.scalar(query)


def sessions_of(cohort_id: uuid.UUID) -> list[Row[Any]]:
    """List the sessions of a group by day, with how many were there."""
    there = (
        select(func.count())
        .where(Attendance.session_id == Session.id, Attendance.state.in_(("present", "late")))
        .correlate(Session)
        .scalar_subquery()
    )
    query = (
        select(
            Session.id,
            Session.code,
            Session.number,
            Session.title,
            Session.module_slug,
            Session.starts_at,
            Session.minutes,
            Session.venue,
            Session.state,
            Session.tally,
            Session.held_by_id,
            there.label("there"),
        )
        .where(Session.cohort_id == cohort_id)
        .order_by(Session.starts_at, Session.number)
    )
    return list(db.session.execute(query))


def marks_of_cohort(cohort_id: uuid.UUID) -> dict[tuple[uuid.UUID, uuid.UUID], str]:
    """Return who was at which session: (session, person) to mark."""
    query = (
        select(Attendance.session_id, Attendance.person_id, Attendance.state)
        .join(Session, Session.id == Attendance.session_id)
        .where(Session.cohort_id == cohort_id)
    )
    return {(row.session_id, row.person_id): row.state for row in db.session.execute(query)}


def marks_of_session(session_id: uuid.UUID) -> dict[uuid.UUID, str]:
    """Return who was at a session: person to mark."""
    query = select(Attendance.person_id, Attendance.state).where(Attendance.session_id == session_id)
    return dict(db.session.execute(query).all())


def members_of(cohort_id: uuid.UUID, with_left: bool = False) -> list[Row[Any]]:
    """List the people of a group by name."""
    query = (
        select(
            Person.id,
            Person.given_names,
            Person.family_names,
            Unit.name.label("unit"),
            CohortMember.joined_at,
            CohortMember.joined_by,
            CohortMember.left_at,
            CohortMember.enrolment_id,
        )
        .join(CohortMember, CohortMember.person_id == Person.id)
        .join(Unit, Unit.id == Person.unit_id)
        .where(CohortMember.cohort_id == cohort_id)
        .order_by(Person.name_folded, Person.id)
    )
    if not with_left:
        query = query.where(CohortMember.left_at.is_(None))
    return list(db.session.execute(query))


def get_member(cohort: Cohort, person_id: uuid.UUID) -> CohortMember:
    """Load somebody's place in a group, left or not; raise NotFound."""
    found = db.session.get(CohortMember, (cohort.id, person_id), options=[joinedload(CohortMember.person)])
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class Waits:
    """What waits in a group for its facilitator."""

    questions: int
    signatures: int
    messages: int


def waits_of(cohort_id: uuid.UUID) -> Waits:
    """Count what waits in a group, in one statement."""
    row = db.session.execute(
        select(
            select(func.count())
            .select_from(CohortQuestion)
            .where(CohortQuestion.cohort_id == cohort_id, CohortQuestion.answered_at.is_(None))
            .scalar_subquery(),
            select(func.count())
            .select_from(Observation)
            .where(Observation.cohort_id == cohort_id, Observation.person_signed_at.is_(None))
            .scalar_subquery(),
            select(func.count()).select_from(Announcement).where(Announcement.cohort_id == cohort_id).scalar_subquery(),
        )
    ).one()
    return Waits(*row)


def observations_of(cohort_id: uuid.UUID, person_id: uuid.UUID) -> Sequence[Observation]:
    """List what was observed of one person in a group, the latest first."""
    query = (
        select(Observation)
        .where(Observation.cohort_id == cohort_id, Observation.person_id == person_id)
        .options(joinedload(Observation.observer), joinedload(Observation.rubric))
        .order_by(Observation.observed_on.desc(), Observation.id.desc())
    )
    return db.session.scalars(query).all()


def announcements_of(cohort_id: uuid.UUID, most: int = 20) -> Sequence[Announcement]:
    """List the latest announcements of a group."""
    query = (
        select(Announcement)
        .where(Announcement.cohort_id == cohort_id)
        .options(joinedload(Announcement.author))
        .order_by(Announcement.written_at.desc())
        .limit(most)
    )
    return db.session.scalars(query).all()


def questions_in(cohort_id: uuid.UUID, person_id: uuid.UUID | None = None, most: int = 50) -> Sequence[CohortQuestion]:
    """List what was asked in a group, what waits first; of one person only if wanted."""
    query = (
        select(CohortQuestion)
        .where(CohortQuestion.cohort_id == cohort_id)
        .options(joinedload(CohortQuestion.person))
        .order_by(CohortQuestion.answered_at.is_not(None), CohortQuestion.asked_at.desc())
        .limit(most)
    )
    if person_id is not None:
        query = query.where(CohortQuestion.person_id == person_id)
    return db.session.scalars(query).all()


def published_courses() -> list[Row[Any]]:
    """List the courses a group can be opened for: the id of the published version and its title."""
    query = (
        select(Version.id, Version.title, Version.label, Version.audiences)
        .join(Course, Course.current_version_id == Version.id)
        .where(Course.archived_at.is_(None), Version.state == "published")
        .order_by(Version.search)
    )
    return list(db.session.execute(query))


def units_to_open_in(actor: Actor, most: int = 300) -> Sequence[Unit]:
    """List the open units in which somebody may open groups by her role."""
    far = within(reach(actor, Action.COHORT_MANAGE), Unit.path)
    query = select(Unit).where(far, Unit.closed_on.is_(None)).order_by(Unit.name_folded).limit(most)
    return db.session.scalars(query).all()


def projects_around(unit: Unit, today: date) -> Sequence[Project]:
    """List the projects of a unit and of those above it that have not ended."""
    query = (
        select(Project)
        .join(Unit, Unit.id == Project.unit_id)
        .where(
            func.substr(unit.path, 1, func.length(Unit.path)) == Unit.path,
            or_(Project.ends_on.is_(None), Project.ends_on >= today),
        )
        .order_by(Project.name)
    )
    return db.session.scalars(query).all()


# --- what a learner sees --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MyGroup:
    """One of somebody's groups with its next session, and what waits there for her."""

    id: uuid.UUID
    name: str
    course: Any
    leads: bool
    next_title: str | None
    next_at: datetime | None
    next_venue: str | None
    unsigned: int  # observations of her practice that she has not signed
    questions: int  # asked of her, when she leads


def my_groups(person_id: uuid.UUID, now: datetime) -> list[MyGroup]:
    """List the open groups somebody learns in or leads, each with the session that comes or is on; one statement."""
    after = (
        select(Session.id)
        .where(Session.cohort_id == Cohort.id, Session.state == "planned", Session.starts_at >= now - _STILL_ON)
        .order_by(Session.starts_at)
        .limit(1)
        .correlate(Cohort)
        .scalar_subquery()
    )
    unsigned = (
        select(func.count())
        .where(
            Observation.cohort_id == Cohort.id,
            Observation.person_id == person_id,
            Observation.person_signed_at.is_(None),
        )
        .correlate(Cohort)
        .scalar_subquery()
    )
    questions = (
        select(func.count())
        .where(CohortQuestion.cohort_id == Cohort.id, CohortQuestion.answered_at.is_(None))
        .correlate(Cohort)
        .scalar_subquery()
    )
    learns = Cohort.id.in_(
        select(CohortMember.cohort_id).where(CohortMember.person_id == person_id, CohortMember.left_at.is_(None))
    )
    leads = _led_by(person_id)
    query = (
        select(
            Cohort.id,
            Cohort.name,
            Version.neutral_title,
            case((leads, 1), else_=0),
            Session.title,
            Session.starts_at,
            Session.venue,
            unsigned,
            case((leads, questions), else_=0),
        )
        .join(Version, Version.id == Cohort.version_id)
        .outerjoin(Session, Session.id == after)
        .where(or_(learns, leads), Cohort.closed_at.is_(None))
        .order_by(Session.starts_at.is_(None), Session.starts_at, Cohort.name)
        .limit(20)
    )
    with read() as connection:
        return [_my_group(row) for row in connection.execute(query)]


def _my_group(row: Row[Any]) -> MyGroup:
    values: list[Any] = list(row)
    values[3] = bool(values[3])
    return MyGroup(*values)


def calendar_of(person_id: uuid.UUID) -> list[Row[Any]]:
    """List every session of the groups somebody learns in or leads, for her calendar."""
    mine = or_(
        Cohort.id.in_(
            select(CohortMember.cohort_id).where(CohortMember.person_id == person_id, CohortMember.left_at.is_(None))
        ),
        _led_by(person_id),
    )
    return _calendar(mine)


def calendar_of_cohort(cohort_id: uuid.UUID) -> list[Row[Any]]:
    """List every session of a group, for a calendar."""
    return _calendar(Cohort.id == cohort_id)


def _calendar(which: ColumnElement[bool]) -> list[Row[Any]]:
    query = (
        select(
            Session.id,
            Session.number,
            Session.starts_at,
            Session.minutes,
            Session.venue,
            Session.state,
            Session.recorded_at,
            Cohort.name,
            Cohort.created_at,
        )
        .join(Cohort, Cohort.id == Session.cohort_id)
        .where(which)
        .order_by(Session.starts_at)
        .limit(1000)
    )
    return list(db.session.execute(query))


def people_to_add(actor: Actor, cohort: Cohort, words: str, most: int = 20) -> list[Row[Any]]:
    """Search people by name within the actor's reach; who is in the group is marked."""
    query = (
        select(
            Person.id,
            Person.given_names,
            Person.family_names,
            Unit.name.label("unit"),
            CohortMember.joined_at,
        )
        .join(Unit, Unit.id == Person.unit_id)
        .outerjoin(
            CohortMember,
            and_(
                CohortMember.person_id == Person.id,
                CohortMember.cohort_id == cohort.id,
                CohortMember.left_at.is_(None),
            ),
        )
        .where(
            within(reach(actor, Action.PERSON_READ), Unit.path),
            Person.left_on.is_(None),
            Person.merged_into_id.is_(None),
        )
        .order_by(Person.name_folded, Person.id)
        .limit(most)
    )
    for word in folded(words).split()[:8]:
        query = query.where(Person.name_folded.contains(word, autoescape=True))
    return list(db.session.execute(query))


def same_named(cohort: Cohort, name: str) -> list[Row[Any]]:
    """List people of this very name in the group's office, before somebody is written down twice."""
    query = select(Person.id, Person.given_names, Person.family_names).where(
        Person.unit_id == cohort.unit_id,
        Person.name_folded == folded(name),
        Person.merged_into_id.is_(None),
        Person.left_on.is_(None),
    )
    return list(db.session.execute(query.limit(5)))


def projects_of_all(units: Sequence[Unit], today: date) -> Sequence[Project]:
    """List the projects of these units that have not ended."""
    query = (
        select(Project)
        .where(
            Project.unit_id.in_([unit.id for unit in units]), or_(Project.ends_on.is_(None), Project.ends_on >= today)
        )
        .order_by(Project.name)
    )
    return db.session.scalars(query).all()


def person_within(actor: Actor, person_id: uuid.UUID) -> Person:
    """Load a person within the actor's reach; raise NotFound."""
    query = (
        select(Person)
        .join(Unit, Unit.id == Person.unit_id)
        .where(
            Person.id == person_id,
            within(reach(actor, Action.PERSON_READ), Unit.path),
            Person.left_on.is_(None),
            Person.merged_into_id.is_(None),
        )
    )
    found = db.session.scalars(query).first()
    if found is None:
        raise NotFound
    return found


def without_account(cohort: Cohort) -> Sequence[Person]:
    """List the people of a group who were written down in its own office and have no account yet."""
    query = (
        select(Person)
        .join(CohortMember, CohortMember.person_id == Person.id)
        .outerjoin(User, User.person_id == Person.id)
        .where(
            CohortMember.cohort_id == cohort.id,
            CohortMember.left_at.is_(None),
            CohortMember.joined_by.in_(("file", "new")),
            Person.unit_id == cohort.unit_id,
            User.id.is_(None),
        )
        .order_by(Person.name_folded)
    )
    return db.session.scalars(query).all()


def names_in_unit(cohort: Cohort, names: Sequence[str]) -> set[str]:
    """Return those of these names that somebody of the group's office has."""
    wanted = {folded(name) for name in names}
    query = select(Person.name_folded).where(
        Person.unit_id == cohort.unit_id,
        Person.name_folded.in_(wanted),
        Person.left_on.is_(None),
        Person.merged_into_id.is_(None),
    )
    return set(db.session.scalars(query))


def name_of(person_id: uuid.UUID) -> str:
    """Return a person's name."""
    found = db.session.get(Person, person_id)
    return found.name if found else ""
