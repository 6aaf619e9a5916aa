"""Calendars to take along: of one group, and of everything one has."""

import uuid
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import Response, current_app
from flask_babel import gettext as _

from lms.access.lock import current_actor, requires
from lms.access.policy import Action, can
from lms.accounts.links import outward
from lms.cohorts.calendar import calendar_bytes, name_of
from lms.cohorts.models import Cohort
from lms.cohorts.queries.groups import get_cohort
from lms.cohorts.queries.sessions import calendar_of, calendar_of_cohort
from lms.cohorts.services.messages import is_member
from lms.cohorts.views import bp
from lms.core import clock
from lms.core.errors import NotFound
from lms.learning.views.who import my_id


def cohort_of_mine(cohort_id: uuid.UUID) -> Cohort:
    """Load a group one learns in, leads or may look at; raise NotFound."""
    cohort = get_cohort(cohort_id)
    actor = current_actor()
    if not is_member(cohort.id, actor.person_id) and not can(actor, Action.COHORT_READ, cohort):
        raise NotFound
    return cohort


@bp.get("/groups/<id:cohort>/calendar.ics")
@requires(Action.SELF_USE, cohort=cohort_of_mine)
def calendar(cohort: Cohort) -> Response:
    """Hand over the sessions of a group."""
    return _file(calendar_of_cohort(cohort.id), name_of(cohort.id))


@bp.get("/me/calendar.ics")
@requires(Action.SELF_USE)
def my_calendar() -> Response:
    """Hand over all one's sessions."""
    return _file(calendar_of(my_id()), name_of("me"))


def _file(rows: Iterable[Any], filename: str) -> Response:
    host = urlsplit(current_app.config["BASE_URL"]).hostname or "localhost"
    data = calendar_bytes(rows, _("Session"), host, lambda _row: outward("site.home"), clock.now())
    response = Response(data, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
