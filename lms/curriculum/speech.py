"""Problems of packages in the reader's language, and languages by their own names."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from flask_babel import gettext as _

from lms.accounts.languages import language_choices
from lms.core.problems import Problem


def sentence_of(problem: Problem) -> str:
    """Write what is wrong in the reader's language, with the kinds of values it names."""
    values = dict(problem.values)
    if isinstance(kind := values.get("kind"), str) and kind:
        values["kind"] = " / ".join(_(word) for word in kind.split(" / "))
    return str(_(problem.sentence, **values))


def as_data(problem: Problem) -> dict[str, Any]:
    """Write a problem down as plain data."""
    return {
        "file": problem.file,
        "line": problem.line,
        "sentence": sentence_of(problem),
        "is_warning": problem.is_warning,
    }


def by_file(problems: Iterable[Problem]) -> dict[str, list[tuple[int, str]]]:
    """Group problems by file, each with its line and sentence, in the order of files and lines."""
    grouped: dict[str, list[tuple[int, str]]] = {}
    for problem in sorted(problems, key=lambda one: (one.file, one.line)):
        grouped.setdefault(problem.file, []).append((problem.line, sentence_of(problem)))
    return grouped


@cache
def tongue_name(code: str) -> str:
    """Return the name of a language in that language."""
    return dict(language_choices(code))[code]
