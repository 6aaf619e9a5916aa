"""Accounts for many at once: a list of people, and what to do for each of them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lms.access.policy import Actor
from lms.accounts import hashing
from lms.accounts.models import User
from lms.accounts.queries import users_of
from lms.accounts.rules.authority import Over, may_manage_account, may_use_pin
from lms.accounts.services.choosing import draw_pin, give_pin
from lms.accounts.services.giving import give_accounts
from lms.accounts.services.grants import held_by_many
from lms.accounts.services.inviting import invite_many, printed_invitations
from lms.organization.models import Person

MOST_SHEETS, MOST_SLIPS = 200, 40  # a PIN costs a slow hash each, a printed link does not


@dataclass
class Outcome:
    """What came of a batch: for whom it was done, with what to hand over, and for whom not."""

    done: list[tuple[User, str]] = field(default_factory=list)
    skipped: list[Person] = field(default_factory=list)


def draw_pins(count: int) -> list[tuple[str, str]]:
    """Draw PINs with their hashes, before any transaction: hashing must not hold the database."""
    pins = [draw_pin() for _ in range(count)]
    return [(pin, hashing.hashed(pin)) for pin in pins]


def mail_invitations(people: Sequence[Person], actor: Actor, now: datetime) -> Outcome:
    """Send invitations to everybody who has an e-mail and has not come in yet."""
    outcome = Outcome()
    users = users_of(people)
    allowed = _allowed(people, users, actor)
    fit = [user for user in users.values() if user.email and user.state == "invited" and user.person_id in allowed]
    codes = invite_many(fit, actor, now)
    done = {user.person_id for user in fit}
    outcome.done = [(user, codes[user.id]) for user in fit]
    outcome.skipped = [one for one in people if one.id not in done]
    return outcome


def print_invitations(people: Sequence[Person], actor: Actor, now: datetime) -> Outcome:
    """Draw printed invitations, giving accounts to those who have none."""
    users, outcome = _with_accounts(people, actor, now)
    invited = [user for user in users if user.state == "invited"]
    outcome.skipped += [user.person for user in users if user.state != "invited"]
    codes = printed_invitations(invited, actor, now)
    outcome.done = [(user, codes[user.id]) for user in invited]
    return outcome


def print_slips(
    people: Sequence[Person], pins: Sequence[tuple[str, str]], must_choose: bool, actor: Actor, now: datetime
) -> Outcome:
    """Give PINs, and accounts to those who have none."""
    users, outcome = _with_accounts(people, actor, now)
    held = held_by_many([user.id for user in users])
    fit = [
        user for user in users if user.state != "suspended" and may_use_pin(None, {one.role for one in held[user.id]})
    ]
    outcome.skipped += [user.person for user in users if user not in fit]
    for user, (pin, hash_) in zip(fit, pins, strict=False):
        give_pin(user, hash_, must_choose, actor, now)
        outcome.done.append((user, pin))
    return outcome


def _with_accounts(people: Sequence[Person], actor: Actor, now: datetime) -> tuple[list[User], Outcome]:
    users = users_of(people)
    allowed = _allowed(people, users, actor)
    outcome = Outcome(skipped=[one for one in people if one.id not in allowed])
    lacking = [one for one in people if one.id in allowed and one.id not in users]
    users |= {user.person_id: user for user in give_accounts(lacking, now, actor)}
    return [users[one.id] for one in people if one.id in allowed], outcome


def _allowed(people: Sequence[Person], users: dict[uuid.UUID, User], actor: Actor) -> set[uuid.UUID]:
    held = held_by_many([user.id for user in users.values()])
    return {
        one.id
        for one in people
        if may_manage_account(actor, Over(one.access_path, one.id), held[users[one.id].id] if one.id in users else [])
    }
