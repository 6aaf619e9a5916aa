"""The people of a group: bring them in by name, write somebody new down, take somebody out, undo."""

import uuid
from typing import Any

from flask import Response as FileResponse
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action, reach
from lms.accounts.manage.paper import slips
from lms.accounts.rules.names import written
from lms.cohorts.forms import NamesForm, NewPersonForm
from lms.cohorts.manage import manage
from lms.cohorts.manage.groups import Page, frame_of
from lms.cohorts.models import Cohort
from lms.cohorts.queries.groups import get_cohort
from lms.cohorts.queries.members import get_member, without_account
from lms.cohorts.queries.people import people_called, people_to_add, person_within, same_named
from lms.cohorts.queries.practice import observations_of
from lms.cohorts.queries.standings import lines_of
from lms.cohorts.services import members as services
from lms.cohorts.words import SEEN, lack_words
from lms.core import clock
from lms.core.database import db
from lms.core.forms import tidy
from lms.core.ids import id_from_text
from lms.core.tabular import csv_response, xlsx_response

_FORMATS = {"csv": csv_response, "xlsx": xlsx_response}


@manage.route("/groups/<id:cohort>/add", methods=["GET", "POST"])
@requires(Action.COHORT_MANAGE, cohort=get_cohort)
def add_people(cohort: Cohort) -> Page:
    """Bring in people who have a record: found by a search within reach, or by their user names."""
    actor = current_actor()
    form = NamesForm()
    words = str(tidy(request.args.get("q", "")))[:100]
    has_reach = bool(reach(actor, Action.PERSON_READ).paths)
    unknown: list[str] = []
    if request.method == "POST" and request.form.get("person"):
        return _add_found(cohort, words)
    if form.validate_on_submit():
        lines = list(dict.fromkeys(line.strip() for line in form.names.data.splitlines() if line.strip()))[:500]
        found = people_called(lines)
        unknown = [line for line in lines if written(line) not in found]
        if not unknown:
            count = services.add_people(cohort, [one.id for one in found.values()], "staff", actor, clock.now())
            db.session.commit()
            _say_entered(count)
            return redirect(url_for("cohorts_manage.group", cohort=cohort.id), 303)
        form.names.errors = [
            _("Nobody has the user name %(names)s. Nobody was enrolled yet.", names=", ".join(unknown[:10]))
        ]
    page = render_template(
        "cohorts/add.html",
        **frame_of(cohort),
        form=form,
        words=words,
        has_reach=has_reach,
        rows=people_to_add(actor, cohort, words) if words and has_reach else [],
    )
    return page, 422 if form.errors else 200


def _add_found(cohort: Cohort, words: str) -> Response:
    """Bring in one person of a search; somebody out of reach is not found."""
    actor = current_actor()
    try:
        wanted = id_from_text(request.form.get("person", ""))
    except ValueError:
        wanted = uuid.UUID(int=0)
    found = person_within(actor, wanted)
    count = services.add_people(cohort, [found.id], "staff", actor, clock.now())
    db.session.commit()
    _say_entered(count)
    return redirect(url_for("cohorts_manage.add_people", cohort=cohort.id, q=words or None), 303)


def _say_entered(count: int) -> None:
    flash(
        ngettext("One person was enrolled.", "%(num)s people were enrolled.", count)
        if count
        else _("They were in the group already."),
        "good",
    )


