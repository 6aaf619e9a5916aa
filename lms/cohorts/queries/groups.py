"""Groups: which ones somebody leads or may look at."""

import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select
from sqlalchemy.orm import joinedload

from lms.access.policy import Action, Actor, reach
from lms.access.queries import within
from lms.cohorts.models import (
    Announcement,
    Cohort,
    CohortFacilitator,
    CohortMember,
    CohortQuestion,
    Observation,
    Session,
)
from lms.core.database import db
from lms.core.errors import NotFound
from lms.core.pages import Pages
from lms.core.texts import folded
from lms.curriculum.models import Version
from lms.organization.models import Place, Unit

SIZE = 50
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


def led_by(person_id: uuid.UUID | None) -> ColumnElement[bool]:
    return Cohort.id.in_(
        select(CohortFacilitator.cohort_id).where(
            CohortFacilitator.person_id == person_id, CohortFacilitator.until.is_(None)
        )
    )


def visible(actor: Actor) -> ColumnElement[bool]:
    far = within(reach(actor, Action.COHORT_READ), Unit.path)
    return far if actor.person_id is None else or_(far, led_by(actor.person_id))


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
        .where(visible(actor))
    )
    if wanted.is_own:
        query = query.where(led_by(actor.person_id))
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
