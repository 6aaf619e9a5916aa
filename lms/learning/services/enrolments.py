"""Bring people into a course and out of it."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import select, update

from lms.access.policy import Actor
from lms.core import audit
from lms.core.database import db
from lms.core.errors import NotFound, RuleBroken
from lms.core.ids import new_id
from lms.curriculum.models import Course, Version
from lms.learning.models import Enrolment
from lms.organization.models import Person

_BATCH = 500


def published_version(course: Course) -> Version:
    """Return the version new people are enrolled in; raise RuleBroken when there is none."""
    version = course.current_version_id and db.session.get(Version, course.current_version_id)
    if not version or course.archived_at:
        raise RuleBroken(_("This course has no published version to enrol in."))
    return version


def enrolment_in(person_id: uuid.UUID, course: Course) -> Enrolment | None:
    """Return a person's enrolment in a course, the one that is not left first; hold the person until the commit.

    Two taps on the same button wait for each other here.
    """
    db.session.execute(select(Person.id).where(Person.id == person_id).with_for_update())
    return db.session.scalar(
        select(Enrolment)
        .where(Enrolment.person_id == person_id, Enrolment.course_id == course.id)
        .order_by((Enrolment.state == "withdrawn"), Enrolment.enrolled_at.desc())
        .limit(1)
    )


def enrol(
    person_id: uuid.UUID,
    course: Course,
    source: str,
    actor: Actor,
    now: datetime,
    due_on: date | None = None,
    version: Version | None = None,
) -> Enrolment:
    """Enrol a person in the published version; somebody already in the course stays where she is.

    Repeating it changes nothing; a person who had left comes back with her progress.

    :param version: the version of a group, which keeps its own when a newer one is published.
    """
    current = enrolment_in(person_id, course)
    if current and current.state != "withdrawn":
        return current
    version = version or published_version(course)
    if current and current.version_id == version.id:
        current.state = "completed" if current.completed_at else "active"
        current.due_on, current.reminded = due_on or current.due_on, None
        enrolment = current
    else:
        enrolment = Enrolment(
            person_id=person_id,
            course_id=course.id,
            version_id=version.id,
            state="active",
            source=source,
            enrolled_at=now,
            enrolled_by=actor.user_id,
            due_on=due_on,
        )
        db.session.add(enrolment)
    db.session.flush()
    audit.record(actor, "enrolment.open", "enrolment", enrolment.id, now, after={"version": str(version.id)})
    return enrolment


def enrol_oneself(person_id: uuid.UUID, course: Course, actor: Actor, now: datetime) -> Enrolment:
    """Enrol oneself; raise RuleBroken when the course is not open to everybody."""
    if published_version(course).enrolment != "open":
        raise RuleBroken(_("This course is joined by invitation or with a code. Ask whoever told you about it."))
    return enrol(person_id, course, "self", actor, now)


def enrol_many(
    person_ids: Sequence[uuid.UUID],
    course: Course,
    actor: Actor,
    now: datetime,
    due_on: date | None = None,
    version: Version | None = None,
    source: str = "staff",
    is_anew: bool = False,
) -> set[uuid.UUID]:
    """Enrol people at once; return those who were not in the course before. One entry of the audit trail for all.

    :param version: the version of a group; otherwise the published one.
    :param is_anew: also those who are in another version of the course: they take this one too.
    """
    version = version or published_version(course)
    entered: set[uuid.UUID] = set()
    for start in range(0, len(person_ids), _BATCH):
        batch = sorted(set(person_ids[start : start + _BATCH]), key=lambda one: one.bytes)
        db.session.execute(select(Person.id).where(Person.id.in_(batch)).order_by(Person.id).with_for_update())
        inside, left = _known(batch, course, version, is_anew)
        back = {enrolment.person_id for enrolment in left}
        for enrolment in left:
            enrolment.state = "completed" if enrolment.completed_at else "active"
            enrolment.due_on, enrolment.reminded = due_on or enrolment.due_on, None
        fresh = [one for one in batch if one not in inside and one not in back]
        db.session.add_all(
            Enrolment(
                id=new_id(),
                person_id=one,
                course_id=course.id,
                version_id=version.id,
                state="active",
                source=source,
                enrolled_at=now,
                enrolled_by=actor.user_id,
                due_on=due_on,
            )
            for one in fresh
        )
        db.session.flush()
        entered |= back | set(fresh)
    if entered:
        after = {"version": str(version.id), "people": sorted(str(one) for one in entered)}
        audit.record(actor, "enrolment.open_many", "course", course.id, now, after=after, note=f"{len(entered)}")
    return entered


def _known(
    batch: Sequence[uuid.UUID], course: Course, version: Version, is_anew: bool
) -> tuple[set[uuid.UUID], list[Enrolment]]:
    """Return who of a batch is in the course, and the enrolments in this version that were left."""
    inside: set[uuid.UUID] = set()
    left: list[Enrolment] = []
    query = select(Enrolment).where(Enrolment.course_id == course.id, Enrolment.person_id.in_(batch))
    if is_anew:
        query = query.where(Enrolment.version_id == version.id)
    for enrolment in db.session.scalars(query):
        if enrolment.state != "withdrawn":
            inside.add(enrolment.person_id)
        elif enrolment.version_id == version.id:
            left.append(enrolment)
    return inside, [enrolment for enrolment in left if enrolment.person_id not in inside]


def leave(enrolment: Enrolment, actor: Actor, now: datetime) -> None:
    """Take a person out of a course; progress and results stay for the day she comes back."""
    if enrolment.state == "completed":
        raise RuleBroken(_("A completed course cannot be left: it is part of the person's history."))
    if enrolment.state == "withdrawn":
        return
    enrolment.state = "withdrawn"
    audit.record(actor, "enrolment.leave", "enrolment", enrolment.id, now)


def set_due(enrolment: Enrolment, due_on: date | None, actor: Actor, now: datetime) -> None:
    """Set the day on which a course is due, or take it away; reminders begin anew."""
    if enrolment.due_on == due_on:
        return
    before = {"due_on": enrolment.due_on}
    enrolment.due_on, enrolment.reminded = due_on, None
    audit.record(actor, "enrolment.set_due", "enrolment", enrolment.id, now, before=before, after={"due_on": due_on})


def set_language(enrolment: Enrolment, language: str) -> None:
    """Choose the language of one course; raise NotFound for one the course does not have."""
    if language not in enrolment.version.languages:
        raise NotFound
    enrolment.language = language


def note_reminder(enrolment_id: uuid.UUID, days: int) -> bool:
    """Write down that a reminder is being sent; False when another process was first."""
    done = db.session.connection().execute(
        update(Enrolment)
        .where(Enrolment.id == enrolment_id, (Enrolment.reminded.is_(None)) | (Enrolment.reminded > days))
        .values(reminded=days)
    )
    return bool(done.rowcount)
