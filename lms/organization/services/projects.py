"""Projects: who pays, from when to when."""

from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from lms.access.policy import Actor
from lms.core import audit
from lms.core.database import db
from lms.core.errors import RuleBroken
from lms.organization.models import Project, Unit

_FIELDS = ("code", "name", "funder", "starts_on", "ends_on")


def save_project(actor: Actor, project: Project | None, unit: Unit, values: dict[str, Any], now: datetime) -> Project:
    """Write a project down, or correct it.

    :raise RuleBroken: the code is another project's, or the last day comes before the first.
    """
    ends: date | None = values["ends_on"]
    if ends is not None and ends < values["starts_on"]:
        raise RuleBroken(_("The last day has to come after the first."))
    taken = db.session.scalars(select(Project).where(Project.code == values["code"])).first()
    if taken is not None and taken is not project:
        raise RuleBroken(_("Another project has the code %(code)s. Write another one.", code=values["code"]))
    before = _told(project) if project else None
    if project is None:
        project = Project()
        db.session.add(project)
    project.unit_id = unit.id
    for name in _FIELDS:
        setattr(project, name, values[name])
    db.session.flush()
    db.session.expire(project, ["unit"])
    audit.record(actor, "project.save", "project", project.id, now, before, _told(project))
    return project


def _told(project: Project) -> dict[str, Any]:
    return {name: getattr(project, name) for name in (*_FIELDS, "unit_id")}
