"""Units: the tree opened step by step, one unit with what hangs on it, and a search."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from lms.access.policy import Action, Actor, reach
from lms.access.queries import within
from lms.core.database import db
from lms.core.errors import NotFound
from lms.core.ids import id_from_text
from lms.core.pages import Pages
from lms.core.texts import folded
from lms.organization.models import Person, Post, PostHolding, Unit, UnitMove
from lms.organization.queries.posts import held_on, open_on
from lms.organization.rules import tree

SIZE = 50


class UnitRow(NamedTuple):
    """A unit in a list, with how much hangs directly on it."""

    id: uuid.UUID
    name: str
    kind: str
    code: str | None
    place: str | None
    closed_on: date | None
    parent: str | None
    units: int
    people: int


def get_unit(unit_id: uuid.UUID) -> Unit:
    """Load a unit with the unit above and its place.

    :raise NotFound: there is none.
    """
    unit = db.session.get(Unit, unit_id, options=[joinedload(Unit.parent), joinedload(Unit.place)])
    if unit is None:
        raise NotFound
    return unit


def find_unit(actor: Actor, action: Action, text: str | None) -> Unit | None:
    """Return the unit an address names, when it lies within reach; nothing otherwise."""
    try:
        unit_id = id_from_text(text or "")
    except ValueError:
        return None
    query = select(Unit).where(Unit.id == unit_id, within(reach(actor, action), Unit.path))
    return db.session.scalars(query.options(joinedload(Unit.place))).first()


def _rows(where: Any, page: int, with_closed: bool = True) -> tuple[Sequence[UnitRow], Pages]:
    parent, child = aliased(Unit), aliased(Unit)
    units = select(func.count()).select_from(child).where(child.parent_id == Unit.id, child.closed_on.is_(None))
    people = select(func.count()).select_from(Person).where(Person.unit_id == Unit.id, here())
    query = (
        select(
            Unit.id,
            Unit.name,
            Unit.kind,
            Unit.code,
            Unit.place_code,
            Unit.closed_on,
            parent.name,
            units.scalar_subquery(),
            people.scalar_subquery(),
        )
        .outerjoin(parent, parent.id == Unit.parent_id)
        .where(where)
    )
    if not with_closed:
        query = query.where(Unit.closed_on.is_(None))
    total = db.session.scalar(_counted(query)) or 0
    listed = query.order_by(Unit.closed_on.is_not(None), Unit.name_folded, Unit.id)
    rows = db.session.execute(listed.limit(SIZE).offset((page - 1) * SIZE)).all()
    return [UnitRow(*row) for row in rows], Pages(page, SIZE, total)


def _counted(query: Select[Any]) -> Select[int]:
    return select(func.count()).select_from(query.with_only_columns(Unit.id).order_by(None).subquery())


def here() -> Any:
    """Say who is counted: not who left, and one person once."""
    return Person.left_on.is_(None) & Person.merged_into_id.is_(None)


def heads(actor: Actor, page: int = 1) -> tuple[Sequence[UnitRow], Pages]:
    """List the units the actor's reach begins at."""
    return _rows(Unit.path.in_(reach(actor, Action.UNIT_READ).paths), page)


def units_below(unit: Unit, page: int = 1) -> tuple[Sequence[UnitRow], Pages]:
    """List the units right below one."""
    return _rows(Unit.parent_id == unit.id, page)


def units_called(
    actor: Actor, action: Action, words: str, page: int = 1, but: Unit | None = None
) -> tuple[Sequence[UnitRow], Pages]:
    """List the open units within reach whose name, short name or code holds all these words.

    :param but: leave out this unit and its branch.
    """
    clauses = [within(reach(actor, action), Unit.path), *named(words)]
    if but is not None:
        clauses.append(~Unit.path.startswith(but.path, autoescape=True))
    where = clauses[0]
    for clause in clauses[1:]:
        where = where & clause
    return _rows(where, page, with_closed=False)


def named(words: str) -> list[Any]:
    """Say that a unit's name or code holds each of these words."""
    return [
        or_(Unit.name_folded.contains(word, autoescape=True), func.lower(Unit.code) == word)
        for word in folded(words).split()[:8]
    ]


def above(unit: Unit, actor: Actor) -> list[Unit]:
    """List the units above one that the actor may read, from the top down."""
    ids = [id_from_text(name) for name in tree.names(unit.path)[:-1]]
    query = select(Unit).where(Unit.id.in_(ids), within(reach(actor, Action.UNIT_READ), Unit.path))
    return list(db.session.scalars(query.order_by(func.length(Unit.path))))


@dataclass(frozen=True)
class Counts:
    """How much hangs on a unit: on itself, and on its branch with it."""

    people: int
    posts: int
    filled: int
    branch_units: int
    branch_people: int
    branch_posts: int
    branch_filled: int


def counts_of(unit: Unit, on: date) -> Counts:
    """Count people and posts of a unit and its branch as of a day, in one statement."""
    branch = Unit.path.startswith(unit.path, autoescape=True)
    own = Unit.id == unit.id

    def number(query: Any) -> Any:
        return query.scalar_subquery()

    def people(where: Any) -> Any:
        return number(
            select(func.count()).select_from(Person).join(Unit, Unit.id == Person.unit_id).where(where, here())
        )

    def posts(where: Any, filled: bool) -> Any:
        query = select(func.count(Post.id.distinct())).select_from(Post).join(Unit, Unit.id == Post.unit_id)
        if filled:
            query = query.join(PostHolding, PostHolding.post_id == Post.id).where(held_on(on))
        return number(query.where(where, open_on(on)))

    row = db.session.execute(
        select(
            people(own),
            posts(own, False),
            posts(own, True),
            number(select(func.count()).select_from(Unit).where(branch, Unit.id != unit.id)),
            people(branch),
            posts(branch, False),
            posts(branch, True),
        )
    ).one()
    return Counts(*row)


class MoveRow(NamedTuple):
    """One time a branch changed hands."""

    at: Any
    was: str
    now: str


def moves_of(unit: Unit) -> list[MoveRow]:
    """List where a unit hung before, the latest first."""
    was, now = aliased(Unit), aliased(Unit)
    query = (
        select(UnitMove.moved_at, was.name, now.name)
        .join(was, was.id == UnitMove.from_id)
        .join(now, now.id == UnitMove.to_id)
        .where(UnitMove.unit_id == unit.id)
        .order_by(UnitMove.moved_at.desc())
        .limit(20)
    )
    return [MoveRow(*row) for row in db.session.execute(query)]
