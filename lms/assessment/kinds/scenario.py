"""A scenario: a situation, a choice, what follows from it, the next choice. Different choices lead different ways."""

from functools import cache
from typing import Any

from lms.assessment.kinds.base import Body, FilesSeen, Key, Kind, Sent, letter, media_of
from lms.assessment.rules import WRONG, Answer, Guise, Mark
from lms.core.problems import N_, Table


class Scenario(Kind):
    """Steps with choices. The answer is the path: the index of the choice made at each step, in order.

    Where a choice leads is known to the server alone; the page gets the steps walked so far and the one in hand.
    """

    name = "scenario"

    def parse(self, table: Table, files: FilesSeen) -> tuple[Body, Key]:
        steps: dict[str, dict[str, Any]] = {}
        key: dict[str, list[dict[str, Any]]] = {}
        tables = table.tables("step", required=True)
        for index, step in enumerate(tables):
            name = step.get("id", str, letter(index), required=True)
            if name in steps:
                step.problem("id", N_("Two steps of this question have the id “%(id)s”."), id=name)
            choices, reasons = [], []
            for choice in step.tables("choice", required=True):
                choices.append(
                    {"text": choice.texts("text"), "next": choice.get("next", str), **media_of(choice, files)}
                )
                reasons.append({"points": choice.get("points", (int, float), 0), "why": choice.texts("why")})
                choice.finish()
            if len(choices) < 2:
                step.problem("choice", N_("A step needs at least two choices."))
            steps[name] = {"text": step.texts("text"), "choices": choices, **media_of(step, files)}
            key[name] = reasons
            step.finish()
        body: Body = {"start": next(iter(steps), ""), "steps": steps}
        self._check_ways(table, tables, body)
        best = 0.0 if table.problems.errors else self._best(body, key)
        if not best and not table.problems.errors:
            table.problem("step", N_("No choice of this scenario has “points”."))
        return body, {"steps": key, "best": best}

    def read(self, body: Body, sent: Sent, number: int, guise: Guise) -> Answer:
        path: list[int] = []
        while (name := self._current(body, path)) is not None:
            token = (sent.get(f"q{number}.{len(path)}") or [""])[0]
            names = [f"{name} {i}" for i in range(len(body["steps"][name]["choices"]))]
            if (found := guise.name(number, names, token)) is None:
                break
            path.append(names.index(found))
        return path or None

    def mark(self, body: Body, key: Key, answer: Answer) -> Mark:
        if not isinstance(answer, list) or not key["best"]:
            return WRONG
        points = sum(key["steps"][name][choice]["points"] for name, choice in self._steps(body, answer))
        return Mark(max(0.0, min(1.0, points / key["best"])))

    def view(self, body: Body, answer: Answer, number: int, guise: Guise) -> dict[str, Any]:
        walked, current = self._steps(body, answer), self._current(body, answer)
        past = []
        for name, choice in walked:
            step = body["steps"][name]
            past.append(
                {
                    **{part: step[part] for part in step if part != "choices"},
                    "token": guise.token(number, f"{name} {choice}"),
                    "chosen": step["choices"][choice]["text"],
                }
            )
        return {"past": past, "step": current and self._shown(body, current, number, guise), "is_over": current is None}

    def review(self, body: Body, key: Key, answer: Answer, number: int, guise: Guise) -> dict[str, Any]:
        view = self.view(body, answer, number, guise)
        for shown, (name, choice) in zip(view["past"], self._steps(body, answer), strict=True):
            reasons = key["steps"][name]
            best = max(reason["points"] for reason in reasons)
            shown["why"], shown["is_best"] = reasons[choice]["why"], reasons[choice]["points"] == best
            if not shown["is_best"]:
                better = next(i for i, reason in enumerate(reasons) if reason["points"] == best)
                shown["better"] = body["steps"][name]["choices"][better]["text"]
                shown["better_why"] = reasons[better]["why"]
        return view

    def is_complete(self, body: Body, answer: Answer) -> bool:
        return isinstance(answer, list) and bool(answer) and self._current(body, answer) is None

    def after(self, body: Body, before: Answer, given: Answer) -> Answer:
        """A way once gone is gone: who has seen what follows may go on, not back."""
        if not isinstance(before, list) or not before:
            return given
        return given if isinstance(given, list) and given[: len(before)] == before else before

    def _shown(self, body: Body, name: str, number: int, guise: Guise) -> dict[str, Any]:
        step = body["steps"][name]
        names = guise.order(number, [f"{name} {i}" for i in range(len(step["choices"]))])
        choices = []
        for choice_name in names:
            choice = step["choices"][int(choice_name.rpartition(" ")[2])]
            shown = {part: choice[part] for part in choice if part != "next"}
            choices.append({**shown, "token": guise.token(number, choice_name)})
        return {**step, "choices": choices}

    def _steps(self, body: Body, answer: Answer) -> list[tuple[str, int]]:
        """Return the steps walked with the choice made at each; stops at the first that does not exist."""
        walked: list[tuple[str, int]] = []
        name: str | None = body["start"]
        for choice in answer if isinstance(answer, list) else []:
            if name is None or not _is_index(choice, body["steps"][name]["choices"]):
                break
            walked.append((name, choice))
            name = body["steps"][name]["choices"][choice]["next"]
        return walked

    def _current(self, body: Body, answer: Answer) -> str | None:
        walked = self._steps(body, answer)
        if not walked:
            return body["start"]
        name, choice = walked[-1]
        return body["steps"][name]["choices"][choice]["next"]

    @staticmethod
    def _check_ways(table: Table, tables: list[Table], body: Body) -> None:
        """Report choices that lead nowhere, steps nobody reaches and ways that never end."""
        steps, reached = body["steps"], set()
        leads_to: dict[str, list[str]] = {}
        for name, step in steps.items():
            leads_to[name] = []
            for choice in step["choices"]:
                if choice["next"] is None:
                    continue
                if choice["next"] not in steps:
                    table.problem(
                        "step", N_("A choice leads to the step “%(id)s”, which does not exist."), id=choice["next"]
                    )
                else:
                    leads_to[name].append(choice["next"])

        def visit(name: str, above: tuple[str, ...]) -> None:
            if name in above:
                table.problem("step", N_("The step “%(id)s” leads back to itself."), id=name)
                return
            reached.add(name)
            for after in leads_to[name]:
                visit(after, (*above, name))

        if steps:
            visit(body["start"], ())
        for index, name in enumerate(steps):
            if name not in reached and index < len(tables):
                tables[index].problem(None, N_("Nothing leads to the step “%(id)s”."), id=name)

    @staticmethod
    def _best(body: Body, key: dict[str, list[dict[str, Any]]]) -> float:
        @cache
        def best_from(name: str) -> float:
            return max(
                reason["points"] + (best_from(choice["next"]) if choice["next"] else 0)
                for choice, reason in zip(body["steps"][name]["choices"], key[name], strict=True)
            )

        return float(best_from(body["start"]))


def _is_index(value: Any, items: list[Any]) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(items)
