"""Codes of communities: the municipality's four digits, a hyphen and a number of three digits."""

import re
from collections.abc import Iterable

_NUMBER = re.compile(r".+-(\d+)")


def next_code(municipality: str, taken: Iterable[str]) -> str:
    """Return the code of the next community; a number is never given twice.

    >>> next_code("1406", ["1406-001", "1406-007"])
    '1406-008'
    """
    numbers = [int(found.group(1)) for code in taken if (found := _NUMBER.fullmatch(code))]
    return f"{municipality}-{max(numbers, default=0) + 1:03}"


def widening(code: str | None) -> list[str]:
    """List the codes a place may lie within, its own first: whatever its country's tiers, a code begins with them.

    >>> widening("1406-003"), widening(None)
    (['1406-003', '1406', '140', '14', '1'], [])
    """
    if not code:
        return []
    base, hyphen, _number = code.partition("-")
    return ([code] if hyphen else []) + [base[:length] for length in range(len(base), 0, -1)]
