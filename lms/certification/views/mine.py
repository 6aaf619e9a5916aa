"""A person's own certificates, and the name that new ones show."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action
from lms.certification.forms import PublicNameForm
from lms.certification.queries.bridging import owed_for, told_of
from lms.certification.queries.own import held_by
from lms.certification.queries.teaching import taught_by
from lms.certification.rules.status import Status
from lms.certification.services import own
from lms.certification.services.signing import public_name
from lms.certification.views import bp
from lms.certification.views.signatures import count_waiting
from lms.certification.words import RENEWALS
from lms.core import clock
from lms.core.database import db
from lms.learning.queries.courses import courses_of
from lms.learning.views.who import my_id
from lms.organization.models import Person


@bp.get("/certificates")
@requires(Action.SELF_USE)
def mine() -> str:
    """List what I hold or held, and what I could still claim."""
    held = held_by(my_id(), clock.now(), clock.today())
    counting = [one.credential.id for one in held if one.status is Status.VALID and not one.is_renewed]
    versions = {one.credential.version_id for one in held}
    return render_template(
        "certification/mine.html",
        held=held,
        owed={key: [(one, told_of(one)) for one in found] for key, found in owed_for(counting).items()},
        done=[
            line
            for line in courses_of(my_id())
            if line.completed_at and not line.outline.is_bridge and line.outline.version_id not in versions
        ],
        taught=taught_by(my_id(), clock.now(), clock.today()) if any(one.warrant for one in held) else [],
        renewals=RENEWALS,
        today=clock.today(),
        name=public_name(db.session.get_one(Person, my_id())),
        waiting=count_waiting(my_id()),
        here="certificates",
    )


@bp.route("/certificates/name", methods=["GET", "POST"])
@requires(Action.SELF_USE)
def choose_name() -> str | Response | tuple[str, int]:
    """Choose the name that certificates show when somebody checks them."""
    person = db.session.get_one(Person, my_id())
    form, is_valid = PublicNameForm.posted(data={"name": public_name(person)})
    if is_valid:
        own.choose_public_name(person, form.name.data or "", current_actor(), clock.now())
        db.session.commit()
        flash(_("Certificates issued from now on show this name."), "good")
        return redirect(url_for(".mine"), 303)
    page = render_template("certification/name.html", form=form, person=person, here="certificates")
    return page, 422 if form.errors else 200
