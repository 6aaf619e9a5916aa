"""Who has not come in yet: invitations and slips for one or many."""

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action
from lms.accounts import queries
from lms.accounts.forms import EmailsForm
from lms.accounts.manage import manage
from lms.accounts.manage.paper import invitation_sheets, slips
from lms.accounts.rules.lists import read_lines
from lms.accounts.services import batch
from lms.accounts.services.emails import set_emails
from lms.accounts.words import STATES
from lms.core import clock
from lms.core.asked import page_asked, words_asked
from lms.core.database import db
from lms.core.errors import BadInput
from lms.core.ids import id_from_text, id_text
from lms.core.pages import Pages
from lms.core.problems import Problem
from lms.organization.queries.units import find_unit

MOST_SAID = 20  # problems of a list shown at once


@manage.get("/accounts")
@requires(Action.PERSON_MANAGE)
def invitations() -> str:
    """List people by the state of their account."""
    actor, asked = current_actor(), _asked()
    counts = queries.count_states(actor, asked["words"], asked["unit"])
    state = request.args.get("show", "")
    if state not in STATES:
        state = next((one for one in ("invited", "none", "active") if counts.get(one)), "invited")
    page = page_asked()
    sort = request.args.get("sort", "name")
    rows = queries.list_accounts(actor, state, **asked, sort=sort, offset=(page - 1) * queries.PAGE)
    return render_template(
        "accounts/invitations.html",
        rows=rows,
        state=state,
        states=STATES,
        counts=counts,
        sort=sort,
        words=asked["words"],
        unit=asked["unit"],
        pagination=Pages(page, queries.PAGE, counts.get(state, 0)),
        now=clock.now(),
        most_sheets=batch.MOST_SHEETS,
        most_slips=batch.MOST_SLIPS,
    )


@manage.post("/accounts")
@requires(Action.PERSON_MANAGE)
def invite_many() -> str | Response:
    """Do for everybody ticked, or for everybody the list shows, what the pressed button says."""
    actor, now, what = current_actor(), clock.now(), request.form.get("do")
    people = queries.chosen_people(actor, _ticked(what or ""))
    if not people:
        raise BadInput(_("Tick at least one person of the list."))
    back = request.full_path.rstrip("?")
    if what == "mail":
        outcome = batch.mail_invitations(people, actor, now)
        db.session.commit()
        _say_sent(len(outcome.done), len(outcome.skipped))
        return redirect(back, 303)
    if what == "print":
        outcome = batch.print_invitations(people, actor, now)
        db.session.commit()
        return invitation_sheets(outcome.done, outcome.skipped, back)
    if what == "slips":
        chosen = [person.id for person in people]
        db.session.commit()  # let others write while the PINs are hashed
        pins = batch.draw_pins(len(chosen))
        people = queries.chosen_people(actor, chosen)
        outcome = batch.print_slips(people, pins, request.form.get("must_choose") == "y", actor, now)
        db.session.commit()
        return slips(outcome.done, outcome.skipped, back)
    raise BadInput(_("Choose what to do with the people of the list."))


@manage.route("/accounts/emails", methods=["GET", "POST"])
@requires(Action.PERSON_MANAGE)
def emails() -> str | Response | tuple[str, int]:
    """Take two columns of a spreadsheet: who, and the e-mail."""
    form, is_valid = EmailsForm.posted()
    if is_valid:
        lines, problems = read_lines(form.rows.data)
        changed = 0
        if not problems:
            changed, problems = set_emails(lines, current_actor(), clock.now())
        if not problems:
            db.session.commit()
            flash(ngettext("One e-mail is kept.", "%(num)s e-mails are kept.", changed))
            return redirect(url_for("accounts_manage.invitations", show="invited"), 303)
        form.rows.errors = [_said(problem) for problem in problems[:MOST_SAID]]
    return render_template("accounts/emails.html", form=form), 422 if form.errors else 200


def _said(problem: Problem) -> str:
    return str(_("Row %(row)s:", row=problem.line)) + " " + str(_(problem.sentence, **problem.values))


def _asked() -> dict[str, Any]:
    unit = find_unit(current_actor(), Action.PERSON_MANAGE, request.args.get("unit"))
    return {"words": words_asked(), "unit": unit}


def _ticked(what: str) -> list[uuid.UUID]:
    most = batch.MOST_SLIPS if what == "slips" else batch.MOST_SHEETS
    if request.form.get("whom") == "all":
        state = request.args.get("show", "invited")
        rows = queries.list_accounts(current_actor(), state, **_asked(), limit=most)
        return [row.Person.id for row in rows]
    try:
        ids = [id_from_text(text) for text in request.form.getlist("person")]
    except ValueError:
        raise BadInput from None
    if len(ids) > most:
        raise BadInput(ngettext("Choose at most one person.", "Choose at most %(num)s people at a time.", most))
    return ids


def _say_sent(sent: int, skipped: int) -> None:
    flash(ngettext("One invitation is on its way.", "%(num)s invitations are on their way.", sent))
    if skipped:
        told = ngettext(
            "One person got none: without e-mail, or in already. Print theirs.",
            "%(num)s people got none: without e-mail, or in already. Print theirs.",
            skipped,
        )
        flash(told, "warn")


@manage.app_template_global("id_text")
def _id_text(value: uuid.UUID) -> str:
    return id_text(value)
