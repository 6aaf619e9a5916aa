"""Renew one's own certificate on fresh facts."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action
from lms.certification.models import Credential
from lms.certification.queries.bridging import told_of
from lms.certification.queries.levels import get_credential
from lms.certification.rules.levels import Missing
from lms.certification.rules.status import Renewal
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
    found = own.renewal_of(credential, now, today)
    return render_template(
        "certification/renew.html",
        credential=credential,
        found=found,
        test_url=url_for(".take_test", credential=credential.id)
        if found.state in (Renewal.OPEN, Renewal.LATE) and any(one.what is Missing.UPDATE for one in found.missing)
        else "",
        owed=[(one, told_of(one)) for one in found.owed],
        today=today,
        asked=rules_of_level(credential.level).renewal,
        renewals=RENEWALS,
        here="certificates",
    )


@bp.post("/certificates/<id:credential>/renew/test")
@requires(Action.CREDENTIAL_READ, credential=get_credential)
def take_test(credential: Credential) -> Response:
    """Open the short test that a renewal asks."""
    if credential.holder_id != current_actor().person_id:
        raise NotFound
    attempt_id = own.open_update(credential, clock.now(), clock.today())
    db.session.commit()
    return redirect(url_for("learning.show_attempt", attempt=attempt_id), 303)
