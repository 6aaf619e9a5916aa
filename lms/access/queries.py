"""The permission table as WHERE clauses."""

from typing import Any

from sqlalchemy import ColumnElement, false, or_

from lms.access.policy import Reach


def within(far: Reach, path: Any, person: Any = None) -> ColumnElement[bool]:
    """Narrow a query to what lies within reach: `path` is the unit's path column, `person` the column of the person."""
    clauses: list[ColumnElement[bool]] = [path.startswith(prefix, autoescape=True) for prefix in far.paths]
    if person is not None and far.person_id is not None:
        clauses.append(person == far.person_id)
    return or_(false(), *clauses)
