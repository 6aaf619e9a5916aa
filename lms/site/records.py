"""Lists of what the ground wrote down: acts and jobs, with the names of those who asked."""

import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, func, select

from lms.access.policy import Action, Actor, can, reach
from lms.accounts.models import User
from lms.core.database import db, read
from lms.core.errors import NotFound
from lms.core.models import AuditEntry, Job
from lms.organization.models import Person
from lms.organization.rules.tree import levels

PAGE = 50
MOST_EXPORTED = 20_000
AnySelect = Select[*tuple[Any, ...]]
_HOME = ZoneInfo("America/Guatemala")
_WHO = (Person.given_names + " " + Person.family_names).label("who")


def reaches_everything(actor: Actor, action: Action) -> bool:
    """Tell whether the actor may do this over the whole tree: acts and jobs lie in no office."""
    return any(levels(path) == 1 for path in reach(actor, action).paths)


def acts(kind: str, from_on: date, until_on: date) -> AnySelect:
    """Select what was done between two days, the latest first."""
    query = (
        select(AuditEntry.at, AuditEntry.action, AuditEntry.object_kind, AuditEntry.object_id, AuditEntry.note, _WHO)
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .outerjoin(Person, Person.id == User.person_id)
        .where(AuditEntry.at >= _midnight(from_on), AuditEntry.at < _midnight(until_on + timedelta(days=1)))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    )
    return query.where(AuditEntry.action.startswith(f"{kind}.", autoescape=True)) if kind else query


def jobs(actor: Actor) -> AnySelect:
    """Select the jobs this person may see, the latest first: one's own, or all for whoever keeps the site."""
    query = (
        select(
            Job.id,
            Job.name,
            Job.state,
            Job.created_at,
            Job.done_steps,
            Job.all_steps,
            Job.problem,
            _WHO,
        )
        .outerjoin(User, User.id == Job.requested_by)
        .outerjoin(Person, Person.id == User.person_id)
        .order_by(Job.created_at.desc(), Job.id.desc())
    )
    return query if may_see_all_jobs(actor) else query.where(Job.requested_by == actor.user_id)


def may_see_all_jobs(actor: Actor) -> bool:
    """Tell whether somebody keeps the whole site or audits it."""
    return any(reaches_everything(actor, action) for action in (Action.SETTINGS_MANAGE, Action.AUDIT_READ))


def page_of(query: AnySelect, page: int) -> tuple[list[Row[Any]], int]:
    """Return one page of a list and how long the whole is, in two statements."""
    with read() as connection:
        total = connection.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
        rows = connection.execute(query.limit(PAGE).offset((page - 1) * PAGE)).all()
    return list(rows), total


def all_of(query: AnySelect) -> list[Row[Any]]:
    """Return a whole list, as far as one file of it is of use."""
    with read() as connection:
        return list(connection.execute(query.limit(MOST_EXPORTED)))


def stopped_job(job_id: uuid.UUID) -> Job:
    """Load a job that gave up; raise NotFound."""
    row = db.session.get(Job, job_id, with_for_update=True)
    if row is None or row.state != "parked":
        raise NotFound
    return row


def may_retry(actor: Actor) -> bool:
    """Tell whether somebody may let a stopped job try again."""
    return can(actor, Action.SETTINGS_MANAGE)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, _HOME).astimezone(UTC)
