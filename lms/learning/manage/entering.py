"""Enrol people: by name, or all of an office."""

from dataclasses import dataclass
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action
from lms.core import clock, jobs
from lms.core.asked import page_asked, words_asked
from lms.core.database import db
from lms.core.errors import RuleBroken
from lms.core.ids import id_text
from lms.core.texts import folded
from lms.learning.forms import PeopleForm, UnitForm
from lms.learning.jobs import ENROL_UNIT
from lms.learning.manage import manage
from lms.learning.manage.enrolments import frame_of
from lms.learning.queries.staff import people_called, people_in_unit, units_held
from lms.learning.services.enrolments import enrol_many
from lms.organization.queries.units import find_unit, units_called

MOST_LINES = 2000
AT_ONCE = 200  # people who are enrolled while somebody waits; more go to the background


@dataclass(frozen=True)
class Answer:
    """What became of one line of a list."""

    line: str
    name: str
    state: str  # enrolled already unknown


@manage.route("/manage/enrolments/<slug>/add", methods=["GET", "POST"])
@requires(Action.ENROLMENT_MANAGE)
def add_people(slug: str) -> str | tuple[str, int]:
    """Enrol people by user name or e-mail, and say of each line what became of it."""
    frame = frame_of(slug)
    form, is_valid = PeopleForm.posted()
    if not is_valid:
        page = render_template("learning/manage/add.html", **frame, form=form, answers=None)
        return page, 422 if form.errors else 200
    lines = list(dict.fromkeys(line.strip() for line in form.people.data.splitlines() if line.strip()))
    if len(lines) > MOST_LINES:
        raise RuleBroken(_("At most %(number)s lines at a time. Send the rest afterwards.", number=MOST_LINES))
    actor = current_actor()
    known = people_called(actor, lines)
    found = {line: known.get(folded(line)) or known.get(line.lower()) for line in lines}
    ids = list(dict.fromkeys(who[0] for who in found.values() if who))
    entered = enrol_many(ids, frame["course"], actor, clock.now(), form.due_on.data)
    db.session.commit()
    answers = [
        Answer(line, who[1] if who else "", "unknown" if not who else "enrolled" if who[0] in entered else "already")
        for line, who in found.items()
    ]
    return render_template(
        "learning/manage/add.html", **frame_of(slug), form=PeopleForm(formdata=None), answers=answers
    )


@manage.route("/manage/enrolments/<slug>/office", methods=["GET", "POST"])
@requires(Action.ENROLMENT_MANAGE)
def add_unit(slug: str) -> str | Response | tuple[str, int]:
    """Choose an office, then enrol its people."""
    frame, actor = frame_of(slug), current_actor()
    unit = find_unit(actor, Action.ENROLMENT_MANAGE, request.args.get("unit"))
    if unit is None:
        words = words_asked()
        rows, pagination = units_called(actor, Action.ENROLMENT_MANAGE, words, page_asked()) if words else ([], None)
        return render_template(
            "learning/manage/offices.html",
            **frame,
            units=rows or (units_held(actor, Action.ENROLMENT_MANAGE) if not words else []),
            words=words,
            pagination=pagination,
        )
    form, is_valid = UnitForm.posted()
    own, below = people_in_unit(unit, False), people_in_unit(unit, True)
    if not is_valid:
        page = render_template(
            "learning/manage/office.html", **frame, form=form, unit=unit, own=len(own), below=len(below)
        )
        return page, 422 if form.errors else 200
    ids, due_on = below if form.with_below.data else own, form.due_on.data
    if len(ids) > AT_ONCE:
        _later(slug, unit.id, form.with_below.data, due_on)
    else:
        entered = enrol_many(ids, frame["course"], actor, clock.now(), due_on)
        said = ngettext("One person was enrolled.", "%(num)s people were enrolled.", len(entered))
        if inside := len(ids) - len(entered):
            said += " " + ngettext("One was in already.", "%(num)s were in already.", inside)
        flash(said)
    db.session.commit()
    return redirect(url_for("learning_manage.course", slug=slug), 303)


def _later(slug: str, unit_id: object, with_below: bool, due_on: date | None) -> None:
    arguments = {
        "slug": slug,
        "unit": id_text(unit_id),  # type: ignore[arg-type]
        "with_below": with_below,
        "due_on": due_on.isoformat() if due_on else None,
    }
    jobs.later(ENROL_UNIT, arguments, current_actor(), clock.now())
    flash(_("They are being enrolled now. With many people it takes a minute; the list fills by itself."))
