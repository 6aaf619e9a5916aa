"""Practice that was observed in a group."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms.cohorts.models import Cohort, Observation
from lms.core.database import db
from lms.core.errors import NotFound


def get_observation(observation_id: uuid.UUID) -> Observation:
    """Load an observation with its group; raise NotFound."""
    found = db.session.get(
        Observation,
        observation_id,
        options=[
            joinedload(Observation.cohort).joinedload(Cohort.unit),
            joinedload(Observation.person),
            joinedload(Observation.observer),
            joinedload(Observation.rubric),
        ],
    )
    if found is None:
        raise NotFound
    return found


def observations_of(cohort_id: uuid.UUID, person_id: uuid.UUID) -> Sequence[Observation]:
    """List what was observed of one person in a group, the latest first."""
    query = (
        select(Observation)
        .where(Observation.cohort_id == cohort_id, Observation.person_id == person_id)
        .options(joinedload(Observation.observer), joinedload(Observation.rubric))
        .order_by(Observation.observed_on.desc(), Observation.id.desc())
    )
    return db.session.scalars(query).all()
