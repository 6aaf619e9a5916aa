"""Roles over units: who holds which, appointing and ending."""

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import func, select

from lms.access.policy import Actor, Held, Role, may_appoint
from lms.accounts import sessions
from lms.accounts.models import Grant, User
from lms.accounts.rules.authority import is_last, may_end
from lms.core import audit
from lms.core.database import db
from lms.core.errors import NotAllowed, RuleBroken
from lms.organization.models import Unit

_CHUNK = 500


def held_by(user_id: uuid.UUID) -> list[Held]:
    """List the roles a person holds today, each with the path it reaches below."""
    query = select(Grant.role, Unit.path).join(Unit).where(Grant.user_id == user_id, Grant.ended_at.is_(None))
    return [Held(Role(role), path) for role, path in db.session.execute(query)]


def held_by_many(user_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Held]]:
    """List the roles of many people at once."""
    held: dict[uuid.UUID, list[Held]] = {user_id: [] for user_id in user_ids}
    query = select(Grant.user_id, Grant.role, Unit.path).join(Unit)
    everybody = list(held)
    for start in range(0, len(everybody), _CHUNK):
        some = Grant.user_id.in_(everybody[start : start + _CHUNK])
        for user_id, role, path in db.session.execute(query.where(some, Grant.ended_at.is_(None))):
            held[user_id].append(Held(Role(role), path))
    return held


def roles_of(user_id: uuid.UUID) -> set[Role]:
    """Name the roles a person holds today, wherever."""
    return {one.role for one in held_by(user_id)}


def active_administrators(without: uuid.UUID | None = None) -> int:
    """Count who administers the whole site today and can sign in, leaving one person out."""
    query = (
        select(func.count(func.distinct(User.id)))
        .select_from(Grant)
        .join(User, User.id == Grant.user_id)
        .join(Unit, Unit.id == Grant.unit_id)
        .where(Grant.role == Role.ADMINISTRATOR, Grant.ended_at.is_(None), Unit.parent_id.is_(None))
        .where(User.state == "active")
    )
    if without is not None:
        query = query.where(User.id != without)
    return db.session.scalar(query) or 0


def appoint(actor: Actor | None, user: User, role: Role, unit: Unit, now: datetime) -> Grant:
    """Give a person a role over a unit and all below it; she signs in anew, under the terms of staff.

    :param actor: None is the command line of the server.
    :raise NotAllowed: the actor may not give this role here.
    :raise RuleBroken: she holds it already, or her account is suspended.
    """
    if actor is not None and not may_appoint(actor, role, unit):
        raise NotAllowed(_("You cannot give this role here."))
    if user.state == "suspended":
        raise RuleBroken(_("This account is suspended. Reactivate it first."))
    query = select(Grant.id).where(Grant.user_id == user.id, Grant.unit_id == unit.id, Grant.role == role)
    if db.session.scalars(query.where(Grant.ended_at.is_(None))).first():
        raise RuleBroken(_("%(name)s already holds this role here.", name=user.person.name))
    grant = Grant(
        user_id=user.id, unit_id=unit.id, role=role.value, granted_at=now, granted_by=actor.user_id if actor else None
    )
    db.session.add(grant)
    db.session.flush()
    if user.pin_hash:
        user.must_choose_secret = True  # six digits are not enough for a role over others
    if actor is None or actor.user_id != user.id:
        sessions.end_others(user.id)
    audit.record(actor, "grant.appoint", "grant", grant.id, now, after=_told([grant]))
    return grant


def end_grant(actor: Actor, grant: Grant, now: datetime) -> None:
    """End a role from this moment on.

    :raise NotAllowed: the actor could not have given it.
    :raise RuleBroken: nobody would be left to administer the site.
    """
    role = Role(grant.role)
    if not may_end(actor, Held(role, grant.unit.path)):
        raise NotAllowed(_("You cannot end this role."))
    if grant.ended_at is not None:
        return
    if grant.unit.parent_id is None and is_last(role, active_administrators(grant.user_id) + 1):
        raise RuleBroken(_("This is the last administrator. Appoint another one first."))
    grant.ended_at = now
    audit.record(actor, "grant.end", "grant", grant.id, now, before=_told([grant]))


def _told(grants: Iterable[Grant]) -> list[dict[str, str]]:
    return [{"user": str(one.user_id), "unit": str(one.unit_id), "role": one.role} for one in grants]
