"""Library: what lessons lean on and what changes more often than a course.

Fact (hotline, article, penalty, deadline: value, source, date checked, checked by) · Referral (a place of help by
kind and municipality).
"""

from flask import Flask

from lms.library import models  # noqa: F401  (registers the tables)
from lms.library.manage import manage
from lms.library.queries import keep_facts
from lms.library.views import bp


def register(app: Flask) -> None:
    """Hang this room's doors and commands on the application."""
    keep_facts(app)
    app.register_blueprint(bp)
    app.register_blueprint(manage)
