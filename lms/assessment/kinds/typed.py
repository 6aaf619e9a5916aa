"""Questions answered by typing: a number, a few words, gaps in a text, a free answer that a person marks."""

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from lms.assessment.kinds.base import Body, FilesSeen, Key, Kind, Sent, first, letter
from lms.assessment.rules import RIGHT, WAITING, WRONG, Answer, Guise, Mark, same_words
from lms.core.problems import N_, Table


def number_of(text: object) -> Decimal | None:
    """Read a number the way people type it: 1,234.5 and 24 and 24,5 (a lone comma before one or two digits).

    >>> number_of("1,234.5"), number_of("24,5"), number_of("veinte")
    (Decimal('1234.5'), Decimal('24.5'), None)
    """
    if not isinstance(text, str) or len(text) > 40:
        return None
    plain = text.replace("\u00a0", "").replace(" ", "").removesuffix("%")
    if re.fullmatch(r"-?\d+,\d{1,2}", plain):
        plain = plain.replace(",", ".")
    if not re.fullmatch(r"-?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?", plain):
        return None
    try:
        return Decimal(plain.replace(",", ""))
    except InvalidOperation:
        return None


class Numeric(Kind):
    """A number, right within a tolerance. The answer is what was typed."""

    name = "numeric"

    def parse(self, table: Table, files: FilesSeen) -> tuple[Body, Key]:
        answer = table.get("answer", (int, float), 0, required=True)
        tolerance = table.get("tolerance", (int, float), 0)
        if tolerance < 0:
            table.problem("tolerance", N_("“tolerance” cannot be negative."))
        return {"unit": table.texts("unit", required=False)}, {"answer": answer, "tolerance": tolerance}

    def read(self, body: Body, sent: Sent, number: int, guise: Guise) -> Answer:
        text = first(sent, f"q{number}")
        return text and text[:40]

    def mark(self, body: Body, key: Key, answer: Answer) -> Mark:
        given = number_of(answer)
        if given is None:
            return WRONG
        return RIGHT if abs(given - Decimal(str(key["answer"]))) <= Decimal(str(key["tolerance"])) else WRONG

    def view(self, body: Body, answer: Answer, number: int, guise: Guise) -> dict[str, Any]:
        return {"unit": body["unit"], "answer": answer if isinstance(answer, str) else ""}

    def review(self, body: Body, key: Key, answer: Answer, number: int, guise: Guise) -> dict[str, Any]:
        return {**self.view(body, answer, number, guise), "right": key["answer"]}


class ShortText(Kind):
    """A few words, compared without case, accents and apostrophes, in any language of the course."""

    name = "short_text"

    def parse(self, table: Table, files: FilesSeen) -> tuple[Body, Key]:
        return {}, {"accept": table.lists_free("accept", required=True)}

    def read(self, body: Body, sent: Sent, number: int, guise: Guise) -> Answer:
        text = first(sent, f"q{number}")
        return text and text[:120]

    def mark(self, body: Body, key: Key, answer: Answer) -> Mark:
        accepted = [text for texts in key["accept"].values() for text in texts]
        return RIGHT if isinstance(answer, str) and same_words(answer, accepted) else WRONG

    def view(self, body: Body, answer: Answer, number: int, guise: Guise) -> dict[str, Any]:
        return {"answer": answer if isinstance(answer, str) else ""}

    def review(self, body: Body, key: Key, answer: Answer, number: int, guise: Guise) -> dict[str, Any]:
        right = {code: texts[0] for code, texts in key["accept"].items() if texts}
        return {**self.view(body, answer, number, guise), "right": right}


_GAP = re.compile(r"\[\[([a-z0-9-]+)\]\]")


