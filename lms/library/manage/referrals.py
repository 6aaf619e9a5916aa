"""Places of help: the list, writing one down, confirming, closing, and taking in a list."""

from typing import Any

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action
from lms.core import clock
from lms.core.asked import asked, page_asked, words_asked
from lms.core.database import db
from lms.core.errors import NotFound
from lms.core.headers import takes_uploads
from lms.core.problems import Problems
from lms.core.tabular import csv_response, read_table, xlsx_response
from lms.core.texts import folded
from lms.library.forms import LIST_MEGABYTES, ListForm, ReferralForm
from lms.library.manage import manage
from lms.library.models import Referral
from lms.library.queries import help as queries
from lms.library.queries.facts import name_of
from lms.library.queries.help import ReferralFilter, get_referral
from lms.library.rules.facts import is_stale
from lms.library.rules.help import HEADERS, read_referrals
from lms.library.services import referrals as services
from lms.library.words import HELP, kinds_by_word
from lms.organization.fields import words_of_places
from lms.organization.manage.asked import tables_of
from lms.organization.models import Unit
from lms.organization.queries.places import content_languages, language_words
from lms.organization.queries.units import get_unit
from lms.organization.words import sentence

Page = str | Response | tuple[str, int]
MOST_PROBLEMS = 100


def _asked() -> ReferralFilter:
    kind, show, place = (asked(name) for name in ("kind", "show", "place"))
    codes = words_of_places().codes.get(folded(place), set()) if place else set()
    return ReferralFilter(
        words_asked(),
        kind if kind in HELP else "",
        next(iter(codes)) if len(codes) == 1 else "",
        show if show in ("stale", "closed") else "",
    )


@manage.get("/referrals")
@requires(Action.REFERRAL_MANAGE)
def referrals() -> str:
    """List the places of help within reach."""
    today, wanted, known = clock.today(), _asked(), words_of_places()
    rows, pages = queries.referrals_page(current_actor(), wanted, today, page_asked())
    return render_template(
        "library/referrals.html",
        rows=[(row, is_stale(row.review_by, today)) for row in rows],
        pagination=pages,
        wanted=wanted,
        tables=tables_of("library_manage.export_referrals"),
        kinds=HELP,
        places=sorted(known.full.values()),
        place=known.full.get(wanted.place, ""),
        here="referrals",
    )


@manage.get("/referrals/referrals.<kind>")
@requires(Action.REFERRAL_MANAGE)
def export_referrals(kind: str) -> FlaskResponse:
    """Send the list as a table that can be brought back in."""
    rows = queries.all_referrals(current_actor(), _asked(), clock.today())
    languages = content_languages()
    cells = [
        [
            str(HELP.get(row.kind, row.kind)),
            row.name,
            row.place_code,
            row.phone,
            row.how_to_reach,
            row.for_whom,
            ", ".join(languages[code].autonym if code in languages else code for code in row.languages),
            row.checked_on,
            row.checked_by,
            row.review_by,
        ]
        for row in rows
    ]
    return _table(kind, cells)


def _table(kind: str, cells: list[list[Any]]) -> FlaskResponse:
    if kind not in ("csv", "xlsx"):
        raise NotFound
    respond = csv_response if kind == "csv" else xlsx_response
    return respond(f"{_('places-of-help')}.{kind}", [_(heads[0]) for heads in HEADERS.values()], cells)


@manage.get("/referrals/template.<kind>")
@requires(Action.REFERRAL_MANAGE)
def referral_template(kind: str) -> FlaskResponse:
    """Send an empty list with its headers and a row that shows how it is filled in."""
    sample = [
        _("Protection office"),
        _("Municipal Protection Office"),
        "Chichicastenango",
        "7755 1234",
        _("Ask at the town hall, Monday to Friday"),
        _("Girls, boys and adolescents"),
        "español, Kʼicheʼ",
        clock.today(),
        _("Who asked there"),
        None,
    ]
    return _table(kind, [list(sample)])


