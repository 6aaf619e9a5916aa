"""The doors of staff: who takes which course, codes to join, scores, answers to mark."""

from flask import Blueprint

manage = Blueprint("learning_manage", __name__, template_folder="../templates")

from lms.learning.manage import codes, enrolments, entering, marking, people  # noqa: E402, F401  (they hang on `manage`)
