"""What a site begins with: the schemes that the programme proposes."""

from datetime import datetime

from lms.accounts.services.first import NEUTRAL_NAME
from lms.certification.services.schemes import load_schemes
from lms.core.beginnings import begins_with
from lms.core.problems import N_
from lms.organization.services.units import ensure_root


@begins_with(N_("schemes of certification"))
def schemes(now: datetime) -> int:
    """Bring in the schemes that are not there yet."""
    return load_schemes(ensure_root(NEUTRAL_NAME, now), now)
