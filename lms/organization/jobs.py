"""Work of the organization that is done after the answer: reading lists and taking them in."""

from typing import Any

from lms.core import clock
from lms.core.ids import id_from_text
from lms.core.jobs import job
from lms.core.work import Run
from lms.organization.services import lists


@job("organization.plan_list")
def plan_list(run: Run, brought: str) -> dict[str, Any]:
    """Read a list that was brought and write down what it would change."""
    return {"state": lists.plan(id_from_text(brought), clock.today(), run.now, run.progress).state}


@job("organization.take_in_list")
def take_in_list(run: Run, brought: str) -> dict[str, Any]:
    """Take a list in that somebody looked at."""
    return {"state": lists.take_in(id_from_text(brought), clock.today(), run.now, run.requested_by, run.progress)}
