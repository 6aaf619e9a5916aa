"""People: the list, one person, registering, correcting, moving, leaving and coming back."""

from typing import Any

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action, can
from lms.core import clock
from lms.core.asked import asked, page_asked, sort_asked, words_asked
from lms.core.database import db
from lms.core.errors import NotFound
from lms.core.tabular import csv_response, xlsx_response
from lms.organization.forms import DayForm, PersonForm
from lms.organization.manage import manage
from lms.organization.manage.asked import tables_of, unit_asked
from lms.organization.models import Person, Unit
from lms.organization.queries import people as queries
from lms.organization.queries.people import PeopleFilter, get_person
from lms.organization.queries.places import content_languages
from lms.organization.queries.posts import held_on
from lms.organization.queries.units import find_unit, get_unit, units_called
from lms.organization.services import people as services
from lms.organization.words import in_words

Page = str | Response | tuple[str, int]
STATES = ("here", "left", "all")


def _asked() -> PeopleFilter:
    state = request.args.get("state", "here")
    return PeopleFilter(
        words_asked(),
        unit_asked(Action.PERSON_READ),
        request.args.get("only") == "1",
        state if state in STATES else "here",
        asked("place", 20),
    )


@manage.get("/people")
@requires(Action.PERSON_READ)
def people() -> str:
    """List the people within reach."""
    wanted, sort = _asked(), sort_asked("name")
    rows, pages = queries.people_page(current_actor(), wanted, sort, page_asked())
    return render_template(
        "organization/people.html",
        rows=rows,
        pagination=pages,
        wanted=wanted,
        sort=sort,
        tables=tables_of("organization_manage.export_people"),
        held=queries.professions_of([row.id for row in rows], held_on(clock.today())),
        may_add=can(current_actor(), Action.PERSON_MANAGE),
        here="people",
    )


@manage.get("/people/people.<kind>")
@requires(Action.PERSON_READ)
def export_people(kind: str) -> FlaskResponse:
    """Send the list as a table that can be brought back in."""
    rows = queries.all_people(current_actor(), _asked(), sort_asked("name"))
    held = queries.professions_of_all(rows, held_on(clock.today()))
    languages = content_languages()
    headers = [
        _("Office code"),
        _("Office"),
        _("Staff key"),
        _("Given names"),
        _("Family names"),
        _("Municipality"),
        _("Language"),
        _("Profession"),
        _("Left on"),
    ]
    cells = [
        [
            row.unit_code,
            row.unit,
            row.key,
            row.given_names,
            row.family_names,
            row.place_code,
            languages[row.language].autonym if row.language in languages else row.language,
            in_words(profession),
            row.left_on,
        ]
        for row in rows
        for profession in held.get(row.id, [{}])  # a row for each post, as a list that is brought has them
    ]
    return table_response(_("people"), kind, headers, cells)


def table_response(name: str, kind: str, headers: list[str], cells: list[list[Any]]) -> FlaskResponse:
    """Answer with a table of the kind that was asked for.

    :raise NotFound: there is no such kind.
    """
    if kind not in ("csv", "xlsx"):
        raise NotFound
    respond = csv_response if kind == "csv" else xlsx_response
    return respond(f"{name}.{kind}", headers, cells)


@manage.get("/people/<id:person>")
@requires(Action.PERSON_READ, person=get_person)
def person(person: Person) -> str | Response:
    """Show a person: office, posts, place, language; account and courses are one step away."""
    actor = current_actor()
    if person.merged_into_id is not None:
        flash(_("This record was joined to the one shown here."), "warn")
        return redirect(url_for("organization_manage.person", person=person.merged_into_id), 303)
    language = content_languages().get(person.content_language)
    may_manage = can(actor, Action.PERSON_MANAGE, person)
    return render_template(
        "organization/person.html",
        person=person,
        language=language,
        holdings=queries.posts_of(person),
        joined=queries.joined_to(person),
        today=clock.today(),
        may_manage=may_manage,
        may_see_courses=can(actor, Action.ENROLMENT_READ, person),
        may_see_unit=can(actor, Action.UNIT_READ, person.unit),
        here="people",
    )


