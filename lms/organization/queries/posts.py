"""Posts as of a day: which exist, who holds them, which are vacant."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from lms.access.policy import Action, Actor, reach
from lms.access.queries import within
from lms.core.database import db
from lms.core.errors import NotFound
from lms.core.pages import Pages
from lms.core.texts import Texts
from lms.organization.models import Person, Post, PostHolding, Profession, Unit

SIZE = 50


def open_on(day: date) -> ColumnElement[bool]:
    """Say that a post exists on a day."""
    return and_(Post.opened_on <= day, or_(Post.closed_on.is_(None), Post.closed_on > day))


def held_on(day: date) -> ColumnElement[bool]:
    """Say that a holding covers a day."""
    return and_(PostHolding.from_on <= day, or_(PostHolding.until_on.is_(None), PostHolding.until_on > day))


@dataclass(frozen=True)
class PostFilter:
    """What a list of posts is narrowed to."""

    on: date
    unit: Unit | None = None  # and everything below it
    is_own: bool = False  # of the unit alone
    profession: str = ""
    state: str = ""  # filled | vacant


class PostRow(NamedTuple):
    """A post in a list."""

    id: uuid.UUID
    key: str | None
    opened_on: date
    closed_on: date | None
    profession: Texts
    unit_id: uuid.UUID
    unit: str
    person_id: uuid.UUID | None
    given_names: str | None
    family_names: str | None
    from_on: date | None

    @property
    def holder(self) -> str:
        return f"{self.given_names or ''} {self.family_names or ''}".strip()


_SORTS: dict[str, tuple[Any, ...]] = {
    "unit": (Unit.name_folded,),
    "holder": (Person.name_folded.is_(None), Person.name_folded),
    "profession": (Post.profession_code,),
    "since": (PostHolding.from_on.is_(None), PostHolding.from_on),
}


def _posts(actor: Actor, wanted: PostFilter) -> Select[Any]:
    # Whoever may read offices and not people sees that a post is filled, never by whom.
    nameable = within(reach(actor, Action.PERSON_READ), Unit.path)
    query: Any = (
        select(
            Post.id,
            Post.key,
            Post.opened_on,
            Post.closed_on,
            Profession.name,
            Unit.id,
            Unit.name,
            PostHolding.person_id,
            Person.given_names,
            Person.family_names,
            PostHolding.from_on,
        )
        .select_from(Post)
        .join(Unit, Unit.id == Post.unit_id)
        .join(Profession, Profession.code == Post.profession_code)
        .outerjoin(PostHolding, and_(PostHolding.post_id == Post.id, held_on(wanted.on)))
        .outerjoin(Person, and_(Person.id == PostHolding.person_id, nameable))
        .where(within(reach(actor, Action.UNIT_READ), Unit.path), open_on(wanted.on))
    )
    if wanted.unit is not None:
        own, branch = Unit.id == wanted.unit.id, Unit.path.startswith(wanted.unit.path, autoescape=True)
        query = query.where(own if wanted.is_own else branch)
    if wanted.profession:
        query = query.where(Post.profession_code == wanted.profession)
    if wanted.state:
        query = query.where(PostHolding.id.is_(None) if wanted.state == "vacant" else PostHolding.id.is_not(None))
    narrowed: Select[Any] = query
    return narrowed


def posts_page(actor: Actor, wanted: PostFilter, sort: str = "unit", page: int = 1) -> tuple[Sequence[PostRow], Pages]:
    """List posts as of a day, fifty at a time."""
    query = _posts(actor, wanted)
    total = db.session.scalar(select(func.count()).select_from(query.with_only_columns(Post.id).subquery())) or 0
    rows = db.session.execute(_sorted(query, sort).limit(SIZE).offset((page - 1) * SIZE)).all()
    return [PostRow(*row) for row in rows], Pages(page, SIZE, total)


def all_posts(actor: Actor, wanted: PostFilter, sort: str = "unit") -> Sequence[PostRow]:
    """List every post of the filter, to be exported."""
    return [PostRow(*row) for row in db.session.execute(_sorted(_posts(actor, wanted), sort))]


def _sorted(query: Select[Any], sort: str) -> Select[Any]:
    columns = _SORTS.get(sort.removeprefix("-"), _SORTS["unit"])
    order = [column.desc() if sort.startswith("-") else column for column in columns]
    return query.order_by(*order, Unit.name_folded, Post.profession_code, Post.id)


class Tally(NamedTuple):
    """Posts of one profession as of a day."""

    code: str
    profession: Texts
    posts: int
    filled: int


def tally(actor: Actor, wanted: PostFilter) -> list[Tally]:
    """Count posts and filled posts by profession, in one statement."""
    inner = _posts(actor, wanted).with_only_columns(
        Post.profession_code.label("code"), PostHolding.id.label("holding"), Post.id.label("post")
    )
    found = inner.subquery()
    query = (
        select(found.c.code, Profession.name, func.count(found.c.post.distinct()), func.count(found.c.holding))
        .join(Profession, Profession.code == found.c.code)
        .group_by(found.c.code, Profession.name)
        .order_by(found.c.code)
    )
    return [Tally(*row) for row in db.session.execute(query)]


def get_post(post_id: uuid.UUID) -> Post:
    """Load a post with its unit and profession.

    :raise NotFound: there is none.
    """
    post = db.session.get(Post, post_id, options=[joinedload(Post.unit), joinedload(Post.profession)])
    if post is None:
        raise NotFound
    return post


def get_holding(post: Post, holding_id: uuid.UUID) -> PostHolding:
    """Load a holding of a post.

    :raise NotFound: the post has none such.
    """
    holding = db.session.get(PostHolding, holding_id)
    if holding is None or holding.post_id != post.id:
        raise NotFound
    return holding


def history_of(post: Post) -> Sequence[PostHolding]:
    """List who held a post, the latest first."""
    query = select(PostHolding).where(PostHolding.post_id == post.id).order_by(PostHolding.from_on.desc())
    return db.session.scalars(query.options(joinedload(PostHolding.person))).all()


def professions(with_retired: bool = False) -> Sequence[Profession]:
    """List the professions by code."""
    query = select(Profession).order_by(Profession.is_retired, Profession.sector, Profession.code)
    if not with_retired:
        query = query.where(~Profession.is_retired)
    return db.session.scalars(query).all()


def get_profession(code: str) -> Profession:
    """Load a profession.

    :raise NotFound: there is none.
    """
    profession = db.session.get(Profession, code) if code.isprintable() else None
    if profession is None:
        raise NotFound
    return profession
