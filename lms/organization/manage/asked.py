"""What an address asks for here besides what every list asks: an office, and the list as a table."""

from urllib.parse import urlencode

from flask import request, url_for

from lms.access.lock import current_actor
from lms.access.policy import Action
from lms.organization.models import Unit
from lms.organization.queries.units import find_unit


def unit_asked(action: Action) -> Unit | None:
    """Return the office a list is narrowed to, when it lies within reach."""
    return find_unit(current_actor(), action, request.args.get("unit"))


def tables_of(endpoint: str, kinds: tuple[str, ...] = ("csv", "xlsx")) -> dict[str, str]:
    """Return where the list shown can be had as a table, narrowed and sorted as it is."""
    asked = [(name, value) for name, value in request.args.items(multi=True) if name != "page"]
    query = f"?{urlencode(asked)}" if asked else ""
    return {kind.upper(): url_for(endpoint, kind=kind) + query for kind in kinds}
