"""Learning: a person takes a course.

Enrolment (a person in a course version) · Progress (activities done) · Attempt (one go at a quiz, its answers kept) ·
Join code.
"""

from flask import Flask

from lms.curriculum.people import count_people_by
from lms.curriculum.speech import tongue_name
from lms.learning import jobs, models  # noqa: F401  (registers the work and the tables)
from lms.learning.manage import manage
from lms.learning.queries.staff import people_by_version
from lms.learning.quizzes import module_numbers
from lms.learning.views import bp
from lms.learning.views.kept import keep_pages


def register(app: Flask) -> None:
    """Hang this room's doors and commands on the application."""
    app.register_blueprint(bp)
    app.register_blueprint(manage)
    keep_pages(app)
    app.jinja_env.filters["tongue_name"] = tongue_name
    app.jinja_env.globals["module_numbers"] = module_numbers
    count_people_by(app, people_by_version)
