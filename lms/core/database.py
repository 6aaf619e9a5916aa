"""One database behind two engines: SQLite on a small server, PostgreSQL on a large one.

Writing goes through `db.session`. Hot reading pages use `read()`: a connection in autocommit, which spares the round
trips of a transaction.
"""

import json
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app, has_request_context, request
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, Connection, DateTime, Engine, MetaData, Text, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.types import TypeDecorator, TypeEngine

from lms.core.ids import Id
from lms.core.texts import Texts


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC moment on both engines; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("moments are aware and in UTC")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Json(TypeDecorator[Any]):
    """A JSON column: JSONB on PostgreSQL, text on SQLite; None is NULL."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind = JSONB if dialect.name == "postgresql" else JSON
        return dialect.type_descriptor(kind(none_as_null=True))


class CompactJson(TypeDecorator[Any]):
    """JSON as short text, for columns that are read whole and never searched: JSONB takes up to twice the room."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class Base(DeclarativeBase):
    """What every table shares: names of constraints that migrations can rely on, and column types by annotation."""

    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(column_0_label)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={
            uuid.UUID: Id,
            datetime: UtcDateTime,
            Texts: Json,
            dict[str, Any]: Json,
            list[Any]: Json,
            list[str]: Json,
        },
    )


db = SQLAlchemy(model_class=Base)
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model
migrate = Migrate()


def read() -> Connection:
    """Open a connection for reading only; use it in a `with` block."""
    engine: Engine = current_app.extensions["read_engine"]
    return engine.connect()


def init_database(app: Flask) -> None:
    """Bind the engines and set SQLite up so that what was acknowledged is on the disk."""
    db.init_app(app)
    migrate.init_app(app, db, directory=app.config["MIGRATIONS_DIR"], render_as_batch=True, compare_type=True)
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)
        app.extensions["read_engine"] = engine.execution_options(reads_only=True)
    else:
        app.extensions["read_engine"] = engine.execution_options(isolation_level="AUTOCOMMIT")


def _on_sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, below
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA busy_timeout = 10000")
    # The rollback journal with FULL survives power loss, and several processes may write: WAL before 3.51.3 may not.
    cursor.execute("PRAGMA synchronous = FULL")
    # Changed pages stay in memory until the commit: written out early they would lock every reader out meanwhile.
    cursor.execute("PRAGMA cache_spill = OFF")
    cursor.close()


def _on_sqlite_begin(connection: Connection) -> None:
    # A transaction that reads and then writes must hold the write lock from its start: SQLite refuses the upgrade.
    reads = connection.get_execution_options().get("reads_only") or (
        has_request_context() and request.method in ("GET", "HEAD", "OPTIONS")
    )
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
