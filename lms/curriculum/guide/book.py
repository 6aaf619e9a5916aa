"""The book: a version in one language, put together for whoever leads its sessions. All of it comes from the course."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from markupsafe import Markup

from lms.curriculum.guide.rules import number_of
from lms.curriculum.lessons import text_html
from lms.curriculum.package.marks import FACT
from lms.curriculum.package.pieces import Piece, call_keys, pieces_of
from lms.curriculum.queries import (
    ActivityLine,
    ModuleLine,
    Outline,
    every_text,
    lesson_text,
    module_details,
    outline_of,
)
from lms.curriculum.render import FactSeen
from lms.curriculum.rubrics import RubricSheet, rubrics_of
from lms.curriculum.saying import Reader

_TOLD = ("do", "dont", "calls")  # the blocks of lessons that a guide repeats
_SHORT = 240  # letters of a step's method that fit into the plan
_ON_THE_PLAN = (
    "audience",
    "place_and_safety",
    "interpreter",
    "accessibility",
    "content_note",
    "disclosure_plan",
)
_IN_A_STEP = ("activity", "says", "watch")
_LINK = re.compile(r"</?a\b[^>]*>")
_MUCH = 2400  # letters
_SHADES = ("#64ad95", "#074b3c")


@dataclass(frozen=True)
class Card:
    """A picture card: what is seen, what it is called, what to ask while showing it."""

    label: str
    path: str
    title: Markup
    says: Markup
    alt: str


@dataclass(frozen=True)
class Part:
    """A module: its session plan, what to do and not to do, whom to call, its questions and cards."""

    line: ModuleLine
    number: str
    title: Markup
    details: Mapping[str, Any]
    dos: tuple[Markup, ...]
    donts: tuple[Markup, ...]
    calls: tuple[str, ...]  # keys of facts
    cards: tuple[Card, ...]

    @property
    def plan(self) -> Mapping[str, Any]:
        return dict(self.details["session_plan"])

    @property
    def has_long_steps(self) -> bool:
        """Whether the steps tell so much that they need pages of their own, beside the plan on one page."""
        return any(len(text) > _SHORT for step in self.plan.get("steps", ()) for text in step["method"].values())

    def is_dense(self, language: str) -> bool:
        """Tell whether the plan says so much in a language that it is set smaller, to stand on one page."""
        plan = self.plan
        said = [plan[key] for key in _ON_THE_PLAN if key in plan]
        said += [step[key] for step in plan.get("steps", ()) for key in _IN_A_STEP]
        said += [step["method"] for step in plan.get("steps", ()) if not self.has_long_steps]
        lists = [self.details["core_messages"], plan.get("objectives", {}), plan.get("materials", {})]
        items = [item for one in lists for item in one.get(language, ())]
        return sum(len(texts.get(language, "")) for texts in said) + sum(map(len, items)) > _MUCH

    @property
    def scale(self) -> Markup:
        """The steps of the session as a bar, each as wide as it is long: a drawing for the eye, told in the table."""
        minutes = [step["minutes"] for step in self.plan.get("steps", ())]
        bars, at = Markup(""), 0
        for place, long in enumerate(minutes):
            bars += Markup('<rect x="{}" width="{}" height="9" fill="{}"/>').format(at, long, _SHADES[place % 2])
            at += long
        drawing = Markup('<svg class="g-bar" viewBox="0 0 {} 9" preserveAspectRatio="none"><title>{}</title>{}</svg>')
        return drawing.format(at, " + ".join(map(str, minutes)), bars) if at else Markup("")


class Book:
    """A version, or one module of it, as its guide says it."""

    def __init__(self, outline: Outline, language: str, facts: Mapping[str, FactSeen], part: str = "") -> None:
        self.outline, self.language, self.facts, self.part = outline, language, facts, part
        self.reader = Reader(outline, language, facts)

    @property
    def modules(self) -> tuple[ModuleLine, ...]:
        """The modules it is about."""
        return (self.outline.module(self.part),) if self.part else self.outline.modules

    @cached_property
    def parts(self) -> list[Part]:
        return [self._part(module) for module in self.modules]

    @cached_property
    def rubrics(self) -> tuple[RubricSheet, ...]:
        return () if self.part else rubrics_of(self.outline.version_id)

    @cached_property
    def calls(self) -> list[str]:
        """The keys of every number to call, in the order of the library: danger first."""
        cited = {key for part in self.parts for key in part.calls}
        return [key for key in self.facts if key in cited]

    @property
    def checked_on(self) -> date | None:
        """The day on which the oldest of its numbers was last checked."""
        return min((on for key in self.calls if (on := self.facts[key].checked_on)), default=None)

    @property
    def files(self) -> dict[str, str]:
        """The pictures it shows: path in the package to SHA-256."""
        paths = {card.path for part in self.parts for card in part.cards}
        return {path: sha for path in sorted(paths) if (sha := self.reader.media(path))}

    def compose(self, tell: Callable[[int, int], None]) -> None:
        """Put it together module by module, saying how far it is."""
        parts = []
        for done, module in enumerate(self.modules, 1):
            parts.append(self._part(module))
            tell(done, len(self.modules))
        self.parts = parts

    def _part(self, module: ModuleLine) -> Part:
        details = module_details(self.outline.version_id, module.slug)
        number = number_of(module.slug)
        told: dict[str, list[Markup]] = {"do": [], "dont": []}
        calls: dict[str, None] = {}
        for activity in module.activities:
            for language, piece in _told(activity, self.outline, self.language):
                if piece.name == "calls":
                    calls |= {key: None for _line, key in call_keys(piece) if key and key in self.facts}
                else:
                    told[piece.name].append(_unlinked(text_html(piece.source, language, self.facts)))
        cards = [
            Card(
                f"{number}.{place}" if number else str(place),
                card["image"],
                self.reader.line(card["title"]),
                self.reader.line(card["says"]),
                self.reader.line(card["alt"]).striptags(),
            )
            for place, card in enumerate(details["cards"], 1)
        ]
        return Part(
            module,
            number,
            self.reader.line(module.title),
            details,
            tuple(dict.fromkeys(told["do"])),
            tuple(dict.fromkeys(told["dont"])),
            tuple(calls),
            tuple(cards),
        )


def _told(activity: ActivityLine, outline: Outline, language: str) -> list[tuple[str, Piece]]:
    """List the blocks of a lesson that a guide repeats, with the language they are in."""
    if not every_text(activity.id):
        return []
    text = lesson_text(activity, outline, language)
    return [(text.language, piece) for piece in pieces_of(text.source) if piece.name in _TOLD]


def _unlinked(html: Markup) -> Markup:
    """Take the links out: on paper they lead nowhere."""
    return Markup(_LINK.sub("", html))  # noqa: S704  (rendered by us)


@lru_cache(maxsize=64)
def facts_cited(version_id: UUID) -> tuple[str, ...]:
    """List the facts that the guide of a version cites, in any of its languages."""
    cited: dict[str, None] = {}
    for module in outline_of(version_id).modules:
        said = str(dict(module_details(version_id, module.slug)))
        for activity in module.activities:
            for text in every_text(activity.id).values():
                for piece in pieces_of(text.source):
                    if piece.name == "calls":
                        cited |= {key: None for _line, key in call_keys(piece) if key}
                    elif piece.name in _TOLD:
                        said += piece.source
        cited |= dict.fromkeys(FACT.findall(said))
    return tuple(cited)
