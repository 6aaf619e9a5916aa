"""People as those who lead groups find them: by the user name a person told them, or by name within their reach."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, and_, select
from sqlalchemy.orm import joinedload

from lms.access.policy import Action, Actor, reach
from lms.access.queries import within
from lms.accounts.models import User
from lms.accounts.rules.names import written
from lms.cohorts.models import Cohort, CohortMember
from lms.core.database import db
from lms.core.errors import NotFound
from lms.core.texts import folded
from lms.organization.models import Person, Unit


def person_called(username: str | None) -> Person | None:
    """Return who has this very user name; nobody is found by half of one, or by an e-mail."""
    return people_called([username or ""]).get(written(username or ""))


def people_called(usernames: Sequence[str]) -> dict[str, Person]:
    """Return the people who have these very user names, as they are written."""
    names = {written(one) for one in usernames if one and "\x00" not in one}
    if not names:
        return {}
    query = (
        select(User)
        .join(Person, Person.id == User.person_id)
        .where(
            User.username.in_(names),
            User.state != "suspended",
            Person.left_on.is_(None),
            Person.merged_into_id.is_(None),
        )
        .options(joinedload(User.person))
    )
    return {user.username: user.person for user in db.session.scalars(query)}


def people_to_add(actor: Actor, cohort: Cohort, words: str, most: int = 20) -> list[Row[Any]]:
    """Search people by name within the actor's reach; who is in the group is marked."""
    query = (
        select(
            Person.id,
            Person.given_names,
            Person.family_names,
            Unit.name.label("unit"),
            CohortMember.joined_at,
        )
        .join(Unit, Unit.id == Person.unit_id)
        .outerjoin(
            CohortMember,
            and_(
                CohortMember.person_id == Person.id,
                CohortMember.cohort_id == cohort.id,
                CohortMember.left_at.is_(None),
            ),
        )
        .where(
            within(reach(actor, Action.PERSON_READ), Unit.path),
            Person.left_on.is_(None),
            Person.merged_into_id.is_(None),
        )
        .order_by(Person.name_folded, Person.id)
        .limit(most)
    )
    for word in folded(words).split()[:8]:
        query = query.where(Person.name_folded.contains(word, autoescape=True))
    return list(db.session.execute(query))


def person_within(actor: Actor, person_id: uuid.UUID) -> Person:
    """Load a person within the actor's reach; raise NotFound."""
    query = (
        select(Person)
        .join(Unit, Unit.id == Person.unit_id)
        .where(
            Person.id == person_id,
            within(reach(actor, Action.PERSON_READ), Unit.path),
            Person.left_on.is_(None),
            Person.merged_into_id.is_(None),
        )
    )
    found = db.session.scalars(query).first()
    if found is None:
        raise NotFound
    return found


def same_named(cohort: Cohort, name: str) -> list[Row[Any]]:
    """List people of this very name in the group's office, before somebody is written down twice."""
    query = select(Person.id, Person.given_names, Person.family_names).where(
        Person.unit_id == cohort.unit_id,
        Person.name_folded == folded(name),
        Person.merged_into_id.is_(None),
        Person.left_on.is_(None),
    )
    return list(db.session.execute(query.limit(5)))


def names_in_unit(cohort: Cohort, names: Sequence[str]) -> set[str]:
    """Return those of these names that somebody of the group's office has."""
    wanted = {folded(name) for name in names}
    query = select(Person.name_folded).where(
        Person.unit_id == cohort.unit_id,
        Person.name_folded.in_(wanted),
        Person.left_on.is_(None),
        Person.merged_into_id.is_(None),
    )
    return set(db.session.scalars(query))


def name_of(person_id: uuid.UUID) -> str:
    """Return a person's name."""
    found = db.session.get(Person, person_id)
    return found.name if found else ""
