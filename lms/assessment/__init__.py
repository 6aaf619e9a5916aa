"""Assessment: questions and how they are marked.

Bank (a set of questions) · Question (what the learner sees) · Key (what is right, apart) · Rubric · kinds of question.
Marking is pure: stored answer and frozen key in, mark out.
"""

from flask import Blueprint, Flask

from lms.assessment import models  # noqa: F401  (registers the tables)


def register(app: Flask) -> None:
    """Let other rooms use this room's pieces of pages; it has no doors of its own."""
    app.register_blueprint(Blueprint("assessment", __name__, template_folder="templates"))
