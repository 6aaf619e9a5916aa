"""The doctor's checks: each room registers what it can tell about its own health."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One answer of a check: well or not, and a sentence that says what is so or what to do."""

    is_well: bool
    sentence: object


Check = Callable[[], Iterable[Finding]]
CHECKS: dict[str, tuple[Check, bool]] = {}


def check(name: str, is_deep: bool = False) -> Callable[[Check], Check]:
    """Register a check; a deep one runs only with `--deep`."""

    def register(function: Check) -> Check:
        CHECKS[name] = (function, is_deep)
        return function

    return register


def examine(is_deep: bool) -> Iterator[tuple[str, Finding]]:
    """Run the checks; one that breaks is a finding too."""
    for name, (function, needs_deep) in CHECKS.items():
        if needs_deep and not is_deep:
            continue
        try:
            for finding in function():
                yield name, finding
        except Exception as error:  # the doctor is called when things are broken
            yield name, Finding(False, f"{type(error).__name__}: {error}".splitlines()[0])
