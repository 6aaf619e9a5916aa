"""Who is in a group."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import joinedload

from lms.accounts.models import User
from lms.cohorts.models import Cohort, CohortMember
from lms.core.database import db
from lms.core.errors import NotFound
from lms.organization.models import Person, Unit


def get_member(cohort: Cohort, person_id: uuid.UUID) -> CohortMember:
    """Load somebody's place in a group, left or not; raise NotFound."""
    found = db.session.get(CohortMember, (cohort.id, person_id), options=[joinedload(CohortMember.person)])
    if found is None:
        raise NotFound
    return found


def members_of(cohort_id: uuid.UUID, with_left: bool = False) -> list[Row[Any]]:
    """List the people of a group by name."""
    query = (
        select(
            Person.id,
            Person.given_names,
            Person.family_names,
            Unit.name.label("unit"),
            CohortMember.joined_at,
            CohortMember.joined_by,
            CohortMember.left_at,
            CohortMember.enrolment_id,
        )
        .join(CohortMember, CohortMember.person_id == Person.id)
        .join(Unit, Unit.id == Person.unit_id)
        .where(CohortMember.cohort_id == cohort_id)
        .order_by(Person.name_folded, Person.id)
    )
    if not with_left:
        query = query.where(CohortMember.left_at.is_(None))
    return list(db.session.execute(query))


def without_account(cohort: Cohort) -> Sequence[Person]:
    """List the people of a group who were written down in its own office and have no account yet."""
    query = (
        select(Person)
        .join(CohortMember, CohortMember.person_id == Person.id)
        .outerjoin(User, User.person_id == Person.id)
        .where(
            CohortMember.cohort_id == cohort.id,
            CohortMember.left_at.is_(None),
            CohortMember.joined_by.in_(("file", "new")),
            Person.unit_id == cohort.unit_id,
            User.id.is_(None),
        )
        .order_by(Person.name_folded)
    )
    return db.session.scalars(query).all()