@manage.route("/units/<id:unit>/referrals/new", methods=["GET", "POST"])
@requires(Action.REFERRAL_MANAGE, unit=get_unit)
def new_referral(unit: Unit) -> Page:
    """Write a place of help down."""
    today = clock.today()
    name = name_of(current_actor().person_id)
    form, is_valid = ReferralForm.posted(data={"checked_on": today, "checked_by": name, "place_code": unit.place_code})
    if is_valid:
        services.save_referral(current_actor(), None, unit, form.draft(), today, clock.now())
        db.session.commit()
        flash(_("Saved. Learners of that place see it."))
        return redirect(url_for("library_manage.referrals"), 303)
    page = render_template("library/referral_form.html", form=form, referral=None, unit=unit, here="referrals")
    return page, 422 if form.errors else 200


@manage.route("/referrals/<id:referral>", methods=["GET", "POST"])
@requires(Action.REFERRAL_MANAGE, referral=get_referral)
def referral(referral: Referral) -> Page:
    """Correct a place of help."""
    form, is_valid = ReferralForm.posted(data=ReferralForm.values_of(referral))
    if is_valid:
        services.save_referral(current_actor(), referral, referral.unit, form.draft(), clock.today(), clock.now())
        db.session.commit()
        flash(_("Saved. Learners of that place see it."))
        return redirect(url_for("library_manage.referrals"), 303)
    page = render_template(
        "library/referral_form.html", form=form, referral=referral, unit=referral.unit, here="referrals"
    )
    return page, 422 if form.errors else 200


@manage.post("/referrals/<id:referral>/confirm")
@requires(Action.REFERRAL_MANAGE, referral=get_referral)
def confirm_referral(referral: Referral) -> Response:
    """Write down, in one tap, that an entry still holds today."""
    actor = current_actor()
    services.confirm_referral(actor, referral, name_of(actor.person_id), clock.today(), clock.now())
    db.session.commit()
    flash(_("%(name)s is confirmed as of today.", name=referral.name))
    return redirect(url_for("library_manage.referrals"), 303)


@manage.post("/referrals/<id:referral>/close")
@requires(Action.REFERRAL_MANAGE, referral=get_referral)
def close_referral(referral: Referral) -> Response:
    """Take an entry off the learners' list."""
    services.close_referral(current_actor(), referral, clock.today(), clock.now())
    db.session.commit()
    flash(_("%(name)s is off the list. Confirming it brings it back.", name=referral.name))
    return redirect(url_for("library_manage.referrals"), 303)


@manage.route("/units/<id:unit>/referrals/list", methods=["GET", "POST"])
@takes_uploads(LIST_MEGABYTES + 1)
@requires(Action.REFERRAL_MANAGE, unit=get_unit)
def bring_referrals(unit: Unit) -> Page:
    """Take in a list of places of help, whole or not at all."""
    form, is_valid = ListForm.posted()
    problems = Problems()
    if is_valid and (file := form.file.data) is not None:
        table = read_table(file.filename or "", file.read())
        rows = ((row.number, {name: row.get(*heads[1:]) for name, heads in HEADERS.items()}) for row in table.rows)
        drafts = read_referrals(rows, words_of_places().codes, language_words(), kinds_by_word(), problems)
        if not problems:
            counts = services.take_in(current_actor(), unit, drafts, clock.today(), clock.now())
            db.session.commit()
            flash(_("Taken in: %(new)s new, %(changed)s changed, %(same)s unchanged.", **counts))
            return redirect(url_for("library_manage.referrals"), 303)
    page = render_template(
        "library/referral_list.html",
        form=form,
        unit=unit,
        problems=[(one.line, sentence(one.sentence, one.values)) for one in problems[:MOST_PROBLEMS]],
        count=len(problems),
        here="referrals",
    )
    return page, 422 if form.errors or problems else 200
