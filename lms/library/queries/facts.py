"""Read facts: for lessons, and for those who keep them."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from flask import Flask, current_app
from sqlalchemy import ScalarSelect, and_, event, func, select
from sqlalchemy.engine import Engine

from lms.core.database import db, read
from lms.core.errors import NotFound
from lms.core.texts import Texts, folded
from lms.library.models import Fact, FactChange
from lms.library.rules.facts import is_certain, is_stale
from lms.organization.models import Person

SOON = timedelta(days=30)
_KEPT = "facts"


@dataclass(frozen=True, slots=True)
class FactView:
    """A fact as a lesson shows it."""

    kind: str
    value: Texts
    label: Texts
    dial: str | None
    is_certain: bool  # verified, and not yet time to look again; otherwise learners read it as still to be confirmed
    checked_on: date | None


# Put this beside the columns of a statement of your own, and hand the answer to `facts_for_lessons`: a page that
# cites facts then needs no statement more.
facts_revision: ScalarSelect[datetime] = select(func.max(Fact.changed_at)).scalar_subquery()


def facts_for_lessons(today: date, revision: datetime | None = None) -> Mapping[str, FactView]:
    """Return every fact by its key; kept in the process until one changes or the day does.

    :param revision: what `facts_revision` answered, when a statement has already asked for it.
    """
    kept: tuple[Any, Mapping[str, FactView]] | None = current_app.extensions.get(_KEPT)
    if kept is not None and revision is not None and kept[0] == (revision, today):
        return kept[1]
    with read() as connection:
        if revision is None:
            revision = connection.scalar(select(facts_revision))
            if kept is not None and kept[0] == (revision, today):
                return kept[1]
        rows = connection.execute(select(Fact.__table__).order_by(Fact.position, Fact.key)).all()
    newest = max((row.changed_at for row in rows), default=None)
    found = MappingProxyType({row.key: _view(row, today) for row in rows})
    current_app.extensions[_KEPT] = ((newest, today), found)
    return found


def _view(row: Any, today: date) -> FactView:
    certain = is_certain(row.is_verified, row.review_by, today)
    return FactView(row.kind, row.value, row.label, row.dial, certain, row.checked_on)


def keep_facts(app: Flask) -> None:
    """Forget with the connections what was read through them."""
    with app.app_context():
        engine = db.engine

    def forget(_engine: Engine) -> None:
        app.extensions.pop(_KEPT, None)

    event.listen(engine, "engine_disposed", forget)


def fact_keys() -> set[str]:
    """Return the keys that lessons may cite."""
    return set(db.session.scalars(select(Fact.key)))


@dataclass(frozen=True)
class FactFilter:
    """What the list of facts is narrowed to."""

    words: str = ""
    kind: str = ""
    show: str = ""  # review | unverified | stale | soon


def needs_review(fact: Fact, today: date) -> str:
    """Say what a fact waits for: `unverified`, `stale`, `soon`, or nothing."""
    if not fact.is_verified:
        return "unverified"
    if is_stale(fact.review_by, today):
        return "stale"
    return "soon" if is_stale(fact.review_by, today + SOON) else ""


def facts_listed(wanted: FactFilter, today: date) -> list[Fact]:
    """List facts; there are some hundreds, so their texts are searched here and not in the database."""
    facts = db.session.scalars(select(Fact).order_by(Fact.position, Fact.key)).all()
    words = folded(wanted.words).split()
    return [fact for fact in facts if _is_wanted(fact, wanted, words, today)]


def _is_wanted(fact: Fact, wanted: FactFilter, words: list[str], today: date) -> bool:
    if wanted.kind and fact.kind != wanted.kind:
        return False
    state = needs_review(fact, today)
    if wanted.show == "review" and state not in ("unverified", "stale"):
        return False
    if wanted.show in ("unverified", "stale", "soon") and state != wanted.show:
        return False
    said = folded(" ".join([fact.key, *fact.value.values(), *fact.label.values()]))
    return all(word in said for word in words)


class Review(NamedTuple):
    """How many facts there are, and how many wait for somebody to look."""

    facts: int
    unverified: int
    stale: int


def facts_to_review(today: date) -> Review:
    """Count the facts that editors should look at."""
    stale = and_(Fact.is_verified, Fact.review_by < today)
    row = db.session.execute(
        select(func.count(), func.count().filter(~Fact.is_verified), func.count().filter(stale)).select_from(Fact)
    ).one()
    return Review(*row)


def get_fact(key: str) -> Fact:
    """Load a fact.

    :raise NotFound: there is none.
    """
    fact = db.session.get(Fact, key) if key.isprintable() else None
    if fact is None:
        raise NotFound
    return fact


def history_of(fact: Fact) -> Sequence[FactChange]:
    """List what a fact said before, the latest first."""
    query = select(FactChange).where(FactChange.key == fact.key).order_by(FactChange.replaced_at.desc())
    return db.session.scalars(query.limit(50)).all()


def hotlines(today: date) -> list[FactView]:
    """List the numbers to call, those of danger first."""
    return [fact for fact in facts_for_lessons(today).values() if fact.kind == "hotline" and fact.dial]


def name_of(person_id: uuid.UUID | None) -> str:
    """Return the name under which somebody confirms a fact."""
    person = db.session.get(Person, person_id) if person_id else None
    return person.name if person else ""
