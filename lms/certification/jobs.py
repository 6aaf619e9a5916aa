"""Work of the cascade that nobody waits for: reminders of what ends soon. Nothing lapses by a job."""

from datetime import timedelta

from lms.certification.services.notices import remind
from lms.core import clock
from lms.core.database import db
from lms.core.work import Run, periodic

_BATCH = 200


@periodic("certification.remind", timedelta(hours=6))
def remind_of_ends(run: Run) -> dict[str, int]:
    """Remind holders of certificates that end soon, batch by batch; each reminder is written down with its mail."""
    count = 0
    while sent := remind(clock.today(), run.now, _BATCH):
        db.session.commit()
        count += sent
    return {"sent": count}
