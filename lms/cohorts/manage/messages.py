"""Messages to the group, and the questions of its members."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action
from lms.cohorts.forms import AnnounceForm, AnswerForm
from lms.cohorts.manage import manage
from lms.cohorts.manage.groups import Page, frame_of
from lms.cohorts.models import Cohort, CohortQuestion
from lms.cohorts.queries.groups import get_cohort
from lms.cohorts.queries.messages import announcements_of, get_question, questions_in
from lms.cohorts.services import messages as services
from lms.core import clock
from lms.core.database import db
from lms.core.errors import NotFound


@manage.route("/groups/<id:cohort>/messages", methods=["GET", "POST"])
@requires(Action.COHORT_READ, cohort=get_cohort)
def messages(cohort: Cohort) -> Page:
    """Read and write messages to the group; its facilitators see the questions asked too."""
    frame = frame_of(cohort)
    form = AnnounceForm()
    if form.is_submitted():
        if not frame["may_manage"]:
            raise NotFound
        if form.validate():
            services.announce(cohort, form.text.data, current_actor(), clock.now())
            db.session.commit()
            flash(_("The group has your message."), "good")
            return redirect(url_for("cohorts_manage.messages", cohort=cohort.id), 303)
    page = render_template(
        "cohorts/messages.html",
        **frame,
        form=form,
        announcements=announcements_of(cohort.id),
        questions=questions_in(cohort.id) if frame["leads"] else [],
    )
    return page, 422 if form.errors else 200


def question_to_me(question_id: object) -> CohortQuestion:
    """Load a question to the facilitators of a group; raise NotFound for everybody else, whatever their role."""
    question = get_question(question_id)  # type: ignore[arg-type]
    if current_actor().person_id not in question.access_people:
        raise NotFound
    return question


@manage.route("/groups/questions/<id:question>", methods=["GET", "POST"])
@requires(Action.SELF_USE, question=question_to_me)
def answer_question(question: CohortQuestion) -> Page | Response:
    """Answer what a member asked; only the two see it."""
    form, is_valid = AnswerForm.posted(data={"text": question.answer})
    if is_valid:
        services.answer(question, form.text.data, current_actor(), clock.now())
        db.session.commit()
        flash(_("The answer is on the page of who asked."), "good")
        return redirect(url_for("cohorts_manage.messages", cohort=question.cohort_id), 303)
    cohort = get_cohort(question.cohort_id)
    page = render_template("cohorts/answer.html", **frame_of(cohort), question=question, form=form)
    return page, 422 if form.errors else 200
