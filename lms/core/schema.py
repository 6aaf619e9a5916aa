"""The state of the database schema: which migration it stands at, and which one this version of the program wants."""

from pathlib import Path

from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from lms.core.database import read


def wanted_revision() -> str | None:
    """Return the newest migration that ships with this version."""
    return _scripts().get_current_head()


def present_revision() -> str | None:
    """Return the migration the database stands at, or None when it is still empty."""
    try:
        with read() as connection:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except SQLAlchemyError:
        return None


def is_known(revision: str) -> bool:
    """Tell whether this version ships the migration; a database of a newer version stands at another one."""
    return revision in {script.revision for script in _scripts().walk_revisions()}


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(str(Path(current_app.config["MIGRATIONS_DIR"])))
