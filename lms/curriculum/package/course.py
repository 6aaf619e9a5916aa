"""Read course.toml: what the course is, its languages, topics and outline."""

import re
from datetime import date, datetime
from typing import Any

from lms.core.problems import N_, Table
from lms.core.texts import Texts
from lms.curriculum.package.drafts import ChangeDraft, CourseDraft
from lms.curriculum.package.shelf import Shelf, is_slug

COURSE_FILE = "course.toml"
TAGS = ("prevention", "prosecution", "protection", "partnerships")
ENROLMENTS = ("open", "code", "invited")
TEXT_LIMITS = {"title": 200, "neutral_title": 120, "summary": 1200, "what": 300}

_LANGUAGE = re.compile(r"[a-z]{3}")


def read_course(shelf: Shelf) -> CourseDraft | None:
    """Read course.toml; None when there is nothing to hang the rest on."""
    if (table := shelf.toml(COURSE_FILE, [])) is None:
        return None
    languages = _languages(table)
    table.languages = languages
    slug = table.get("slug", str, "", required=True)
    if slug and not is_slug(slug):
        table.problem(
            "slug", N_("“%(slug)s” should be lower-case letters a–z, digits and hyphens, 48 at most."), slug=slug
        )
    course = CourseDraft(
        slug=slug,
        label=_label(table),
        languages=languages,
        title=_texts(table, "title"),
        neutral_title=_texts(table, "neutral_title"),
        summary=_texts(table, "summary"),
        hours=_hours(table),
        pass_mark=share(table, "pass_mark", 70),
        enrolment=_one_of(table, "enrolment", ENROLMENTS, "invited"),
        tags=_words(table, "tags", TAGS),
        audiences=_words(table, "audiences"),
        topics=_topics(table),
        outline=_outline(table),
        change=_change(table),
        details={"licence": table.get("licence", str, ""), "authors": _strings(table, "authors")},
    )
    table.finish()
    return course


def _change(table: Table) -> ChangeDraft | None:
    values = table.get("change", dict)
    if values is None:
        return None
    change = Table(values, table.file, table.lines, table.problems, table.languages, ("change",))
    on = change.get("on", date)
    if isinstance(on, datetime):
        change.problem("on", N_("“on” is a day, such as 2026-09-01."))
        on = None
    draft = ChangeDraft(
        what=_texts(change, "what"), on=on, is_material=change.get("material", bool), line=table.lines.of(("change",))
    )
    change.finish()
    return draft


def share(table: Table, key: str, default: Any) -> Any:
    """Read a whole number of per cent."""
    value = table.get(key, int, default)
    if value is not None and not 0 <= value <= 100:
        table.problem(key, N_("“%(key)s” is a per cent between 0 and 100."), key=key)
        return default
    return value


def _languages(table: Table) -> list[str]:
    codes = [code for code in table.get("languages", list, [], required=True) if isinstance(code, str)]
    for code in codes:
        if not _LANGUAGE.fullmatch(code):
            table.problem(
                "languages", N_("“%(code)s” should be a code of three letters (ISO 639-3): spa, eng, quc."), code=code
            )
    if len(set(codes)) < len(codes):
        table.problem("languages", N_("“languages” names a language twice."))
    if "languages" in table.values and not codes:
        table.problem("languages", N_("“languages” names at least one language, the source first."))
    return list(dict.fromkeys(codes))


def _label(table: Table) -> str:
    label = table.get("version", str, "", required=True)
    if len(label) > 40:
        table.problem("version", N_("“%(key)s” has at most %(limit)s letters."), key="version", limit=40)
    return label


def _texts(table: Table, key: str) -> Texts:
    texts = table.texts(key)
    for code, text in texts.items():
        if len(text) > TEXT_LIMITS[key]:
            table.problem(
                f"{key}.{code}", N_("“%(key)s” has at most %(limit)s letters."), key=key, limit=TEXT_LIMITS[key]
            )
    return texts


def _hours(table: Table) -> float:
    hours = table.get("hours", (int, float), 0, required=True)
    if "hours" in table.values and not 0 < hours <= 1000:
        table.problem("hours", N_("“hours” is a number more than 0."))
    return float(hours)


def _one_of(table: Table, key: str, words: tuple[str, ...], default: str) -> str:
    value = table.get(key, str, default)
    if value not in words:
        table.problem(key, N_("“%(key)s” is one of: %(words)s."), key=key, words=", ".join(words))
        return default
    return str(value)


def _strings(table: Table, key: str) -> list[str]:
    values = table.get(key, list, [])
    if any(not isinstance(value, str) for value in values):
        table.problem(key, N_("“%(key)s” should be a list of texts."), key=key)
    return [value for value in values if isinstance(value, str)]


def _words(table: Table, key: str, known: tuple[str, ...] = ()) -> list[str]:
    words = _strings(table, key)
    for word in words:
        if known and word not in known:
            table.problem(key, N_("“%(word)s” is not a tag. Tags: %(words)s."), word=word, words=", ".join(known))
        elif not is_slug(word):
            table.problem(
                key, N_("“%(slug)s” should be lower-case letters a–z, digits and hyphens, 48 at most."), slug=word
            )
    return words


def _topics(table: Table) -> dict[str, Texts]:
    topics: dict[str, Texts] = {}
    for slug, values in table.get("topics", dict, {}).items():
        if not isinstance(values, dict):
            table.problem(f"topics.{slug}", N_("A topic is written [topics.%(slug)s] with a title."), slug=slug)
            continue
        topic = Table(values, table.file, table.lines, table.problems, table.languages, ("topics", slug))
        if not is_slug(slug):
            topic.problem(
                None, N_("“%(slug)s” should be lower-case letters a–z, digits and hyphens, 48 at most."), slug=slug
            )
        topics[slug] = topic.texts("title")
        topic.finish()
    return topics


def _outline(table: Table) -> list[str]:
    outline = _strings(table, "outline")
    if not outline:
        table.problem(
            "outline" if "outline" in table.values else None, N_("“outline” lists the module folders, in order.")
        )
    for slug in outline:
        if not is_slug(slug):
            table.problem(
                "outline", N_("“%(slug)s” should be lower-case letters a–z, digits and hyphens, 48 at most."), slug=slug
            )
        if outline.count(slug) > 1:
            table.problem("outline", N_("“outline” names the module “%(slug)s” twice."), slug=slug)
    return list(dict.fromkeys(slug for slug in outline if is_slug(slug)))
