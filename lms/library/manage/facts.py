"""Facts: the list, one fact with its history, writing, correcting and confirming."""

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action, can
from lms.core import clock
from lms.core.asked import page_asked, words_asked
from lms.core.database import db
from lms.core.errors import NotFound
from lms.core.pages import Pages
from lms.core.tabular import csv_response, xlsx_response
from lms.library.forms import FactForm
from lms.library.manage import manage
from lms.library.queries import facts as queries
from lms.library.queries.facts import FactFilter, facts_to_review, get_fact, needs_review
from lms.library.rules.facts import write_facts
from lms.library.services import facts as services
from lms.library.words import KINDS, WAITS
from lms.organization.manage.asked import tables_of

Page = str | Response | tuple[str, int]
SIZE = 50
SHOWN = ("", "review", "unverified", "stale", "soon")


def _asked() -> FactFilter:
    kind, show = request.args.get("kind", ""), request.args.get("show", "")
    return FactFilter(words_asked(), kind if kind in KINDS else "", show if show in SHOWN else "")


@manage.get("/facts")
@requires(Action.FACT_READ)
def facts() -> str:
    """List the facts, and say how many wait for somebody to look."""
    today, wanted = clock.today(), _asked()
    found = queries.facts_listed(wanted, today)
    pages = Pages(page_asked(), SIZE, len(found))
    return render_template(
        "library/facts.html",
        rows=[(fact, needs_review(fact, today)) for fact in found[(pages.page - 1) * SIZE : pages.page * SIZE]],
        pagination=pages,
        review=facts_to_review(today),
        wanted=wanted,
        tables=tables_of("library_manage.export_facts", ("csv", "xlsx", "toml")),
        kinds=KINDS,
        waits=WAITS,
        may_change=can(current_actor(), Action.FACT_MANAGE),
        here="facts",
    )


@manage.get("/facts/facts.<kind>")
@requires(Action.FACT_READ)
def export_facts(kind: str) -> FlaskResponse:
    """Send the facts as a table, or as the file other sites load."""
    today = clock.today()
    found = queries.facts_listed(_asked(), today)
    if kind == "toml":
        answer = FlaskResponse(write_facts(found), content_type="application/toml; charset=utf-8")
        answer.headers["Content-Disposition"] = "attachment; filename=facts.toml"
        return answer
    if kind not in ("csv", "xlsx"):
        raise NotFound
    headers = [
        _("Key"), _("Kind"), _("Spanish"), _("English"), _("What it is"), _("Number to dial"), _("State"),
        _("Where it was seen"), _("Looked at on"), _("Who looked"), _("Look again by"),
    ]  # fmt: skip
    cells = [
        [
            fact.key,
            str(KINDS.get(fact.kind, fact.kind)),
            fact.value.get("spa"),
            fact.value.get("eng"),
            fact.label.get("spa"),
            fact.dial,
            str(WAITS[needs_review(fact, today)]),
            fact.source,
            fact.checked_on,
            fact.checked_by,
            fact.review_by,
        ]
        for fact in found
    ]
    respond = csv_response if kind == "csv" else xlsx_response
    return respond(f"{_('facts')}.{kind}", headers, cells)


@manage.get("/facts/<key>")
@requires(Action.FACT_READ)
def fact(key: str) -> str:
    """Show a fact, where it was seen, and what it said before."""
    found, today = get_fact(key), clock.today()
    return render_template(
        "library/fact.html",
        fact=found,
        waits_for=needs_review(found, today),
        history=queries.history_of(found),
        kinds=KINDS,
        waits=WAITS,
        may_change=can(current_actor(), Action.FACT_MANAGE),
        here="facts",
    )


@manage.route("/facts/new", methods=["GET", "POST"])
@requires(Action.FACT_MANAGE)
def new_fact() -> Page:
    """Write a fact down."""
    today = clock.today()
    name = queries.name_of(current_actor().person_id)
    form, is_valid = FactForm.posted(data={"checked_on": today, "checked_by": name})
    if is_valid:
        draft = form.draft(None)
        services.save_fact(current_actor(), None, draft, today, clock.now())
        db.session.commit()
        flash(_("Saved. Lessons can cite it as {fact:%(key)s}.", key=draft.key))
        return redirect(url_for("library_manage.fact", key=draft.key), 303)
    page = render_template("library/fact_form.html", form=form, fact=None, here="facts")
    return page, 422 if form.errors else 200


@manage.route("/facts/<key>/change", methods=["GET", "POST"])
@requires(Action.FACT_MANAGE)
def change_fact(key: str) -> Page:
    """Correct a fact; every lesson that cites it shows the new value."""
    found = get_fact(key)
    form = FactForm(data=FactForm.values_of(found))
    del form.key
    if form.validate_on_submit():
        changed = services.save_fact(current_actor(), found, form.draft(found), clock.today(), clock.now())
        db.session.commit()
        flash(
            _("Saved. Every lesson that cites it shows this now.")
            if changed
            else _("Nothing was different, so nothing was changed.")
        )
        return redirect(url_for("library_manage.fact", key=key), 303)
    page = render_template("library/fact_form.html", form=form, fact=found, here="facts")
    return page, 422 if form.errors else 200


@manage.post("/facts/<key>/confirm")
@requires(Action.FACT_MANAGE)
def confirm_fact(key: str) -> Response:
    """Write down, in one tap, that a fact still holds today."""
    actor = current_actor()
    services.confirm_fact(actor, get_fact(key), queries.name_of(actor.person_id), clock.today(), clock.now())
    db.session.commit()
    flash(_("Confirmed as of today."))
    return redirect(url_for("library_manage.fact", key=key), 303)
