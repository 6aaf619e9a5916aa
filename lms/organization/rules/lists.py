"""Read a list of people and posts row by row: every cell understood, or a sentence that says what to write instead."""

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lms.core.guard import is_national_id
from lms.core.problems import N_, Problems
from lms.core.texts import folded

# The columns by what they hold; each may be headed in Spanish or English. The template is made of the first ones.
HEADERS = {
    "unit": (N_("Office code"), "Código de oficina", "Office code", "Código de unidad", "Unit code"),
    "unit_name": (N_("Office"), "Oficina", "Office", "Unidad", "Unit"),
    "key": (N_("Staff key"), "Clave de la persona", "Staff key", "Clave", "Key"),
    "given": (N_("Given names"), "Nombres", "Given names", "Nombre"),
    "family": (N_("Family names"), "Apellidos", "Family names", "Surnames"),
    "place": (N_("Municipality"), "Municipio", "Municipality", "Lugar", "Place"),
    "language": (N_("Language"), "Idioma", "Language"),
    "profession": (N_("Profession"), "Profesión", "Profession", "Cargo"),
    "post": (N_("Post key"), "Clave del puesto", "Post key", "Puesto", "Post"),
    "since": (N_("Since"), "Desde", "Since"),
}
WRITE_NAMES = N_("Write given names and family names.")
_LENGTHS = {"key": 60, "given": 100, "family": 100, "post": 60}
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]00:00(?::00)?)?")
_NO_NAME = re.compile(r"[\d@<>{}\[\]|\\]")


@dataclass(frozen=True, slots=True)
class Line:
    """One row, understood. An empty cell is None: it leaves what is known as it is."""

    number: int
    unit: uuid.UUID | None = None
    key: str | None = None
    given: str | None = None
    family: str | None = None
    place: str | None = None
    language: str | None = None
    profession: str | None = None
    post: str | None = None
    since: date | None = None

    @property
    def has_person(self) -> bool:
        return bool(self.key or self.given or self.family)

    @property
    def has_post(self) -> bool:
        return bool(self.profession or self.post)

    @property
    def name(self) -> str:
        return f"{self.given or ''} {self.family or ''}".strip()


@dataclass
class Directory:
    """What the cells may name; each word leads to all it could mean."""

    units: dict[str, set[uuid.UUID]] = field(default_factory=dict)  # by folded name
    unit_codes: dict[str, uuid.UUID] = field(default_factory=dict)  # by folded code
    closed: set[uuid.UUID] = field(default_factory=set)
    places: dict[str, set[str]] = field(default_factory=dict)  # by code, folded name, folded "name, parent"
    languages: dict[str, set[str]] = field(default_factory=dict)
    professions: dict[str, set[str]] = field(default_factory=dict)


def read_lines(rows: Iterable[tuple[int, Mapping[str, str]]], directory: Directory, problems: Problems) -> list[Line]:
    """Understand every row; report each cell that cannot be."""
    return [line for number, cells in rows if (line := _Reading(number, cells, directory, problems).line()) is not None]


class _Reading:
    """One row being read; `line` returns nothing when something in it is wrong."""

    def __init__(self, number: int, cells: Mapping[str, str], directory: Directory, problems: Problems) -> None:
        self.number, self.cells, self.directory, self.problems = number, cells, directory, problems
        self.is_wrong = False

    def wrong(self, sentence: str, **values: Any) -> None:
        self.is_wrong = True
        self.problems.add("", self.number, sentence, **values)

    def line(self) -> Line | None:
        line = Line(
            self.number,
            self.unit(),
            self.own_key("key"),
            self.a_name("given"),
            self.a_name("family"),
            self.place(),
            self.one_of("language", self.directory.languages, N_("We do not know the language “%(text)s”.")),
            self.one_of("profession", self.directory.professions, N_("The profession “%(text)s” is not on the list.")),
            self.own_key("post"),
            self.day(),
        )
        if not line.has_person and not line.has_post:
            self.wrong(N_("This row names neither a person nor a post. Write names, or a profession."))
        elif line.has_person and not line.key and not line.given:
            self.wrong(WRITE_NAMES)
        return None if self.is_wrong else line

    def unit(self) -> uuid.UUID | None:
        code, name, known = self.text("unit"), self.text("unit_name"), self.directory
        if not code and not name:
            return None
        if code:
            found = {known.unit_codes[folded(code)]} if folded(code) in known.unit_codes else set()
        else:
            found = known.units.get(folded(name), set())
        if not found:
            self.wrong(N_("There is no office “%(text)s” in this branch."), text=code or name)
        elif len(found) > 1:
            self.wrong(N_("Several offices are called “%(text)s”. Write the office code."), text=name)
        elif found & known.closed:
            self.wrong(N_("The office “%(text)s” is closed."), text=code or name)
        return next(iter(found), None)

    def place(self) -> str | None:
        text = self.text("place")
        if text.isdigit() and text not in self.directory.places:
            text = f"0{text}"  # spreadsheets take the first nought away
        sentence = N_("There is no place “%(text)s”. Write its name or its code, such as 1406.")
        many = N_("Several places are called “%(text)s”. Write the code, or the department behind a comma.")
        return self.one_of("place", self.directory.places, sentence, many, text)

    def one_of(
        self, column: str, words: Mapping[str, set[str]], sentence: str, many: str = "", text: str | None = None
    ) -> str | None:
        text = self.text(column) if text is None else text
        if not text:
            return None
        found = words.get(folded(text), set())
        if len(found) != 1:
            self.wrong(many if found and many else sentence, text=text)
            return None
        return next(iter(found))

    def own_key(self, column: str) -> str | None:
        text = self.short(column)
        if text and is_national_id(text):
            self.wrong(N_("This looks like a national identity number. We never keep those: write a key of your own."))
        return text

    def a_name(self, column: str) -> str | None:
        text = self.short(column)
        if text and _NO_NAME.search(text):
            self.wrong(N_("A name holds letters, not “%(text)s”."), text=text)
        return text

    def short(self, column: str) -> str | None:
        text = self.text(column)
        if len(text) > _LENGTHS[column]:
            self.wrong(N_("“%(text)s…” is too long: at most %(most)s letters."), text=text[:20], most=_LENGTHS[column])
        return text or None

    def day(self) -> date | None:
        text = self.text("since")
        if not text:
            return None
        try:
            return day_of(text)
        except ValueError:
            self.wrong(N_("“%(text)s” is not a day. Write it like 21/11/2026 or 2026-11-21."), text=text[:40])
            return None

    def text(self, column: str) -> str:
        return " ".join(self.cells.get(column, "").split())


def day_of(text: str) -> date:
    """Read a day written with the year first, or with the day first as in Guatemala.

    >>> day_of("21/11/2026") == day_of("2026-11-21") == date(2026, 11, 21)
    True

    :raise ValueError: it is no day.
    """
    if found := _YEAR_FIRST.fullmatch(text):
        return date(*(int(part) for part in found.groups()))
    if found := _DAY_FIRST.fullmatch(text):
        day, month, year = (int(part) for part in found.groups())
        return date(year, month, day)
    raise ValueError("not a day")
