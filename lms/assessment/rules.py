"""Marking: stored answers and frozen keys in, marks out. Pure.

A question gives a share of its weight between 0 and 1. The score of an attempt is the weighted mean of the shares in
per cent; it passes when the score reaches the pass mark and every critical question is fully right.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lms.core.texts import folded

Answer = Any  # JSON: what a learner gave, in the words of the question's kind; None: nothing yet


@dataclass(frozen=True)
class Mark:
    """What one answer earned: a share from 0 to 1, or None while a person still has to mark it."""

    share: float | None

    @property
    def is_right(self) -> bool:
        return self.share is not None and self.share >= 1 - 1e-9


RIGHT, WRONG, WAITING = Mark(1.0), Mark(0.0), Mark(None)


@dataclass(frozen=True)
class Marked:
    """A question of an attempt with its mark; `is_scored` is false for scales that only ask an opinion."""

    number: int
    mark: Mark
    weight: float = 1.0
    is_critical: bool = False
    topic: str | None = None
    is_scored: bool = True


@dataclass(frozen=True)
class Result:
    """The outcome of an attempt. `score` is in per cent, None while anything waits for a person."""

    score: float | None
    is_passed: bool | None
    right: int
    asked: int
    missed_critical: tuple[int, ...]
    by_topic: Mapping[str, tuple[int, int]]
    waiting: tuple[int, ...]


def result_of(marked: Iterable[Marked], pass_mark: float) -> Result:
    """Fold the marks of an attempt into its result.

    >>> result_of([Marked(1, RIGHT), Marked(2, WRONG), Marked(3, RIGHT), Marked(4, RIGHT)], 70).score
    75.0
    >>> result_of([Marked(1, WRONG, is_critical=True), Marked(2, RIGHT, weight=9)], 70).is_passed
    False
    """
    scored = [one for one in marked if one.is_scored]
    waiting = tuple(one.number for one in scored if one.mark.share is None)
    missed = tuple(
        one.number for one in scored if one.is_critical and one.mark.share is not None and not one.mark.is_right
    )
    by_topic: dict[str, tuple[int, int]] = {}
    for one in scored:
        if one.topic:
            right, asked = by_topic.get(one.topic, (0, 0))
            by_topic[one.topic] = (right + one.mark.is_right, asked + 1)
    score = None
    if not waiting:
        weight = sum(one.weight for one in scored)
        earned = sum(one.weight * (one.mark.share or 0.0) for one in scored)
        score = round(100 * earned / weight, 2) if weight else 100.0
    return Result(
        score=score,
        is_passed=None if score is None else score >= pass_mark and not missed,
        right=sum(one.mark.is_right for one in scored),
        asked=len(scored),
        missed_critical=missed,
        by_topic=by_topic,
        waiting=waiting,
    )


def same_words(given: str, accepted: Sequence[str]) -> bool:
    """Tell whether a typed answer is one of the accepted ones; case, accents, apostrophes and a final stop are folded.

    >>> same_words(" Kʼicheʼ. ", ["k'iche'"])
    True
    """
    return folded(given).rstrip(".") in {folded(text).rstrip(".") for text in accepted}


class Guise:
    """Disguises the ids of one attempt: tokens tell nothing about the file's order and differ from attempt to attempt.

    >>> one, other = Guise(b"attempt one"), Guise(b"attempt two")
    >>> one.token(4, "a") == other.token(4, "a"), one.token(4, "a") == one.token(4, "a")
    (False, True)
    >>> sorted(one.order(4, ["a", "b", "c"])), Guise(b"any", is_shuffled=False).order(4, ["a", "b", "c"])
    (['a', 'b', 'c'], ['a', 'b', 'c'])
    """

    def __init__(self, seed: bytes, is_shuffled: bool = True) -> None:
        self._seed, self._is_shuffled = seed, is_shuffled

    def token(self, question: int, name: str) -> str:
        return hmac.new(self._seed, f"{question}:{name}".encode(), hashlib.sha256).hexdigest()[:10]

    def name(self, question: int, names: Iterable[str], token: str) -> str | None:
        """Find the id behind a token; None for a token of nobody."""
        if not token.isascii():
            return None
        return next((name for name in names if hmac.compare_digest(self.token(question, name), token)), None)

    def order(self, question: int, names: Iterable[str]) -> list[str]:
        """Return ids in the order this attempt shows them: the author's where the quiz does not shuffle."""
        return self.shuffled(question, names) if self._is_shuffled else list(names)

    def shuffled(self, question: int, names: Iterable[str]) -> list[str]:
        """Return ids in an order of chance, always: where the author's own order is the answer."""

        def chance(name: str) -> bytes:
            return hmac.digest(self._seed, f"order:{question}:{name}".encode(), "sha256")

        return sorted(names, key=chance)