@manage.route("/groups/<id:cohort>/new-person", methods=["GET", "POST"])
@requires(Action.COHORT_MANAGE, cohort=get_cohort)
def new_person(cohort: Cohort) -> Page:
    """Write somebody new down, bring her in, and show the slip with her PIN this once."""
    form = NewPersonForm(language=cohort.language)
    same: list[Any] = []
    if form.validate_on_submit():
        name = f"{form.given_names.data} {form.family_names.data or ''}".strip()
        same = [] if form.is_another.data else same_named(cohort, name)
        if not same:
            new = services.NewPerson(form.given_names.data, form.family_names.data or "", form.language.data)
            user, pin = services.add_new_person(cohort, new, current_actor(), clock.now(), bool(form.must_choose.data))
            db.session.commit()
            return slips([(user, pin)], [], url_for("cohorts_manage.group", cohort=cohort.id))
        form.given_names.errors = [
            _("Somebody of this name is already in this office. Say below if it is another one.")
        ]
    page = render_template("cohorts/new_person.html", **frame_of(cohort), form=form, same=same)
    return page, 422 if form.errors else 200


@manage.route("/groups/<id:cohort>/slips", methods=["GET", "POST"])
@requires(Action.COHORT_MANAGE, cohort=get_cohort)
def group_slips(cohort: Cohort) -> Page:
    """Make slips for those of the group who have no account yet; each PIN is shown this once."""
    lacking = without_account(cohort)
    if request.method == "GET" or not lacking:
        return render_template("cohorts/slips.html", **frame_of(cohort), lacking=lacking, most=services.MOST_SLIPS)
    done = services.give_slips(cohort, lacking[: services.MOST_SLIPS], current_actor(), clock.now())
    db.session.commit()
    return slips(done, [], url_for("cohorts_manage.group", cohort=cohort.id))


@manage.get("/groups/<id:cohort>/people/<id:person>")
@requires(Action.COHORT_READ, cohort=get_cohort)
def member(cohort: Cohort, person: uuid.UUID) -> str:
    """Show one person of a group: evidence, practice, and what can be done."""
    place = get_member(cohort, person)
    facts, lines = lines_of(cohort, [person])
    return render_template(
        "cohorts/member.html",
        **frame_of(cohort),
        place=place,
        line=lines[0] if lines else None,
        held=facts.sessions_held,
        observations=observations_of(cohort.id, person),
        seen_words=SEEN,
        lack_words=lack_words,
    )


@manage.post("/groups/<id:cohort>/people/<id:person>/remove")
@requires(Action.COHORT_MANAGE, cohort=get_cohort)
def remove_member(cohort: Cohort, person: uuid.UUID) -> Response:
    """Take somebody out of the group; the next page offers to undo it."""
    place = get_member(cohort, person)
    services.remove(cohort, place, current_actor(), clock.now())
    db.session.commit()
    return redirect(url_for("cohorts_manage.member", cohort=cohort.id, person=person), 303)


@manage.post("/groups/<id:cohort>/people/<id:person>/restore")
@requires(Action.COHORT_MANAGE, cohort=get_cohort)
def restore_member(cohort: Cohort, person: uuid.UUID) -> Response:
    """Undo it."""
    place = get_member(cohort, person)
    services.restore(cohort, place, current_actor(), clock.now())
    db.session.commit()
    flash(_("%(name)s is in the group again.", name=place.person.name))
    return redirect(url_for("cohorts_manage.group", cohort=cohort.id), 303)


@manage.get("/groups/<id:cohort>/people.<any(csv, xlsx):kind>")
@requires(Action.COHORT_READ, cohort=get_cohort)
def export_people(cohort: Cohort, kind: str) -> FileResponse:
    """Hand over the people of a group with their evidence."""
    facts, lines = lines_of(cohort)
    headers = (
        _("Name"), _("Sessions attended"), _("Sessions held"), _("Best final score"), _("Needed"),
        _("Practice passed"), _("Course completed on"), _("Still lacks"),
    )  # fmt: skip
    rows = (
        (
            line.facts.name, line.facts.attended, facts.sessions_held, line.facts.best_mark, line.pass_mark,
            _("yes") if line.is_practice_passed else _("no"), line.facts.completed_at,
            " ".join(lack_words(line, facts.sessions_held)),
        )
        for line in lines
    )  # fmt: skip
    return _FORMATS[kind](f"{cohort.code}-{clock.today()}.{kind}", headers, rows)
