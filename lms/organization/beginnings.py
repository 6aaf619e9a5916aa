"""What a site begins with: the places of its country and the professions its posts ask for."""

from datetime import datetime

from lms.core.beginnings import begins_with
from lms.core.problems import N_
from lms.organization.services.places import load_country
from lms.organization.services.posts import load_professions

COUNTRY = "GT"


@begins_with(N_("places of the country"))
def places(now: datetime) -> int:
    """Bring in departments and municipalities."""
    return load_country(COUNTRY)


@begins_with(N_("professions"))
def professions(now: datetime) -> int:
    """Bring in the professions."""
    return load_professions()
