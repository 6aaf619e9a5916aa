"""What the agency chose on its settings page: name, quick exit, support, language, smallest published number.

Every page shows some of it, so a process keeps what it read for a few seconds; whoever changes a choice calls `forget`.
"""

import time
from dataclasses import dataclass, field, fields
from typing import Any

from flask import Flask, current_app
from sqlalchemy import event, select
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from lms.core.database import db, read
from lms.core.models import SiteSetting
from lms.core.texts import Texts

KEPT_SECONDS = 15
_KEY = "choices"


@dataclass(frozen=True)
class Choices:
    """One value for each line of the settings page; the defaults work for an agency that has chosen nothing yet."""

    agency: str = ""
    short_name: str = ""
    exit_url: str = "https://www.google.com/search?q=clima"
    support: Texts = field(default_factory=dict)  # whom a person may turn to, one sentence in each language
    default_locale: str = "es_GT"
    minimum_cell: int = 10  # a published number below it is hidden, for few people can be recognised


def from_rows(rows: dict[str, Any]) -> Choices:
    """Build the choices from what is stored; a key or kind that is not known any more is left out.

    >>> from_rows({"short_name": {"is": "SVET"}, "minimum_cell": {"is": "many"}, "gone": {"is": 1}}).short_name
    'SVET'
    """
    default = Choices()
    known = {
        one.name: rows[one.name]["is"]
        for one in fields(Choices)
        if isinstance(rows.get(one.name), dict)
        and isinstance(rows[one.name].get("is"), type(getattr(default, one.name)))
    }
    return Choices(**known)


def choices() -> Choices:
    """Return what the agency chose; the defaults when the database does not answer."""
    kept = current_app.extensions.get(_KEY)
    if kept is not None and time.monotonic() < kept[0]:
        found: Choices = kept[1]
        return found
    try:
        with read() as connection:
            rows: dict[str, Any] = dict(connection.execute(select(SiteSetting.key, SiteSetting.value)).all())
    except SQLAlchemyError:
        return Choices()  # an error page must still have its frame
    found = from_rows(rows)
    current_app.extensions[_KEY] = (time.monotonic() + KEPT_SECONDS, found)
    return found


def forget() -> None:
    """Read the choices again at the next page (call it after the commit that changed them)."""
    current_app.extensions.pop(_KEY, None)


def keep_choices(app: Flask) -> None:
    """Forget with the connections what was read through them."""
    with app.app_context():
        engine = db.engine

    def forget_too(_engine: Engine) -> None:
        app.extensions.pop(_KEY, None)

    event.listen(engine, "engine_disposed", forget_too)
