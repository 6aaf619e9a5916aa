"""Renew one's own certificate on fresh facts."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action
from lms.certification.models import Credential
from lms.certification.queries.levels import get_credential
from lms.certification.services import own
from lms.certification.services.issuing import rules_of_level
from lms.certification.views import bp
from lms.certification.words import RENEWALS
from lms.core import clock
from lms.core.database import db
from lms.core.errors import NotFound


@bp.route("/certificates/<id:credential>/renew", methods=["GET", "POST"])
@requires(Action.CREDENTIAL_READ, credential=get_credential)
def renew(credential: Credential) -> str | Response:
    """Show what a renewal asks; sent, issue what follows."""
    actor, now, today = current_actor(), clock.now(), clock.today()
    if credential.holder_id != actor.person_id:
        raise NotFound
    if request.method == "POST":
        own.renew(credential, actor, now, today)
        db.session.commit()
        flash(_("Your certificate is renewed."), "good")
        return redirect(url_for(".mine"), 303)
    return render_template(
        "certification/renew.html",
        credential=credential,
        found=own.renewal_of(credential, now, today),
        asked=rules_of_level(credential.level).renewal,
        renewals=RENEWALS,
        here="certificates",
    )
