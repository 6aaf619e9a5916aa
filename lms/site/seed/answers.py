"""What an invented learner answers: the right thing, or to some questions a wrong one. Pure."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from lms.assessment.grading import Asked
from lms.assessment.rules import Answer


def answered(asked: Sequence[Asked], wrong: Collection[int]) -> dict[int, Answer]:
    """Answer every question rightly but those numbered in `wrong`."""
    return {one.number: _wrong(one) if one.number in wrong else _RIGHT[one.kind](one.body, one.key) for one in asked}


def _wrong(one: Asked) -> Answer:
    """Return an answer that gives no point; None, nothing at all, does so in every kind."""
    if one.kind == "single":
        return next(option["id"] for option in one.body["options"] if option["id"] not in one.key["right"])
    return not one.key["answer"] if one.kind == "true_false" else None


def _best_way(body: Mapping[str, Any], key: Mapping[str, Any]) -> list[int]:
    """Walk a scenario by its best choices."""
    name, path = body["start"], []
    while name:
        points = [reason["points"] for reason in key["steps"][name]]
        path.append(points.index(max(points)))
        name = body["steps"][name]["choices"][path[-1]]["next"]
    return path


_RIGHT: Mapping[str, Callable[[Any, Any], Answer]] = {
    "single": lambda body, key: key["right"][0],
    "multiple": lambda body, key: list(key["right"]),
    "true_false": lambda body, key: key["answer"],
    "matching": lambda body, key: list(key["right"]),
    "ordering": lambda body, key: list(range(1, len(body["items"]) + 1)),
    "numeric": lambda body, key: str(key["answer"]),
    "short_text": lambda body, key: next(iter(key["accept"].values()))[0],
    "cloze": lambda body, key: ["0" if one is None else next(iter(one.values()))[0] for one in key["accept"]],
    "likert": lambda body, key: [3 for _statement in body["statements"]],
    "scenario": _best_way,
    "open": lambda body, key: "Primero escucho, después digo a quién se avisa.",
}
