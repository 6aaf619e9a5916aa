"""Prepared statements for the hottest doors: compiled once, then run on the driver itself.

SQLAlchemy spends more on handing a small statement over and wrapping its answer than PostgreSQL spends on finding the
row. What it knows (SQL of both engines, how values are written and read) is asked once; its pool still lends the
connection, one for the whole request, in autocommit.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from blinker import signal
from flask import Flask, g
from sqlalchemy import PoolProxiedConnection, Select
from sqlalchemy.engine import Dialect

from lms.core.database import db, read

running = signal("prepared-statement-running")  # with its SQL, for whoever counts statements

Convert = Callable[[Any], Any]


@dataclass(frozen=True)
class _Compiled:
    """A statement as one engine's driver wants it."""

    sql: str
    order: tuple[str, ...] | None  # of the values, where the driver knows no names
    fixed: Mapping[str, Any]  # values that the statement itself holds
    written: tuple[tuple[str, Convert], ...]  # how values are handed over, where it is not as they are
    read: tuple[tuple[int, Convert], ...]  # how columns are taken back


class Prepared:
    """A reading statement of which a request needs a few rows, run outside any transaction."""

    def __init__(self, statement: Select[Any]) -> None:
        self._statement = statement
        names = [str(column.key) for column in statement.selected_columns]
        row: Any = cast(Any, namedtuple)("Row", names)  # the checker wants names it can read
        self._make: Callable[[Iterable[Any]], Any] = row._make
        self._compiled: dict[str, _Compiled] = {}

    def all(self, **values: Any) -> list[Any]:
        """Return the rows; their values have the names of the columns.

        :raise sqlalchemy.exc.OperationalError: the database does not answer.
        """
        engine = db.engine
        compiled = self._compiled.get(engine.dialect.name) or self._compile(engine.dialect)
        try:
            rows = _fetch(compiled, values)
        except (engine.dialect.loaded_dbapi.OperationalError, engine.dialect.loaded_dbapi.InterfaceError):
            # The server went away since this connection was last used, or is too busy: the long way tries once more,
            # and knows the error's name in this house.
            _drop()
            with read() as connection:
                return [self._make(row) for row in connection.execute(self._statement, values)]
        return [self._make(_taken(row, compiled.read)) for row in rows]

    def first(self, **values: Any) -> Any:
        """Return the first row, or None."""
        rows = self.all(**values)
        return rows[0] if rows else None

    def _compile(self, dialect: Dialect) -> _Compiled:
        compiled: Any = self._statement.compile(dialect=dialect)
        written = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()
        }
        asked = {name for name, bind in compiled.binds.items() if bind.required}
        state = compiled.construct_expanded_state(dict.fromkeys(asked))
        fixed = {name: value for name, value in state.parameters.items() if name not in asked}
        for name, convert in (written | dict(state.processors)).items():
            if convert and name in fixed:
                fixed[name] = convert(fixed[name])
        columns = self._statement.selected_columns
        taken = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        self._compiled[dialect.name] = _Compiled(
            state.statement,
            tuple(state.positiontup) if compiled.positional else None,
            fixed,
            tuple((name, convert) for name, convert in written.items() if convert and name in asked),
            tuple((index, convert) for index, convert in enumerate(taken) if convert),
        )
        return self._compiled[dialect.name]


def init_prepared(app: Flask) -> None:
    """Give the connection back at the end of each request."""
    app.teardown_appcontext(_give_back)


def _fetch(compiled: _Compiled, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    if running.receivers:
        running.send(compiled.sql)
    sent: Any = {**compiled.fixed, **values}
    for name, convert in compiled.written:
        sent[name] = convert(sent[name])
    if compiled.order is not None:
        sent = [sent[name] for name in compiled.order]
    cursor = _lent().cursor()
    try:
        cursor.execute(compiled.sql, sent)
        return cursor.fetchall()  # type: ignore[return-value]
    finally:
        cursor.close()


def _taken(row: tuple[Any, ...], convert: tuple[tuple[int, Convert], ...]) -> Any:
    if not convert:
        return row
    values = list(row)
    for index, one in convert:
        values[index] = one(values[index])
    return values


def _lent() -> PoolProxiedConnection:
    """Return this request's connection; SQLite's are in autocommit by themselves (see `init_database`)."""
    if "reader" not in g:
        g.reader = db.engine.raw_connection()
        _commit_by_itself(g.reader, True)
    reader: PoolProxiedConnection = g.reader
    return reader


def _give_back(_error: BaseException | None) -> None:
    if reader := g.pop("reader", None):
        _commit_by_itself(reader, False)
        reader.close()


def _commit_by_itself(reader: PoolProxiedConnection, it_does: bool) -> None:
    driver: Any = reader.driver_connection
    if db.engine.dialect.name == "postgresql" and not driver.closed:
        driver.autocommit = it_does


def _drop() -> None:
    if reader := g.pop("reader", None):
        reader.invalidate()
