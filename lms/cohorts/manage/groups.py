"""My groups; one group with its people, sessions and attendance; opening, changing, closing; who leads."""

import uuid
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action, can
from lms.cohorts.forms import (
    FacilitatorForm,
    GroupForm,
    NewGroupForm,
    audience_choices,
    language_choices,
    project_choices,
)
from lms.cohorts.manage import manage
from lms.cohorts.models import Cohort
from lms.cohorts.queries.groups import GroupFilter, get_cohort, groups_page, waits_of
from lms.cohorts.queries.opening import projects_around, projects_of_all, published_courses, units_to_open_in
from lms.cohorts.queries.people import person_called
from lms.cohorts.queries.sessions import marks_of_cohort, session_called, sessions_of
from lms.cohorts.queries.standings import lines_of
from lms.cohorts.rules import group_problem
from lms.cohorts.services import groups as services
from lms.cohorts.words import DOTS, MARKS, MODALITIES, group_sentence, lack_words
from lms.core import clock
from lms.core.asked import page_asked
from lms.core.database import db
from lms.core.forms import tidy
from lms.core.ids import id_from_text, id_text
from lms.core.languages import content_language
from lms.core.texts import tongue
from lms.curriculum.audiences import AUDIENCES
from lms.curriculum.models import Version
from lms.curriculum.queries import outline_of
from lms.curriculum.rubrics import rubrics_of
from lms.learning.services.codes import shown_code, tidy_code
from lms.organization.forms import offered

Page = str | Response | tuple[str, int]


@manage.get("/groups")
@requires(Action.SELF_USE)
def my_groups() -> str | Response:
    """List the groups one leads, and those one's role may look at; the code of a sheet leads to its session."""
    actor = current_actor()
    sheet = session_called(actor, tidy_code(request.args.get("q", "")))
    if sheet is not None:
        return redirect(url_for("cohorts_manage.session", session=sheet))
    state = request.args.get("state", "open")
    wanted = GroupFilter(
        words=str(tidy(request.args.get("q", "")))[:100].replace("\x00", ""),
        state=state if state in ("open", "closed", "all") else "open",
        is_own=request.args.get("own") == "1",
    )
    sort = request.args.get("sort", "-starts")
    rows, pages = groups_page(actor, wanted, sort, page_asked())
    if page_asked() > 1 and not rows:
        abort(404)
    return render_template(
        "cohorts/groups.html",
        rows=rows,
        pagination=pages,
        wanted=wanted,
        sort=sort,
        may_open=can(actor, Action.COHORT_MANAGE),
        is_staff=can(actor, Action.COHORT_READ),
        shown_code=shown_code,
        here="groups",
    )


@manage.route("/groups/new", methods=["GET", "POST"])
@requires(Action.COHORT_MANAGE)
def new_group() -> Page:
    """Open a group in an office of one's reach, and say who leads it."""
    actor, now = current_actor(), clock.now()
    courses, units = published_courses(), units_to_open_in(actor)
    form = NewGroupForm()
    form.course.choices = offered((id_text(row.id), tongue(row.title, content_language())) for row in courses)
    form.unit.choices = offered((id_text(unit.id), unit.name) for unit in units)
    form.language.choices = language_choices(("spa",))
    audiences = dict.fromkeys(code for row in courses for code in row.audiences)
    form.audience.choices = audience_choices(audiences, AUDIENCES)
    form.project.choices = project_choices(projects_of_all(units, clock.today()), id_text)
    if form.validate_on_submit() and _fits(form):
        leader = person_called(form.facilitator.data)
        if leader is None:
            form.facilitator.errors = [_("Nobody has this user name. Look at the person's slip.")]
        else:
            unit = next(unit for unit in units if id_text(unit.id) == form.unit.data)
            version = db.session.get_one(Version, id_from_text(form.course.data))
            cohort = services.open_cohort(unit, version, form.plan(), [leader.id], actor, now)
            db.session.commit()
            flash(_("The group is open. Enrol the people now, or print the code for them."))
            return redirect(url_for("cohorts_manage.group", cohort=cohort.id), 303)
    page = render_template("cohorts/group_form.html", form=form, cohort=None, has_courses=bool(courses), here="groups")
    return page, 422 if form.errors else 200


def _fits(form: GroupForm, members: int = 0) -> bool:
    if problem := group_problem(form.plan(), members):
        (form.ends_on if problem in ("dates", "too_long") else form.capacity).errors = [group_sentence(problem)]
    return not form.errors


def frame_of(cohort: Cohort) -> dict[str, Any]:
    """Return what every page of a group shows: what it is, and what may be done."""
    actor = current_actor()
    return {
        "cohort": cohort,
        "outline": outline_of(cohort.version_id),
        "shown": shown_code(cohort.code),
        "may_manage": can(actor, Action.COHORT_MANAGE, cohort) and cohort.closed_at is None,
        "may_change": can(actor, Action.COHORT_MANAGE, cohort),
        "may_test": is_tester(cohort) and cohort.closed_at is None,
        "leads": actor.person_id in cohort.access_people,
        "modalities": MODALITIES,
        "here": "groups",
    }


