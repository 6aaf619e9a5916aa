"""What is known before a list is planned, and what a plan holds afterwards."""

import hashlib
import json
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lms.core.problems import Problems
from lms.core.texts import Texts
from lms.organization.rules.posts import Span

Said = tuple[str, dict[str, Any]]  # a sentence and its values, translated when somebody reads it


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person of the branch as the database has her; a record that was merged stands for the one that is kept."""

    id: uuid.UUID
    unit: uuid.UUID
    key: str | None
    given: str
    family: str
    place: str | None = None
    language: str = "spa"
    left_on: date | None = None

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}".strip()


@dataclass(frozen=True, slots=True)
class KnownPost:
    """An open post of one of the units the list concerns."""

    id: uuid.UUID
    unit: uuid.UUID
    profession: str
    key: str | None
    opened_on: date


@dataclass(frozen=True, slots=True)
class KnownHolding:
    """Who holds a post, will hold it, or did until lately."""

    id: uuid.UUID
    post: uuid.UUID
    person: uuid.UUID
    span: Span


@dataclass
class Known:
    """What the database says about everybody and everything a list may mean."""

    branch: uuid.UUID
    people: dict[uuid.UUID, KnownPerson] = field(default_factory=dict)
    by_key: dict[str, set[uuid.UUID]] = field(default_factory=lambda: defaultdict(set))
    by_name: dict[tuple[uuid.UUID, str], set[uuid.UUID]] = field(default_factory=lambda: defaultdict(set))
    elsewhere: dict[str, set[uuid.UUID]] = field(default_factory=lambda: defaultdict(set))  # units, by folded name
    posts: dict[uuid.UUID, KnownPost] = field(default_factory=dict)
    holdings: list[KnownHolding] = field(default_factory=list)
    names: dict[uuid.UUID, str] = field(default_factory=dict)  # of holders and of units
    professions: dict[str, Texts] = field(default_factory=dict)


@dataclass
class Change:
    """What one row does, as the preview tells it."""

    number: int
    name: str
    unit: str
    state: str = "same"  # new | changed | same
    what: list[Said] = field(default_factory=list)

    def tell(self, sentence: str, /, **values: Any) -> None:
        """Add a sentence; days are written down, for the preview is kept as text."""
        plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
        self.what.append((sentence, plain))
        if self.state == "same":
            self.state = "changed"


@dataclass
class Plan:
    """Everything a list would write, ready to be written in a few statements."""

    changes: list[Change] = field(default_factory=list)
    new_people: list[dict[str, Any]] = field(default_factory=list)
    changed_people: list[dict[str, Any]] = field(default_factory=list)
    new_posts: list[dict[str, Any]] = field(default_factory=list)
    changed_posts: list[dict[str, Any]] = field(default_factory=list)
    new_holdings: list[dict[str, Any]] = field(default_factory=list)
    changed_holdings: list[dict[str, Any]] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        """Count the rows by what they do."""
        found = {state: sum(change.state == state for change in self.changes) for state in ("new", "changed", "same")}
        return found | {"rows": len(self.changes)}

    def fingerprint(self) -> str:
        """Sum the plan up, so that what is taken in is what was looked at."""
        told = [(change.number, change.state, change.what) for change in self.changes]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


class Wrong:
    """Reports problems of rows."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems

    def __call__(self, number: int, sentence: str, /, **values: Any) -> None:
        plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
        self.problems.add("", number, sentence, **plain)

    def perhaps(self, number: int, sentence: str, /, **values: Any) -> None:
        """Report something to look at that stops nothing."""
        self.problems.warn("", number, sentence, **values)
