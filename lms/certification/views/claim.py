"""A learner without a group asks for her own certificate."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action
from lms.certification.services import own
from lms.certification.views import bp
from lms.core import clock
from lms.core.database import db
from lms.learning.views.who import my_id
from lms.organization.models import Person


@bp.get("/courses/<slug>/certificate")
@requires(Action.SELF_USE)
def claim(slug: str) -> str:
    """Show what is met and what is missing."""
    found = own.claim_of(my_id(), slug, clock.now(), clock.today())
    return render_template(
        "certification/claim.html", claim=found, version=found.enrolment.version, slug=slug, here="certificates"
    )


@bp.post("/courses/<slug>/certificate")
@requires(Action.SELF_USE)
def issue_claim(slug: str) -> Response:
    """Issue it in the agency's name."""
    person = db.session.get_one(Person, my_id())
    own.claim(person, slug, current_actor(), clock.now(), clock.today())
    db.session.commit()
    flash(_("Your certificate was issued."), "good")
    return redirect(url_for(".mine"), 303)
