"""Work of learning that nobody waits for: closing what ran out of time, reminding, enrolling a large office."""

from datetime import date, timedelta

from sqlalchemy import select

from lms.access.policy import Action, can
from lms.core import clock
from lms.core.database import db
from lms.core.errors import NotAllowed
from lms.core.ids import id_from_text
from lms.core.work import Run, job, periodic
from lms.curriculum.jobs import actor_of
from lms.curriculum.models import Course
from lms.learning.queries.staff import people_in_unit
from lms.learning.services.attempts import close_overdue
from lms.learning.services.enrolments import enrol_many
from lms.learning.services.notices import remind
from lms.organization.models import Unit

ENROL_UNIT = "learning.enrol_unit"
_BATCH = 200


@periodic("learning.close_overdue", timedelta(minutes=1))
def close_what_ran_out(run: Run) -> dict[str, int]:
    """Hand in the attempts whose time is over, batch by batch: each is committed before the next."""
    count = 0
    while closed := close_overdue(run.now, _BATCH):
        db.session.commit()
        count += closed
    return {"closed": count}


@periodic("learning.remind", timedelta(hours=1))
def remind_of_due_days(run: Run) -> dict[str, int]:
    """Put reminders of due days into the outbox; each is written down with the mail, so none is sent twice."""
    count = 0
    while sent := remind(clock.today(), run.now, _BATCH):
        db.session.commit()
        count += sent
    return {"sent": count}


@job(ENROL_UNIT)
def enrol_unit(run: Run, slug: str, unit: str, with_below: bool, due_on: str | None) -> dict[str, int]:
    """Enrol the people of a large office; whoever asked is looked at again, roles end."""
    course = db.session.scalars(select(Course).where(Course.slug == slug)).one()
    office = db.session.get_one(Unit, id_from_text(unit))
    actor = actor_of(run.requested_by)
    if not can(actor, Action.ENROLMENT_MANAGE, office):
        raise NotAllowed
    ids = people_in_unit(office, with_below)
    due = date.fromisoformat(due_on) if due_on else None
    count = 0
    for start in range(0, len(ids), _BATCH):
        count += len(enrol_many(ids[start : start + _BATCH], course, actor, run.now, due))
        run.progress(min(start + _BATCH, len(ids)), len(ids))
    return {"enrolled": count}
