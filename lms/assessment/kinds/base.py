"""What every kind of question can do. Kinds are pure: a table of a package or a sent form in, plain data out."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol

from lms.assessment.rules import Answer, Guise, Mark
from lms.core.problems import N_, Table

Body = dict[str, Any]
Key = dict[str, Any]
Sent = Mapping[str, Sequence[str]]

TEXT_LIMIT = 6000  # characters of a typed answer: a lesson of 400 words, with room


class FilesSeen(Protocol):
    """Whoever reads a package keeps account of the files its questions show."""

    def need(self, path: str, table: Table, key: str) -> None:
        """Note that `path` is shown; report at `key` when the package has no such file."""


class Kind(ABC):
    """A kind of question: reads it from a package, reads an answer from a form, marks it, prepares it for the page."""

    name: ClassVar[str]
    is_scored: ClassVar[bool] = True
    needs_person: ClassVar[bool] = False

    @abstractmethod
    def parse(self, table: Table, files: FilesSeen) -> tuple[Body, Key]:
        """Read the kind's own fields of a `[[question]]`; problems go to the table."""

    @abstractmethod
    def read(self, body: Body, sent: Sent, number: int, guise: Guise) -> Answer:
        """Read the answer out of a form; None when nothing was answered. Unknown tokens count as not answered."""

    @abstractmethod
    def mark(self, body: Body, key: Key, answer: Answer) -> Mark:
        """Mark an answer. Whatever the answer holds, this returns a mark and never fails."""

    def mark_by_person(self, body: Body, points: Sequence[int]) -> Mark:
        """Mark an answer by the points a person gave; only kinds with `needs_person` know how."""
        raise TypeError(f"{self.name} is marked without a person")

    @abstractmethod
    def view(self, body: Body, answer: Answer, number: int, guise: Guise) -> dict[str, Any]:
        """Prepare the question for the page: tokens in place of ids, nothing that gives the key away."""

    @abstractmethod
    def review(self, body: Body, key: Key, answer: Answer, number: int, guise: Guise) -> dict[str, Any]:
        """Prepare the answered question with what was right and why."""

    def is_complete(self, body: Body, answer: Answer) -> bool:
        """Tell whether every part has been answered."""
        return answer is not None

    def after(self, body: Body, before: Answer, given: Answer) -> Answer:
        """Return the answer that stands when `given` arrives after `before`: the later one, for most kinds."""
        return given

    def typed(self, answer: Answer) -> str:
        """Return the running text in an answer, for whoever looks after what may not be written; most have none."""
        return ""


def media_of(table: Table, files: FilesSeen) -> dict[str, Any]:
    """Read the picture and recordings a stem or an option may carry."""
    media: dict[str, Any] = {}
    if image := table.get("image", str):
        files.need(image, table, "image")
        media["image"] = image
        media["image_alt"] = table.texts("image_alt")
    elif "image_alt" in table.values:
        table.get("image_alt", dict)
        table.problem("image_alt", N_("“image_alt” describes a picture, but there is no “image”."))
    audio = table.get("audio", dict, {})
    for code, path in audio.items():
        if code not in table.languages or not isinstance(path, str):
            table.problem(f"audio.{code}", N_("“audio” names one recording for each language."))
        else:
            files.need(path, table, f"audio.{code}")
            media.setdefault("audio", {})[code] = path
    return media


def letter(index: int) -> str:
    """Name the parts of a question in the order of the file: a, b, … z, aa, ab.

    >>> letter(0), letter(25), letter(26)
    ('a', 'z', 'aa')
    """
    return letter(index // 26 - 1) + letter(index % 26) if index >= 26 else chr(ord("a") + index)


def first(sent: Sent, name: str) -> str | None:
    """Return the first value a form sent under a name, without blanks around; None when absent or empty."""
    values = sent.get(name) or ()
    text = values[0].strip()[:TEXT_LIMIT] if values else ""
    return text or None
