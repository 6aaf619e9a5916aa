"""Giving accounts: who gets one, under which user name, reached at which e-mail."""

import secrets
import uuid
from collections.abc import Iterable
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, delete, select

from lms.access.policy import Actor
from lms.accounts.models import Token, User
from lms.accounts.rules import names
from lms.accounts.rules.authority import Over, may_manage_account
from lms.accounts.services.grants import held_by
from lms.core import audit
from lms.core.database import db
from lms.core.errors import NotAllowed, RuleBroken
from lms.core.languages import DEFAULT_LOCALE
from lms.organization.models import Person

_CHUNK = 500


def user_of(person_id: uuid.UUID) -> User | None:
    """Return a person's way in, if she has one."""
    return db.session.scalars(select(User).where(User.person_id == person_id)).first()


def is_manageable(actor: Actor, person: Person) -> bool:
    """Tell whether the actor may manage this person's account."""
    user = user_of(person.id)
    held = held_by(user.id) if user else []
    return may_manage_account(actor, Over(person.access_path, person.id), held)


def check_authority(actor: Actor, person: Person) -> None:
    """Let through whoever may manage this person's account.

    :raise NotAllowed: the person holds a role the actor could not give, or is the actor herself.
    """
    if not is_manageable(actor, person):
        raise NotAllowed(_("This person's roles are not yours to give, so their account is not yours to manage."))


def give_account(
    person: Person,
    username: str | None,
    email: str | None,
    now: datetime,
    actor: Actor | None = None,
    locale: str = DEFAULT_LOCALE,
) -> User:
    """Give a person a way in, still closed until she accepts her invitation or gets a PIN.

    :param locale: the language in which we write to her.
    :raise RuleBroken: she has one already, or the user name or e-mail is somebody else's or cannot be one.
    """
    if user_of(person.id):
        raise RuleBroken(_("%(name)s already has an account.", name=person.name))
    user = User(
        person=person,
        username=free_username(username) if username else username_for(person),
        email=free_email(email) if email else None,
        state="invited",
        interface_locale=locale,
        created_at=now,
    )
    db.session.add(user)
    db.session.flush()
    audit.record(actor, "account.give", "user", user.id, now)
    return user


def give_accounts(people: Iterable[Person], now: datetime, actor: Actor | None = None) -> list[User]:
    """Give many people accounts at once, without any secret: each gets a printed link, which costs no slow hash."""
    everybody = list(people)
    found = select(User.person_id).where(User.person_id.in_([one.id for one in everybody]))
    have = set(db.session.scalars(found)) if everybody else set()
    lacking = [one for one in everybody if one.id not in have]
    chosen = usernames_for(lacking)
    users = [User(person=one, username=chosen[one.id], state="invited", created_at=now) for one in lacking]
    db.session.add_all(users)
    db.session.flush()
    for user in users:
        audit.record(actor, "account.give", "user", user.id, now)
    return users


def username_for(person: Person) -> str:
    """Suggest a free user name that its owner can remember."""
    return usernames_for([person])[person.id]


def usernames_for(people: Iterable[Person]) -> dict[uuid.UUID, str]:
    """Suggest a free user name for each of many people, in a few statements whatever their number."""
    return free_names({one.id: names.suggested(one.given_names, one.family_names) for one in people})


def free_names(wanted: dict[uuid.UUID, str]) -> dict[uuid.UUID, str]:
    """Number those of the wanted user names that are taken, by somebody else or among themselves."""
    chosen: dict[uuid.UUID, str] = {}
    given: set[str] = set()
    waiting = dict(wanted)
    for numbers in ((), range(2, 12), range(100, 140), range(1000, 1200), range(10000, 12000)):
        options = {one: list(names.candidates(base, numbers)) or [base] for one, base in waiting.items()}
        taken = given | _taken({name for names_ in options.values() for name in names_})
        for one, offered in options.items():
            free = next((name for name in offered if name not in taken), None)
            if free:
                chosen[one] = free
                taken.add(free)
                given.add(free)
                del waiting[one]
        if not waiting:
            break
    return chosen | {one: f"{base}{secrets.randbelow(10**9):09}" for one, base in waiting.items()}


def _taken(offered: set[str]) -> set[str]:
    every = sorted(offered)
    chunks = (every[start : start + _CHUNK] for start in range(0, len(every), _CHUNK))
    query = select(User.username)
    return {name for chunk in chunks for name in db.session.scalars(query.where(User.username.in_(chunk)))}


def username_problem(text: str, own: uuid.UUID | None = None) -> str | None:
    """Say what is wrong with a user name; None when it is free and can be one."""
    name = names.written(text)
    if not names.is_username(name):
        return str(_("Write a user name of 3 to 60 letters or digits; dots and hyphens may stand between them."))
    if _somebody_else(User.username == name, own):
        return str(_("This user name is taken. Add a number or another surname."))
    return None


def email_problem(text: str, own: uuid.UUID | None = None) -> str | None:
    """Say what is wrong with an e-mail address; None when it is free and can be one."""
    address = text.strip().lower()
    if not names.is_email(address):
        return str(_("Write one e-mail address, such as name@office.gob.gt."))
    if _somebody_else(User.email == address, own):
        return str(_("Another account already uses this e-mail address."))
    return None


def free_username(text: str, own: uuid.UUID | None = None) -> str:
    """Return the user name as it is kept; raise RuleBroken."""
    if problem := username_problem(text, own):
        raise RuleBroken(problem)
    return names.written(text)


def free_email(text: str, own: uuid.UUID | None = None) -> str:
    """Return the e-mail as it is kept; raise RuleBroken."""
    if problem := email_problem(text, own):
        raise RuleBroken(problem)
    return text.strip().lower()


def _somebody_else(is_it: ColumnElement[bool], own: uuid.UUID | None) -> bool:
    found = db.session.scalars(select(User.id).where(is_it)).first()
    return found is not None and found != own


def change_account(
    user: User, username: str | None, email: str | None, actor: Actor, now: datetime, locale: str | None = None
) -> None:
    """Change user name, e-mail or language of an account; links sent to an old e-mail stop working.

    :raise RuleBroken: one of them cannot be, or is somebody else's.
    """
    if username:
        user.username = free_username(username, user.id)
    address = free_email(email, user.id) if email else None
    if address != user.email:
        user.email = address
        db.session.execute(delete(Token).where(Token.user_id == user.id))
    user.interface_locale = locale or user.interface_locale
    audit.record(actor, "account.change", "user", user.id, now)
