"""Read a country's places, languages and outlines from its folder in countries/: plain files, no database."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

FOLDER = Path(__file__).parent / "countries"


@dataclass(frozen=True, slots=True)
class Level:
    """One tier of the map: its places' codes all have this many digits."""

    key: str
    digits: int
    name: Mapping[str, str]
    plural: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    code: str
    name: str
    level: str
    parent_code: str | None
    aliases: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()  # only what is recorded; the most spoken first
    iso: str | None = None  # ISO 3166-2, where it has one


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a source says about one language in one place."""

    place: str
    language: str
    extent: str  # main, part, nearby
    status: str  # sourced, unverified
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Language:
    code: str  # ISO 639-3, or from its range for local use
    tag: str  # for the lang attribute
    autonym: str
    name: Mapping[str, str]
    family: str
    iso: str  # ISO 639-3
    national: bool = True
    aliases: tuple[str, ...] = ()
    people: int | None = None


@dataclass(frozen=True, slots=True)
class Country:
    code: str
    name: Mapping[str, str]
    levels: tuple[Level, ...]
    places: Mapping[str, Place]
    languages: Mapping[str, Language]
    spoken: tuple[Spoken, ...]

    def at(self, level: str) -> tuple[Place, ...]:
        """List the places of one level in the official order."""
        return tuple(place for place in self.places.values() if place.level == level)

    def within(self, code: str) -> tuple[Place, ...]:
        """List the places right below one."""
        return tuple(place for place in self.places.values() if place.parent_code == code)


@dataclass(frozen=True, slots=True)
class Outline:
    name: str  # a place's code, or a lake's name
    path: str  # the d of an SVG path
    at: tuple[float, float]  # where a label stands: the middle of the widest circle inside
    radius: float  # of that circle


@dataclass(frozen=True, slots=True)
class Outlines:
    """The drawings of all places in one coordinate space; show the source wherever one of them is shown."""

    source: str
    width: float
    height: float
    places: Mapping[str, Outline]
    lakes: tuple[Outline, ...]


@cache
def load(code: str) -> Country:
    """Read a country by its ISO 3166-1 code, such as GT."""
    folder = _folder(code)
    data = _toml(folder / "places.toml")
    levels = tuple(Level(**level) for level in data["levels"])
    spoken = tuple(Spoken(**row) for row in data.get("spoken", ()))
    languages = (_language(row) for row in _toml(folder / "languages.toml")["languages"])
    return Country(
        code=data["country"]["code"],
        name=data["country"]["name"],
        levels=levels,
        places=MappingProxyType({place.code: place for place in _places(data["places"], levels, spoken)}),
        languages=MappingProxyType({language.code: language for language in languages}),
        spoken=spoken,
    )


@cache
def outlines(code: str) -> Outlines:
    """Read the drawings of a country's places; kept apart because most pages need none."""
    data = json.loads((_folder(code) / "outlines.json").read_text("utf-8"))
    shapes = [Outline(row["code"], row["d"], tuple(row["at"]), row["r"]) for row in data["places"]]
    lakes = tuple(Outline(row["name"], row["d"], tuple(row["at"]), row["r"]) for row in data["lakes"])
    places = MappingProxyType({shape.name: shape for shape in shapes})
    return Outlines(data["source"], data["width"], data["height"], places, lakes)


def available() -> tuple[str, ...]:
    """List the codes of the countries there are files for."""
    return tuple(sorted(path.parent.name.upper() for path in FOLDER.glob("*/places.toml")))


def _folder(code: str) -> Path:
    if code not in available():
        raise LookupError(f"No files for the country {code!r}: add the folder countries/{code.lower()}/.")
    return FOLDER / code.lower()


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def _places(rows: list[dict[str, Any]], levels: tuple[Level, ...], spoken: tuple[Spoken, ...]) -> Iterator[Place]:
    """Walk the rows depth first; the length of a code tells its level, its beginning its parent."""
    digits = [0, *(level.digits for level in levels)]
    keys = {level.digits: level.key for level in levels}
    for row in rows:
        code = row["code"]
        yield Place(
            code=code,
            name=row["name"],
            level=keys[len(code)],
            parent_code=code[: digits[digits.index(len(code)) - 1]] or None,
            aliases=tuple(row.get("aliases", ())),
            languages=tuple(said.language for said in spoken if said.place == code),
            iso=row.get("iso"),
        )
        yield from _places(row.get("within", []), levels, spoken)


def _language(row: dict[str, Any]) -> Language:
    return Language(**{"iso": row["code"], **row, "aliases": tuple(row.get("aliases", ()))})
