"""Signing in: finding whose the name is, trying the secret, opening the sign-in."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from lms.access.policy import NEEDS_SECOND_FACTOR, Role
from lms.accounts import hashing, sessions, throttle
from lms.accounts.models import User
from lms.accounts.rules.names import written
from lms.accounts.rules.secrets import is_pin
from lms.accounts.services.grants import roles_of
from lms.core import audit
from lms.core.database import db, read


@dataclass(frozen=True)
class Claimed:
    """What somebody says to be: an account that may or may not exist.

    `key` names the buckets that are seen when they are full: what was typed, and never whose it is. Two spellings that
    share their count, or do not, would else tell that there is an account.
    """

    key: str
    user_id: uuid.UUID | None = None
    password_hash: str | None = None
    pin_hash: str | None = None

    @property
    def owner(self) -> str:
        """Name the bucket that is never seen: one account, whichever of its names was typed."""
        return self.user_id.hex if self.user_id else self.key

    def hash_for(self, secret: str) -> str | None:
        """Choose what to compare with: one comparison whatever was typed, so that the answer takes one time."""
        return self.pin_hash if is_pin(secret) else self.password_hash


def find(login: str) -> Claimed:
    """Look an account up by user name or e-mail, outside of any transaction: hashing must not hold the database."""
    users, name = User.__table__.c, written(login)
    query = select(users.id, users.state, users.password_hash, users.pin_hash).where(
        or_(users.username == name, users.email == login.strip().lower())
    )
    with read() as connection:
        row = connection.execute(query).first()
    if row is None:
        return Claimed(name)
    if row.state != "active":
        return Claimed(name, row.id)  # nothing opens it
    return Claimed(name, row.id, row.password_hash, row.pin_hash)


def count_try(claimed: Claimed, now: datetime) -> tuple[dict[str, str], bool]:
    """Count a try before it is made; return its buckets, and whether the account behind the name bears one more.

    When it does not, the answer is the one to a wrong secret.
    :raise TooMany: this name was tried too often.
    """
    buckets = throttle.sign_in_buckets(claimed.key, throttle.here(), now)
    throttle.charge(buckets, now)
    unseen = {"owner": claimed.owner} if "account" in buckets else {}
    return buckets | unseen, throttle.fits(unseen, now)


def opens(claimed: Claimed, secret: str) -> bool:
    """Tell whether the secret opens the account; as slow for an account that does not exist."""
    return hashing.matches(claimed.hash_for(secret), secret) and claimed.user_id is not None


@dataclass(frozen=True)
class Entered:
    """What the door has to know of somebody who came in, to lead her on."""

    has_second_step: bool
    must_choose_secret: bool
    roles: frozenset[Role]

    @property
    def needs_second_step(self) -> bool:
        return self.has_second_step or not NEEDS_SECOND_FACTOR.isdisjoint(self.roles)


def let_in(claimed: Claimed, secret: str, is_shared: bool, buckets: dict[str, str], now: datetime) -> Entered:
    """Open a sign-in for somebody whose secret was right."""
    user = db.session.get_one(User, claimed.user_id)
    stored = claimed.hash_for(secret)
    if stored and hashing.is_outdated(stored):
        fresh = hashing.hashed(secret)
        user.pin_hash, user.password_hash = (fresh, None) if is_pin(secret) else (user.pin_hash, fresh)
    throttle.settle(buckets, now)
    return enter(user, is_shared, now)


def enter(user: User, is_shared: bool, now: datetime, has_second_factor: bool = False) -> Entered:
    """Begin a sign-in, under the terms of what the person does here."""
    roles = frozenset(roles_of(user.id))
    sessions.open_sign_in(user, is_shared, now, has_second_factor, is_staff=bool(roles))
    user.last_signed_in_at = now
    if roles:
        audit.record(user.id, "account.sign_in", "user", user.id, now)
    return Entered(user.totp_sealed is not None, user.must_choose_secret, roles)
