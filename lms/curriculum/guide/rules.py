"""What a guide's code is, and what it is worth when somebody checks it later. Pure."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import count
from typing import Any, Protocol

from lms.core.codes import SYMBOLS, check_symbol, is_sound
from lms.core.texts import Texts

LENGTH = 8
PAPERS = ("letter", "a4")
_NUMBER = re.compile(r"[a-z]+(\d+)")


class FactSaid(Protocol):
    """What a guide prints of a fact."""

    @property
    def value(self) -> Texts: ...
    @property
    def label(self) -> Texts: ...
    @property
    def dial(self) -> str | None: ...
    @property
    def is_certain(self) -> bool: ...
    @property
    def checked_on(self) -> date | None: ...


class Verdict(StrEnum):
    """What a guide on paper is worth today."""

    CURRENT = "current"
    FACTS_CHANGED = "facts_changed"  # the version is taught still, but a number or an article was put right since
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"  # taken back, and nothing has taken its place
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Edition:
    """A version as far as a verdict needs it."""

    number: int
    published_at: datetime | None


def codes_of(*identity: str) -> Iterator[str]:
    """Derive the code of a guide from what it is; the next one if that is taken by another guide.

    >>> first = next(codes_of("version", "spa", "", "facts"))
    >>> first == next(codes_of("version", "spa", "", "facts")), is_guide_code(first)
    (True, True)
    """
    for turn in count():
        value = int.from_bytes(hashlib.sha256("\0".join([*identity, str(turn)]).encode()).digest()[:8], "big")
        body = "".join(SYMBOLS[(value >> 5 * place) & 31] for place in range(LENGTH - 1))
        if (check := check_symbol(body)) is not None:
            yield body + check


def is_guide_code(text: str) -> bool:
    """Tell whether a tidy text is the code of a guide, as far as its letters tell."""
    return is_sound(text, LENGTH)


def facts_said(keys: Iterable[str], facts: Mapping[str, FactSaid]) -> str:
    """Return the fingerprint of what the cited facts say; who checked them, and when, makes no difference."""
    said = {key: [facts[key].value, facts[key].label, facts[key].dial] for key in keys if key in facts}
    return fingerprint(said)


def facts_shown(keys: Iterable[str], facts: Mapping[str, FactSaid]) -> dict[str, list[str]]:
    """Return what else of the cited facts stands on paper: whether they are certain, and since when."""
    return {key: [str(facts[key].is_certain), str(facts[key].checked_on)] for key in keys if key in facts}


def fingerprint(data: Any) -> str:
    """Return the SHA-256 of plain data."""
    return hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).hexdigest()


def verdict(printed: Edition, taught: Edition | None, is_withdrawn: bool, is_said_still: bool) -> Verdict:
    """Say what a guide of one version is worth while another one, or the same, or none is taught.

    >>> verdict(Edition(1, None), Edition(2, None), is_withdrawn=False, is_said_still=True).value
    'superseded'
    """
    if taught is None:
        return Verdict.WITHDRAWN
    if taught.number != printed.number:
        return Verdict.SUPERSEDED
    if is_withdrawn:
        return Verdict.WITHDRAWN
    return Verdict.CURRENT if is_said_still else Verdict.FACTS_CHANGED


def superseded_at(printed: Edition, taught: Edition) -> datetime | None:
    """Return the moment the newer version took over; None when an older one came back."""
    return taught.published_at if taught.number > printed.number else None


def number_of(slug: str) -> str:
    """Return the number that a module carries in its name, as people call it.

    >>> number_of("m5"), number_of("s2"), number_of("inicio")
    ('5', '2', '')
    """
    found = _NUMBER.fullmatch(slug)
    return found.group(1) if found else ""