@manage.route("/units/<id:unit>/people/new", methods=["GET", "POST"])
@requires(Action.PERSON_MANAGE, unit=get_unit)
def new_person(unit: Unit) -> Page:
    """Register somebody in an office."""
    form, is_valid = PersonForm.posted(data={"place_code": unit.place_code, "content_language": "spa"})
    if is_valid:
        made = services.add_person(current_actor(), unit, form.data, clock.now())
        db.session.commit()
        flash(_("%(name)s is registered.", name=made.name))
        return redirect(url_for("organization_manage.person", person=made.id), 303)
    page = render_template("organization/person_form.html", form=form, unit=unit, person=None, here="people")
    return page, 422 if form.errors else 200


@manage.route("/people/<id:person>/change", methods=["GET", "POST"])
@requires(Action.PERSON_MANAGE, person=get_person)
def change_person(person: Person) -> Page:
    """Correct what is known of somebody."""
    form, is_valid = PersonForm.posted(obj=person)
    if is_valid:
        changed = services.change_person(current_actor(), person, form.data, clock.now())
        db.session.commit()
        flash(_("Saved.") if changed else _("Nothing was different, so nothing was changed."))
        return redirect(url_for("organization_manage.person", person=person.id), 303)
    page = render_template("organization/person_form.html", form=form, unit=person.unit, person=person, here="people")
    return page, 422 if form.errors else 200


@manage.route("/people/<id:person>/move", methods=["GET", "POST"])
@requires(Action.PERSON_MANAGE, person=get_person)
def move_person(person: Person) -> Page:
    """Choose the office somebody goes to, and from which day."""
    actor = current_actor()
    to = find_unit(actor, Action.PERSON_MANAGE, request.values.get("to"))
    if to is None:
        rows, pages = units_called(actor, Action.PERSON_MANAGE, words_asked(), page_asked())
        return render_template(
            "organization/person_move_choose.html",
            person=person,
            rows=[row for row in rows if row.id != person.unit_id],
            pagination=pages,
            words=words_asked(),
            here="people",
        )
    form, is_valid = DayForm.posted(data={"on": clock.today()})
    if is_valid:
        services.move_person(actor, person, to, form.on.data, clock.now())
        db.session.commit()
        flash(_("%(name)s now belongs to %(to)s.", name=person.name, to=to.name))
        return redirect(url_for("organization_manage.person", person=person.id), 303)
    page = render_template(
        "organization/person_move.html",
        person=person,
        to=to,
        form=form,
        leaving=queries.present_posts(person, person.unit_id, clock.today()),
        here="people",
    )
    return page, 422 if form.errors else 200


@manage.route("/people/<id:person>/leave", methods=["GET", "POST"])
@requires(Action.PERSON_MANAGE, person=get_person)
def leave(person: Person) -> Page:
    """Ask for the day, then write down that somebody left."""
    form, is_valid = DayForm.posted(data={"on": clock.today()})
    if is_valid:
        services.leave(current_actor(), person, form.on.data, clock.now())
        db.session.commit()
        flash(_("%(name)s has left. The records stay.", name=person.name))
        return redirect(url_for("organization_manage.person", person=person.id), 303)
    page = render_template(
        "organization/person_leave.html",
        person=person,
        form=form,
        leaving=queries.present_posts(person, None, clock.today()),
        here="people",
    )
    return page, 422 if form.errors else 200


@manage.post("/people/<id:person>/back")
@requires(Action.PERSON_MANAGE, person=get_person)
def come_back(person: Person) -> Response:
    """Write down that somebody is back."""
    services.come_back(current_actor(), person, clock.now())
    db.session.commit()
    flash(_("%(name)s is back.", name=person.name))
    return redirect(url_for("organization_manage.person", person=person.id), 303)
