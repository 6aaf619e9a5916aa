"""Send the short unit to those whose certificate needs it, or let the holder take it herself."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime

from lms.access.policy import Actor
from lms.certification.models import Credential
from lms.certification.queries.bridging import Line, owed_for, told_of_change
from lms.certification.services.notices import tell_of_unit
from lms.core import audit
from lms.core.database import db
from lms.core.errors import NotFound
from lms.curriculum.models import Course, Version
from lms.learning.services.enrolments import enrol_many


def send_unit(change: Version, people: Collection[Line], actor: Actor, now: datetime, today: date) -> int:
    """Enrol people in the short unit of a change and tell them; return how many it was new to.

    Sent twice it is the same: whoever is in the unit already is left alone.
    """
    unit = db.session.get_one(Version, change.bridge_id)
    course = db.session.get_one(Course, unit.course_id)
    days: dict[date, list[uuid.UUID]] = defaultdict(list)
    for one in people:
        days[one.until].append(one.holder_id)
    count = 0
    for until, ids in sorted(days.items()):
        due_on = until if until >= today else None  # nothing is due on a day that is over
        entered = enrol_many(ids, course, actor, now, due_on, unit, is_anew=True)
        tell_of_unit(entered, told_of_change(change), until, today, now)
        count += len(entered)
    if count:
        audit.record(actor, "change.send", "version", change.id, now, after={"people": count})
    return count


def take_unit(credential: Credential, actor: Actor, now: datetime, today: date) -> str:
    """Let a holder into the short unit that she owes soonest; return the slug of its course.

    :raise NotFound: she owes none for this certificate.
    """
    owed = owed_for([credential.id]).get(credential.id)
    if not owed:
        raise NotFound
    unit = db.session.get_one(Version, owed[0].unit_version_id)
    course = db.session.get_one(Course, unit.course_id)
    due_on = owed[0].until if owed[0].until >= today else None
    enrol_many([credential.holder_id], course, actor, now, due_on, unit, source="self", is_anew=True)
    return course.slug
