"""People: search, one person with what she holds, and which records are one person."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload

from lms.access.policy import Action, Actor, reach
from lms.access.queries import within
from lms.core.database import db
from lms.core.errors import NotFound
from lms.core.ids import id_from_text
from lms.core.pages import Pages
from lms.core.texts import folded
from lms.organization.models import Person, PersonMerge, Place, Post, PostHolding, Profession, Unit

SIZE = 50

# Whoever counts people groups by this: the record that is kept, or the record itself.
counted_once: ColumnElement[uuid.UUID] = func.coalesce(Person.merged_into_id, Person.id)


def resolve(person_id: uuid.UUID) -> uuid.UUID:
    """Return the record that is kept for a person, which mostly is the same."""
    return db.session.scalar(select(counted_once).where(Person.id == person_id)) or person_id


def records_of(person_id: uuid.UUID) -> Select[uuid.UUID]:
    """Select every record of the person whose kept record this is: rows may hang on any of them.

    For `column.in_(records_of(person.id))`.
    """
    return select(Person.id).where(or_(Person.id == person_id, Person.merged_into_id == person_id))


def get_person(person_id: uuid.UUID) -> Person:
    """Load a person with unit and place.

    :raise NotFound: there is none.
    """
    person = db.session.get(Person, person_id, options=[joinedload(Person.unit), joinedload(Person.place)])
    if person is None:
        raise NotFound
    return person


@dataclass(frozen=True)
class PeopleFilter:
    """What a list of people is narrowed to."""

    words: str = ""
    unit: Unit | None = None  # and everything below it
    is_own: bool = False  # of the unit alone
    state: str = "here"  # here | left | all
    place: str = ""  # a code; what lies within counts too


class PersonRow(NamedTuple):
    """A person in a list."""

    id: uuid.UUID
    given_names: str
    family_names: str
    key: str | None
    unit_id: uuid.UUID
    unit: str
    unit_code: str | None
    place_code: str | None
    place: str | None
    language: str
    created_at: datetime
    left_on: date | None

    @property
    def name(self) -> str:
        return f"{self.given_names} {self.family_names}".strip()


_SORTS: dict[str, Any] = {
    "name": Person.name_folded,
    "unit": Unit.name_folded,
    "place": Place.name,
    "since": Person.created_at,
}


def _people(actor: Actor, wanted: PeopleFilter) -> Select[Any]:
    query: Any = (
        select(
            Person.id,
            Person.given_names,
            Person.family_names,
            Person.key,
            Unit.id,
            Unit.name,
            Unit.code,
            Person.place_code,
            Place.name,
            Person.content_language,
            Person.created_at,
            Person.left_on,
        )
        .join(Unit, Unit.id == Person.unit_id)
        .outerjoin(Place, Place.code == Person.place_code)
        .where(within(reach(actor, Action.PERSON_READ), Unit.path), Person.merged_into_id.is_(None))
    )
    for clause in _narrowing(wanted):
        query = query.where(clause)
    narrowed: Select[Any] = query
    return narrowed


def _narrowing(wanted: PeopleFilter) -> list[ColumnElement[bool]]:
    clauses = [
        or_(Person.name_folded.contains(word, autoescape=True), func.lower(Person.key) == word)
        for word in folded(wanted.words).split()[:8]
    ]
    if wanted.unit is not None:
        own, branch = Unit.id == wanted.unit.id, Unit.path.startswith(wanted.unit.path, autoescape=True)
        clauses.append(own if wanted.is_own else branch)
    if wanted.state != "all":
        clauses.append(Person.left_on.is_(None) if wanted.state == "here" else Person.left_on.is_not(None))
    if wanted.place:
        clauses.append(Person.place_code.startswith(wanted.place, autoescape=True))
    return clauses


def people_page(
    actor: Actor, wanted: PeopleFilter, sort: str = "name", page: int = 1
) -> tuple[Sequence[PersonRow], Pages]:
    """List people, fifty at a time."""
    query = _people(actor, wanted)
    total = db.session.scalar(select(func.count()).select_from(query.with_only_columns(Person.id).subquery())) or 0
    rows = db.session.execute(_sorted(query, sort).limit(SIZE).offset((page - 1) * SIZE)).all()
    return [PersonRow(*row) for row in rows], Pages(page, SIZE, total)


def all_people(actor: Actor, wanted: PeopleFilter, sort: str = "name") -> Sequence[PersonRow]:
    """List every person of the filter, to be exported."""
    return [PersonRow(*row) for row in db.session.execute(_sorted(_people(actor, wanted), sort))]


def _sorted(query: Select[Any], sort: str) -> Select[Any]:
    column = _SORTS.get(sort.removeprefix("-"), Person.name_folded)
    return query.order_by(column.desc() if sort.startswith("-") else column, Person.name_folded, Person.id)


def posts_of(person: Person) -> Sequence[PostHolding]:
    """List the posts a person holds and held, under any of her records, the latest first."""
    query = (
        select(PostHolding)
        .where(PostHolding.person_id.in_(records_of(person.id)))
        .order_by(PostHolding.from_on.desc())
        .options(
            joinedload(PostHolding.post).joinedload(Post.unit), joinedload(PostHolding.post).joinedload(Post.profession)
        )
    )
    return db.session.scalars(query).all()


class JoinedRow(NamedTuple):
    """Another record of the same person."""

    id: uuid.UUID
    person_id: uuid.UUID
    name: str
    unit: str
    at: datetime


def joined_to(person: Person) -> list[JoinedRow]:
    """List the records that were joined to this one."""
    query = (
        select(PersonMerge.id, Person.id, Person.given_names, Person.family_names, Unit.name, PersonMerge.merged_at)
        .join(Person, Person.id == PersonMerge.merged_id)
        .join(Unit, Unit.id == Person.unit_id)
        .where(PersonMerge.kept_id == person.id, PersonMerge.undone_at.is_(None))
        .order_by(PersonMerge.merged_at.desc())
    )
    return [
        JoinedRow(row[0], row[1], f"{row[2]} {row[3]}".strip(), row[4], row[5]) for row in db.session.execute(query)
    ]


def get_merge(person: Person, merge_id: uuid.UUID) -> PersonMerge:
    """Load a joining of records to this person.

    :raise NotFound: there is none such.
    """
    joined = db.session.get(PersonMerge, merge_id)
    if joined is None or joined.kept_id != person.id:
        raise NotFound
    return joined


def perhaps_same(actor: Actor, person: Person, words: str) -> Sequence[PersonRow]:
    """List who might be the same person: of the same name, or whoever a search finds; at most twenty."""
    query = _people(actor, PeopleFilter(words=words, state="all")).where(Person.id != person.id)
    if not words:
        query = query.where(Person.name_folded == person.name_folded)
    return [PersonRow(*row) for row in db.session.execute(_sorted(query, "name").limit(20))]


def find_person(actor: Actor, action: Action, text: str | None) -> Person | None:
    """Return the person an address names, when she lies within reach; nothing otherwise."""
    try:
        person_id = id_from_text(text or "")
    except ValueError:
        return None
    query = select(Person).join(Unit, Unit.id == Person.unit_id).where(Person.id == person_id)
    far = within(reach(actor, action), Unit.path, Person.id)
    return db.session.scalars(query.where(far).options(joinedload(Person.unit), joinedload(Person.place))).first()


def professions_of(people: Sequence[uuid.UUID], on: Any) -> dict[uuid.UUID, list[Any]]:
    """Return what the people of a page hold, in one statement.

    :param on: the condition `held_on(day)`.
    """
    query = (
        select(PostHolding.person_id, Profession.name)
        .join(Post, Post.id == PostHolding.post_id)
        .join(Profession, Profession.code == Post.profession_code)
        .where(PostHolding.person_id.in_(people), on)
    )
    found: dict[uuid.UUID, list[Any]] = {}
    for person_id, name in db.session.execute(query):
        found.setdefault(person_id, []).append(name)
    return found


def professions_of_all(rows: Sequence[PersonRow], on: Any) -> dict[uuid.UUID, list[Any]]:
    """Return what the people of a long list hold, some hundreds a statement."""
    found: dict[uuid.UUID, list[Any]] = {}
    for start in range(0, len(rows), 500):
        found |= professions_of([row.id for row in rows[start : start + 500]], on)
    return found


def first_people(unit: Unit, most: int = 10) -> Sequence[Person]:
    """List some people of a unit, by name."""
    query = select(Person).where(Person.unit_id == unit.id, Person.left_on.is_(None), Person.merged_into_id.is_(None))
    return db.session.scalars(query.order_by(Person.name_folded).limit(most)).all()


def present_posts(person: Person, unit_id: uuid.UUID | None, today: date) -> Sequence[PostHolding]:
    """List the posts a person holds today or will hold, in one unit or in all."""
    still = [one for one in posts_of(person) if one.until_on is None or one.until_on > today]
    return [one for one in still if unit_id is None or one.post.unit_id == unit_id]
