"""What a group can be opened for, where, and under which project."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, func, or_, select

from lms.access.policy import Action, Actor, reach
from lms.access.queries import within
from lms.core.database import db
from lms.curriculum.models import Course, Version
from lms.organization.models import Project, Unit


def published_courses() -> list[Row[Any]]:
    """List the courses a group can be opened for: the id of the published version and its title."""
    query = (
        select(Version.id, Version.title, Version.label, Version.audiences)
        .join(Course, Course.current_version_id == Version.id)
        .where(Course.archived_at.is_(None), Version.state == "published")
        .order_by(Version.search)
    )
    return list(db.session.execute(query))


def units_to_open_in(actor: Actor, most: int = 300) -> Sequence[Unit]:
    """List the open units in which somebody may open groups by her role."""
    far = within(reach(actor, Action.COHORT_MANAGE), Unit.path)
    query = select(Unit).where(far, Unit.closed_on.is_(None)).order_by(Unit.name_folded).limit(most)
    return db.session.scalars(query).all()


def projects_around(unit: Unit, today: date) -> Sequence[Project]:
    """List the projects of a unit and of those above it that have not ended."""
    query = (
        select(Project)
        .join(Unit, Unit.id == Project.unit_id)
        .where(
            func.substr(unit.path, 1, func.length(Unit.path)) == Unit.path,
            or_(Project.ends_on.is_(None), Project.ends_on >= today),
        )
        .order_by(Project.name)
    )
    return db.session.scalars(query).all()


def projects_of_all(units: Sequence[Unit], today: date) -> Sequence[Project]:
    """List the projects of these units that have not ended."""
    query = (
        select(Project)
        .where(
            Project.unit_id.in_([unit.id for unit in units]), or_(Project.ends_on.is_(None), Project.ends_on >= today)
        )
        .order_by(Project.name)
    )
    return db.session.scalars(query).all()
