"""The result of an attempt: what was right, what is missing, what comes next."""

from dataclasses import dataclass

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.access.lock import requires
from lms.access.policy import Action
from lms.assessment.grading import grade, marked
from lms.assessment.rules import Result
from lms.core import clock
from lms.core.texts import Texts
from lms.curriculum.queries import ModuleLine
from lms.learning.paper import Paper
from lms.learning.queries.attempts import OpenedAttempt, as_tried, attempts_at, marks_of, score_before
from lms.learning.quizzes import taught_in
from lms.learning.rules import MayTry, Purpose, may_try
from lms.learning.services.attempts import refusal_sentence
from lms.learning.views import bp
from lms.learning.views.attempts import own_attempt


@dataclass(frozen=True)
class TopicLine:
    """How a topic went, and the module to read again when something was missed."""

    title: Texts
    right: int
    asked: int
    module: ModuleLine | None


@bp.get("/attempts/<id:attempt>/result")
@requires(Action.SELF_USE, attempt=own_attempt)
def show_result(attempt: OpenedAttempt) -> str | Response:
    if attempt.state == "open":
        return redirect(url_for("learning.show_attempt", attempt=attempt.id))
    paper = Paper(attempt)
    speaker = paper.speaker(attempt.language)
    marks = marks_of(attempt.id) if paper.has_open_questions else {}
    points = {number: mark.points for number, mark in marks.items()}
    result = grade(paper.asked, attempt.answers, points, paper.quiz.pass_mark)
    quiz = paper.quiz
    questions = []
    if quiz.shows_answers:
        questions = [
            paper.reviewing(one, attempt.answers.get(one.number), marks) | {"place": place}
            for place, one in enumerate(paper.asked, 1)
        ]
    _before, after = paper.outline.neighbours(attempt.activity_number)
    again = _again(attempt, paper)
    return render_template(
        "learning/result.html",
        attempt=attempt,
        quiz=quiz,
        outline=paper.outline,
        line=quiz.activity,
        result=result,
        shows_score=quiz.feedback != "none",
        topics=_topics(paper, result, attempt) if quiz.feedback != "none" else [],
        missed=_missed(paper, result),
        pretest=score_before(attempt.enrolment_id, paper.outline) if quiz.purpose == Purpose.FINAL else None,
        questions=questions,
        after=after,
        again=again,
        refusal=refusal_sentence(again.refused),
        language=speaker.language,
        name=g.user.given_names,
        lang_asked=request.args.get("lang"),
        here="courses",
        **speaker.helpers(),
    )


def _again(attempt: OpenedAttempt, paper: Paper) -> MayTry:
    tried = as_tried(attempts_at(attempt.enrolment_id, attempt.activity_number))
    quiz = paper.quiz
    return may_try(quiz.purpose, quiz.attempts, quiz.cool_down_hours, tried, clock.now())


def _topics(paper: Paper, result: Result, attempt: OpenedAttempt) -> list[TopicLine]:
    """List the topics in the course's order, each with the first module that taught something missed."""
    taught = taught_in(attempt.version_id)
    review: dict[str, str] = {}
    for one in paper.asked:
        is_right = marked(one, attempt.answers.get(one.number)).mark.share == 1
        if one.topic and not is_right and one.number in taught:
            review.setdefault(one.topic, taught[one.number])
    return [
        TopicLine(
            title,
            *result.by_topic[slug],
            paper.outline.module(review[slug]) if slug in review else None,
        )
        for slug, title in paper.outline.topics.items()
        if slug in result.by_topic
    ]


def _missed(paper: Paper, result: Result) -> list[tuple[Texts, ModuleLine | None]]:
    """Name the critical questions that were missed, and where they are taught."""
    taught = taught_in(paper.attempt.version_id)
    return [
        (one.body["stem"], paper.outline.module(taught[one.number]) if one.number in taught else None)
        for one in paper.asked
        if one.number in result.missed_critical
    ]
