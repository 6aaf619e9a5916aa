"""Questions that bring things together: pairs to match, steps to put in order."""

from itertools import pairwise
from typing import Any

from lms.assessment.kinds.base import Body, FilesSeen, Key, Kind, Sent, first, letter, media_of
from lms.assessment.rules import WRONG, Answer, Guise, Mark
from lms.core.problems import N_, Table
from lms.core.texts import whole


class Matching(Kind):
    """Pairs to find. The answer lists, for each left side in the file's order, the id of the right side chosen."""

    name = "matching"

    def parse(self, table: Table, files: FilesSeen) -> tuple[Body, Key]:
        lefts, rights = [], []
        for index, pair in enumerate(table.tables("pair", required=True)):
            lefts.append({"id": letter(index), "text": pair.texts("left"), **media_of(pair, files)})
            rights.append({"id": letter(index), "text": pair.texts("right")})
            pair.finish()
        if len(lefts) < 2:
            table.problem("pair", N_("A “matching” question needs at least two pairs."))
        for index, extra in enumerate(table.tables("distractor"), len(rights)):
            rights.append({"id": letter(index), "text": extra.texts("text")})
            extra.finish()
        return {"lefts": lefts, "rights": rights}, {"right": [left["id"] for left in lefts]}

    def read(self, body: Body, sent: Sent, number: int, guise: Guise) -> Answer:
        names = [right["id"] for right in body["rights"]]
        found = []
        for left in body["lefts"]:
            token = first(sent, f"q{number}.{guise.token(number, 'left ' + left['id'])}")
            found.append(token and guise.name(number, names, token))
        return found if any(found) else None

    def mark(self, body: Body, key: Key, answer: Answer) -> Mark:
        if not isinstance(answer, list):
            return WRONG
        return Mark(sum(given == right for given, right in zip(answer, key["right"], strict=False)) / len(key["right"]))

    def view(self, body: Body, answer: Answer, number: int, guise: Guise) -> dict[str, Any]:
        given = [one if isinstance(one, str) else None for one in answer] if isinstance(answer, list) else []
        rights = {right["id"]: right for right in body["rights"]}
        return {
            "lefts": [
                {
                    **left,
                    "token": guise.token(number, "left " + left["id"]),
                    "chosen": given[index] if index < len(given) else None,
                }
                for index, left in enumerate(body["lefts"])
            ],
            "rights": [{**rights[name], "token": guise.token(number, name)} for name in guise.shuffled(number, rights)],
        }

    def review(self, body: Body, key: Key, answer: Answer, number: int, guise: Guise) -> dict[str, Any]:
        view = self.view(body, answer, number, guise)
        texts = {right["id"]: right["text"] for right in body["rights"]}
        for left, right in zip(view["lefts"], key["right"], strict=False):
            left["right_text"] = texts.get(right, {})
            left["chosen_text"] = texts.get(left["chosen"] or "", {})
            left["is_right"] = left["chosen"] == right
        return view

    def is_complete(self, body: Body, answer: Answer) -> bool:
        return isinstance(answer, list) and len(answer) == len(body["lefts"]) and all(answer)


class Ordering(Kind):
    """Items to put in order. The answer gives each item, in the file's order, its position from 1; None if unplaced."""

    name = "ordering"

    def parse(self, table: Table, files: FilesSeen) -> tuple[Body, Key]:
        items = []
        for index, item in enumerate(table.tables("item", required=True)):
            items.append({"id": letter(index), "text": item.texts("text"), **media_of(item, files)})
            item.finish()
        if len(items) < 3:
            table.problem("item", N_("An “ordering” question needs at least three items."))
        return {"items": items}, {}

    def read(self, body: Body, sent: Sent, number: int, guise: Guise) -> Answer:
        places: list[int | None] = []
        for item in body["items"]:
            text = first(sent, f"q{number}.{guise.token(number, item['id'])}") or ""
            place = whole(text)
            places.append(place if place and place <= len(body["items"]) else None)
        return places if any(places) else None

    def mark(self, body: Body, key: Key, answer: Answer) -> Mark:
        places = self._places(body, answer)
        pairs = [one is not None and other is not None and other - one == 1 for one, other in pairwise(places)]
        return Mark(sum(pairs) / len(pairs)) if pairs else WRONG

    def view(self, body: Body, answer: Answer, number: int, guise: Guise) -> dict[str, Any]:
        places = dict(zip((item["id"] for item in body["items"]), self._places(body, answer), strict=True))
        items = {item["id"]: item for item in body["items"]}
        return {
            "items": [
                {**items[name], "token": guise.token(number, name), "place": places[name]}
                for name in guise.shuffled(number, items)
            ],
            "places": range(1, len(items) + 1),
        }

    def review(self, body: Body, key: Key, answer: Answer, number: int, guise: Guise) -> dict[str, Any]:
        places = self._places(body, answer)
        return {
            "items": [
                {**item, "right_place": index, "place": place, "is_right": place == index}
                for index, (item, place) in enumerate(zip(body["items"], places, strict=True), 1)
            ]
        }

    def is_complete(self, body: Body, answer: Answer) -> bool:
        return sorted(place or 0 for place in self._places(body, answer)) == list(range(1, len(body["items"]) + 1))

    @staticmethod
    def _places(body: Body, answer: Answer) -> list[int | None]:
        given = answer if isinstance(answer, list) else []
        whole = [place if isinstance(place, int) and not isinstance(place, bool) else None for place in given]
        return (whole + [None] * len(body["items"]))[: len(body["items"])]
