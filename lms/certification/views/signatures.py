"""Signatures that others asked for: a second one, or one without a conflict of interest."""

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action
from lms.certification.models import SignatureRequest
from lms.certification.queries import requests as queries
from lms.certification.services.issuing import certify, rules_of_level, weigh
from lms.certification.views import bp
from lms.core import clock
from lms.core.database import db
from lms.learning.views.who import my_id
from lms.organization.models import Person


def count_waiting(person_id: uuid.UUID) -> int:
    """Count what waits for a signature that this person might give."""
    return queries.how_many(person_id)


@bp.get("/signatures")
@requires(Action.SELF_USE)
def signatures() -> str:
    """List what waits for my signature."""
    return render_template("certification/signatures.html", rows=queries.waiting(my_id()), here="certificates")


def request_to_me(request_id: uuid.UUID) -> SignatureRequest:
    """Load a request I might sign; raise NotFound."""
    return queries.get_request(request_id, current_actor().person_id)


@bp.route("/signatures/<id:wanted>", methods=["GET", "POST"])
@requires(Action.SELF_USE, wanted=request_to_me)
def signature(wanted: SignatureRequest) -> str | Response | tuple[str, int]:
    """Show the evidence of one person; sent, sign."""
    actor, now, today = current_actor(), clock.now(), clock.today()
    signer = db.session.get_one(Person, my_id())
    cohort, level, people, problem = wanted.cohort, wanted.level, [wanted.person_id], ""
    if request.method == "POST":
        if request.form.get("answers") == "yes":
            answers = certify(cohort, level, people, signer, actor, False, now, today)
            db.session.commit()
            if any(one.is_new for one in answers):
                flash(_("The certificate was issued."), "good")
                return redirect(url_for(".signatures"), 303)
        else:
            problem = _("Tick that you saw the evidence and answer for this certificate.")
    answers = weigh(cohort, level, signer, False, now, today, people)
    page = render_template(
        "certification/signature.html",
        wanted=wanted,
        answer=answers[0] if answers else None,
        asked=rules_of_level(level).requirements,
        first=queries.asker_of(wanted),
        problem=problem,
        here="certificates",
    )
    return page, 422 if problem or request.method == "POST" else 200
