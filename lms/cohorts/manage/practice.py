"""Practice observed: the form of a rubric, the observation, signing on the spot."""

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action
from lms.accounts import throttle
from lms.accounts.services import signing_in
from lms.accounts.services.giving import user_of
from lms.cohorts.forms import ObserveForm, SignHereForm
from lms.cohorts.manage import manage
from lms.cohorts.manage.groups import Page, frame_of
from lms.cohorts.models import Cohort, Observation
from lms.cohorts.queries.groups import get_cohort
from lms.cohorts.queries.members import get_member
from lms.cohorts.queries.practice import get_observation
from lms.cohorts.services import practice as services
from lms.cohorts.words import LEVELS, SEEN
from lms.core import clock
from lms.core.database import db
from lms.core.errors import NotFound
from lms.core.languages import content_language
from lms.core.texts import whole
from lms.curriculum.queries import outline_of
from lms.curriculum.rubrics import RubricSheet, rubrics_of
from lms.learning.speech import Speaker
from lms.library.queries import facts_for_lessons


def speaker_for(version_id: uuid.UUID, language: str | None = None) -> Speaker:
    """Return who reads a rubric or a test of a version aloud."""
    return Speaker(outline_of(version_id), language or content_language(), facts_for_lessons(clock.today()))


@manage.route("/groups/<id:cohort>/people/<id:person>/observe", methods=["GET", "POST"])
@requires(Action.COHORT_MANAGE, cohort=get_cohort)
def observe(cohort: Cohort, person: uuid.UUID) -> Page:
    """Score what was seen, row by row; saving is the observer's signature."""
    place = get_member(cohort, person)
    sheets = rubrics_of(cohort.version_id)
    if not sheets or place.left_at is not None:
        raise NotFound
    sheet = next((one for one in sheets if one.slug == request.values.get("rubric")), sheets[0])
    form = ObserveForm(observed_on=clock.today())
    levels = _levels(sheet)
    is_short = request.method == "POST" and None in levels
    if form.validate_on_submit() and not is_short:
        return _keep(cohort, person, sheet, form, [one for one in levels if one is not None])
    page = render_template(
        "cohorts/observe.html",
        **frame_of(cohort),
        place=place,
        sheet=sheet,
        sheets=sheets,
        form=form,
        levels=levels,
        is_short=is_short,
        level_words=LEVELS,
        **speaker_for(cohort.version_id, cohort.language).helpers(),
    )
    return page, 422 if form.errors or is_short else 200


def _keep(cohort: Cohort, person: uuid.UUID, sheet: RubricSheet, form: ObserveForm, levels: list[int]) -> Response:
    strengths = "\n".join(text for text in (form.strength_1.data, form.strength_2.data) if text)
    seen = services.Watched(form.kind.data, levels, form.observed_on.data, strengths, form.change.data or "")
    made = services.observe(cohort, person, sheet, seen, current_actor(), clock.now(), clock.today())
    db.session.commit()
    return redirect(url_for("cohorts_manage.observation", observation=made.id), 303)


def _levels(sheet: RubricSheet) -> list[int | None]:
    sent = [request.form.get(f"r-{one['id']}", "") for one in sheet.criteria]
    return [level if (level := whole(one)) is not None and level <= sheet.levels else None for one in sent]


def shown(observation: Observation) -> dict[str, Any]:
    """Return what the page of an observation shows, whoever reads it."""
    return {
        "observation": observation,
        "rubric": observation.rubric,
        "seen_words": SEEN,
        "level_words": LEVELS,
        **speaker_for(observation.cohort.version_id).helpers(),
    }


@manage.route("/observations/<id:observation>", methods=["GET", "POST"])
@requires(Action.COHORT_READ, observation=get_observation)
def observation(observation: Observation) -> Page:
    """Show an observation; the person observed may sign it on this phone with her own secret."""
    form, is_valid = SignHereForm.posted()
    user = user_of(observation.person_id)
    # A PIN somebody else handed out is no signature: its owner chooses her own first.
    may_sign = (
        user is not None
        and user.state == "active"
        and not user.must_choose_secret
        and observation.observer_id == current_actor().person_id
    )
    if is_valid and may_sign and user is not None and observation.person_signed_at is None:
        now = clock.now()
        claimed = signing_in.find(user.username)
        buckets, is_bearable = signing_in.count_try(claimed, now)
        db.session.commit()
        if signing_in.opens(claimed, form.secret.data) and is_bearable:
            throttle.settle(buckets, now)
            services.sign_here(observation, current_actor(), now)
            db.session.commit()
            flash(_("Both have signed. The practice counts."), "good")
            return redirect(url_for("cohorts_manage.observation", observation=observation.id), 303)
        form.secret.errors = [_("This is not the PIN or password of %(name)s.", name=observation.person.name)]
    page = render_template(
        "cohorts/observation.html",
        **frame_of(observation.cohort),
        **shown(observation),
        form=form,
        may_sign_here=may_sign and observation.person_signed_at is None,
        may_take_back=observation.observer_id == current_actor().person_id and observation.person_signed_at is None,
    )
    return page, 422 if form.errors else 200


@manage.post("/observations/<id:observation>/take-back")
@requires(Action.COHORT_MANAGE, observation=get_observation)
def take_back(observation: Observation) -> Response:
    """Throw away what nobody else has signed."""
    cohort, person = observation.cohort_id, observation.person_id
    services.take_back(observation, current_actor(), clock.now())
    db.session.commit()
    flash(_("The observation was taken back."))
    return redirect(url_for("cohorts_manage.member", cohort=cohort, person=person), 303)
