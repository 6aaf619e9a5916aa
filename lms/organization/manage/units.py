"""Offices: the tree, one office, opening, correcting, closing, and moving a branch."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action, can
from lms.core import clock
from lms.core.asked import day_asked, page_asked, words_asked
from lms.core.database import db
from lms.core.errors import NotFound
from lms.core.ids import id_text
from lms.organization.forms import DayForm, UnitForm
from lms.organization.manage import manage
from lms.organization.manage.asked import unit_asked
from lms.organization.models import Unit
from lms.organization.queries import people as people_queries
from lms.organization.queries import posts as post_queries
from lms.organization.queries import units as queries
from lms.organization.queries.units import get_unit
from lms.organization.services import units as services

Page = str | Response | tuple[str, int]

# Where choosing an office leads: the action it needs there, and the door behind.
PURPOSES = {
    "person": (Action.PERSON_MANAGE, "organization_manage.new_person"),
    "list": (Action.PERSON_MANAGE, "organization_manage.bring_list"),
    "posts": (Action.POST_MANAGE, "organization_manage.new_posts"),
    "project": (Action.PROJECT_MANAGE, "organization_manage.new_project"),
    "referral": (Action.REFERRAL_MANAGE, "library_manage.new_referral"),
    "referrals": (Action.REFERRAL_MANAGE, "library_manage.bring_referrals"),
}


@manage.get("/units")
@requires(Action.UNIT_READ)
def units() -> str:
    """Show the tree one step at a time, or what a search finds in it."""
    actor, words, opened = current_actor(), words_asked(), unit_asked(Action.UNIT_READ)
    if words:
        rows, pages = queries.units_called(actor, Action.UNIT_READ, words, page_asked())
    elif opened:
        rows, pages = queries.units_below(opened, page_asked())
    else:
        rows, pages = queries.heads(actor, page_asked())
        if len(rows) == 1 and (only := queries.find_unit(actor, Action.UNIT_READ, id_text(rows[0].id))):
            opened = only
            rows, pages = queries.units_below(only, page_asked())
    return render_template(
        "organization/units.html",
        rows=rows,
        pagination=pages,
        words=words,
        opened=opened,
        above=queries.above(opened, actor) if opened else [],
        may_open=can(actor, Action.UNIT_MANAGE, opened) if opened else False,
        here="units",
    )


@manage.get("/units/choose/<purpose>")
@requires(Action.UNIT_READ)
def choose_unit(purpose: str) -> str | Response:
    """Choose the office in which something is to be done."""
    if purpose not in PURPOSES:
        raise NotFound
    action, endpoint = PURPOSES[purpose]
    rows, pages = queries.units_called(current_actor(), action, words_asked(), page_asked())
    if pages.total == 1 and not words_asked():
        return redirect(url_for(endpoint, unit=rows[0].id), 303)
    return render_template(
        "organization/choose_unit.html",
        rows=rows,
        pagination=pages,
        words=words_asked(),
        purpose=purpose,
        address=lambda unit_id: url_for(endpoint, unit=unit_id),
    )


@manage.get("/units/<id:unit>")
@requires(Action.UNIT_READ, unit=get_unit)
def unit(unit: Unit) -> str:
    """Show an office: its people, its posts as of a day, what hangs below it."""
    actor, on = current_actor(), day_asked()
    rows, pages = queries.units_below(unit, page_asked())
    wanted = post_queries.PostFilter(on, unit, is_own=True)
    may_read_people = can(actor, Action.PERSON_READ, unit)
    return render_template(
        "organization/unit.html",
        unit=unit,
        on=on,
        above=queries.above(unit, actor),
        counts=queries.counts_of(unit, on),
        rows=rows,
        pagination=pages,
        tally=post_queries.tally(actor, wanted),
        people=people_queries.first_people(unit) if may_read_people else None,
        moves=queries.moves_of(unit),
        may=_may(unit),
        here="units",
    )


def _may(unit: Unit) -> dict[str, bool]:
    """Say what the actor may do with this office, for the buttons of the page."""
    actor = current_actor()
    actions = {
        "change": Action.UNIT_MANAGE,
        "people": Action.PERSON_MANAGE,
        "posts": Action.POST_MANAGE,
        "projects": Action.PROJECT_MANAGE,
    }
    return {name: can(actor, action, unit) for name, action in actions.items()}


@manage.route("/units/<id:unit>/new", methods=["GET", "POST"])
@requires(Action.UNIT_MANAGE, unit=get_unit)
def new_unit(unit: Unit) -> Page:
    """Open an office below this one."""
    form, is_valid = UnitForm.posted(data={"kind": "office", "place_code": unit.place_code})
    if is_valid:
        made = services.create_unit(current_actor(), unit, form.data, clock.now())
        db.session.commit()
        flash(_("%(name)s is open.", name=made.name))
        return redirect(url_for("organization_manage.unit", unit=made.id), 303)
    page = render_template("organization/unit_form.html", form=form, unit=unit, is_new=True, here="units")
    return page, 422 if form.errors else 200


@manage.route("/units/<id:unit>/change", methods=["GET", "POST"])
@requires(Action.UNIT_MANAGE, unit=get_unit)
def change_unit(unit: Unit) -> Page:
    """Correct name, kind, code or place."""
    form, is_valid = UnitForm.posted(obj=unit)
    if is_valid:
        changed = services.change_unit(current_actor(), unit, form.data, clock.now())
        db.session.commit()
        flash(_("Saved.") if changed else _("Nothing was different, so nothing was changed."))
        return redirect(url_for("organization_manage.unit", unit=unit.id), 303)
    page = render_template("organization/unit_form.html", form=form, unit=unit, is_new=False, here="units")
    return page, 422 if form.errors else 200


@manage.route("/units/<id:unit>/close", methods=["GET", "POST"])
@requires(Action.UNIT_MANAGE, unit=get_unit)
def close_unit(unit: Unit) -> Page:
    """Ask for the day, then close an office."""
    form, is_valid = DayForm.posted(data={"on": clock.today()})
    if is_valid:
        services.close_unit(current_actor(), unit, form.on.data, clock.now())
        db.session.commit()
        flash(_("%(name)s is closed. Its records stay.", name=unit.name))
        return redirect(url_for("organization_manage.unit", unit=unit.id), 303)
    counts = queries.counts_of(unit, clock.today())
    page = render_template("organization/unit_close.html", unit=unit, form=form, counts=counts, here="units")
    return page, 422 if form.errors else 200


@manage.post("/units/<id:unit>/reopen")
@requires(Action.UNIT_MANAGE, unit=get_unit)
def reopen_unit(unit: Unit) -> Response:
    """Open a closed office again."""
    services.reopen_unit(current_actor(), unit, clock.now())
    db.session.commit()
    flash(_("%(name)s is open.", name=unit.name))
    return redirect(url_for("organization_manage.unit", unit=unit.id), 303)


@manage.route("/units/<id:unit>/move", methods=["GET", "POST"])
@requires(Action.UNIT_MANAGE, unit=get_unit)
def move_unit(unit: Unit) -> Page:
    """Choose where a branch goes, see what comes along, and move it."""
    actor = current_actor()
    to = queries.find_unit(actor, Action.UNIT_MANAGE, request.values.get("to"))
    if to is None:
        rows, pages = queries.units_called(actor, Action.UNIT_MANAGE, words_asked(), page_asked(), but=unit)
        return render_template(
            "organization/unit_move_choose.html",
            unit=unit,
            rows=[row for row in rows if row.id != unit.parent_id],
            pagination=pages,
            words=words_asked(),
            here="units",
        )
    if request.method == "POST":
        services.move_unit(actor, unit, to, clock.now())
        db.session.commit()
        flash(_("%(name)s now belongs to %(to)s. All records came along.", name=unit.name, to=to.name))
        return redirect(url_for("organization_manage.unit", unit=unit.id), 303)
    services.check_move(actor, unit, to)
    counts = queries.counts_of(unit, clock.today())
    return render_template("organization/unit_move.html", unit=unit, to=to, counts=counts, here="units")
