"""What an address asks for: a page of a list, words to look for, an order, a day.

Read here and nowhere else: addresses are typed, cut off and made up, and a database refuses what is too large for its
numbers and signs that nobody sees.
"""

from datetime import date

from flask import request

from lms.core import clock
from lms.core.forms import tidy

_LAST_PAGE = 1_000_000
_YEARS = range(1900, 2200)  # a day outside leaves no room to count from it


def page_asked() -> int:
    """Return the page of a list, from 1."""
    return min(max(1, request.args.get("page", 1, type=int)), _LAST_PAGE)


def asked(name: str, longest: int = 100) -> str:
    """Return a value of the address, without the signs nobody sees."""
    return str(tidy(request.args.get(name, "")))[:longest]


def words_asked() -> str:
    """Return the words to look for."""
    return asked("q")


def sort_asked(default: str) -> str:
    """Return the column to sort by, with a hyphen before it when the other way round."""
    return asked("sort", 20) or default


def day_asked(name: str = "on", otherwise: date | None = None) -> date:
    """Return a day, or the other one (today) when none is said that a calendar of ours holds."""
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        day = date.min
    return day if day.year in _YEARS else otherwise or clock.today()
