"""Problems found in files people write: collected all at once, each with its file, line and sentence.

Pure: sentences are English message ids with values; doors translate them with `_(problem.sentence, **problem.values)`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lms.core.texts import Texts


def N_(sentence: str) -> str:
    """Mark a sentence for the translation catalogue without translating it here."""
    return sentence


@dataclass(frozen=True)
class Problem:
    """One thing wrong: where, and what to write instead."""

    file: str
    line: int
    sentence: str
    values: dict[str, Any] = field(default_factory=dict)
    is_warning: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence % self.values}"


class Problems(list[Problem]):
    """The list every check writes to; nothing stops at the first."""

    def add(self, file: str, line: int, sentence: str, /, **values: Any) -> None:
        self.append(Problem(file, line, sentence, values))

    def warn(self, file: str, line: int, sentence: str, /, **values: Any) -> None:
        self.append(Problem(file, line, sentence, values, is_warning=True))

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self if not problem.is_warning]


LARGEST = 10**15  # of any number in a package
_HEADER = re.compile(r"^\s*\[(\[)?\s*([A-Za-z0-9_.-]+)\s*\]")
_KEY = re.compile(r"^\s*([A-Za-z0-9_-]+(?:\s*\.\s*[A-Za-z0-9_-]+)*)\s*=")


class TomlLines:
    """Finds the line of a table or key in a TOML text, which the standard parser does not tell.

    >>> lines = TomlLines('[[question]]\\nid = "a"\\n[[question]]\\nid = "b"\\nstem.spa = "x"')
    >>> lines.of(("question", 1)), lines.of(("question", 1, "stem", "spa")), lines.of(("question", 1, "gone"))
    (3, 5, 3)
    """

    def __init__(self, text: str) -> None:
        self._lines: dict[tuple[str | int, ...], int] = {}
        here: tuple[str | int, ...] = ()
        counts: dict[tuple[str | int, ...], int] = {}
        fence = ""
        for number, line in enumerate(text.splitlines(), 1):
            if fence:
                fence = "" if line.count(fence) % 2 else fence
                continue
            if header := _HEADER.match(line):
                here = self._open(header.group(2).split("."), bool(header.group(1)), counts)
                self._lines.setdefault(here, number)
            elif key := _KEY.match(line):
                path = here + tuple(part.strip() for part in key.group(1).split("."))
                for length in range(len(here) + 1, len(path) + 1):
                    self._lines.setdefault(path[:length], number)
                fence = next((mark for mark in ('"""', "'''") if line.count(mark) % 2), "")

    @staticmethod
    def _open(parts: Sequence[str], is_list: bool, counts: dict[tuple[str | int, ...], int]) -> tuple[str | int, ...]:
        path: tuple[str | int, ...] = ()
        for depth, part in enumerate(parts, 1):
            path += (part,)
            if depth == len(parts) and is_list:
                counts[path] = counts.get(path, -1) + 1
            if path in counts:
                path += (counts[path],)
        return path

    def of(self, path: Sequence[str | int]) -> int:
        """Return the line of the path, or of the nearest table around it, or 1."""
        for length in range(len(path), 0, -1):
            if (line := self._lines.get(tuple(path[:length]))) is not None:
                return line
        return 1


