"""Who teaches a course: whoever holds a live certificate whose warrant reaches it."""

import uuid
from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import select

from lms.access.policy import Actor
from lms.certification.queries.own import Held, held_by
from lms.certification.rules.status import Status
from lms.certification.services.issuing import ANY_COURSE
from lms.core.database import db
from lms.curriculum.models import Course, Version


def has_warrant(actor: Actor, course: Course, now: datetime, today: date) -> bool:
    """Tell whether somebody may certify people of this course, or holds its own level with a warrant."""
    if actor.person_id is None:
        return False
    reached = set(_courses(held_by(actor.person_id, now, today), today))
    return bool(reached & {course.slug, ANY_COURSE})


def taught_by(person_id: uuid.UUID, now: datetime, today: date) -> list[Version]:
    """List the versions taught today whose guides somebody may print by her warrants."""
    reached = set(_courses(held_by(person_id, now, today), today)) - {ANY_COURSE}
    query = select(Version).join(Course, Course.current_version_id == Version.id).where(Course.slug.in_(reached))
    return list(db.session.scalars(query.order_by(Version.search))) if reached else []


def _courses(held: list[Held], today: date) -> Iterator[str]:
    """Yield the slugs of the courses that live warrants reach."""
    for one in held:
        warrant = one.warrant
        if one.status is not Status.VALID or warrant is None or (warrant.ends_on and warrant.ends_on < today):
            continue
        own = one.credential.level
        for level in own.scheme.levels:
            is_reached = level.id == own.id or not warrant.levels or level.number in warrant.levels
            if is_reached and (not warrant.courses or level.course_slug in warrant.courses):
                yield level.course_slug
