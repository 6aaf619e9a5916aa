"""The process that does the jobs: workers, and beside them a keeper for what comes round."""

import logging
import threading
import time as stopwatch
import uuid
from collections.abc import Callable
from datetime import datetime

from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lms.core import audit, clock
from lms.core.database import db, read
from lms.core.jobs.handing import queue, sweep
from lms.core.jobs.lives import beat, recover
from lms.core.models import Job
from lms.core.work import PERIODS

_log = logging.getLogger(__name__)


def fire(now: datetime) -> int:
    """Write down the periodic work whose round has come; return how many rounds began."""
    begun: dict[str, uuid.UUID] = current_app.extensions.setdefault("periods_begun", {})
    count = 0
    for period in PERIODS.values():
        job_id = period.job_id(now)
        if begun.get(period.name) == job_id:
            continue
        with read() as connection:
            is_known = connection.execute(select(Job.id).where(Job.id == job_id)).first() is not None
        if not is_known:
            db.session.add(Job(id=job_id, name=period.name, arguments={}, created_at=now, due_at=now))
            try:
                db.session.commit()
                count += 1
            except IntegrityError:  # another process was first
                db.session.rollback()
        begun[period.name] = job_id
    return count


def chain(now: datetime, is_full: bool = False) -> int:
    """Chain the audit trail and sign its head when an hour has passed; return how many entries were chained."""
    count = 0
    while linked := audit.link(now, is_full):
        db.session.commit()
        count += linked
    audit.sign_head(now)
    return count


def chain_fully(now: datetime) -> int:
    """Chain what the quick look at the last hours does not find."""
    return chain(now, is_full=True)


class Keeper(threading.Thread):
    """Runs beside the workers: chains the audit trail, sweeps, starts periodic work, looks after the dead."""

    STEPS: dict[Callable[[datetime], object], int] = {
        chain: 1,
        chain_fully: 3600,
        sweep: 2,
        fire: 5,
        beat: 20,
        recover: 60,
    }

    def __init__(self, app: Flask) -> None:
        super().__init__(name="keeper", daemon=True)
        self.app, self.is_over = app, threading.Event()
        self._due = dict.fromkeys(self.STEPS, 0.0)

    def run(self) -> None:
        """Go round every second until told to stop."""
        while not self.is_over.wait(1):
            for step, seconds in self.STEPS.items():
                if self._due[step] > stopwatch.monotonic():
                    continue
                self._due[step] = stopwatch.monotonic() + seconds
                try:
                    with self.app.app_context():
                        step(clock.now())
                except Exception:  # a database that restarts must not end the keeper
                    _log.exception("the keeper stumbled")


def work_until_stopped(app: Flask, workers: int) -> None:
    """Do jobs until a signal says stop."""
    with app.app_context():
        recover(clock.now())
        waiting = queue()
    keeper = Keeper(app)
    keeper.start()
    consumer = waiting.create_consumer(
        workers=workers, periodic=False, max_delay=1.0, graceful_signal="TERM", shutdown_timeout=8
    )
    try:
        consumer.run()
    finally:
        keeper.is_over.set()
        keeper.join(5)