class Table:
    """A table of a TOML file being checked: reads values, remembers where they stand, reports what is wrong."""

    def __init__(
        self,
        values: dict[str, Any],
        file: str,
        lines: TomlLines,
        problems: Problems,
        languages: Sequence[str],
        path: tuple[str | int, ...] = (),
    ) -> None:
        self.values, self.file, self.lines, self.problems = values, file, lines, problems
        self.languages, self.path = languages, path
        self._read: set[str] = set()

    def problem(self, key: str | None, sentence: str, /, **values: Any) -> None:
        """Report a problem at a key of this table (None: at the table)."""
        path = self.path if key is None else (*self.path, *key.split("."))
        self.problems.add(self.file, self.lines.of(path), sentence, **values)

    def warning(self, key: str | None, sentence: str, /, **values: Any) -> None:
        """Report something that does not stop the package."""
        path = self.path if key is None else (*self.path, *key.split("."))
        self.problems.warn(self.file, self.lines.of(path), sentence, **values)

    def get(self, key: str, kind: type | tuple[type, ...], default: Any = None, required: bool = False) -> Any:
        """Return a value of the right type; report it when it is missing or of another type."""
        self._read.add(key)
        if key not in self.values:
            if required:
                self.problem(None, N_("“%(key)s” is missing."), key=key)
            return default
        value = self.values[key]
        kinds = kind if isinstance(kind, tuple) else (kind,)
        if not isinstance(value, kind) or (isinstance(value, bool) and bool not in kinds):
            wanted = " / ".join(_WORDS.get(one, one.__name__) for one in kinds)
            self.problem(key, N_("“%(key)s” should be of the kind: %(kind)s."), key=key, kind=wanted)
            return default
        if isinstance(value, int | float) and not abs(value) <= LARGEST:  # nan is not, either
            self.problem(key, N_("“%(key)s” is no number that we count up to."), key=key)
            return default
        return value

    def texts(self, key: str, required: bool = True) -> Texts:
        """Return a text in all languages; report each language that is missing and each that is not declared."""
        value = self.get(key, dict, {}, required)
        texts = {code: text for code, text in value.items() if isinstance(text, str)}
        for code in value:
            if code not in self.languages:
                self.problem(
                    f"{key}.{code}", N_("“%(key)s” has the language %(code)s, which course.toml does not list."),
                    key=key, code=code,
                )  # fmt: skip
            elif code not in texts:
                self.problem(f"{key}.{code}", N_("“%(key)s” should be text."), key=key)
        if value or required:
            for code in self.languages:
                if not texts.get(code, "").strip() and code in required_languages(self.languages):
                    self.problem(key, N_("“%(key)s” has no text in %(code)s."), key=key, code=code)
        return texts

    def lists(self, key: str, required: bool = False) -> dict[str, list[str]]:
        """Return lists of texts by language; report lists of different lengths."""
        value = self.get(key, dict, {}, required)
        lists = {code: [str(text) for text in items] for code, items in value.items() if isinstance(items, list)}
        for code in value:
            if code not in lists:
                self.problem(f"{key}.{code}", N_("“%(key)s” should be a list of texts."), key=key)
        lengths = {len(items) for items in lists.values()}
        if len(lengths) > 1:
            self.problem(key, N_("The languages of “%(key)s” have lists of different length."), key=key)
        for code in required_languages(self.languages):
            if value and code not in value:
                self.problem(key, N_("“%(key)s” has no text in %(code)s."), key=key, code=code)
        return lists

    def lists_free(self, key: str, required: bool = False) -> dict[str, list[str]]:
        """Return lists of texts by language where each language has as many as it needs (accepted words)."""
        value = self.get(key, dict, {}, required)
        lists = {}
        for code, items in value.items():
            if code not in self.languages:
                self.problem(
                    f"{key}.{code}", N_("“%(key)s” has the language %(code)s, which course.toml does not list."),
                    key=key, code=code,
                )  # fmt: skip
            elif not isinstance(items, list) or not items:
                self.problem(f"{key}.{code}", N_("“%(key)s” should be a list of texts."), key=key)
            else:
                lists[code] = [str(text) for text in items]
        return lists

    def tables(self, key: str, required: bool = False) -> list["Table"]:
        """Return the tables of `[[key]]`."""
        items = self.get(key, list, [], required)
        return [
            Table(item, self.file, self.lines, self.problems, self.languages, (*self.path, key, index))
            for index, item in enumerate(items)
            if isinstance(item, dict)
        ]

    def finish(self) -> None:
        """Report keys nobody asked for: mostly slips of the pen."""
        for key in self.values:
            if key not in self._read:
                self.problem(key, N_("“%(key)s” is not a known field here."), key=key)


def required_languages(languages: Sequence[str]) -> Sequence[str]:
    """Say which languages every text must have: Spanish and English where listed, and always the source.

    Other languages are layers that may cover a part of a course; the reader falls back unit by unit.
    """
    return [code for index, code in enumerate(languages) if index == 0 or code in ("spa", "eng")]


_WORDS = {
    str: N_("text"),
    int: N_("whole number"),
    float: N_("number"),
    bool: N_("true or false"),
    list: N_("list"),
    dict: N_("table"),
}
