"""Passwords and PINs: chosen by their owner, or drawn for somebody who has no e-mail."""

import secrets
import uuid
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete

from lms.access.policy import Actor
from lms.accounts import hashing, sessions
from lms.accounts.models import Token, User
from lms.accounts.rules.authority import may_use_pin
from lms.accounts.rules.secrets import PIN_LENGTH, is_pin, password_problem, pin_problem
from lms.accounts.services.grants import roles_of
from lms.core import audit
from lms.core.choices import choices
from lms.core.database import db
from lms.core.errors import RuleBroken

PROBLEMS = {
    "short": lambda: _("Write at least 10 characters. Three or four words in a row are easy to remember."),
    "long": lambda: _("Write at most 256 characters."),
    "common": lambda: _("Many people use this password, so it is the first that a stranger tries. Choose another one."),
    "own": lambda: _("This is almost your own name or user name. Choose something that others do not know of you."),
    "pin-shape": lambda: _("Write a PIN of exactly 6 digits, or a password of at least 10 characters."),
    "pin-easy": lambda: _("This PIN is easy to guess. Choose six digits that do not repeat or follow each other."),
}


def secret_problem(user: User, secret: str, username: str | None = None) -> str | None:
    """Say what is wrong with a secret the person wants; None when nothing is."""
    is_digits = len(secret) < PIN_LENGTH + 2 and secret.isascii() and secret.isdigit()
    if is_digits and may_use_pin(user.email, roles_of(user.id)):
        code = pin_problem(secret)
    else:
        own = (username or user.username, user.username, user.person.name, user.email or "", choices().short_name)
        code = password_problem(secret, own)
    return PROBLEMS[code]() if code else None


def choose_secret(user: User, secret: str, now: datetime, keep: uuid.UUID | None = None) -> None:
    """Set the password or PIN its owner chose; every sign-in but the one to keep ends.

    :raise RuleBroken: others would guess it.
    """
    if problem := secret_problem(user, secret, user.username):
        raise RuleBroken(problem)
    _set_secret(user, secret)
    user.must_choose_secret = False
    sessions.end_others(user.id, keep)
    audit.record(user.id, "account.secret", "user", user.id, now)


def new_pin(user: User, actor: Actor | None, now: datetime, must_choose: bool = False) -> str:
    """Draw a fresh PIN, to be shown once; whatever opened the account before does not any more.

    :raise RuleBroken: the account is suspended, or the person's roles ask for more than six digits.
    """
    if user.state == "suspended":
        raise RuleBroken(_("This account is suspended. Reactivate it first."))
    if not may_use_pin(None, roles_of(user.id)):
        raise RuleBroken(_("Six digits are not enough for this person's roles. Send a link by e-mail or print one."))
    pin = draw_pin()
    give_pin(user, hashing.hashed(pin), must_choose, actor, now)
    return pin


def give_pin(user: User, pin_hash: str, must_choose: bool, actor: Actor | None, now: datetime) -> None:
    """Let a PIN whose hash is at hand open the account, and nothing else."""
    user.pin_hash, user.password_hash = pin_hash, None
    user.state, user.must_choose_secret = "active", must_choose
    db.session.execute(delete(Token).where(Token.user_id == user.id))
    sessions.end_others(user.id)
    audit.record(actor, "account.pin", "user", user.id, now)


def draw_pin() -> str:
    """Draw six digits that nobody would guess first."""
    while True:
        pin = f"{secrets.randbelow(10**PIN_LENGTH):0{PIN_LENGTH}}"
        if pin_problem(pin) is None:
            return pin


def _set_secret(user: User, secret: str) -> None:
    # One secret at a time: an old password left behind a new PIN would be a second door.
    hash_ = hashing.hashed(secret)
    user.pin_hash, user.password_hash = (hash_, None) if is_pin(secret) else (None, hash_)
