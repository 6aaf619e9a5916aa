"""The first administrator, and every later one that the command line makes or rescues."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import select

from lms.access.policy import Actor, Role
from lms.accounts.links import Purpose, draw_link
from lms.accounts.models import Grant, User
from lms.accounts.services.giving import free_names, give_account
from lms.accounts.services.grants import active_administrators, appoint
from lms.accounts.services.own import change_self
from lms.core import audit
from lms.core.database import db
from lms.core.models import SiteSetting
from lms.organization.models import Unit
from lms.organization.services.people import add_person
from lms.organization.services.units import change_unit, ensure_root

NEUTRAL_NAME = "Institución"  # until the first administrator says whose site it is


def admin_link(name: str | None, email: str | None, now: datetime) -> tuple[User, str]:
    """Draw the one-time link of an administrator: made new, still waiting to come in, or locked out.

    With the e-mail of somebody who has an account, she is made administrator and the link lets her choose a new
    password and set up her second step again. Without, it is for the one administrator who has not come in yet.
    """
    user = _known(email) if email else _waiting(name)
    if user is None:
        user = _new(name, email, now)
    root = ensure_root(NEUTRAL_NAME, now)
    if not _administers(user.id, root.id):
        appoint(None, user, Role.ADMINISTRATOR, root, now)
    audit.record(None, "admin.link", "user", user.id, now)
    return user, draw_link(user, Purpose.ADMIN, now)


def is_administered() -> bool:
    """Tell whether somebody administers the site and has come in."""
    return active_administrators() > 0


def introduce(user: User, told: dict[str, Any], now: datetime) -> None:
    """Keep what a new administrator says of herself and, the very first, of her agency."""
    actor = Actor(user.id, user.person_id)
    change_self(user.person, told, actor, now)
    if agency := told.get("agency"):
        root, short_name = ensure_root(agency, now), told["short_name"]
        change_unit(actor, root, _told_of(root) | {"name": agency, "short_name": short_name}, now)
        for key, value in (("agency", agency), ("short_name", short_name)):
            db.session.merge(SiteSetting(key=key, value={"is": value}, changed_at=now, changed_by=user.id))
            audit.record(actor, "settings.change", "setting", key, now, after=value)


def _told_of(unit: Unit) -> dict[str, Any]:
    return {name: getattr(unit, name) for name in ("name", "kind", "short_name", "code", "place_code")}


def _known(email: str) -> User | None:
    return db.session.scalars(select(User).where(User.email == email.strip().lower())).first()


def _waiting(name: str | None) -> User | None:
    if name:
        return None
    query = (
        select(User)
        .join(Grant, Grant.user_id == User.id)
        .where(User.state == "invited", Grant.role == Role.ADMINISTRATOR, Grant.ended_at.is_(None))
        .where(User.email.is_(None))
    )
    return db.session.scalars(query.order_by(User.created_at.desc())).first()


def _new(name: str | None, email: str | None, now: datetime) -> User:
    person = add_person(None, ensure_root(NEUTRAL_NAME, now), {"given_names": name or ""}, now)
    return give_account(person, None if name else free_names({person.id: "admin"})[person.id], email, now)


def _administers(user_id: uuid.UUID, unit_id: uuid.UUID) -> bool:
    query = select(Grant.id).where(Grant.user_id == user_id, Grant.unit_id == unit_id, Grant.ended_at.is_(None))
    return db.session.scalars(query.where(Grant.role == Role.ADMINISTRATOR)).first() is not None
