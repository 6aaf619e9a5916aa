"""Certify people of a group: what each has, what is missing, which limit stands in the way, and the signature."""

import uuid
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action, can
from lms.certification.forms import LessForm
from lms.certification.queries.levels import Offer, offers
from lms.certification.queries.own import place_names, places_within
from lms.certification.rules.signing import Signer
from lms.certification.rules.warrants import Limit, Warrant, excess
from lms.certification.services.issuing import Answer, ask_other, certify, full_right, rules_of_level, weigh
from lms.certification.views import bp
from lms.certification.words import warrant_words
from lms.cohorts.models import Cohort
from lms.cohorts.queries.groups import get_cohort
from lms.core import clock
from lms.core.database import db
from lms.core.errors import NotAllowed, NotFound
from lms.core.ids import id_from_text, id_text
from lms.curriculum.audiences import AUDIENCES
from lms.organization.forms import offered
from lms.organization.models import Person
from lms.organization.queries.places import content_languages

Page = str | Response | tuple[str, int]


@bp.route("/groups/<id:cohort>/certify", methods=["GET", "POST"])
@requires(Action.COHORT_MANAGE, cohort=get_cohort)
def certify_cohort(cohort: Cohort) -> Page:
    """Show the evidence of everybody; sent, certify those chosen."""
    actor, now, today = current_actor(), clock.now(), clock.today()
    found = offers(cohort.course.slug, actor.person_id, can(actor, Action.CREDENTIAL_ISSUE, cohort))
    if not found or actor.person_id is None:
        page = render_template("certification/certify_none.html", cohort=cohort, here="groups")
        return page, 200 if request.method == "GET" else 403
    offer = _offer_asked(found)
    signer = db.session.get_one(Person, actor.person_id)
    chosen = people_sent()
    problem = ""
    answers = weigh(cohort, offer.level, signer, offer.is_agency, now, today)
    full = full_right(cohort, offer.level, answers)
    form = _less_form(cohort, full)
    if request.method == "POST":
        if not chosen:
            problem = _("Choose at least one person to certify.")
        elif request.form.get("answers") != "yes":
            problem = _("Tick that you saw the evidence and answer for these certificates.")
        elif _is_less(form, full, today):
            answers = certify(cohort, offer.level, chosen, signer, actor, offer.is_agency, now, today, form.less())
            db.session.commit()
            _say(answers)
            return redirect(url_for(".certify_cohort", cohort=cohort.id, level=id_text(offer.level.id)), 303)
    page = render_template(
        "certification/certify.html",
        cohort=cohort,
        offers=found,
        offer=offer,
        answers=answers,
        ready=[one for one in answers if one.is_ready],
        held=[one for one in answers if one.credential is not None],
        lacking=[one for one in answers if one.credential is None and not one.is_ready],
        signer=_signer_of(answers),
        asked=rules_of_level(offer.level).requirements,
        chosen=chosen if request.method == "POST" else None,
        problem=problem,
        form=form,
        right=warrant_words(full, full.quota, place_names(full.territory)) if full else [],
        here="groups",
    )
    return page, 422 if problem or form.errors else 200


@bp.post("/groups/<id:cohort>/certify/ask")
@requires(Action.COHORT_MANAGE, cohort=get_cohort)
def ask_signature(cohort: Cohort) -> Response:
    """Ask somebody else to sign for one person."""
    actor = current_actor()
    offer = _offer_asked(offers(cohort.course.slug, actor.person_id, False))
    people = people_sent()
    if len(people) != 1 or actor.person_id is None:
        raise NotFound
    signer = db.session.get_one(Person, actor.person_id)
    ask_other(cohort, offer.level, people[0], signer, actor, clock.now(), clock.today())
    db.session.commit()
    flash(_("The signature was asked for. Whoever may sign sees it on the page of signatures."), "good")
    return redirect(url_for(".certify_cohort", cohort=cohort.id, level=id_text(offer.level.id)), 303)


def _less_form(cohort: Cohort, full: Warrant | None) -> LessForm:
    """Offer what can be left out of a right: smaller places, fewer languages and audiences, a number, a day."""
    form = LessForm()
    full, known = full or Warrant(), content_languages()
    languages = full.languages or dict.fromkeys((*cohort.version.languages, cohort.language))
    form.territory.choices = offered(places_within(full.territory))
    form.languages.choices = offered((code, known[code].autonym) for code in languages if code in known)
    form.audiences.choices = offered(
        (code, AUDIENCES.get(code, code)) for code in full.audiences or cohort.version.audiences
    )
    return form


_FIELDS = {Limit.QUOTA: "quota", Limit.WARRANT_ENDED: "ends_on"}  # the others offer nothing beyond the right itself


def _is_less(form: LessForm, full: Warrant | None, today: date) -> bool:
    """Tell whether what was sent is a part of the right; what reaches further is said at its field."""
    if not form.validate():
        return False
    for limit in excess(full, form.less(), today) if full else ():
        form[_FIELDS.get(limit, "territory")].errors = [
            _("The right cannot reach further than yours: from today on, and at most what stands above.")
        ]
    return not form.errors


def people_sent() -> list[uuid.UUID]:
    """Return the people that were ticked."""
    try:
        return [id_from_text(text) for text in dict.fromkeys(request.form.getlist("person"))][:500]
    except ValueError:
        raise NotFound from None


def _offer_asked(found: list[Offer]) -> Offer:
    wanted = request.values.get("level", "")
    if not found:
        raise NotAllowed
    named = next((one for one in found if id_text(one.level.id) == wanted), None)
    if named is None and request.method == "POST":
        raise NotAllowed  # nobody is given another level than the one that was signed for
    return named or found[0]


def _signer_of(answers: list[Answer]) -> Signer | None:
    """Return whose certificate signs: that of whoever is ready, else the nearest one."""
    return next((one.signer for one in sorted(answers, key=lambda one: len(one.limits)) if one.signer), None)


def _say(answers: list[Answer]) -> None:
    new = sum(one.is_new for one in answers)
    if new:
        flash(ngettext("One certificate was issued.", "%(num)s certificates were issued.", new), "good")
    waiting = sum(one.limits == [Limit.COSIGNATURE] and not one.missing for one in answers)
    if waiting:
        flash(ngettext("One waits for the second signature.", "%(num)s wait for the second signature.", waiting))
    left = sum(one.credential is None for one in answers) - waiting
    if left > 0:
        flash(ngettext("One could not be issued. See why below.", "%(num)s could not be issued. See why below.", left),
              "warn")  # fmt: skip
    if not new and not waiting and not left:
        flash(_("They were certified already. Nothing was issued twice."))
