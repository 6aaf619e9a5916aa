"""How many people are in a version: only the room that enrols them knows. It stands above and hangs a counter here."""

import uuid
from collections.abc import Callable, Iterable

from flask import Flask, current_app

Counter = Callable[[list[uuid.UUID]], dict[uuid.UUID, int]]
_KEY = "people_in_versions"


def count_people_by(app: Flask, counter: Counter) -> None:
    """Let the room that enrols people say how many there are."""
    app.extensions[_KEY] = counter


def people_in(version_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Count the people in each version who have not left; a version without any may be missing."""
    counter: Counter | None = current_app.extensions.get(_KEY)
    ids = list(version_ids)
    return counter(ids) if counter and ids else {}
