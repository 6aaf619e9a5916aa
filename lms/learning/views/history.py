"""What a person has done: every course, every attempt."""

from flask import render_template

from lms.access.lock import requires
from lms.access.policy import Action
from lms.core.asked import page_asked
from lms.core.pages import Pages
from lms.curriculum.queries import outline_of
from lms.learning.queries.attempts import history_of
from lms.learning.queries.courses import courses_of
from lms.learning.views import bp
from lms.learning.views.who import my_id

_SIZE = 50


@bp.get("/history")
@requires(Action.SELF_USE)
def history() -> str:
    page = page_asked()
    attempts, total = history_of(my_id(), page, _SIZE)
    return render_template(
        "learning/history.html",
        courses=courses_of(my_id()),
        attempts=[
            (row, outline, outline.activity(row.activity_number))
            for row in attempts
            for outline in [outline_of(row.version_id)]
        ],
        pagination=Pages(page, _SIZE, total),
        here="history",
    )
