"""Names of invented people and communities, drawn by chance from lists and never twice. Pure."""

import random
import tomllib
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

NAMES = Path(__file__).parent / "names.toml"


class Names:
    """A bowl of names: the same chance draws the same people."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self._lists: dict[str, Any] = tomllib.loads(NAMES.read_text("utf-8"))
        self._given: set[tuple[str, str]] = set()
        self._communities = self._named()

    def person(self, language: str, is_woman: bool) -> tuple[str, str]:
        """Draw given names and family names."""
        first, second = ("women", "second_women") if is_woman else ("men", "second_men")
        given, families = self._lists["given"], self._lists["family"][language]
        while True:
            names = self.chance.choice(given[first])
            if self.chance.random() < 0.6:
                names += f" {self.chance.choice(given[second])}"
            drawn = (names, " ".join(self.chance.sample(families, 2)))
            if drawn not in self._given:
                self._given.add(drawn)
                return drawn

    def community(self) -> str:
        """Draw the name of a community."""
        return next(self._communities)

    def _named(self) -> Iterator[str]:
        lists = self._lists["communities"]
        every = [f"{kind} {name}" for kind, name in product(lists["kinds"], lists["names"])]
        self.chance.shuffle(every)
        yield from every
