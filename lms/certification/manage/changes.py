"""What changed in courses: whose certificate needs the short unit, by level and territory, and sending it."""

import uuid
from typing import Any

from flask import Response as FlaskResponse
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action, can
from lms.certification.jobs import SEND_UNIT
from lms.certification.manage import manage
from lms.certification.queries.bridging import People, Wanted, changes_seen, get_change, told_of_change
from lms.certification.queries.own import place_names
from lms.certification.services.notices import unit_words
from lms.certification.words import BRIDGE_STATES, in_words
from lms.core import clock, jobs
from lms.core.asked import asked, page_asked
from lms.core.codes import spaced
from lms.core.database import db
from lms.core.ids import id_from_text, id_text
from lms.curriculum.forms import EmptyForm
from lms.organization.manage.people import table_response

TABLES = ("csv", "xlsx")


@manage.get("/manage/changes")
@requires(Action.CREDENTIAL_READ)
def changes() -> str:
    """List the changes that certificates rest upon, with how many still need the unit."""
    return render_template(
        "certification/manage/changes.html",
        changes=[(one, told_of_change(one), counts) for one, counts in changes_seen(current_actor(), clock.today())],
        here="changes",
    )


@manage.get("/manage/changes/<id:change>")
@requires(Action.CREDENTIAL_READ)
def change(change: uuid.UUID) -> str:
    """Show the people of a change: counted by level and department, listed, to be sent the unit."""
    found, wanted = get_change(change), wanted_asked()
    people = People(current_actor(), found, clock.today())
    lines, pages = people.lines(wanted, page_asked())
    if page_asked() > 1 and not lines:
        abort(404)
    here: dict[str, Any] = {"level": wanted.level and id_text(wanted.level), "department": wanted.department or None}
    return render_template(
        "certification/manage/change.html",
        change=found,
        told=told_of_change(found),
        levels=people.by_level(),
        departments=people.by_department(),
        lines=lines,
        pagination=pages,
        wanted=wanted,
        places=place_names([line.place_code for line in lines if line.place_code]),
        states=BRIDGE_STATES,
        tables={
            kind.upper(): url_for(".export_change", change=change, kind=kind, state=wanted.state or None, **here)
            for kind in TABLES
        },
        send_url=url_for(".send_change", change=change, **here),
        may_send=can(current_actor(), Action.ENROLMENT_MANAGE),
        here="changes",
    )


@manage.get("/manage/changes/<id:change>/people.<any(csv, xlsx):kind>")
@requires(Action.CREDENTIAL_READ)
def export_change(change: uuid.UUID, kind: str) -> FlaskResponse:
    """Hand over the people of a change as a file, as the list is narrowed."""
    found = get_change(change)
    lines = People(current_actor(), found, clock.today()).everybody(wanted_asked())
    places = place_names(sorted({line.place_code for line in lines if line.place_code}))
    headers = [
        _("Person"), _("Office"), _("Level"), _("Code"), _("Place"), _("Place code"), _("Until"), _("Short unit"),
        _("Has an e-mail"),
    ]  # fmt: skip
    cells = [
        [
            line.name, line.unit, in_words(line.level), spaced(line.code), places.get(line.place_code or "", ""),
            line.place_code or "", line.until, str(BRIDGE_STATES[line.state][1]),
            _("yes") if line.has_mail else _("no"),
        ]
        for line in lines
    ]  # fmt: skip
    return table_response(f"{found.course.slug}-{found.number}", kind, headers, cells)


@manage.route("/manage/changes/<id:change>/send", methods=["GET", "POST"])
@requires(Action.ENROLMENT_MANAGE)
def send_change(change: uuid.UUID) -> str | Response:
    """Show to how many the unit goes and what the mail says; sent, let it be done in the background."""
    actor, today, wanted = current_actor(), clock.today(), wanted_asked()
    found, told = get_change(change), told_of_change(get_change(change))
    lines = People(actor, found, today, Action.ENROLMENT_MANAGE).owing(wanted, is_told=False)
    _form, is_valid = EmptyForm.posted()
    if is_valid:
        arguments = {
            "change": id_text(found.id),
            "level": id_text(wanted.level) if wanted.level else "",
            "department": wanted.department,
        }
        jobs.later(SEND_UNIT, arguments, actor, clock.now())
        db.session.commit()
        flash(_("The short unit is being sent. This page shows who has it."), "good")
        return redirect(url_for(".change", change=found.id), 303)
    return render_template(
        "certification/manage/send.html",
        change=found,
        told=told,
        lines=lines,
        without_mail=[line for line in lines if not line.has_mail],
        mail=unit_words(told, min((line.until for line in lines), default=today), today),
        here="changes",
    )


def wanted_asked() -> Wanted:
    """Return whom of the list the address asks for."""
    try:
        level = id_from_text(asked("level")) if asked("level") else None
    except ValueError:
        level = None
    state = request.args.get("state", "")
    return Wanted(level, asked("department", 2), state if state in BRIDGE_STATES else "")
