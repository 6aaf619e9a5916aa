"""Sessions: planned at once or one by one, moved, called off, held."""

import uuid
from datetime import datetime, time, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from lms.access.lock import current_actor, requires
from lms.access.policy import Action, can
from lms.cohorts.forms import HeldForm, PlanForm, SessionForm
from lms.cohorts.manage import manage
from lms.cohorts.manage.groups import Page, frame_of
from lms.cohorts.models import Cohort, Session
from lms.cohorts.queries.groups import get_cohort
from lms.cohorts.queries.members import members_of
from lms.cohorts.queries.people import name_of
from lms.cohorts.queries.sessions import get_session, marks_of_session
from lms.cohorts.rules import HOME, Mark
from lms.cohorts.services import sessions as services
from lms.cohorts.words import MARKS
from lms.core import clock
from lms.core.clock import local_day
from lms.core.database import db
from lms.core.ids import id_from_text, id_text
from lms.core.texts import tongue
from lms.curriculum.queries import outline_of
from lms.learning.services.codes import shown_code
from lms.organization.forms import offered


def _back(cohort_id: uuid.UUID) -> Response:
    return redirect(url_for("cohorts_manage.group", cohort=cohort_id, _anchor="sessions"), 303)


@manage.route("/groups/<id:cohort>/sessions/plan", methods=["GET", "POST"])
@requires(Action.COHORT_MANAGE, cohort=get_cohort)
def plan_sessions(cohort: Cohort) -> Page:
    """Plan a session for each module in one step."""
    form = PlanForm(first_on=cohort.starts_on, hour=time(9))
    if form.validate_on_submit():
        count = services.plan_from_course(
            cohort,
            form.first_on.data,
            form.hour.data,
            int(form.every.data),
            form.minutes.data,
            form.venue.data or "",
            current_actor(),
            clock.now(),
        )
        db.session.commit()
        flash(
            ngettext("One session was planned.", "%(num)s sessions were planned.", count)
            if count
            else _("Each module has its session already.")
        )
        return _back(cohort.id)
    page = render_template("cohorts/plan.html", **frame_of(cohort), form=form)
    return page, 422 if form.errors else 200


@manage.route("/groups/<id:cohort>/sessions/new", methods=["GET", "POST"])
@requires(Action.COHORT_MANAGE, cohort=get_cohort)
def new_session(cohort: Cohort) -> Page:
    """Plan one session."""
    form = SessionForm(day=max(cohort.starts_on, clock.today()), hour=time(9))
    form.module.choices = _modules(cohort)
    if form.validate_on_submit():
        services.plan_session(cohort, _plan(form), current_actor(), clock.now())
        db.session.commit()
        flash(_("The session is planned."))
        return _back(cohort.id)
    page = render_template("cohorts/session_form.html", **frame_of(cohort), form=form, session=None)
    return page, 422 if form.errors else 200


def _modules(cohort: Cohort) -> list[SelectChoice]:
    outline = outline_of(cohort.version_id)
    return offered([("", _("None")), *((one.slug, tongue(one.title, cohort.language)) for one in outline.modules)])


def _plan(form: SessionForm) -> services.SessionPlan:
    return services.SessionPlan(
        form.title.data,
        form.day.data,
        form.hour.data,
        form.minutes.data,
        form.venue.data or "",
        form.module.data or None,
    )


@manage.route("/sessions/<id:session>/change", methods=["GET", "POST"])
@requires(Action.COHORT_MANAGE, session=get_session)
def change_session(session: Session) -> Page:
    """Move a session or correct it."""
    local = session.starts_at.astimezone(HOME)
    form = SessionForm(obj=session, module=session.module_slug or "", day=local.date(), hour=local.time())
    form.module.choices = _modules(session.cohort)
    if form.validate_on_submit():
        services.change_session(session, _plan(form), current_actor(), clock.now())
        db.session.commit()
        flash(_("Saved."))
        return _back(session.cohort_id)
    page = render_template("cohorts/session_form.html", **frame_of(session.cohort), form=form, session=session)
    return page, 422 if form.errors else 200


@manage.post("/sessions/<id:session>/cancel")
@requires(Action.COHORT_MANAGE, session=get_session)
def cancel_session(session: Session) -> Response:
    """Call a session off; it stays in the list, with a button to restore it."""
    services.cancel_session(session, current_actor(), clock.now())
    db.session.commit()
    flash(_("The session was called off. In the list you can restore it."))
    return _back(session.cohort_id)


@manage.post("/sessions/<id:session>/restore")
@requires(Action.COHORT_MANAGE, session=get_session)
def restore_session(session: Session) -> Response:
    """Undo it."""
    services.restore_session(session, current_actor(), clock.now())
    db.session.commit()
    flash(_("The session takes place again."))
    return _back(session.cohort_id)


@manage.route("/sessions/<id:session>", methods=["GET", "POST"])
@requires(Action.COHORT_READ, session=get_session)
def session(session: Session) -> Page:
    """Who was at a session, all on one page; sent twice it is the same."""
    cohort, actor = session.cohort, current_actor()
    frame = frame_of(cohort)
    people = members_of(cohort.id)
    marks = marks_of_session(session.id)
    form = HeldForm(data=_told(session))
    leaders = {one.person_id: one.person.name for one in cohort.facilitators if one.until is None}
    leaders |= {row.id: f"{row.given_names} {row.family_names}".strip() for row in people}
    if session.held_by_id is not None and session.held_by_id not in leaders:
        leaders[session.held_by_id] = name_of(session.held_by_id)
    form.led_by.choices = offered((id_text(one), name) for one, name in leaders.items())
    if request.method == "GET" and not form.led_by.data:
        form.led_by.data = id_text(actor.person_id) if actor.person_id in leaders else form.led_by.choices[0].value
    missing: list[Any] = []
    if request.method == "POST":
        if not can(actor, Action.COHORT_MANAGE, session):
            return redirect(url_for("cohorts_manage.session", session=session.id), 303)
        sent = {row.id: request.form.get(f"m-{id_text(row.id)}", "") for row in people}
        missing = [row for row in people if sent[row.id] not in set(Mark)]
        marks = marks | {one: mark for one, mark in sent.items() if mark}
        if form.validate() and not missing:
            return _hold(session, form, sent)
    page = render_template(
        "cohorts/session.html",
        **frame,
        session=session,
        code=shown_code(session.code),
        people=people,
        marks=marks,
        missing=missing,
        words=MARKS,
        form=form,
        is_ahead=local_day(session.starts_at) > clock.today(),
        ends_at=session.starts_at + timedelta(minutes=session.minutes),
    )
    return page, 422 if form.errors or missing else 200


def _told(session: Session) -> dict[str, Any]:
    led_by = id_text(session.held_by_id) if session.held_by_id else ""
    return {"led_by": led_by, "reflection": session.reflection, **(session.tally or {})}


def _hold(session: Session, form: HeldForm, marks: dict[uuid.UUID, str]) -> Response:
    now: datetime = clock.now()
    held = services.Held(
        marks=marks,
        led_by=id_from_text(form.led_by.data),
        tally={name: form[name].data for name in ("women", "men", "other", "minors")},
        reflection=form.reflection.data or "",
    )
    count = services.hold_session(session, held, current_actor(), now)
    db.session.commit()
    flash(ngettext("Saved: one person was there.", "Saved: %(num)s people were there.", count), "good")
    return _back(session.cohort_id)
