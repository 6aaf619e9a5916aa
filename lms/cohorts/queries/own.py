"""The groups somebody learns in or leads, as her own pages show them."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, case, func, or_, select

from lms.cohorts.models import Cohort, CohortMember, CohortQuestion, Observation, Session
from lms.cohorts.queries.groups import led_by
from lms.core.database import read
from lms.curriculum.models import Version

_STILL_ON = timedelta(hours=4)  # a session that began this morning is still today's


@dataclass(frozen=True)
class MyGroup:
    """One of somebody's groups with its next session, and what waits there for her."""

    id: uuid.UUID
    name: str
    course: Any
    leads: bool
    next_title: str | None
    next_at: datetime | None
    next_venue: str | None
    unsigned: int  # observations of her practice that she has not signed
    questions: int  # asked of her, when she leads


def my_groups(person_id: uuid.UUID, now: datetime) -> list[MyGroup]:
    """List the open groups somebody learns in or leads, each with the session that comes or is on; one statement."""
    after = (
        select(Session.id)
        .where(Session.cohort_id == Cohort.id, Session.state == "planned", Session.starts_at >= now - _STILL_ON)
        .order_by(Session.starts_at)
        .limit(1)
        .correlate(Cohort)
        .scalar_subquery()
    )
    unsigned = (
        select(func.count())
        .where(
            Observation.cohort_id == Cohort.id,
            Observation.person_id == person_id,
            Observation.person_signed_at.is_(None),
        )
        .correlate(Cohort)
        .scalar_subquery()
    )
    questions = (
        select(func.count())
        .where(CohortQuestion.cohort_id == Cohort.id, CohortQuestion.answered_at.is_(None))
        .correlate(Cohort)
        .scalar_subquery()
    )
    learns = Cohort.id.in_(
        select(CohortMember.cohort_id).where(CohortMember.person_id == person_id, CohortMember.left_at.is_(None))
    )
    leads = led_by(person_id)
    query = (
        select(
            Cohort.id,
            Cohort.name,
            Version.neutral_title,
            case((leads, 1), else_=0),
            Session.title,
            Session.starts_at,
            Session.venue,
            unsigned,
            case((leads, questions), else_=0),
        )
        .join(Version, Version.id == Cohort.version_id)
        .outerjoin(Session, Session.id == after)
        .where(or_(learns, leads), Cohort.closed_at.is_(None))
        .order_by(Session.starts_at.is_(None), Session.starts_at, Cohort.name)
        .limit(20)
    )
    with read() as connection:
        return [_my_group(row) for row in connection.execute(query)]


def _my_group(row: Row[Any]) -> MyGroup:
    values: list[Any] = list(row)
    values[3] = bool(values[3])
    return MyGroup(*values)
