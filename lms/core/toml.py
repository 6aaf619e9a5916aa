"""TOML from strangers: read into tables, or refused with its line. Pure.

The parser of the standard library trusts its text: brackets in brackets end in a RecursionError, a number of 5,000
digits in a ValueError, and a key of 100,000 parts takes all the memory there is.
"""

import re
import tomllib
from typing import Any

from lms.core.problems import N_, Problems

_PARTS = 20  # of a key or a header; the deepest of ours has five
# Quoted parts up to 60 signs: whoever looks further for each quotation mark never ends, and longer ones make few parts.
_PART = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.){0,60}+"|'[^'\n]{0,60}+')"""
_ENDLESS_KEY = re.compile(rf"(?<![A-Za-z0-9_-])(?:{_PART}[ \t]*+\.[ \t]*+){{{_PARTS}}}")


def read_toml(text: str, file: str, problems: Problems) -> dict[str, Any] | None:
    """Parse a TOML text; None, and one problem with its line, when it cannot be read.

    >>> read_toml("a = 1", "x.toml", Problems())
    {'a': 1}
    >>> read_toml("a = 1\\nb =\\nc = 2", "x.toml", problems := Problems()), problems[0].line
    (None, 2)
    """
    if found := _ENDLESS_KEY.search(text):
        problems.add(file, text.count("\n", 0, found.start()) + 1, N_("This name has too many parts."))
        return None
    try:
        values = tomllib.loads(text)
        if not _holds_nul(values):
            return values
        problems.add(file, 1, N_("A text here holds the sign \\u0000, which nobody can see or keep."))
    except RecursionError:
        problems.add(file, 1, N_("There are too many brackets inside brackets here."))
    except ValueError as error:
        told = re.search(r"at line (\d+)", str(error))
        line = int(told.group(1)) if told else 1
        problems.add(file, line, N_("This is not valid TOML: %(reason)s."), reason=str(error))
    return None


def _holds_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_nul(key) or _holds_nul(one) for key, one in value.items())
    return any(map(_holds_nul, value)) if isinstance(value, list) else isinstance(value, str) and "\x00" in value
