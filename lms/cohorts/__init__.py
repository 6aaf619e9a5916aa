"""Cohorts: a training group and what happens in it.

Cohort (course version, place, language, dates) · Facilitator and Member · Session · Attendance · Observation (practice
seen, on a rubric) · Announcement · Question to the facilitator.
"""

from flask import Flask

from lms.cohorts import jobs, models  # noqa: F401  (registers the work and the tables)
from lms.cohorts.manage import manage
from lms.cohorts.queries.teaching import has_group
from lms.cohorts.views import bp
from lms.core.ids import id_text
from lms.curriculum.guide.teachers import teachers_by


def register(app: Flask) -> None:
    """Hang this room's doors and commands on the application."""
    app.register_blueprint(bp)
    app.register_blueprint(manage)
    teachers_by(app, has_group)
    app.jinja_env.filters["id_text"] = id_text  # names of fields that hold an id
