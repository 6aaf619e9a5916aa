"""E-mails for many people at once, from a list: all of it or nothing."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import contains_eager

from lms.access.policy import Action, Actor, reach
from lms.access.queries import within
from lms.accounts.models import User
from lms.accounts.rules.authority import Over, may_manage_account
from lms.accounts.rules.lists import Line
from lms.accounts.services.giving import change_account, give_accounts
from lms.accounts.services.grants import held_by_many
from lms.core.database import db
from lms.core.problems import N_, Problem, Problems
from lms.organization.models import Person, Unit

_CHUNK = 300


def set_emails(lines: Sequence[Line], actor: Actor, now: datetime) -> tuple[int, list[Problem]]:
    """Give every person of the list her e-mail, and an account where she has none; nothing when a row cannot be.

    Return how many were different, and what is wrong.
    """
    problems = Problems()
    found = _people(lines, actor)
    owners = _owners(lines)
    held = held_by_many([user.id for options in found.values() for _person, user in options.values() if user])
    matched: list[tuple[Line, Person, User | None]] = []
    for line in lines:
        options = found.get(line.who, {})
        if len(options) != 1:
            many = N_("Several people are called so. Write the user name or the staff key.")
            problems.add("", line.number, many if options else N_("We find nobody of your offices under this name."))
            continue
        person, user = next(iter(options.values()))
        if owners.get(line.email, person.id) != person.id:
            problems.add("", line.number, N_("Another account already uses this e-mail address."))
        elif not may_manage_account(actor, Over(person.access_path, person.id), held[user.id] if user else []):
            problems.add("", line.number, N_("This person holds a role that is not yours to give."))
        else:
            matched.append((line, person, user))
    if problems:
        return 0, list(problems)
    return _write(matched, actor, now), []


def _write(matched: Iterable[tuple[Line, Person, User | None]], actor: Actor, now: datetime) -> int:
    rows = list(matched)
    made = {user.person_id: user for user in give_accounts([one for _line, one, user in rows if not user], now, actor)}
    changed = 0
    for line, person, user in rows:
        account = user or made[person.id]
        if account.email != line.email:
            change_account(account, None, line.email, actor, now)
            changed += 1
    return changed


def _people(lines: Sequence[Line], actor: Actor) -> dict[str, dict[Any, tuple[Person, User | None]]]:
    """Find everybody within reach whom a row may mean, under each word that names her."""
    found: dict[str, dict[Any, tuple[Person, User | None]]] = {}
    for chunk in _chunks([line.who for line in lines]):
        query = (
            select(Person, User)
            .join(Unit, Unit.id == Person.unit_id)
            .outerjoin(User, User.person_id == Person.id)
            .where(within(reach(actor, Action.PERSON_MANAGE), Unit.path), Person.merged_into_id.is_(None))
            .where(or_(Person.name_folded.in_(chunk), func.lower(Person.key).in_(chunk), User.username.in_(chunk)))
            .options(contains_eager(Person.unit))
        )
        for person, user in db.session.execute(query):
            for word in {person.name_folded, (person.key or "").lower(), user.username if user else ""} - {""}:
                found.setdefault(word, {})[person.id] = (person, user)
    return found


def _owners(lines: Sequence[Line]) -> dict[str | None, Any]:
    query = select(User.email, User.person_id)
    return {
        email: person_id
        for chunk in _chunks([line.email for line in lines])
        for email, person_id in db.session.execute(query.where(User.email.in_(chunk)))
    }


def _chunks(words: Sequence[str]) -> Iterable[Sequence[str]]:
    return (words[start : start + _CHUNK] for start in range(0, len(words), _CHUNK))
