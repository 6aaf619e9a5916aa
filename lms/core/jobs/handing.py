"""Hand jobs to whoever is free: a queue that may be lost, filled again from the rows."""

import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey
from huey.serializer import SignedSerializer
from sqlalchemy import select

from lms.core.database import read
from lms.core.models import Job


def queue() -> Huey:
    """Return the queue of this application, opened when first needed."""
    found: Huey | None = current_app.extensions.get("queue")
    if found is None:
        found = current_app.extensions["queue"] = _open_queue(current_app._get_current_object())  # type: ignore[attr-defined]
    return found


def _open_queue(app: Flask) -> Huey:
    url = str(app.config["JOBS_URL"])
    options: dict[str, Any] = {
        "name": "cascada",
        "serializer": SignedSerializer(secret=app.config["SECRET_KEY"], salt="jobs"),
    }
    if url.startswith("postgresql"):
        # Asking once a second is soon enough and spares a connection that would only listen.
        made = PostgresHuey(dsn="postgresql" + url[url.index(":") :], blocking=False, **options)
    elif url.startswith(("redis", "rediss")):
        made = RedisHuey(url=url, **options)
    else:
        path = Path(app.config["DATA_DIR"]) / "jobs.db"
        # Losing it loses nothing, so it need not reach the disk; several processes write it, so no WAL (database.py).
        made = SqliteHuey(filename=str(path), journal_mode="delete", fsync=False, timeout=10, **options)

    def run_job(job_id: str) -> bool:
        with app.app_context():
            done: bool = app.extensions["execute_job"](uuid.UUID(job_id))
            return done

    app.extensions["run_job"] = made.task(name="run_job")(run_job)
    return made


def hand(ids: list[uuid.UUID]) -> None:
    """Put jobs into the queue."""
    queue()
    for job_id in ids:
        current_app.extensions["run_job"](str(job_id))


def sweep(now: datetime) -> int:
    """Hand over what waits and is due, once the queue is empty; return how many."""
    if queue().pending_count():
        return 0
    due = select(Job.id).where(Job.state == "waiting", Job.due_at <= now).order_by(Job.due_at).limit(500)
    with read() as connection:
        ids = list(connection.execute(due).scalars())
    if ids:
        hand(ids)
    return len(ids)


def progress_key(job_id: uuid.UUID) -> str:
    """Return the name under which a running job's progress lies beside the queue."""
    return f"progress.{job_id}"
