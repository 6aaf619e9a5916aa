"""Reading accounts, already narrowed to what the actor may see."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, literal, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from lms.access.policy import Action, Actor, reach
from lms.access.queries import within
from lms.accounts.models import Grant, SignIn, Token, User
from lms.core.database import db
from lms.core.errors import NotFound
from lms.core.texts import folded
from lms.organization.models import Person, Unit

PAGE = 50


def sign_ins_of(user_id: uuid.UUID, now: datetime) -> list[SignIn]:
    """List where a person is signed in, the latest first; what ran out untouched is left out."""
    query = select(SignIn).where(SignIn.user_id == user_id, SignIn.expires_at > now).order_by(SignIn.seen_at.desc())
    return [one for one in db.session.scalars(query) if now < one.seen_at + timedelta(minutes=one.idle_minutes)]


def own_roles(user_id: uuid.UUID) -> Sequence[Row[str, str]]:
    """List a person's roles with the names of the units they hold over."""
    query = select(Grant.role, Unit.name).join(Unit).where(Grant.user_id == user_id, Grant.ended_at.is_(None))
    return db.session.execute(query.order_by(Unit.path, Grant.role)).all()


def get_grant(grant_id: uuid.UUID) -> Grant:
    """Load a role that somebody holds; raise NotFound."""
    grant = db.session.get(Grant, grant_id, options=[joinedload(Grant.unit), joinedload(Grant.user)])
    if grant is None or grant.ended_at is not None:
        raise NotFound
    return grant


def invitation_of(user_id: uuid.UUID, now: datetime) -> Token | None:
    """Return the invitation that still waits to be accepted."""
    query = select(Token).where(Token.user_id == user_id, Token.purpose == "invite", Token.used_at.is_(None))
    return db.session.scalars(query.where(Token.expires_at > now)).first()


# --- the list of invitations ----------------------------------------------------------------------------------------

_account_state: ColumnElement[str] = func.coalesce(User.state, "none")
SORTS = {"name": Person.name_folded, "unit": Unit.name_folded, "invited": Token.created_at}


def _within_reach(actor: Actor, words: str, unit: Unit | None) -> Select[Any]:
    query = (
        select()
        .select_from(Person)
        .join(Unit, Unit.id == Person.unit_id)
        .outerjoin(User, User.person_id == Person.id)
        .where(within(reach(actor, Action.PERSON_MANAGE), Unit.path))
        .where(Person.left_on.is_(None), Person.merged_into_id.is_(None))
    )
    if unit is not None:
        query = query.where(Unit.path.startswith(unit.path, autoescape=True))
    for word in folded(words).split():
        query = query.where(or_(Person.name_folded.contains(word, autoescape=True), User.username.contains(word)))
    return query


def count_states(actor: Actor, words: str, unit: Unit | None) -> dict[str, int]:
    """Count the people of the list by the state of their account."""
    query = _within_reach(actor, words, unit).add_columns(_account_state, func.count()).group_by(_account_state)
    return {row[0]: row[1] for row in db.session.execute(query)}


def list_accounts(
    actor: Actor, state: str, words: str, unit: Unit | None, sort: str = "name", limit: int = PAGE, offset: int = 0
) -> Sequence[Row[Any]]:
    """List people by the state of their account: Person, User, unit name, when invited, until when."""
    order = SORTS.get(sort.lstrip("-"), Person.name_folded)
    query = (
        _within_reach(actor, words, unit)
        .add_columns(Person, User, Unit.name.label("unit_name"), Token.created_at, Token.expires_at)
        .outerjoin(Token, (Token.user_id == User.id) & (Token.purpose == "invite") & Token.used_at.is_(None))
        .where(_account_state == state)
        .order_by(order.desc() if sort.startswith("-") else order, Person.id)
        .limit(limit)
        .offset(offset)
    )
    return db.session.execute(query).all()


def chosen_people(actor: Actor, ids: Sequence[uuid.UUID]) -> list[Person]:
    """Load the people ticked in the list, leaving out whoever is not within reach."""
    query = _within_reach(actor, "", None).add_columns(Person).where(Person.id.in_(ids))
    query = query.options(contains_eager(Person.unit))
    return list(db.session.scalars(query.order_by(Person.name_folded)))


def users_of(people: Sequence[Person]) -> dict[uuid.UUID, User]:
    """Return the accounts of many people, by person."""
    query = select(User).where(User.person_id.in_([one.id for one in people])).options(joinedload(User.person))
    return {user.person_id: user for user in db.session.scalars(query)}


# --- roles ----------------------------------------------------------------------------------------------------------


def list_grants(actor: Actor, role: str, words: str, page: int) -> tuple[Sequence[Row[Any]], int]:
    """List the roles held within reach, by office: Grant, Unit, Person, user name; and how many there are."""
    query = (
        select()
        .select_from(Grant)
        .join(Unit, Unit.id == Grant.unit_id)
        .join(User, User.id == Grant.user_id)
        .join(Person, Person.id == User.person_id)
        .where(within(reach(actor, Action.GRANT_MANAGE), Unit.path), Grant.ended_at.is_(None))
    )
    if role:
        query = query.where(Grant.role == role)
    for word in folded(words).split():
        query = query.where(or_(Person.name_folded.contains(word), Unit.name_folded.contains(word)))
    total = db.session.scalar(query.add_columns(func.count())) or 0
    rows = query.add_columns(Grant, Unit, Person, User.username).order_by(Unit.path, Person.name_folded, Grant.id)
    return db.session.execute(rows.limit(PAGE).offset((page - 1) * PAGE)).all(), total


def grants_of(user_id: uuid.UUID) -> list[Grant]:
    """List the roles a person holds today."""
    query = select(Grant).where(Grant.user_id == user_id, Grant.ended_at.is_(None)).options(joinedload(Grant.unit))
    return list(db.session.scalars(query.order_by(Grant.granted_at)))


def offices_for(actor: Actor, person: Person, words: str, limit: int = 20) -> list[Unit]:
    """Offer offices over which a role may be given: those searched for, else the person's own and those above it."""
    query = select(Unit).where(within(reach(actor, Action.GRANT_MANAGE), Unit.path), Unit.closed_on.is_(None))
    if words:
        for word in folded(words).split():
            query = query.where(Unit.name_folded.contains(word, autoescape=True))
    else:
        query = query.where(literal(person.unit.path).startswith(Unit.path))
    return list(db.session.scalars(query.order_by(func.length(Unit.path).desc(), Unit.name_folded).limit(limit)))
