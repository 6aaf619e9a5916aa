"""Tell which processes still live, and put back what the dead ones were doing."""

import os
import socket
import uuid
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import CursorResult, select, update

from lms.core.database import db, read
from lms.core.models import Job
from lms.core.problems import N_
from lms.core.work import KINDS

SILENT = timedelta(minutes=2)  # a process elsewhere that says nothing for so long is dead
RUNNING_HERE: set[uuid.UUID] = set()  # what this process is doing at this moment


def changed(statement: Any) -> bool:
    """Run an UPDATE of one row; tell whether the row was as expected."""
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    return isinstance(result, CursorResult) and result.rowcount == 1


def runner() -> str:
    """Name this process so that nobody else is ever called the same: machine, process, moment of birth."""
    return f"{machine()}:{os.getpid()}:{_birth(os.getpid())}"


def machine() -> str:
    """Name this machine, or this container on it."""
    with suppress(OSError):
        return f"{socket.gethostname()}/{os.readlink('/proc/self/ns/pid')}"
    return socket.gethostname()


def _birth(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def _is_alive(row: Any, now: datetime) -> bool:
    host, _, process = (row.runner or "").rpartition(":")[0].rpartition(":")
    if row.runner == runner():
        return row.id in RUNNING_HERE
    if host == machine() and process.isdigit():
        return bool(_birth(int(process))) and row.runner.endswith(f":{_birth(int(process))}")
    return row.beat_at is not None and now - row.beat_at < SILENT


def recover(now: datetime) -> int:
    """Put back the jobs whose process died, or park those that killed theirs too often; return how many."""
    columns = (Job.id, Job.name, Job.runner, Job.beat_at, Job.tries)
    with read() as connection:
        running = connection.execute(select(*columns).where(Job.state == "running")).all()
    lost = [row for row in running if not _is_alive(row, now)]
    for row in lost:
        kind = KINDS.get(row.name)
        values: dict[str, Any] = {"state": "waiting", "due_at": now, "runner": None}
        if kind is None or row.tries >= kind.tries:
            sentence = N_("The process ended %(tries)d times while doing this.")
            values = {"state": "parked", "finished_at": now, "runner": None, "problem": sentence % {"tries": row.tries}}
        changed(update(Job).where(Job.id == row.id, Job.state == "running", Job.runner == row.runner).values(values))
    if lost:
        db.session.commit()
    return len(lost)


def beat(now: datetime) -> None:
    """Show other machines that this process lives; SQLite has no other machines."""
    if db.engine.dialect.name != "sqlite":
        changed(update(Job).where(Job.state == "running", Job.runner == runner()).values(beat_at=now))
        db.session.commit()
