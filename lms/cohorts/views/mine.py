"""What a member sees of her group: the next session, messages, what she asks, what was seen of her practice."""

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action
from lms.cohorts.forms import AskForm, JoinForm
from lms.cohorts.manage.practice import shown
from lms.cohorts.models import Cohort, Observation
from lms.cohorts.queries.groups import get_cohort
from lms.cohorts.queries.messages import announcements_of, questions_in
from lms.cohorts.queries.practice import get_observation, observations_of
from lms.cohorts.queries.sessions import marks_of_cohort, sessions_of
from lms.cohorts.services import members, messages, practice
from lms.cohorts.views import bp
from lms.cohorts.words import DOTS, MARKS, SEEN
from lms.core import clock
from lms.core.database import db
from lms.core.errors import NotFound
from lms.curriculum.queries import outline_of
from lms.learning.services.codes import enrol_by_code
from lms.learning.views.who import my_id

Page = str | Response | tuple[str, int]


@bp.route("/groups/join", methods=["GET", "POST"])
@requires(Action.SELF_USE)
def join() -> Page:
    """Join a group with its code, or a course with its own."""
    form, is_valid = JoinForm.posted(code=request.args.get("code", "")[:20])
    if is_valid:
        actor, now, today = current_actor(), clock.now(), clock.today()
        cohort = members.cohort_called(form.code.data)
        if cohort is None:
            enrolment = enrol_by_code(my_id(), form.code.data, actor, now, today)
            slug = enrolment.course.slug
            db.session.commit()
            return redirect(url_for("learning.show_course", slug=slug), 303)
        members.join(cohort, my_id(), actor, now, today)
        db.session.commit()
        flash(_("You are in the group."), "good")
        return redirect(url_for("cohorts.mine", cohort=cohort.id), 303)
    return render_template("cohorts/join.html", form=form, here="courses"), 422 if form.errors else 200


def my_cohort(cohort_id: uuid.UUID) -> Cohort:
    """Load a group one learns in; raise NotFound for every other."""
    if not messages.is_member(cohort_id, current_actor().person_id):
        raise NotFound
    return get_cohort(cohort_id)


@bp.route("/groups/<id:cohort>/mine", methods=["GET", "POST"])
@requires(Action.SELF_USE, cohort=my_cohort)
def mine(cohort: Cohort) -> Page:
    """Show one's own group; sent, ask the facilitators something."""
    form, is_valid = AskForm.posted()
    if is_valid:
        messages.ask(cohort, form.text.data, current_actor(), clock.now())
        db.session.commit()
        flash(_("Your question is with your facilitators. The answer appears here."), "good")
        return redirect(url_for("cohorts.mine", cohort=cohort.id, _anchor="questions"), 303)
    now, me = clock.now(), my_id()
    sessions = sessions_of(cohort.id)
    page = render_template(
        "cohorts/mine.html",
        cohort=cohort,
        outline=outline_of(cohort.version_id),
        sessions=sessions,
        following=next((one for one in sessions if one.state == "planned" and one.starts_at >= now), None),
        marks={session: mark for (session, person), mark in marks_of_cohort(cohort.id).items() if person == me},
        announcements=announcements_of(cohort.id, 10),
        questions=questions_in(cohort.id, me, 20),
        observations=observations_of(cohort.id, me),
        seen_words=SEEN,
        mark_words=MARKS,
        dots=DOTS,
        form=form,
        here="courses",
    )
    return page, 422 if form.errors else 200


def about_me(observation_id: uuid.UUID) -> Observation:
    """Load an observation of one's own practice; raise NotFound for every other."""
    found = get_observation(observation_id)
    if found.person_id != current_actor().person_id:
        raise NotFound
    return found


@bp.route("/practice/<id:observation>", methods=["GET", "POST"])
@requires(Action.SELF_USE, observation=about_me)
def my_practice(observation: Observation) -> Page:
    """Read what was seen of one's own practice, and sign it."""
    if request.method == "POST":
        practice.sign_own(observation, current_actor(), clock.now())
        db.session.commit()
        flash(_("Signed. It counts now."), "good")
        return redirect(url_for("cohorts.my_practice", observation=observation.id), 303)
    return render_template("cohorts/my_practice.html", **shown(observation), cohort=observation.cohort, here="courses")
