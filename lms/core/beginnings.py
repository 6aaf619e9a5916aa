"""What a site begins with: each room registers what `init` brings in, on the first day and after upgrades."""

from collections.abc import Callable
from datetime import datetime

Beginning = Callable[[datetime], int]
BEGINNINGS: dict[str, Beginning] = {}


def begins_with(name: str) -> Callable[[Beginning], Beginning]:
    """Register a function `(now)` that brings in what is missing and returns how many rows that were."""

    def register(function: Beginning) -> Beginning:
        BEGINNINGS[name] = function
        return function

    return register
