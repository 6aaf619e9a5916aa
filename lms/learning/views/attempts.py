"""A quiz being answered. Every answer is kept as it is given; a repeat changes nothing."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import requires
from lms.access.policy import Action
from lms.assessment.rules import Answer
from lms.core import clock
from lms.core.database import db
from lms.core.languages import format_time
from lms.core.texts import whole
from lms.learning.paper import Paper
from lms.learning.queries.attempts import OpenedAttempt, attempt_of
from lms.learning.rules import Purpose, is_over, tenths
from lms.learning.services.attempts import answers_so_far, held_attempt, is_final, save_answers, submit
from lms.learning.views import bp
from lms.learning.views.who import my_id


def own_attempt(attempt: uuid.UUID) -> OpenedAttempt:
    """Load one's own attempt; raise NotFound for another's."""
    return attempt_of(my_id(), attempt)


@bp.get("/attempts/<id:attempt>")
@requires(Action.SELF_USE, attempt=own_attempt)
def show_attempt(attempt: OpenedAttempt) -> str | Response:
    if attempt.state != "open":
        return redirect(url_for("learning.show_result", attempt=attempt.id, lang=request.args.get("lang")))
    paper = Paper(attempt)
    if attempt.entered_by:  # the cover says that somebody writes it down
        slug, line = paper.outline.course_slug, paper.quiz.activity
        return redirect(url_for("learning.show_activity", slug=slug, module=line.module_slug, activity=line.slug))
    return _page(paper, attempt.answers)


def _page(paper: Paper, answers: Mapping[int, Answer], refused: Mapping[int, str] | None = None) -> str:
    """Write the page of an open attempt; `refused` answers come back with what has to go."""
    attempt, now = paper.attempt, clock.now()
    speaker = paper.speaker(attempt.language)
    common = {
        "attempt": attempt,
        "quiz": paper.quiz,
        "outline": paper.outline,
        "line": paper.quiz.activity,
        "language": speaker.language,
        "lang_asked": request.values.get("lang"),
        "refused": refused or {},
        "elapsed": max(tenths(attempt.started_at, now), attempt.sequence),
        "seconds_left": _seconds_left(attempt.deadline_at, now),
        "here": "courses",
        **speaker.helpers(),
    }
    if is_over(attempt.deadline_at, now):
        return render_template("learning/time_over.html", **common)
    if paper.quiz.is_step_by_step:
        return _one_question(paper, answers, common)
    return render_template(
        "learning/attempt.html",
        questions=[paper.asking(one, answers.get(one.number)) for one in paper.asked],
        answered={one.number for one in paper.asked if answers.get(one.number) is not None},
        **common,
    )


def _one_question(paper: Paper, answers: Mapping[int, Answer], common: dict[str, Any]) -> str:
    """A quiz with feedback after each answer shows one question at a time; one answered for good shows its review."""
    finals = [is_final(paper.attempt, one.number, answers.get(one.number)) for one in paper.asked]
    first_open = finals.index(False) if False in finals else len(finals) - 1
    position = min(max(request.args.get("n", first_open + 1, type=int), 1), len(paper.asked)) - 1
    one = paper.asked[position]
    answer = answers.get(one.number)
    return render_template(
        "learning/step.html",
        position=position + 1,
        finals=finals,
        is_final=finals[position],
        question=paper.reviewing(one, answer, {}) if finals[position] else paper.asking(one, answer),
        **common,
    )


def _lang() -> str | None:
    return request.form.get("lang") or None


def _asked_numbers() -> set[int]:
    return {number for text in request.form.getlist("asked") if (number := whole(text)) is not None}


def _touched(answers: Mapping[int, Answer]) -> dict[int, Answer]:
    """Leave out blanks that were blank when the page was made: another page may have filled them since."""
    had = set(request.form.get("had", "").split())
    return {number: answer for number, answer in answers.items() if answer is not None or str(number) in had}


@bp.post("/attempts/<id:attempt>")
@requires(Action.SELF_USE)
def answer_attempt(attempt: uuid.UUID) -> str | Response | tuple[str, int]:
    """Take the form of a quiz: keep the answers, and go on, hand in, or walk on in a scenario, as its button says."""
    now = clock.now()
    row = held_attempt(attempt, my_id())
    if row.state != "open":
        db.session.rollback()
        return redirect(url_for("learning.show_result", attempt=attempt, lang=_lang()), 303)
    paper = Paper(row)
    what, _sep, place = request.form.get("do", "save").partition(":")
    given = _touched(paper.read(_asked_numbers()))
    refused = paper.refused(given)
    answers = {number: answer for number, answer in given.items() if number not in refused}
    if is_over(row.deadline_at, now):
        return _hand_in(row, paper, answers, now)
    if what == "submit" and not refused and (request.form.get("sure") or _is_whole(row, paper, answers)):
        return _hand_in(row, paper, answers, now)
    standing = save_answers(row, answers, None, now)
    db.session.commit()
    if refused:
        texts = {number: given[number] for number in refused}
        return _page(Paper(attempt_of(row.person_id, row.id)), {**standing, **texts}, refused), 422
    if what == "submit":
        return redirect(url_for("learning.confirm_hand_in", attempt=attempt, lang=_lang()), 303)
    if paper.quiz.is_step_by_step:
        return _back_to_step(paper, answers, standing, what)
    if what == "save":
        flash(_("Saved. You can go on now or another day."))
    anchor = place if what == "walk" else None
    return redirect(url_for("learning.show_attempt", attempt=attempt, lang=_lang(), _anchor=anchor), 303)


def _is_whole(row: Any, paper: Paper, answers: Mapping[int, Answer]) -> bool:
    """Tell whether nothing is left to answer, so that handing in needs no question first."""
    if len(answers) == len(paper.asked):
        return not paper.unanswered(answers)
    return not paper.unanswered({**answers_so_far(row), **answers})


def _back_to_step(paper: Paper, answers: Mapping[int, Answer], standing: Mapping[int, Answer], what: str) -> Response:
    """Show the question just answered again: with its review, or asking for what is missing."""
    position = next((place for place, one in enumerate(paper.asked, 1) if one.number in _asked_numbers()), 1)
    one = paper.asked[position - 1]
    if what == "check" and not is_final(paper.attempt, one.number, standing.get(one.number)):
        flash(
            _("Answer every part first, then check it.")
            if one.number in answers
            else _("Choose or write an answer first, then check it."),
            "warn",
        )
    return redirect(url_for("learning.show_attempt", attempt=paper.attempt.id, n=position, lang=_lang()), 303)


def _hand_in(row: Any, paper: Paper, answers: Mapping[int, Answer], now: datetime) -> Response:
    done = submit(row, answers, now)
    db.session.commit()
    if done.is_course_complete and paper.quiz.purpose == Purpose.FINAL:
        flash(_("You have completed the course."), "good")
    return redirect(url_for("learning.show_result", attempt=row.id, lang=_lang()), 303)


@bp.get("/attempts/<id:attempt>/hand-in")
@requires(Action.SELF_USE, attempt=own_attempt)
def confirm_hand_in(attempt: OpenedAttempt) -> str | Response:
    """Ask before handing in with questions left open."""
    lang = request.args.get("lang")
    if attempt.state != "open":
        return redirect(url_for("learning.show_result", attempt=attempt.id, lang=lang))
    paper = Paper(attempt)
    return render_template(
        "learning/hand_in.html",
        attempt=attempt,
        quiz=paper.quiz,
        outline=paper.outline,
        line=paper.quiz.activity,
        missing=[(place, paper.asked[place - 1].number) for place in paper.unanswered(attempt.answers)],
        lang_asked=lang,
        here="courses",
    )


@bp.post("/attempts/<id:attempt>/save")
@requires(Action.SELF_USE)
def autosave(attempt: uuid.UUID) -> Response | tuple[Response, int]:
    """Keep the answers a page sends by itself while somebody fills it in."""
    now = clock.now()
    row = held_attempt(attempt, my_id())
    if row.state != "open":
        db.session.rollback()
        return jsonify(is_closed=True)
    paper = Paper(row)
    sequence = whole(request.form.get("sequence", ""))
    answers = paper.read(_asked_numbers())
    refused = paper.refused(answers)
    save_answers(row, {number: answers[number] for number in answers if number not in refused}, sequence, now)
    db.session.commit()
    if refused:
        return jsonify(problem=next(iter(refused.values()))), 422
    return jsonify(
        saved=_("Saved at %(time)s", time=format_time(now)),
        is_closed=is_over(row.deadline_at, now),
        left=_seconds_left(row.deadline_at, now),
    )


def _seconds_left(deadline_at: datetime | None, now: datetime) -> int | None:
    return None if deadline_at is None else max(0, int((deadline_at - now).total_seconds()))
