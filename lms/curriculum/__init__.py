"""Curriculum: what is taught.

Course · Version (frozen once published) · Module · Activity (lesson, practice, quiz, session, document) · package (the
course as a folder of plain files, read by one pure reader).
"""

from flask import Flask

from lms.curriculum import jobs, models  # noqa: F401  (registers the work and the tables)
from lms.curriculum.cli import courses_cli
from lms.curriculum.frozen import guard
from lms.curriculum.guide import jobs as guide_jobs  # noqa: F401  (likewise)
from lms.curriculum.guide.views import bp as guide_doors
from lms.curriculum.manage import manage
from lms.curriculum.speech import tongue_name
from lms.curriculum.views import bp

guard()


def register(app: Flask) -> None:
    """Hang this room's doors and commands on the application."""
    app.register_blueprint(bp)
    app.register_blueprint(manage)
    app.register_blueprint(guide_doors)
    app.cli.add_command(courses_cli)
    app.jinja_env.globals["tongue_name"] = tongue_name
