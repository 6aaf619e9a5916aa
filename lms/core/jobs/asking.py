"""Ask for work: a row in the transaction of whoever asks, handed over once that is committed."""

import logging
from datetime import datetime
from typing import Any

from huey.constants import EmptyData
from sqlalchemy import event
from sqlalchemy.orm import Session

from lms.core.database import db
from lms.core.jobs.handing import hand, progress_key, queue
from lms.core.models import Job
from lms.core.work import KINDS

_TO_HAND = "jobs_to_hand"
_log = logging.getLogger(__name__)


def later(name: str, arguments: dict[str, Any], actor: Any, now: datetime, due_at: datetime | None = None) -> Job:
    """Write down work to do once this transaction is committed; nothing happens if it is not.

    :param arguments: plain JSON; ids as `id_text` writes them.
    :param actor: an Actor, the id of a user, or None for the system itself.
    """
    if name not in KINDS:
        raise LookupError(f"there is no job called {name}")
    row = Job(
        name=name,
        arguments=arguments,
        requested_by=getattr(actor, "user_id", actor),
        created_at=now,
        due_at=due_at or now,
    )
    db.session.add(row)
    db.session.flush()
    if row.due_at <= now:
        db.session.info.setdefault(_TO_HAND, []).append(row.id)
    return row


def retry(row: Job, now: datetime) -> None:
    """Let a parked job try again."""
    row.state, row.tries, row.due_at, row.problem = "waiting", 0, now, None
    db.session.info.setdefault(_TO_HAND, []).append(row.id)


def progress_of(row: Job) -> tuple[int, int]:
    """Return (done, all) of a job, while it runs too."""
    if row.state == "running" and db.engine.dialect.name == "sqlite":
        live = queue().storage.peek_data(progress_key(row.id))
        if live is not EmptyData and live is not None:
            done, all_steps = bytes(live).decode().split("/")
            return int(done), int(all_steps)
    return row.done_steps, row.all_steps


@event.listens_for(Session, "after_commit")
def _after_commit(session: Session) -> None:
    if session.in_nested_transaction() or not (ids := session.info.pop(_TO_HAND, None)):
        return
    try:
        hand(ids)
    except Exception:  # the change is committed; the sweep will find the row
        _log.exception("jobs could not be handed over")


@event.listens_for(Session, "after_rollback")
def _after_rollback(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_TO_HAND, None)
