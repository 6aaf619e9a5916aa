"""The files of a package while it is read: decodes them, and keeps account of which are referred to."""

import re
from collections.abc import Mapping

from lms.assessment.package import toml_table
from lms.core.problems import N_, Problems, Table

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SLUG_LENGTH = 48
MEDIA_NAME = re.compile(r"media/([a-z0-9]+([._-][a-z0-9]+)*/)*[a-z0-9]+([._-][a-z0-9]+)*\.[a-z0-9]+")
PATH_LENGTH = 200
TEXT_LIMIT = 300_000  # bytes of one text file
LESSON_LIMIT = 40_000  # a lesson is a few thousand; some signs take time that grows with the square of their number


def is_slug(text: str) -> bool:
    """Tell whether a text may name a folder, a file or a question.

    >>> is_slug("m2-aula"), is_slug("Aula"), is_slug("aula-")
    (True, False, False)
    """
    return len(text) <= SLUG_LENGTH and SLUG.fullmatch(text) is not None


class Shelf:
    """All files by path. Whoever uses one says so, so that the forgotten ones can be named at the end."""

    def __init__(self, files: Mapping[str, bytes], problems: Problems) -> None:
        self.files, self.problems = files, problems
        self.used: set[str] = set()

    def __contains__(self, path: str) -> bool:
        return path in self.files

    def text(self, path: str) -> str | None:
        """Read a text file with its line ends made equal; None, and a problem, when it cannot be read."""
        self.used.add(path)
        data = self.files[path]
        limit = LESSON_LIMIT if path.endswith(".md") else TEXT_LIMIT
        if len(data) > limit:
            self.problems.add(path, 1, N_("This file is larger than %(limit)s KB."), limit=limit // 1000)
            return None
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            self.problems.add(path, line, N_("This line is not UTF-8 text. Save the file as UTF-8."))
            return None
        if "\x00" in text:
            line = text[: text.index("\x00")].count("\n") + 1
            self.problems.add(path, line, N_("This line is not UTF-8 text. Save the file as UTF-8."))
            return None
        return text.replace("\r\n", "\n")

    def toml(self, path: str, languages: list[str]) -> Table | None:
        """Read a TOML file that the package must have."""
        if path not in self.files:
            self.problems.add(path, 1, N_("The file %(path)s is missing."), path=path)
            return None
        text = self.text(path)
        return None if text is None else toml_table(text, path, languages, self.problems)

    def need(self, path: str, table: Table, key: str) -> None:
        """Note that a table shows `path`; report at `key` when there is no such file."""
        self.need_at(path, table.file, table.lines.of((*table.path, *key.split("."))))

    def need_at(self, path: str, file: str, line: int) -> bool:
        """Note that a line shows `path`; report when there is no such file."""
        self.used.add(path)
        if path in self.files:
            return True
        if path.startswith("media/"):
            self.problems.add(file, line, N_("The file %(path)s is not in the package."), path=path)
        else:
            self.problems.add(file, line, N_("“%(path)s” should be a file of the folder media/."), path=path)
        return False

    def forgotten(self) -> list[str]:
        """Return the files that nothing refers to."""
        return sorted(path for path in self.files if path not in self.used)
