"""A scale of agreement: asks an opinion, marks nothing."""

from typing import Any

from lms.assessment.kinds.base import Body, FilesSeen, Key, Kind, Sent, first, letter
from lms.assessment.rules import RIGHT, Answer, Guise, Mark
from lms.core.problems import N_, Table
from lms.core.texts import whole


class Likert(Kind):
    """Statements to rate. The answer lists a step of the scale, from 0, for each statement; None if left out."""

    name = "likert"
    is_scored = False

    def parse(self, table: Table, files: FilesSeen) -> tuple[Body, Key]:
        statements = []
        for index, statement in enumerate(table.tables("statement", required=True)):
            statements.append({"id": letter(index), "text": statement.texts("text")})
            statement.finish()
        scale = table.lists("scale", required=True)
        if any(len(steps) < 3 for steps in scale.values()):
            table.problem("scale", N_("A scale has at least three steps."))
        return {"statements": statements, "scale": scale}, {}

    def read(self, body: Body, sent: Sent, number: int, guise: Guise) -> Answer:
        steps = max((len(words) for words in body["scale"].values()), default=0)
        found: list[int | None] = []
        for statement in body["statements"]:
            text = first(sent, f"q{number}.{statement['id']}") or ""
            place = whole(text)
            found.append(place if place is not None and place < steps else None)
        return found if any(step is not None for step in found) else None

    def mark(self, body: Body, key: Key, answer: Answer) -> Mark:
        return RIGHT

    def view(self, body: Body, answer: Answer, number: int, guise: Guise) -> dict[str, Any]:
        steps = self._steps(body, answer)
        return {
            "scale": body["scale"],
            "statements": [
                {**statement, "step": step} for statement, step in zip(body["statements"], steps, strict=True)
            ],
        }

    def review(self, body: Body, key: Key, answer: Answer, number: int, guise: Guise) -> dict[str, Any]:
        return self.view(body, answer, number, guise)

    def is_complete(self, body: Body, answer: Answer) -> bool:
        return all(step is not None for step in self._steps(body, answer))

    @staticmethod
    def _steps(body: Body, answer: Answer) -> list[int | None]:
        given = answer if isinstance(answer, list) else []
        count = min((len(words) for words in body["scale"].values()), default=0)
        known = [
            step if isinstance(step, int) and not isinstance(step, bool) and 0 <= step < count else None
            for step in given
        ]
        return (known + [None] * len(body["statements"]))[: len(body["statements"])]
