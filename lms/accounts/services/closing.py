"""Closing accounts and taking away what was lost."""

import uuid
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete

from lms.access.policy import Actor, Role
from lms.accounts import sessions
from lms.accounts.models import SignIn, Token, User
from lms.accounts.rules.authority import is_last
from lms.accounts.second_step import turn_off
from lms.accounts.services.grants import active_administrators, roles_of
from lms.core import audit
from lms.core.database import db
from lms.core.errors import RuleBroken


def suspend(user: User, actor: Actor, now: datetime) -> None:
    """Close an account at once, without losing anything of it.

    :raise RuleBroken: nobody would be left to administer the site.
    """
    if Role.ADMINISTRATOR in roles_of(user.id) and is_last(Role.ADMINISTRATOR, active_administrators(user.id) + 1):
        raise RuleBroken(_("This is the last administrator. Appoint another one first."))
    user.state = "suspended"
    db.session.execute(delete(Token).where(Token.user_id == user.id))
    sessions.end_others(user.id)
    audit.record(actor, "account.suspend", "user", user.id, now)


def reactivate(user: User, actor: Actor, now: datetime) -> None:
    """Open a suspended account again, with the secret it had."""
    if user.state == "suspended":
        user.state = "active" if user.password_hash or user.pin_hash else "invited"
        audit.record(actor, "account.reactivate", "user", user.id, now)


def sign_out_everywhere(user: User, actor: Actor, now: datetime) -> None:
    """End every sign-in of a person whose phone was lost or stolen."""
    sessions.end_others(user.id)
    audit.record(actor, "account.sign_out", "user", user.id, now)


def reset_second_step(user: User, actor: Actor, now: datetime) -> None:
    """Take away a second step whose phone is lost; the next sign-in sets up a new one where a role asks for it."""
    turn_off(user)
    sessions.end_others(user.id)
    audit.record(actor, "account.second_step.reset", "user", user.id, now)


def end_sign_in(user_id: uuid.UUID, sign_in_id: uuid.UUID) -> None:
    """End one of a person's own sign-ins."""
    db.session.execute(delete(SignIn).where(SignIn.user_id == user_id, SignIn.id == sign_in_id))
