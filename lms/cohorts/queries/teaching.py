"""Who teaches a course: whoever leads or keeps an open group of it."""

from datetime import date, datetime

from sqlalchemy import or_, select

from lms.access.policy import Action, Actor, reach
from lms.access.queries import within
from lms.cohorts.models import Cohort
from lms.cohorts.queries.groups import led_by
from lms.core.database import db
from lms.curriculum.models import Course
from lms.organization.models import Unit


def has_group(actor: Actor, course: Course, _now: datetime, _today: date) -> bool:
    """Tell whether somebody leads a group of this course, or keeps one, that is still open."""
    kept = within(reach(actor, Action.COHORT_MANAGE), Unit.path)
    mine = or_(kept, led_by(actor.person_id)) if actor.person_id else kept
    query = select(Cohort.id).join(Unit, Unit.id == Cohort.unit_id).where(mine)
    return bool(db.session.scalar(query.where(Cohort.course_id == course.id, Cohort.closed_at.is_(None)).limit(1)))
