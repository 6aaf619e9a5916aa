"""Work of the cascade that nobody waits for: reminders of what ends soon, a short unit sent to many.

Nothing lapses by a job.
"""

from datetime import timedelta

from lms.access.policy import Action, can
from lms.certification.queries.bridging import People, Wanted, get_change
from lms.certification.services.bridging import send_unit
from lms.certification.services.notices import remind
from lms.core import clock
from lms.core.database import db
from lms.core.errors import NotAllowed
from lms.core.ids import id_from_text
from lms.core.work import Run, job, periodic
from lms.curriculum.jobs import actor_of

SEND_UNIT = "certification.send_unit"
_BATCH = 200


@periodic("certification.remind", timedelta(hours=6))
def remind_of_ends(run: Run) -> dict[str, int]:
    """Remind holders of certificates that end soon, batch by batch; each reminder is written down with its mail."""
    count = 0
    while sent := remind(clock.today(), run.now, _BATCH):
        db.session.commit()
        count += sent
    return {"sent": count}


@job(SEND_UNIT)
def send_short_unit(run: Run, change: str, level: str, department: str) -> dict[str, int]:
    """Send the short unit of a change to whoever needs it and has it not; each batch is committed before the next.

    Whoever asked is looked at again, roles end.
    """
    actor, found, today = actor_of(run.requested_by), get_change(id_from_text(change)), clock.today()
    if not can(actor, Action.ENROLMENT_MANAGE):
        raise NotAllowed
    wanted = Wanted(id_from_text(level) if level else None, department)
    people = People(actor, found, today, Action.ENROLMENT_MANAGE).owing(wanted, is_told=False)
    count = 0
    for start in range(0, len(people), _BATCH):
        count += send_unit(found, people[start : start + _BATCH], actor, run.now, today)
        db.session.commit()
        run.progress(min(start + _BATCH, len(people)), len(people))
    return {"sent": count}
