"""Large packages are read and loaded after the page has answered."""

import uuid
from dataclasses import asdict
from typing import Any

from lms.access.policy import Action, Actor, can
from lms.accounts.services.grants import held_by
from lms.core import storage
from lms.core.database import db
from lms.core.errors import NotAllowed, NotFound
from lms.core.ids import id_from_text, id_text
from lms.core.jobs import Run, job
from lms.curriculum.loading import load_zip
from lms.organization.models import Unit

LOAD = "curriculum.load"


@job(LOAD, tries=2)
def load_upload(run: Run, blob: str, name: str, unit: str) -> dict[str, Any]:
    """Read an uploaded zip and load it as a draft; the result names the version, or every problem."""
    owner = db.session.get(Unit, id_from_text(unit))
    actor = actor_of(run.requested_by)
    if owner is None:
        raise NotFound
    if not can(actor, Action.COURSE_MANAGE, owner):
        raise NotAllowed
    run.progress(0, 2)
    data = storage.read_bytes(blob)
    run.progress(1, 2)
    outcome = load_zip(data, name, owner, actor, run.now)
    run.progress(2, 2)
    if outcome.version is None:
        return {"problems": [asdict(problem) for problem in outcome.problems]}
    return {"version": id_text(outcome.version.id), "is_new": outcome.is_new}


def actor_of(user_id: uuid.UUID | None) -> Actor:
    """Return whoever asked, with the roles held now: what was allowed when it was asked for may be no longer."""
    return Actor(user_id, None, tuple(held_by(user_id)) if user_id else (), has_second_factor=True)
