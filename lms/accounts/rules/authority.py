"""Who may touch whose account, and which roles may be ended."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from lms.access.policy import Action, Actor, Held, Role, can, may_appoint


@dataclass(frozen=True)
class Over:
    """A place in the tree of units, as a subject for the permission table."""

    access_path: str
    access_person: uuid.UUID | None = None


def may_manage_account(actor: Actor, home: Over, held: Iterable[Held]) -> bool:
    """Tell whether the actor may invite, reset or suspend this account.

    Whoever resets an account can enter it. So nobody resets the account of a person whose roles she could not give:
    a registrar never becomes administrator by way of the administrator's forgotten PIN.
    """
    if actor.person_id is not None and actor.person_id == home.access_person:
        return False  # one's own account is kept in one's own settings, where the old secret is asked for
    return can(actor, Action.PERSON_MANAGE, home) and all(may_appoint(actor, one.role, Over(one.path)) for one in held)


def may_end(actor: Actor, held: Held) -> bool:
    """Tell whether the actor may end this role: whoever may give it may take it back."""
    return may_appoint(actor, held.role, Over(held.path))


def is_last(role: Role, active_administrators: int) -> bool:
    """Tell whether ending this role would leave nobody to administer the site."""
    return role is Role.ADMINISTRATOR and active_administrators <= 1


def may_use_pin(email: str | None, roles: Collection[Role]) -> bool:
    """Tell whether six digits are enough: for people without e-mail, as long as they hold no role over others."""
    return not email and not roles
