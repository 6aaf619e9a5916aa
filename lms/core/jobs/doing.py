"""Do a job: claim its row, run its function, write down how it ended."""

import logging
import time as stopwatch
import uuid
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from lms.core import clock
from lms.core.database import db, read
from lms.core.errors import Refusal
from lms.core.jobs.handing import progress_key, queue, sweep
from lms.core.jobs.lives import RUNNING_HERE, changed, runner
from lms.core.models import Job
from lms.core.work import KINDS, Kind, Run

_log = logging.getLogger(__name__)


def drain() -> int:
    """Do everything that is due, here and now; return how many jobs ran. For tests and `jobs run --once`."""
    db.session.commit()  # whoever drains means everything said so far to have happened
    count = 0
    while sweep(clock.now()) or queue().pending_count():
        while (task := queue().dequeue()) is not None:
            count += bool(queue().execute(task))
    return count


def execute(job_id: uuid.UUID) -> bool:
    """Run one job, unless somebody else has it; tell whether it ran."""
    now = clock.now()
    claim = (
        update(Job)
        .where(Job.id == job_id, Job.state == "waiting", Job.due_at <= now)
        .values(state="running", started_at=now, beat_at=now, runner=runner(), tries=Job.tries + 1)
    )
    RUNNING_HERE.add(job_id)
    try:
        is_ours = changed(claim)
        db.session.commit()
        if is_ours:
            _do(job_id, now)
    finally:
        RUNNING_HERE.discard(job_id)
    return is_ours


def _do(job_id: uuid.UUID, now: datetime) -> None:
    with read() as connection:
        row = connection.execute(select(*Job.__table__.c).where(Job.id == job_id)).one()
    run = Run(job_id, row.name, row.requested_by, now, row.tries, on_progress=_Teller())
    kind = KINDS.get(row.name, Kind(row.name, _unknown, 1))
    try:
        result = kind.work(run, **row.arguments)
        _close(run, state="done", result=result if isinstance(result, dict) else None, problem=None)
        db.session.commit()
    except Exception as error:
        db.session.rollback()
        _fail(run, kind, error)
        db.session.commit()
    finally:
        with suppress(Exception):
            queue().storage.pop_data(progress_key(job_id))


def _unknown(run: Run, **_arguments: Any) -> None:
    raise Refusal(f"this version knows no job called {run.name}")


def _close(run: Run, **values: Any) -> None:
    values |= {"finished_at": clock.now(), "runner": None, "done_steps": run.done, "all_steps": run.all_steps}
    if not changed(
        update(Job).where(Job.id == run.job_id, Job.state == "running", Job.runner == runner()).values(values)
    ):
        raise RuntimeError("somebody else took this job over")  # and what we did is rolled back


def _fail(run: Run, kind: Kind, error: Exception) -> None:
    if isinstance(error, Refusal):
        sentence, is_final = str(error.sentence), True
    else:
        _log.error("job %s failed", run.name, exc_info=error)
        sentence, is_final = f"{type(error).__name__}: {error}"[:2000], run.tries >= kind.tries
    values: dict[str, Any] = {"problem": sentence, "runner": None}
    if is_final:
        values |= {"state": "parked", "finished_at": clock.now()}
    else:
        values |= {"state": "waiting", "due_at": clock.now() + _pause(run.tries)}
    changed(update(Job).where(Job.id == run.job_id, Job.state == "running", Job.runner == runner()).values(values))


def _pause(tries: int) -> timedelta:
    return min(timedelta(seconds=30) * 4 ** (tries - 1), timedelta(hours=6))


class _Teller:
    """Passes progress on, twice a second at most.

    On SQLite the work may hold the only write lock for minutes, so its progress goes through the file of the queue.
    """

    def __init__(self) -> None:
        self._told_at = 0.0

    def __call__(self, run: Run) -> None:
        if run.done != run.all_steps and stopwatch.monotonic() - self._told_at < 0.5:
            return
        self._told_at = stopwatch.monotonic()
        if db.engine.dialect.name == "sqlite":
            queue().storage.put_data(progress_key(run.job_id), f"{run.done}/{run.all_steps}".encode())
            return
        with read() as connection:
            values = {"done_steps": run.done, "all_steps": run.all_steps, "beat_at": clock.now()}
            connection.execute(update(Job).where(Job.id == run.job_id).values(values))
