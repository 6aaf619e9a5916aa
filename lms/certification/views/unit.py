"""Take the short unit that one's certificate needs since its course changed."""

from flask import redirect, url_for
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action
from lms.certification.models import Credential
from lms.certification.queries.levels import get_credential
from lms.certification.services import bridging
from lms.certification.views import bp
from lms.core import clock
from lms.core.database import db
from lms.core.errors import NotFound


@bp.post("/certificates/<id:credential>/unit")
@requires(Action.CREDENTIAL_READ, credential=get_credential)
def take_unit(credential: Credential) -> Response:
    """Let me into the unit, whether it was sent to me or not."""
    actor = current_actor()
    if credential.holder_id != actor.person_id:
        raise NotFound
    slug = bridging.take_unit(credential, actor, clock.now(), clock.today())
    db.session.commit()
    return redirect(url_for("learning.show_course", slug=slug), 303)
