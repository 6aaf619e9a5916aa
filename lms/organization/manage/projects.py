"""Projects: who pays, from when to when."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action
from lms.core import clock
from lms.core.asked import page_asked
from lms.core.database import db
from lms.organization.forms import ProjectForm
from lms.organization.manage import manage
from lms.organization.models import Project, Unit
from lms.organization.queries.projects import get_project, projects_page
from lms.organization.queries.units import get_unit
from lms.organization.services.projects import save_project

Page = str | Response | tuple[str, int]


@manage.get("/projects")
@requires(Action.PROJECT_MANAGE)
def projects() -> str:
    """List the projects within reach."""
    rows, pages = projects_page(current_actor(), page_asked())
    return render_template(
        "organization/projects.html", rows=rows, pagination=pages, today=clock.today(), here="projects"
    )


@manage.route("/units/<id:unit>/projects/new", methods=["GET", "POST"])
@requires(Action.PROJECT_MANAGE, unit=get_unit)
def new_project(unit: Unit) -> Page:
    """Write a project of an office down."""
    return _project(None, unit)


@manage.route("/projects/<id:project>", methods=["GET", "POST"])
@requires(Action.PROJECT_MANAGE, project=get_project)
def project(project: Project) -> Page:
    """Correct a project."""
    return _project(project, project.unit)


def _project(project: Project | None, unit: Unit) -> Page:
    form, is_valid = ProjectForm.posted(obj=project)
    if is_valid:
        save_project(current_actor(), project, unit, form.data, clock.now())
        db.session.commit()
        flash(_("Saved."))
        return redirect(url_for("organization_manage.projects"), 303)
    page = render_template("organization/project_form.html", form=form, project=project, unit=unit, here="projects")
    return page, 422 if form.errors else 200
