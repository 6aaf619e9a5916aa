"""A test read aloud: the assessor asks, the learner answers, the assessor writes it down."""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from lms.access.lock import current_actor, requires
from lms.access.policy import Action
from lms.assessment.rules import Answer
from lms.cohorts.manage import manage
from lms.cohorts.manage.groups import Page, frame_of, is_tester
from lms.cohorts.models import Cohort
from lms.cohorts.queries.groups import get_cohort
from lms.cohorts.queries.members import get_member
from lms.cohorts.rules import ORAL_KINDS, ORAL_PURPOSES
from lms.cohorts.services import oral as services
from lms.core import clock
from lms.core.database import db
from lms.core.errors import BadInput, NotFound
from lms.curriculum.queries import outline_of
from lms.learning.models import Enrolment
from lms.learning.paper import Paper
from lms.learning.queries.attempts import attempt_of
from lms.learning.quizzes import quiz_of
from lms.learning.services.attempts import save_answers


@manage.route("/groups/<id:cohort>/people/<id:person>/read-aloud", methods=["GET", "POST"])
@requires(Action.COHORT_READ, cohort=get_cohort)
def begin_oral(cohort: Cohort, person: uuid.UUID) -> Page:
    """Choose the test that is read aloud to somebody, and begin."""
    place, actor = get_member(cohort, person), current_actor()
    if not is_tester(cohort) or place.left_at is not None:
        raise NotFound
    enrolment = db.session.get_one(Enrolment, place.enrolment_id)
    outline = outline_of(enrolment.version_id)
    quizzes = [
        (line, services.kinds_of(enrolment.version_id, quiz) <= ORAL_KINDS)
        for line in outline.activities
        if line.kind == "quiz" and line.settings["purpose"] in ORAL_PURPOSES
        for quiz in [quiz_of(enrolment.version_id, line.number)]
    ]
    if request.method == "POST":
        number = request.form.get("quiz", 0, type=int)
        if number not in {line.number for line, _is_oral in quizzes}:
            raise BadInput(_("Choose the test you read aloud."))
        quiz = quiz_of(enrolment.version_id, number)
        attempt = services.begin_oral(cohort, enrolment, quiz, actor, is_tester(cohort), clock.now())
        db.session.commit()
        return redirect(url_for("cohorts_manage.oral", cohort=cohort.id, person=person, attempt=attempt), 303)
    return render_template(
        "cohorts/oral_begin.html",
        **{**frame_of(cohort), "outline": outline},
        place=place,
        quizzes=quizzes,
        is_oneself=actor.person_id == person,
    )


@manage.route("/groups/<id:cohort>/people/<id:person>/read-aloud/<id:attempt>", methods=["GET", "POST"])
@requires(Action.COHORT_READ, cohort=get_cohort)
def oral(cohort: Cohort, person: uuid.UUID, attempt: uuid.UUID) -> Page:
    """Write down the answers given aloud, and hand them in."""
    place = get_member(cohort, person)
    if not is_tester(cohort) or current_actor().person_id == person:
        raise NotFound
    if request.method == "POST":
        return _take(cohort, place, attempt)
    opened = attempt_of(person, attempt)
    if opened.enrolment_id != place.enrolment_id:
        raise NotFound
    if opened.state != "open":
        return redirect(url_for("cohorts_manage.member", cohort=cohort.id, person=person))
    return _page(cohort, place, Paper(opened), opened.answers)


def _page(
    cohort: Cohort, place: Any, paper: Paper, answers: Mapping[int, Answer], missing: list[int] | None = None,
    refused: Mapping[int, str] | None = None,
) -> str:  # fmt: skip
    speaker = paper.speaker(paper.attempt.language if hasattr(paper.attempt, "language") else cohort.language)
    return render_template(
        "cohorts/oral.html",
        **{**frame_of(cohort), "outline": paper.outline},
        place=place,
        attempt=paper.attempt,
        line=paper.quiz.activity,
        questions=[paper.asking(one, answers.get(one.number)) for one in paper.asked],
        answered={one.number for one in paper.asked if answers.get(one.number) is not None},
        missing=missing or [],
        refused=refused or {},
        language=speaker.language,
        **speaker.helpers(),
    )


def _take(cohort: Cohort, place: Any, attempt: uuid.UUID) -> Page:
    row, now, actor = services.held_oral(attempt), clock.now(), current_actor()
    if row.enrolment_id != place.enrolment_id:
        raise NotFound
    back = url_for("cohorts_manage.member", cohort=cohort.id, person=place.person_id)
    if row.state != "open":
        db.session.rollback()
        return redirect(back, 303)
    paper = Paper(row)
    given = paper.read({one.number for one in paper.asked})
    refused = paper.refused(given)
    answers = {number: answer for number, answer in given.items() if number not in refused}
    what = request.form.get("do", "save").partition(":")[0]
    missing = paper.unanswered(given) if what == "submit" and not request.form.get("sure") else []
    if what == "submit" and not refused and not missing:
        done = services.hand_in_oral(row, answers, actor, now)
        db.session.commit()
        score = done.result.score
        if score is not None:
            flash(_("Handed in: %(score)s %% of the points.", score=round(score)), "good")
        return redirect(back, 303)
    save_answers(row, answers, None, now)
    db.session.commit()
    if refused or missing:
        fresh = get_cohort(cohort.id)
        member = get_member(fresh, place.person_id)
        opened = attempt_of(member.person_id, attempt)
        return _page(fresh, member, Paper(opened), {**opened.answers, **given}, missing, refused), 422
    flash(_("Saved. You can go on now or another day."))
    again = url_for("cohorts_manage.oral", cohort=cohort.id, person=place.person_id, attempt=attempt)
    return redirect(again + (f"#{request.form['do'].partition(':')[2]}" if what == "walk" else ""), 303)
