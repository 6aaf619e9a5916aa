"""What the ground sweeps away every night: messages that left, jobs that are done, halves of files."""

from datetime import time, timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import delete

from lms.core.database import db
from lms.core.models import Job, Mail
from lms.core.work import Run, periodic

KEPT = timedelta(days=30)
_HALF = timedelta(days=1)


@periodic("core.tidy", timedelta(days=1), at=time.fromisoformat("03:00"))
def tidy(run: Run) -> None:
    """Delete what nobody needs any more; messages hold addresses and links, jobs their arguments."""
    db.session.execute(delete(Mail).where(Mail.sent_at < run.now - KEPT))
    db.session.execute(delete(Job).where(Job.state == "done", Job.finished_at < run.now - KEPT))
    for path in (Path(current_app.config["DATA_DIR"]) / "blobs").glob(".new-*"):
        if path.stat().st_mtime < (run.now - _HALF).timestamp():
            path.unlink(missing_ok=True)
