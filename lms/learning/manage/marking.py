"""Answers to mark: the queue, and one attempt with its open answers and criteria."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action
from lms.assessment.grading import Asked
from lms.assessment.kinds import KINDS
from lms.core import clock
from lms.core.asked import page_asked
from lms.core.database import db
from lms.core.errors import NotFound
from lms.core.languages import content_language
from lms.core.pages import Pages
from lms.core.texts import whole
from lms.curriculum.queries import asked_of, outline_of
from lms.learning.forms import MarkForm
from lms.learning.manage import manage
from lms.learning.models import Attempt
from lms.learning.queries.attempts import marks_of
from lms.learning.queries.staff import SIZE, get_attempt, waiting_to_be_marked
from lms.learning.rules import counted
from lms.learning.services.marking import attempt_to_mark, mark_by_person
from lms.learning.services.notices import tell_of_result
from lms.learning.speech import Speaker
from lms.library.queries import facts_for_lessons


@manage.get("/manage/marking")
@requires(Action.RESPONSE_MARK)
def marking() -> str:
    """List the attempts whose answers wait, the oldest first."""
    rows, total = waiting_to_be_marked(current_actor(), page_asked())
    return render_template(
        "learning/manage/marking.html",
        rows=[
            (row, outline, outline.activity(row.activity_number))
            for row in rows
            for outline in [outline_of(row.version_id)]
        ],
        pagination=Pages(page_asked(), SIZE, total),
        now=clock.now(),
        here="marking",
    )


def _open_questions(attempt: Attempt) -> list[Asked]:
    """Return the questions of an attempt that a person marks and the learner answered."""
    answers = counted(attempt.answers or [], attempt.started_at, attempt.deadline_at)
    asked = asked_of(attempt.enrolment.version_id, attempt.drawn)
    return [one for one in asked if KINDS[one.kind].needs_person and KINDS[one.kind].typed(answers.get(one.number))]


@manage.route("/manage/marking/<id:attempt>", methods=["GET", "POST"])
@requires(Action.RESPONSE_MARK, attempt=get_attempt)
def mark(attempt: Attempt) -> str | Response | tuple[str, int]:
    """Mark one open answer after the other. Of the person nothing is shown but the name."""
    if attempt.state not in ("marking", "graded") or attempt.enrolment.person_id == current_actor().person_id:
        raise NotFound
    questions = _open_questions(attempt)
    if not questions:
        raise NotFound
    marks = marks_of(attempt.id)
    one = _chosen(questions, marks)
    form = MarkForm(data={"comment": marks[one.number].comment} if one.number in marks else {})
    points = _points(one)
    is_sent = request.method == "POST"
    if is_sent and form.validate() and None not in points:
        return _keep(attempt, one, [point for point in points if point is not None], form.comment.data or "")
    if not is_sent:
        points = list(marks[one.number].points) if one.number in marks else points
    outline = outline_of(attempt.enrolment.version_id)
    speaker = Speaker(outline, attempt.enrolment.language or content_language(), facts_for_lessons(clock.today()))
    answers = counted(attempt.answers or [], attempt.started_at, attempt.deadline_at)
    page = render_template(
        "learning/manage/mark.html",
        attempt=attempt,
        name=attempt.enrolment.person.name,
        outline=outline,
        line=outline.activity(attempt.activity_number),
        question=one,
        answer=answers.get(one.number),
        questions=questions,
        marks=marks,
        points=points,
        is_short=is_sent and None in points,
        form=form,
        here="marking",
        **speaker.helpers(),
    )
    return page, 422 if is_sent else 200


def _chosen(questions: list[Asked], marks: Mapping[int, Any]) -> Asked:
    number = request.values.get("question", type=int)
    asked = next((one for one in questions if one.number == number), None)
    return asked or next((one for one in questions if one.number not in marks), questions[0])


def _points(one: Asked) -> list[int | None]:
    """Read the points given to each criterion; None where nothing, or nothing possible, was given."""
    points: list[int | None] = []
    for index, criterion in enumerate(one.body["criteria"]):
        given = whole(request.form.get(f"c{index}", ""))
        points.append(given if given is not None and given <= criterion["points"] else None)
    return points


def _keep(attempt: Attempt, one: Asked, points: list[int], comment: str) -> Response:
    row, now = attempt_to_mark(attempt.id), clock.now()
    done = mark_by_person(row, one.number, points, comment, current_actor(), now)
    if done.is_first and not done.result.waiting:
        tell_of_result(row.enrolment_id, now)
    db.session.commit()
    if done.result.waiting:
        left = len(done.result.waiting)
        flash(ngettext("Kept. One more answer of this person waits.", "Kept. %(num)s more answers wait.", left))
        return redirect(url_for("learning_manage.mark", attempt=row.id), 303)
    flash(_("Kept. The person sees the result now."))
    return redirect(url_for("learning_manage.marking"), 303)