class Cloze(Kind):
    """A text with gaps to type into or choose for. The answer lists the gaps in the file's order.

    A gap to choose for stores the index of the choice in the file; the page shows tokens in an order of its own.
    """

    name = "cloze"

    def parse(self, table: Table, files: FilesSeen) -> tuple[Body, Key]:
        text = table.texts("text")
        gaps: list[dict[str, Any]] = []
        accept: list[dict[str, list[str]] | None] = []
        for index, blank in enumerate(table.tables("blank", required=True)):
            name = blank.get("id", str, letter(index), required=True)
            choices = blank.lists("choices")
            gaps.append({"id": name, "choices": choices})
            accept.append(None if choices else blank.lists_free("accept", required=True))
            blank.finish()
        names = [gap["id"] for gap in gaps]
        for code, words in text.items():
            found = _GAP.findall(words)
            for name in names:
                if found.count(name) != 1:
                    table.problem(
                        f"text.{code}", N_("The text in %(code)s should hold [[%(id)s]] exactly once."),
                        code=code, id=name,
                    )  # fmt: skip
            for name in found:
                if name not in names:
                    table.problem(f"text.{code}", N_("[[%(id)s]] has no [[question.blank]] of that id."), id=name)
        return {"text": text, "gaps": gaps}, {"accept": accept}

    def read(self, body: Body, sent: Sent, number: int, guise: Guise) -> Answer:
        found: list[str | None] = []
        for gap in body["gaps"]:
            given = first(sent, f"q{number}.{gap['id']}")
            if gap["choices"] and given:
                given = guise.name(number, self._choice_names(gap), given)
                given = given and given.rpartition(" ")[2]
            found.append(given and given[:120])
        return found if any(found) else None

    def mark(self, body: Body, key: Key, answer: Answer) -> Mark:
        right = sum(self._rights(body, key, answer))
        return Mark(right / len(body["gaps"])) if body["gaps"] else WRONG

    def view(self, body: Body, answer: Answer, number: int, guise: Guise) -> dict[str, Any]:
        given = answer if isinstance(answer, list) else []
        gaps = {}
        for index, gap in enumerate(body["gaps"]):
            value = given[index] if index < len(given) and isinstance(given[index], str) else ""
            choices = []
            for name in guise.shuffled(number, self._choice_names(gap)):
                place = name.rpartition(" ")[2]
                texts = {code: words[int(place)] for code, words in gap["choices"].items() if int(place) < len(words)}
                choices.append({"token": guise.token(number, name), "text": texts, "is_chosen": place == value})
            gaps[gap["id"]] = {"choices": choices, "value": value}
        parts = {code: _GAP.split(words) for code, words in body["text"].items()}  # text, id, text, id, … text
        return {"parts": parts, "gaps": gaps}

    def review(self, body: Body, key: Key, answer: Answer, number: int, guise: Guise) -> dict[str, Any]:
        view = self.view(body, answer, number, guise)
        for gap, accepted, is_right in zip(body["gaps"], key["accept"], self._rights(body, key, answer), strict=True):
            shown = view["gaps"][gap["id"]]
            lists = gap["choices"] if accepted is None else accepted
            shown["right"] = {code: words[0] for code, words in lists.items() if words}
            shown["is_right"] = is_right
            if accepted is None and (place := _index(shown["value"])) is not None:
                shown["given"] = {code: words[place] for code, words in gap["choices"].items() if place < len(words)}
        return view

    def is_complete(self, body: Body, answer: Answer) -> bool:
        return isinstance(answer, list) and len(answer) == len(body["gaps"]) and all(answer)

    @staticmethod
    def _choice_names(gap: dict[str, Any]) -> list[str]:
        count = max((len(words) for words in gap["choices"].values()), default=0)
        return [f"{gap['id']} {place}" for place in range(count)]

    @staticmethod
    def _rights(body: Body, key: Key, answer: Answer) -> list[bool]:
        given = answer if isinstance(answer, list) else []
        rights = []
        for index, accepted in enumerate(key["accept"]):
            value = given[index] if index < len(given) else None
            if not isinstance(value, str):
                rights.append(False)
            elif accepted is None:
                rights.append(value == "0")  # the first choice of the file is the right one
            else:
                rights.append(same_words(value, [text for texts in accepted.values() for text in texts]))
        return rights


def _index(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None


class Open(Kind):
    """A free answer that a person marks, criterion by criterion. Nobody can fail it by machine."""

    name = "open"
    needs_person = True

    def parse(self, table: Table, files: FilesSeen) -> tuple[Body, Key]:
        criteria = []
        for criterion in table.tables("criterion", required=True):
            points = criterion.get("points", int, 1, required=True)
            if points < 1:
                criterion.problem("points", N_("“points” is at least 1."))
            criteria.append(
                {
                    "text": criterion.texts("text"),
                    "points": max(points, 1),
                    "is_critical": criterion.get("critical", bool, False),
                }
            )
            criterion.finish()
        return {"criteria": criteria}, {}

    def read(self, body: Body, sent: Sent, number: int, guise: Guise) -> Answer:
        return first(sent, f"q{number}")

    def mark(self, body: Body, key: Key, answer: Answer) -> Mark:
        return WAITING if isinstance(answer, str) and answer.strip() else WRONG

    def mark_by_person(self, body: Body, points: Sequence[int]) -> Mark:
        """Turn points, one number for each criterion, into a mark; a critical criterion left without gives 0."""
        criteria = body["criteria"]
        given = [max(0, min(int(got), one["points"])) for got, one in zip(points, criteria, strict=True)]
        if any(one["is_critical"] and not got for got, one in zip(given, criteria, strict=True)):
            return WRONG
        return Mark(sum(given) / sum(one["points"] for one in criteria))

    def typed(self, answer: Answer) -> str:
        return answer if isinstance(answer, str) else ""

    def view(self, body: Body, answer: Answer, number: int, guise: Guise) -> dict[str, Any]:
        return {"criteria": body["criteria"], "answer": answer if isinstance(answer, str) else ""}

    def review(self, body: Body, key: Key, answer: Answer, number: int, guise: Guise) -> dict[str, Any]:
        return self.view(body, answer, number, guise)
