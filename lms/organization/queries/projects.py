"""Projects within reach."""

import uuid
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from lms.access.policy import Action, Actor, reach
from lms.access.queries import within
from lms.core.database import db
from lms.core.errors import NotFound
from lms.core.pages import Pages
from lms.organization.models import Project, Unit

SIZE = 50


def get_project(project_id: uuid.UUID) -> Project:
    """Load a project with its unit.

    :raise NotFound: there is none.
    """
    project = db.session.get(Project, project_id, options=[joinedload(Project.unit)])
    if project is None:
        raise NotFound
    return project


def projects_page(actor: Actor, page: int = 1) -> tuple[Sequence[Project], Pages]:
    """List projects, the latest first, fifty at a time."""
    query = select(Project).join(Unit, Unit.id == Project.unit_id)
    query = query.where(within(reach(actor, Action.PROJECT_MANAGE), Unit.path))
    total = db.session.scalar(select(func.count()).select_from(query.with_only_columns(Project.id).subquery())) or 0
    listed = query.order_by(Project.starts_on.desc(), Project.name).options(joinedload(Project.unit))
    return db.session.scalars(listed.limit(SIZE).offset((page - 1) * SIZE)).all(), Pages(page, SIZE, total)
