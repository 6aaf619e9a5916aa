"""Work of groups that nobody waits for: telling the members of an announcement."""

from lms.cohorts.models import Announcement
from lms.cohorts.services.messages import TELL, tell_members
from lms.core.database import db
from lms.core.ids import id_from_text
from lms.core.work import Run, job


@job(TELL)
def tell(run: Run, announcement: str) -> dict[str, int]:
    """Write to everybody of the group who has an address."""
    row = db.session.get(Announcement, id_from_text(announcement))
    return {"told": tell_members(row, run.now) if row else 0}
