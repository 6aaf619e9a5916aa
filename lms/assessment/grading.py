"""Grade an attempt: stored answers and frozen keys in, result out. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lms.assessment.kinds import KINDS
from lms.assessment.rules import Answer, Marked, Result, result_of


@dataclass(frozen=True)
class Asked:
    """A question of an attempt with what marking needs: `body` is the page's, `key` stays on the server."""

    number: int
    kind: str
    body: dict[str, Any]
    key: dict[str, Any]
    weight: float = 1.0
    is_critical: bool = False
    topic: str | None = None


def marked(one: Asked, answer: Answer, points_by_person: Sequence[int] | None = None) -> Marked:
    """Mark one question; an open answer waits until a person has given points."""
    kind = KINDS[one.kind]
    if kind.needs_person and points_by_person is not None:
        mark = kind.mark_by_person(one.body, points_by_person)
    else:
        mark = kind.mark(one.body, one.key, answer)
    return Marked(one.number, mark, one.weight, one.is_critical, one.topic, kind.is_scored)


def grade(
    asked: Sequence[Asked],
    answers: Mapping[int, Answer],
    points_by_person: Mapping[int, Sequence[int]],
    pass_mark: float,
) -> Result:
    """Grade an attempt.

    :param answers: question number to the answer that counts.
    :param points_by_person: question number to the points of each criterion, for open answers already marked.
    """
    return result_of(
        (marked(one, answers.get(one.number), points_by_person.get(one.number)) for one in asked), pass_mark
    )
