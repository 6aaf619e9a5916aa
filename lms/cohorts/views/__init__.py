"""The doors of those who learn in a group."""

from flask import Blueprint

bp = Blueprint("cohorts", __name__, template_folder="../templates")

from lms.cohorts.views import calendar, mine  # noqa: E402, F401  (they hang on `bp`)
