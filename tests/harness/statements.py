"""What a request asks of the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import event

from lms.core.database import db
from lms.core.prepared import running

HOUSEKEEPING = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SAVEPOINT", "RELEASE")


@contextmanager
def statements_of(app: Flask) -> Iterator[list[str]]:
    """Collect every SQL statement sent in the block; transaction marks do not count."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        take(statement)

    def take(statement: str) -> None:
        if not statement.lstrip().upper().startswith(HOUSEKEEPING):
            seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        with running.connected_to(take):
            yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
