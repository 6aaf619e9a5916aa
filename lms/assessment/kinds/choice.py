"""Questions with options: one right, several right, true or false."""

from typing import Any

from lms.assessment.kinds.base import Body, FilesSeen, Key, Kind, Sent, first, letter, media_of
from lms.assessment.rules import RIGHT, WRONG, Answer, Guise, Mark
from lms.core.problems import N_, Table


class _Options(Kind):
    """What single and multiple choice share: options with texts, pictures and a reason each."""

    def parse(self, table: Table, files: FilesSeen) -> tuple[Body, Key]:
        options: list[dict[str, Any]] = []
        right, why = [], {}
        for index, option in enumerate(table.tables("option", required=True)):
            name = option.get("id", str, letter(index))
            if any(name == known["id"] for known in options):
                option.problem("id", N_("Two options of this question have the id “%(id)s”."), id=name)
            options.append({"id": name, "text": option.texts("text"), **media_of(option, files)})
            if option.get("correct", bool, False):
                right.append(name)
            why[name] = option.texts("why")
            option.finish()
        if len(options) < 2:
            table.problem("option", N_("A question to choose from needs at least two options."))
        self.check_right(table, right, options)
        return {"options": options}, {"right": right, "why": why}

    def check_right(self, table: Table, right: list[str], options: list[dict[str, Any]]) -> None:
        """Report a wrong number of right options."""

    def view(self, body: Body, answer: Answer, number: int, guise: Guise) -> dict[str, Any]:
        chosen = self._chosen(answer)
        options = {option["id"]: option for option in body["options"]}
        return {
            "options": [
                {**options[name], "token": guise.token(number, name), "is_chosen": name in chosen}
                for name in guise.order(number, options)
            ]
        }

    def review(self, body: Body, key: Key, answer: Answer, number: int, guise: Guise) -> dict[str, Any]:
        view = self.view(body, answer, number, guise)
        for option in view["options"]:
            option["is_right"] = option["id"] in key["right"]
            option["why"] = key["why"].get(option["id"], {})
        return view

    def _chosen(self, answer: Answer) -> list[str]:
        if isinstance(answer, str):
            return [answer]
        return [name for name in answer if isinstance(name, str)] if isinstance(answer, list) else []


class Single(_Options):
    """One right option."""

    name = "single"

    def check_right(self, table: Table, right: list[str], options: list[dict[str, Any]]) -> None:
        if len(right) != 1:
            table.problem(
                "option", N_("A “single” question has exactly one correct option; this one has %(n)s."), n=len(right)
            )

    def read(self, body: Body, sent: Sent, number: int, guise: Guise) -> Answer:
        token = first(sent, f"q{number}")
        return token and guise.name(number, (option["id"] for option in body["options"]), token)

    def mark(self, body: Body, key: Key, answer: Answer) -> Mark:
        return RIGHT if isinstance(answer, str) and [answer] == key["right"] else WRONG


class Multiple(_Options):
    """Several right options; each wrong one chosen takes back a right one."""

    name = "multiple"

    def check_right(self, table: Table, right: list[str], options: list[dict[str, Any]]) -> None:
        if len(right) < 2:
            table.problem(
                "option",
                N_("A “multiple” question has at least two correct options; this one has %(n)s."),
                n=len(right),
            )
        elif len(right) == len(options):
            table.problem("option", N_("A “multiple” question needs at least one option that is not correct."))

    def read(self, body: Body, sent: Sent, number: int, guise: Guise) -> Answer:
        names = [option["id"] for option in body["options"]]
        found = {guise.name(number, names, token) for token in sent.get(f"q{number}", ())}
        return [name for name in names if name in found] or None

    def mark(self, body: Body, key: Key, answer: Answer) -> Mark:
        chosen, right = set(self._chosen(answer)), set(key["right"])
        return Mark(max(0, len(chosen & right) - len(chosen - right)) / len(right))


class TrueFalse(Kind):
    """A statement that is true or not."""

    name = "true_false"

    def parse(self, table: Table, files: FilesSeen) -> tuple[Body, Key]:
        answer = table.get("answer", bool, True, required=True)
        return {}, {"answer": answer, "why": {"true": table.texts("why_true"), "false": table.texts("why_false")}}

    def read(self, body: Body, sent: Sent, number: int, guise: Guise) -> Answer:
        return {"true": True, "false": False}.get(first(sent, f"q{number}") or "")

    def mark(self, body: Body, key: Key, answer: Answer) -> Mark:
        return RIGHT if isinstance(answer, bool) and answer is key["answer"] else WRONG

    def view(self, body: Body, answer: Answer, number: int, guise: Guise) -> dict[str, Any]:
        return {"answer": answer if isinstance(answer, bool) else None}

    def review(self, body: Body, key: Key, answer: Answer, number: int, guise: Guise) -> dict[str, Any]:
        return {**self.view(body, answer, number, guise), "right": key["answer"], "why": key["why"]}
