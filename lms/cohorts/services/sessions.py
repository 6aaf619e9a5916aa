"""Plan the meetings of a group, move them, call them off, and write down who was there."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from lms.access.policy import Actor
from lms.cohorts.models import Attendance, Cohort, CohortMember, Session
from lms.cohorts.rules import WAS_THERE, Mark, moment, planned_days, tallied
from lms.cohorts.services.groups import check_open, fresh_code, hold, next_number
from lms.core import audit
from lms.core.clock import local_day
from lms.core.database import db
from lms.core.errors import BadInput, RuleBroken
from lms.core.texts import tongue
from lms.curriculum.queries import Outline, outline_of
from lms.learning.models import Enrolment
from lms.learning.quizzes import module_numbers
from lms.learning.services.progress import mark_many_done


@dataclass(frozen=True)
class SessionPlan:
    """What is decided about one meeting."""

    title: str
    day: date
    hour: time
    minutes: int
    venue: str = ""
    module_slug: str | None = None


def plan_from_course(
    cohort: Cohort, first: date, hour: time, every: int, minutes: int, venue: str, actor: Actor, now: datetime
) -> int:
    """Plan one session for each module of the course that has none yet; return how many.

    Sending the form twice plans nothing twice.
    """
    check_open(cohort)
    hold(cohort)
    outline = outline_of(cohort.version_id)
    query = select(Session.module_slug).where(Session.cohort_id == cohort.id, Session.state != "cancelled")
    planned = set(db.session.scalars(query))
    numbers = module_numbers(cohort.version_id)
    modules = [one for one in outline.modules if one.slug in numbers and one.slug not in planned]
    number = next_number(cohort)
    for place, (module, day) in enumerate(zip(modules, planned_days(first, len(modules), every), strict=True)):
        title = tongue(module.title, cohort.language, outline.languages[0])[:160]
        _add(cohort, number + place, SessionPlan(title, day, hour, minutes, venue, module.slug))
    db.session.flush()
    if modules:
        audit.record(actor, "session.plan", "cohort", cohort.id, now, note=f"{len(modules)}")
    return len(modules)


def plan_session(cohort: Cohort, plan: SessionPlan, actor: Actor | None, now: datetime) -> Session:
    """Plan one session."""
    check_open(cohort)
    hold(cohort)
    made = _add(cohort, next_number(cohort), plan)
    db.session.flush()
    audit.record(actor, "session.plan", "cohort", cohort.id, now, note="1")
    return made


def _add(cohort: Cohort, number: int, plan: SessionPlan) -> Session:
    made = Session(
        code=fresh_code(),
        cohort_id=cohort.id,
        number=number,
        title=plan.title,
        module_slug=plan.module_slug,
        starts_at=moment(plan.day, plan.hour),
        minutes=plan.minutes,
        venue=plan.venue,
        state="planned",
    )
    db.session.add(made)
    return made


def change_session(session: Session, plan: SessionPlan, actor: Actor, now: datetime) -> None:
    """Move a session, or correct what is said of it."""
    check_open(session.cohort)
    before = _told(session)
    session.title, session.minutes, session.venue = plan.title, plan.minutes, plan.venue
    session.starts_at, session.module_slug = moment(plan.day, plan.hour), plan.module_slug
    db.session.flush()
    if before != _told(session):
        audit.record(actor, "session.change", "session", session.id, now, before, _told(session))


def cancel_session(session: Session, actor: Actor, now: datetime) -> None:
    """Call a session off; raise RuleBroken for one that was held."""
    check_open(session.cohort)
    if session.state == "held":
        raise RuleBroken(_("This session was held: people were there. It cannot be called off any more."))
    if session.state != "cancelled":
        session.state = "cancelled"
        audit.record(actor, "session.cancel", "session", session.id, now)
        db.session.flush()


def restore_session(session: Session, actor: Actor, now: datetime) -> None:
    """Undo the calling off of a session."""
    check_open(session.cohort)
    if session.state == "cancelled":
        session.state = "planned"
        audit.record(actor, "session.restore", "session", session.id, now)
        db.session.flush()


@dataclass(frozen=True)
class Held:
    """What is written down after a session."""

    marks: Mapping[uuid.UUID, str]
    led_by: uuid.UUID
    tally: Mapping[str, int | None] = field(default_factory=dict)
    reflection: str = ""


def hold_session(session: Session, held: Held, actor: Actor | None, now: datetime) -> int:
    """Write down who was at a session and who led it; return how many were there. Twice gives the same.

    :raise RuleBroken: it was called off, or its day has not come.
    :raise BadInput: somebody is not of the group, or led it without being one of its people.
    """
    cohort = session.cohort
    check_open(cohort)
    hold(cohort)
    if session.state == "cancelled":
        raise RuleBroken(_("This session was called off. Restore it first."))
    if local_day(session.starts_at) > local_day(now):
        raise RuleBroken(_("This session has not been held yet. Change its day first if it was brought forward."))
    rows = db.session.execute(
        select(CohortMember.person_id, CohortMember.left_at, CohortMember.enrolment_id, Enrolment.version_id)
        .join(Enrolment, Enrolment.id == CohortMember.enrolment_id)
        .where(CohortMember.cohort_id == cohort.id)
    ).all()
    members = {row.person_id: row for row in rows}
    if set(held.marks) - set(members) or not set(held.marks.values()) <= set(Mark):
        raise BadInput(_("The list of the group has changed. Look at it again."))
    # A trainee leads a session of her practicum while somebody watches: members count too.
    if held.led_by not in cohort.access_people | set(members) and held.led_by != session.held_by_id:
        raise BadInput(_("Choose who led the session."))
    before = _told(session)
    _write(session, held.marks, actor, now)
    session.state, session.held_by_id, session.recorded_at = "held", held.led_by, now
    session.tally, session.reflection = tallied(held.tally) or None, held.reflection
    db.session.flush()
    there = [one for one, mark in held.marks.items() if mark in WAS_THERE]
    _let_count(session, [members[one] for one in there], now)
    after = _told(session) | {"marks": {str(one): mark for one, mark in held.marks.items()}}
    audit.record(actor, "session.hold", "session", session.id, now, before, after, note=f"{len(there)}")
    return len(there)


def _write(session: Session, marks: Mapping[uuid.UUID, str], actor: Actor | None, now: datetime) -> None:
    if not marks:
        return
    connection = db.session.connection()
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(Attendance)
    by = actor.user_id if actor and actor.user_id else uuid.UUID(int=0)
    statement = insert.on_conflict_do_update(
        index_elements=["session_id", "person_id"],
        set_={
            "state": insert.excluded.state,
            "recorded_at": insert.excluded.recorded_at,
            "recorded_by": insert.excluded.recorded_by,
        },
        where=Attendance.state != insert.excluded.state,
    )
    rows = [
        {"session_id": session.id, "person_id": one, "state": mark, "recorded_at": now, "recorded_by": by}
        for one, mark in sorted(marks.items(), key=lambda pair: pair[0].bytes)
    ]
    connection.execute(statement, rows)


def _let_count(session: Session, there: Sequence[Any], now: datetime) -> None:
    """Let being there count as the part of the course that happens face to face."""
    if session.module_slug is None:
        return
    versions = {row.version_id for row in there}
    for version_id in versions:
        outline = outline_of(version_id)
        mine = [row.enrolment_id for row in there if row.version_id == version_id]
        mark_many_done(mine, outline, meetings_of(outline, session.module_slug), now)


def meetings_of(outline: Outline, module_slug: str) -> list[int]:
    """Return the numbers of the parts of a module that happen face to face."""
    return [one.number for one in outline.activities if one.kind == "session" and one.module_slug == module_slug]


def _told(session: Session) -> dict[str, object]:
    names = ("title", "starts_at", "minutes", "venue", "module_slug", "state", "held_by_id", "tally")
    return {name: str(getattr(session, name)) for name in names}
