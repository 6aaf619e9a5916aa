"""Printing that nobody waits for, and what is swept away after it."""

from datetime import time, timedelta

from lms.access.policy import Action, Actor, can
from lms.accounts.models import User
from lms.accounts.services.grants import held_by
from lms.certification.models import PrintRun
from lms.certification.paper import services
from lms.cohorts.models import Cohort
from lms.core import clock
from lms.core.database import db
from lms.core.errors import NotAllowed, NotFound
from lms.core.ids import id_from_text
from lms.core.work import Run, job, periodic


@job(services.JOB)
def print_group(run: Run, asked: str) -> dict[str, int]:
    """Print the certificates of a group, if whoever asked still may."""
    wanted = db.session.get(PrintRun, id_from_text(asked))
    if wanted is None:
        raise NotFound
    cohort, user = db.session.get_one(Cohort, wanted.cohort_id), db.session.get(User, run.requested_by)
    if user is None:
        raise NotAllowed
    actor = Actor(user.id, user.person_id, tuple(held_by(user.id)), has_second_factor=True)
    if not can(actor, Action.COHORT_MANAGE, cohort):
        raise NotAllowed
    return {"printed": services.prepare(wanted, run.now, clock.today(), run.progress)}


@periodic("certification.sweep_paper", timedelta(days=1), at=time.fromisoformat("03:20"))
def sweep_paper(run: Run) -> dict[str, int]:
    """Throw away printed files that were kept long enough."""
    return {"swept": services.sweep(run.now)}
