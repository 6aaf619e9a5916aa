"""Read banks and rubrics of a course package. Pure: text in, drafts and all problems out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lms.assessment.kinds import KINDS
from lms.assessment.kinds.base import FilesSeen, media_of
from lms.core.problems import N_, Problems, Table, TomlLines
from lms.core.texts import Texts
from lms.core.toml import read_toml

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class QuestionDraft:
    """A question as its package says it: `body` for the page, `key` for the marking."""

    slug: str
    kind: str
    is_critical: bool
    topic: str | None
    weight: float
    body: dict[str, Any]
    key: dict[str, Any]
    line: int


@dataclass(frozen=True)
class BankDraft:
    """A set of questions under one name."""

    slug: str
    file: str
    questions: list[QuestionDraft] = field(default_factory=list)


@dataclass(frozen=True)
class RubricDraft:
    """Criteria to observe or mark by."""

    slug: str
    title: Texts
    pass_mark: int
    levels: int
    criteria: list[dict[str, Any]]


def toml_table(text: str, file: str, languages: Sequence[str], problems: Problems) -> Table | None:
    """Parse a TOML text; None, and one problem with its line, when it is not TOML."""
    values = read_toml(text, file, problems)
    return None if values is None else Table(values, file, TomlLines(text), problems, languages)


def read_bank(
    text: str,
    file: str,
    languages: Sequence[str],
    topics: Sequence[str],
    files: FilesSeen,
    problems: Problems,
) -> BankDraft:
    """Read one file of `banks/`; everything wrong in it goes to `problems`."""
    bank = BankDraft(file.rpartition("/")[2].removesuffix(".toml"), file)
    if (table := toml_table(text, file, languages, problems)) is None:
        return bank
    seen: set[str] = set()
    for entry in table.tables("question", required=True):
        question = _read_question(entry, topics, files)
        if question is None:
            continue
        if question.slug in seen:
            entry.problem("id", N_("Two questions of this bank have the id “%(id)s”."), id=question.slug)
        seen.add(question.slug)
        bank.questions.append(question)
    table.finish()
    return bank


def _read_question(entry: Table, topics: Sequence[str], files: FilesSeen) -> QuestionDraft | None:
    slug = entry.get("id", str, "", required=True)
    if slug and (not SLUG.fullmatch(slug) or len(slug) > 48):
        entry.problem("id", N_("“%(id)s” should be lower-case letters, digits and hyphens, 48 at most."), id=slug)
    name = entry.get("kind", str, "", required=True)
    kind = KINDS.get(name)
    if kind is None:
        if name:
            entry.problem(
                "kind", N_("“%(kind)s” is not a kind of question. Kinds: %(kinds)s."), kind=name, kinds=", ".join(KINDS)
            )
        return None
    topic = entry.get("topic", str)
    if topic is not None and topic not in topics:
        entry.problem("topic", N_("The topic “%(topic)s” is not in course.toml."), topic=topic)
    weight = entry.get("weight", (int, float), 1)
    if weight <= 0:
        entry.problem("weight", N_("“weight” is more than 0."))
    common = {
        "stem": entry.texts("stem"),
        "explain": entry.texts("explain", required=False),
        **media_of(entry, files),
    }
    is_critical = entry.get("critical", bool, False)
    body, key = kind.parse(entry, files)
    entry.finish()
    if is_critical and not kind.is_scored:
        entry.problem("critical", N_("A scale is not marked, so it cannot be critical."))
    explain = common.pop("explain")
    return QuestionDraft(
        slug,
        name,
        is_critical,
        topic,
        float(weight),
        common | body,
        key | {"explain": explain},
        entry.lines.of(entry.path),
    )


def read_rubric(text: str, file: str, languages: Sequence[str], problems: Problems) -> RubricDraft | None:
    """Read one file of `rubrics/`."""
    if (table := toml_table(text, file, languages, problems)) is None:
        return None
    levels = table.get("levels", int, 3)
    pass_mark = table.get("pass_mark", int, 75)
    if not 0 <= pass_mark <= 100:
        table.problem("pass_mark", N_("“pass_mark” is between 0 and 100."))
    criteria: list[dict[str, Any]] = []
    for row in table.tables("criterion", required=True):
        name = row.get("id", str, "", required=True)
        if any(name == known["id"] for known in criteria):
            row.problem("id", N_("Two criteria have the id “%(id)s”."), id=name)
        words = row.lists("levels_text")
        if any(len(items) != levels + 1 for items in words.values()):
            row.problem(
                "levels_text", N_("“levels_text” has one text for each level from 0 to %(levels)s."), levels=levels
            )
        criteria.append(
            {
                "id": name,
                "text": row.texts("text"),
                "levels_text": words,
                "is_critical": row.get("critical", bool, False),
            }
        )
        row.finish()
    rubric = RubricDraft(
        file.rpartition("/")[2].removesuffix(".toml"), table.texts("title"), pass_mark, levels, criteria
    )
    table.finish()
    return rubric
