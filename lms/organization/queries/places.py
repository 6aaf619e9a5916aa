"""Places: look them up, list what lies below one, understand what somebody typed."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from lms.core.database import db, read
from lms.core.errors import NotFound
from lms.core.texts import folded
from lms.organization import country
from lms.organization.models import Place


class Words(NamedTuple):
    """What people may type for a place, and how each place is called in full."""

    codes: dict[str, set[str]]  # by code, folded name, and folded "name, parent"
    full: dict[str, str]  # "Cuilco, Huehuetenango" by code


def get_place(code: str) -> Place:
    """Load a place.

    :raise NotFound: there is none.
    """
    place = db.session.get(Place, code) if code.isprintable() else None
    if place is None:
        raise NotFound
    return place


def place_words() -> Words:
    """Return every place under all its names, in one statement."""
    with read() as connection:
        rows = connection.execute(
            select(Place.code, Place.name, Place.name_folded, Place.parent_code).order_by(Place.code)
        ).all()
    names = {row.code: row.name for row in rows}
    codes: dict[str, set[str]] = defaultdict(set)
    full = {}
    for row in rows:
        parent = names.get(row.parent_code or "", "")
        full[row.code] = f"{row.name}, {parent}" if parent else row.name
        codes[row.code].add(row.code)
        for name in row.name_folded.split("|"):
            codes[name].add(row.code)
            if parent:
                codes[f"{name}, {folded(parent)}"].add(row.code)
    _prefer_lowest(codes, country_levels())
    return Words(codes, full)


def _prefer_lowest(codes: dict[str, set[str]], digits: tuple[int, ...]) -> None:
    """Let a name that a municipality shares with its own department mean the municipality."""
    lowest = digits[-1] if digits else 0
    for name, found in codes.items():
        towns = {code for code in found if len(code) == lowest}
        if len(found) > 1 and len(towns) == 1 and all(next(iter(towns)).startswith(code) for code in found):
            codes[name] = towns


@cache
def country_levels() -> tuple[int, ...]:
    """Return the digits of each tier of the first country there are files for."""
    codes = country.available()
    return tuple(level.digits for level in country.load(codes[0]).levels) if codes else ()


@cache
def content_languages() -> dict[str, country.Language]:
    """Return the languages people may read and teach in, by ISO 639-3 code."""
    found: dict[str, country.Language] = {}
    for code in country.available():
        found |= dict(country.load(code).languages)
    return found


def language_words() -> dict[str, set[str]]:
    """Return every language under its code and all its names."""
    words: dict[str, set[str]] = defaultdict(set)
    for code, language in content_languages().items():
        for name in (code, language.autonym, *language.name.values(), *language.aliases):
            words[folded(name)].add(code)
    return words


class PlaceRow(NamedTuple):
    """A place in a list: how many lie below it."""

    code: str
    name: str
    level: str
    languages: list[str]
    parent: str | None
    below: int


def places_below(code: str | None) -> Sequence[PlaceRow]:
    """List what lies right below a place, or the tier on top."""
    return _listed(Place.parent_code == code if code else Place.parent_code.is_(None), Place.code, 1000)


def places_called(words: str) -> Sequence[PlaceRow]:
    """List the places one of whose names holds these words; at most fifty."""
    name = Place.name_folded.contains(folded(words), autoescape=True)
    return _listed(name, func.length(Place.name), 50)


def _listed(where: Any, order: Any, most: int) -> Sequence[PlaceRow]:
    child, parent = aliased(Place), aliased(Place)
    below = select(func.count()).select_from(child).where(child.parent_code == Place.code).scalar_subquery()
    query = (
        select(Place.code, Place.name, Place.level, Place.languages, parent.name, below)
        .outerjoin(parent, parent.code == Place.parent_code)
        .where(where)
        .order_by(order, Place.name)
        .limit(most)
    )
    return [PlaceRow(*row) for row in db.session.execute(query)]


def around(place: Place) -> list[Place]:
    """List the places a place lies in, the largest first."""
    found: list[Place] = []
    code = place.parent_code
    while code is not None and (upper := db.session.get(Place, code)) is not None:
        found.append(upper)
        code = upper.parent_code
    return found[::-1]
