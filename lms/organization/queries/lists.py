"""What a list of people and posts is read against: the words its cells may hold, and everybody it may mean.

Asked on the reading connection, a batch of the list at a time: the number of statements grows with the batches only.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select
from sqlalchemy.orm import aliased

from lms.access.policy import Action, Actor, reach
from lms.access.queries import within
from lms.core.database import db
from lms.core.errors import NotFound
from lms.core.texts import folded
from lms.organization.models import PeopleImport, Person, Post, PostHolding, Profession, Unit
from lms.organization.queries.places import language_words, place_words
from lms.organization.rules.lists import Directory, Line
from lms.organization.rules.plans.known import Known, KnownHolding, KnownPerson, KnownPost
from lms.organization.rules.posts import Span

BATCH = 500


def directory_of(connection: Connection, branch_path: str) -> Directory:
    """Return what the cells of a list for this branch may name."""
    directory = Directory(places=place_words().codes, languages=language_words())
    units: dict[str, set[uuid.UUID]] = defaultdict(set)
    rows = connection.execute(
        select(Unit.id, Unit.name, Unit.short_name, Unit.code, Unit.closed_on).where(
            Unit.path.startswith(branch_path, autoescape=True)
        )
    )
    for row in rows:
        for name in filter(None, (row.name, row.short_name)):
            units[folded(name)].add(row.id)
        if row.code:
            directory.unit_codes[folded(row.code)] = row.id
        if row.closed_on is not None:
            directory.closed.add(row.id)
    directory.units = units
    professions: dict[str, set[str]] = defaultdict(set)
    for code, names in connection.execute(select(Profession.code, Profession.name)):
        for name in (code, *names.values()):
            professions[folded(name)].add(code)
    directory.professions = professions
    return directory


def known_for(connection: Connection, branch: uuid.UUID, branch_path: str, lines: Sequence[Line], today: date) -> Known:
    """Return everybody and everything of the branch that these rows may mean."""
    known = Known(branch)
    rows = connection.execute(select(Unit.id, Unit.name).where(Unit.path.startswith(branch_path, autoescape=True)))
    known.names = {row.id: row.name for row in rows}
    known.professions = {row.code: row.name for row in connection.execute(select(Profession.code, Profession.name))}
    _find_people(connection, branch_path, lines, known)
    units = {line.unit or branch for line in lines if line.has_post} | {one.unit for one in known.people.values()}
    earliest = min([today, *(line.since for line in lines if line.since)])
    _find_posts(connection, units, earliest, known)
    return known


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    everything = sorted(items)
    return (everything[start : start + BATCH] for start in range(0, len(everything), BATCH))


def _find_people(connection: Connection, branch_path: str, lines: Sequence[Line], known: Known) -> None:
    record, kept = aliased(Person), aliased(Person)
    query = (
        select(
            record.key.label("found_key"),
            record.name_folded.label("found_name"),
            record.unit_id.label("found_unit"),
            kept.id,
            kept.unit_id,
            kept.key,
            kept.given_names,
            kept.family_names,
            kept.place_code,
            kept.content_language,
            kept.left_on,
        )
        .select_from(record)
        .join(kept, kept.id == func.coalesce(record.merged_into_id, record.id))
        .join(Unit, Unit.id == kept.unit_id)
        .where(Unit.path.startswith(branch_path, autoescape=True))
    )
    keys = {line.key for line in lines if line.key}
    names = {folded(line.name) for line in lines if line.name}
    for batch in _batches(keys):
        for row in connection.execute(query.where(record.key.in_(batch))):
            known.by_key[row.found_key].add(_remember(row, known))
    for batch in _batches(names):
        for row in connection.execute(query.where(record.name_folded.in_(batch))):
            one = _remember(row, known)
            known.by_name[row.found_unit, row.found_name].add(one)
            known.elsewhere[row.found_name].add(row.unit_id)


def _remember(row: Any, known: Known) -> uuid.UUID:
    if row.id not in known.people:
        person = KnownPerson(
            row.id,
            row.unit_id,
            row.key,
            row.given_names,
            row.family_names,
            row.place_code,
            row.content_language,
            row.left_on,
        )
        known.people[row.id] = person
        known.names[row.id] = person.name
    found: uuid.UUID = row.id
    return found


def _find_posts(connection: Connection, units: set[uuid.UUID], earliest: date, known: Known) -> None:
    posts = (
        select(Post.id, Post.unit_id, Post.profession_code, Post.key, Post.opened_on)
        .where(Post.closed_on.is_(None))
        .order_by(Post.id)
    )
    holdings = (
        select(
            PostHolding.id,
            PostHolding.post_id,
            func.coalesce(Person.merged_into_id, Person.id).label("person"),
            PostHolding.from_on,
            PostHolding.until_on,
            Person.given_names,
            Person.family_names,
        )
        .join(Post, Post.id == PostHolding.post_id)
        .join(Person, Person.id == PostHolding.person_id)
        .where(and_(Post.closed_on.is_(None), or_(PostHolding.until_on.is_(None), PostHolding.until_on > earliest)))
    )
    for batch in _batches(units):
        for row in connection.execute(posts.where(Post.unit_id.in_(batch))):
            known.posts[row.id] = KnownPost(row.id, row.unit_id, row.profession_code, row.key, row.opened_on)
        for held in connection.execute(holdings.where(Post.unit_id.in_(batch))):
            span = Span(held.from_on, held.until_on)
            known.holdings.append(KnownHolding(held.id, held.post_id, held.person, span))
            known.names.setdefault(held.person, f"{held.given_names} {held.family_names}".strip())


def get_import(import_id: uuid.UUID) -> PeopleImport:
    """Load a list that was brought.

    :raise NotFound: there is none.
    """
    found = db.session.get(PeopleImport, import_id)
    if found is None:
        raise NotFound
    return found


def imports(actor: Actor, most: int = 20) -> Sequence[PeopleImport]:
    """List the latest lists within reach."""
    query = select(PeopleImport).join(Unit, Unit.id == PeopleImport.unit_id)
    far = within(reach(actor, Action.PERSON_MANAGE), Unit.path)
    return db.session.scalars(query.where(far).order_by(PeopleImport.made_at.desc()).limit(most)).all()