def is_tester(cohort: Cohort) -> bool:
    """Tell whether whoever asks may read tests aloud in this group: she leads it, or assesses in its office."""
    actor = current_actor()
    return actor.person_id in cohort.access_people or can(actor, Action.RESPONSE_MARK, cohort)


@manage.get("/groups/<id:cohort>")
@requires(Action.COHORT_READ, cohort=get_cohort)
def group(cohort: Cohort) -> str:
    """Show a group: its people with their evidence, its sessions, who was there."""
    facts, lines = lines_of(cohort)
    sessions = sessions_of(cohort.id)
    certify = "certification.certify_cohort"
    return render_template(
        "cohorts/group.html",
        **frame_of(cohort),
        lines=lines,
        held=facts.sessions_held,
        sessions=sessions,
        standing=[one for one in sessions if one.state != "cancelled"],
        marks=marks_of_cohort(cohort.id),
        waits=waits_of(cohort.id),
        has_rubric=bool(rubrics_of(cohort.version_id)),
        certify_url=url_for(certify, cohort=cohort.id) if certify in current_app.view_functions else "",
        mark_words=MARKS,
        lack_words=lack_words,
        dots=DOTS,
        today=clock.today(),
        now=clock.now(),
    )


@manage.route("/groups/<id:cohort>/change", methods=["GET", "POST"])
@requires(Action.COHORT_MANAGE, cohort=get_cohort)
def change_group(cohort: Cohort) -> Page:
    """Correct what was planned."""
    form = GroupForm(obj=cohort)
    form.language.choices = language_choices(cohort.version.languages)
    audiences = dict.fromkeys([*cohort.version.audiences, *([cohort.audience] if cohort.audience else [])])
    form.audience.choices = audience_choices(audiences, AUDIENCES)
    projects = {one.id: one for one in projects_around(cohort.unit, clock.today())}
    if cohort.project is not None:
        projects[cohort.project.id] = cohort.project
    form.project.choices = project_choices(projects.values(), id_text)
    if request.method == "GET":
        form.project.data = id_text(cohort.project_id) if cohort.project_id else ""
    elif form.validate() and _fits(form, services.count_members(cohort.id)):
        services.change_cohort(cohort, form.plan(), current_actor(), clock.now())
        db.session.commit()
        flash(_("Saved."))
        return redirect(url_for("cohorts_manage.group", cohort=cohort.id), 303)
    page = render_template("cohorts/group_form.html", **frame_of(cohort), form=form, has_courses=True)
    return page, 422 if form.errors else 200


@manage.route("/groups/<id:cohort>/close", methods=["GET", "POST"])
@requires(Action.COHORT_MANAGE, cohort=get_cohort)
def close_group(cohort: Cohort) -> Page:
    """Ask, then close a group."""
    if request.method == "GET":
        return render_template("cohorts/close.html", **frame_of(cohort))
    services.close_cohort(cohort, current_actor(), clock.now())
    db.session.commit()
    flash(_("The group is closed. Everything in it can still be read."))
    return redirect(url_for("cohorts_manage.group", cohort=cohort.id), 303)


@manage.post("/groups/<id:cohort>/reopen")
@requires(Action.COHORT_MANAGE, cohort=get_cohort)
def reopen_group(cohort: Cohort) -> Response:
    """Open a closed group again."""
    services.reopen_cohort(cohort, current_actor(), clock.now())
    db.session.commit()
    flash(_("The group is open again."))
    return redirect(url_for("cohorts_manage.group", cohort=cohort.id), 303)


@manage.route("/groups/<id:cohort>/facilitators", methods=["GET", "POST"])
@requires(Action.COHORT_MANAGE, cohort=get_cohort)
def facilitators(cohort: Cohort) -> Page:
    """Say who leads the group with the others, and who no longer."""
    form, is_valid = FacilitatorForm.posted()
    if is_valid:
        person = person_called(form.username.data)
        if person is None:
            form.username.errors = [_("Nobody has this user name. Look at the person's slip.")]
        else:
            services.add_facilitator(cohort, person, current_actor(), clock.now())
            db.session.commit()
            flash(_("%(name)s leads the group too.", name=person.name))
            return redirect(url_for("cohorts_manage.facilitators", cohort=cohort.id), 303)
    page = render_template("cohorts/facilitators.html", **frame_of(cohort), form=form)
    return page, 422 if form.errors else 200


@manage.post("/groups/<id:cohort>/facilitators/<id:person>/end")
@requires(Action.COHORT_MANAGE, cohort=get_cohort)
def end_facilitator(cohort: Cohort, person: uuid.UUID) -> Response:
    """Let somebody lead the group no longer."""
    actor = current_actor()
    services.end_facilitator(cohort, person, actor, clock.now())
    db.session.commit()
    flash(_("Saved."))
    is_mine = can(actor, Action.COHORT_READ, cohort)
    target = "cohorts_manage.facilitators" if is_mine else "cohorts_manage.my_groups"
    return redirect(url_for(target, cohort=cohort.id) if is_mine else url_for(target), 303)
