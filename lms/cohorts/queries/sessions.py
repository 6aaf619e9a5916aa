"""Sessions of a group, and who was there."""

import uuid
from typing import Any

from sqlalchemy import ColumnElement, Row, func, or_, select
from sqlalchemy.orm import joinedload

from lms.access.policy import Actor
from lms.cohorts.models import Attendance, Cohort, CohortMember, Session
from lms.cohorts.queries.groups import led_by, visible
from lms.core.database import db
from lms.core.errors import NotFound
from lms.organization.models import Unit

CODE_LENGTH = 8


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


def session_called(actor: Actor, code: str) -> uuid.UUID | None:
    """Return the session whose printed sheet has this code, when the actor may look at its group."""
    if len(code) != CODE_LENGTH:
        return None
    query = (
        select(Session.id)
        .join(Cohort, Cohort.id == Session.cohort_id)
        .join(Unit, Unit.id == Cohort.unit_id)
        .where(Session.code == code, visible(actor))
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


def calendar_of(person_id: uuid.UUID) -> list[Row[Any]]:
    """List every session of the groups somebody learns in or leads, for her calendar."""
    mine = or_(
        Cohort.id.in_(
            select(CohortMember.cohort_id).where(CohortMember.person_id == person_id, CohortMember.left_at.is_(None))
        ),
        led_by(person_id),
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
