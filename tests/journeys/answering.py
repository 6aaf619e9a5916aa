"""Somebody who knows every answer, and gives it with the pointer as a person would."""

import re
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app
from playwright.sync_api import Locator, Page

from lms.assessment.grading import Asked
from lms.assessment.rules import Guise
from lms.core.database import db
from lms.core.ids import id_from_text
from lms.curriculum.queries import asked_of
from lms.learning.models import Attempt
from lms.learning.speech import guise_seed
from tests.harness.stage import apart


def press(control: Locator) -> None:
    """Press what leads to another page, and wait until that page is there: questions must be counted on it."""
    with control.page.expect_navigation():
        control.click()


class Sheet:
    """The questions of one attempt and the names its page gives to their options."""

    def __init__(self, app: Flask, page: Page) -> None:
        self.page = page
        attempt_id = id_from_text(re.search(r"/(?:attempts|read-aloud)/(\w{26})", page.url)[1])  # type: ignore[index]

        def read() -> tuple[list[Asked], bytes]:
            with app.app_context():
                attempt = db.session.get_one(Attempt, attempt_id)
                seed = guise_seed(current_app.config["PEPPER"], attempt_id)
                return asked_of(attempt.enrolment.version_id, attempt.drawn), seed

        self.asked, seed = apart(read)
        self.guise = Guise(seed)

    def fill(self) -> None:
        """Answer every question the page shows now."""
        shown = {box.get_attribute("value") for box in self.page.locator("input[name=asked]").all()}
        for one in self.asked:
            if str(one.number) in shown:
                _ANSWERS[one.kind](self, one)

    def _tick(self, name: str, value: str) -> None:
        self.page.locator(f'input[name="{name}"][value="{value}"]').check()

    def choose(self, one: Asked) -> None:
        for right in one.key["right"]:
            self._tick(f"q{one.number}", self.guise.token(one.number, right))

    def true_false(self, one: Asked) -> None:
        self._tick(f"q{one.number}", "true" if one.key["answer"] else "false")

    def match(self, one: Asked) -> None:
        for left, right in zip(one.body["lefts"], one.key["right"], strict=True):
            name = f"q{one.number}.{self.guise.token(one.number, 'left ' + left['id'])}"
            self.page.locator(f'select[name="{name}"]').select_option(self.guise.token(one.number, right))

    def order(self, one: Asked) -> None:
        for place, item in enumerate(one.body["items"], 1):
            name = f"q{one.number}.{self.guise.token(one.number, item['id'])}"
            self.page.locator(f'select[name="{name}"]').select_option(str(place))

    def number(self, one: Asked) -> None:
        self.page.locator(f'input[name="q{one.number}"]').fill(str(one.key["answer"]))

    def words(self, one: Asked) -> None:
        self.page.locator(f'input[name="q{one.number}"]').fill(next(iter(one.key["accept"].values()))[0])

    def gaps(self, one: Asked) -> None:
        for gap, accepted in zip(one.body["gaps"], one.key["accept"], strict=True):
            name = f"q{one.number}.{gap['id']}"
            if accepted is None:
                token = self.guise.token(one.number, f"{gap['id']} 0")
                self.page.locator(f'select[name="{name}"]').select_option(token)
            else:
                self.page.locator(f'input[name="{name}"]').fill(next(iter(accepted.values()))[0])

    def write(self, one: Asked) -> None:
        self.page.locator(f'textarea[name="q{one.number}"]').fill("Primero escuchamos, después decimos a quién avisar.")

    def walk(self, one: Asked) -> None:
        """Walk a scenario by its best choices; each step is sent before the next one shows."""
        name, made = one.body["start"], 0
        while name:
            points = [reason["points"] for reason in one.key["steps"][name]]
            best = points.index(max(points))
            self._tick(f"q{one.number}.{made}", self.guise.token(one.number, f"{name} {best}"))
            press(self.page.locator(f'button[value="walk:q{one.number}"]'))
            name, made = one.body["steps"][name]["choices"][best]["next"], made + 1


_ANSWERS: dict[str, Callable[[Sheet, Asked], Any]] = {
    "single": Sheet.choose,
    "multiple": Sheet.choose,
    "true_false": Sheet.true_false,
    "matching": Sheet.match,
    "ordering": Sheet.order,
    "numeric": Sheet.number,
    "short_text": Sheet.words,
    "cloze": Sheet.gaps,
    "open": Sheet.write,
    "scenario": Sheet.walk,
}
