"""The learner's doors: catalogue, courses, lessons, quizzes, history."""

from flask import Blueprint

bp = Blueprint("learning", __name__, template_folder="../templates")

from lms.learning.views import attempts, courses, history, lessons, results  # noqa: E402, F401  (they hang on `bp`)
