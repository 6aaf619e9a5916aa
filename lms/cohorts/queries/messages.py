"""What a group is told, and what it asks."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms.cohorts.models import Announcement, Cohort, CohortQuestion
from lms.core.database import db
from lms.core.errors import NotFound


def get_question(question_id: uuid.UUID) -> CohortQuestion:
    """Load a member's question with its group; raise NotFound."""
    found = db.session.get(
        CohortQuestion, question_id, options=[joinedload(CohortQuestion.cohort).joinedload(Cohort.unit)]
    )
    if found is None:
        raise NotFound
    return found


def announcements_of(cohort_id: uuid.UUID, most: int = 20) -> Sequence[Announcement]:
    """List the latest announcements of a group."""
    query = (
        select(Announcement)
        .where(Announcement.cohort_id == cohort_id)
        .options(joinedload(Announcement.author))
        .order_by(Announcement.written_at.desc())
        .limit(most)
    )
    return db.session.scalars(query).all()


def questions_in(cohort_id: uuid.UUID, person_id: uuid.UUID | None = None, most: int = 50) -> Sequence[CohortQuestion]:
    """List what was asked in a group, what waits first; of one person only if wanted."""
    query = (
        select(CohortQuestion)
        .where(CohortQuestion.cohort_id == cohort_id)
        .options(joinedload(CohortQuestion.person))
        .order_by(CohortQuestion.answered_at.is_not(None), CohortQuestion.asked_at.desc())
        .limit(most)
    )
    if person_id is not None:
        query = query.where(CohortQuestion.person_id == person_id)
    return db.session.scalars(query).all()
