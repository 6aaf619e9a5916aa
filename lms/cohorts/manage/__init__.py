"""The doors of those who lead groups and of staff."""

from flask import Blueprint

manage = Blueprint("cohorts_manage", __name__, template_folder="../templates")

from lms.cohorts.manage import (  # noqa: E402, F401  (they hang on `manage`)
    groups,
    lists,
    messages,
    oral,
    paper,
    people,
    practice,
    sessions,
)
