"""Kill a process at a chosen write: a copy of this one, so that a hundred deaths take seconds.

The copy is killed by the system itself (SIGKILL): no handler runs, nothing is rolled back politely, as in a power cut.
"""

import os
import signal
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import event

from lms.core.database import db


def killed_at(app: Flask, statement: int, work: Callable[[], Any]) -> bool:
    """Do the work in a copy of this process that dies right after its n-th writing statement; tell whether it died.

    A commit counts twice: dying right before it, and right after it with no answer sent. Dying between two reads leaves
    what dying at the write before them left.
    """
    with app.app_context():
        db.session.commit()
    pid = os.fork()
    if pid == 0:
        _die_or_finish(app, statement, work)
    _pid, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the work failed by itself"
    return os.WIFSIGNALED(status)


def _die_or_finish(app: Flask, statement: int, work: Callable[[], Any]) -> None:
    left = [statement]

    def written(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE", "CREATE")):
            count()

    def count(*_args: Any) -> None:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        with app.app_context():
            engine = db.engine
            engine.dispose(close=False)  # the connections belong to the process we come from
        event.listen(engine, "after_cursor_execute", written)
        event.listen(engine, "commit", count)
        event.listen(db.session, "after_commit", count)
        work()
    except BaseException:
        os._exit(1)
    os._exit(0)
