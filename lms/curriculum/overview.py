"""Reads for those who keep courses: lists, what a version holds, what changed from one to the next."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, func, select

from lms.access.policy import Action, Actor, reach
from lms.access.queries import within
from lms.assessment.models import Bank, Question, QuestionKey
from lms.core import storage
from lms.core.database import db
from lms.core.problems import Problem
from lms.core.texts import Texts, folded
from lms.curriculum.models import Activity, ActivityText, Course, Module, Version, VersionBank
from lms.curriculum.package.canonical import unpack
from lms.curriculum.package.reader import read_package
from lms.curriculum.queries import Outline
from lms.curriculum.style import style_problems
from lms.organization.models import Unit

PAGE = 50
SORTS = ("title", "-title", "changed", "-changed")


@dataclass(frozen=True)
class CourseRow:
    """A course in the list: what is published, what is being prepared."""

    slug: str
    owner: str
    is_archived: bool
    is_bridge: bool
    current: Version | None
    draft: Version | None
    newest: Version


def courses_page(actor: Actor, words: str, sort: str, page: int) -> tuple[list[CourseRow], int]:
    """List the courses this actor may read, 50 a page; return them and how many there are."""
    newest = select(Version.course_id, func.max(Version.number).label("number")).group_by(Version.course_id).subquery()
    query = (
        select(Course, Version, Unit.name)
        .join(newest, newest.c.course_id == Course.id)
        .join(Version, (Version.course_id == Course.id) & (Version.number == newest.c.number))
        .join(Unit, Unit.id == Course.unit_id)
        .where(within(reach(actor, Action.COURSE_READ), Unit.path))
    )
    for word in folded(words).split():
        query = query.where(Version.search.contains(word, autoescape=True))
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = db.session.execute(_sorted(query, sort).limit(PAGE).offset((page - 1) * PAGE)).all()
    current_ids = [course.current_version_id for course, _version, _unit in rows if course.current_version_id]
    current = {one.id: one for one in db.session.scalars(select(Version).where(Version.id.in_(current_ids)))}
    return [
        CourseRow(
            course.slug,
            owner,
            course.archived_at is not None,
            course.is_bridge,
            current.get(course.current_version_id) if course.current_version_id else None,
            version if version.state == "draft" else None,
            version,
        )
        for course, version, owner in rows
    ], total


def _sorted(query: Select[Course, Version, str], sort: str) -> Select[Course, Version, str]:
    column = Version.created_at if sort.endswith("changed") else Version.search
    return query.order_by(column.desc() if sort.startswith("-") else column, Course.id)


def versions_of(course: Course) -> list[Version]:
    """List the versions of a course, the newest first."""
    return list(
        db.session.scalars(select(Version).where(Version.course_id == course.id).order_by(Version.number.desc()))
    )


@dataclass
class Coverage:
    """How complete one language of a version is."""

    language: str
    texts: int = 0
    by_status: dict[str, int] = field(default_factory=dict)
    missing: list[tuple[str, str, Texts]] = field(default_factory=list)  # module, activity, title
    questions: int = 0


@dataclass(frozen=True)
class Contents:
    """What the texts and questions of a version amount to."""

    lessons: int
    questions: int
    critical: int
    by_kind: Mapping[str, int]
    coverage: Sequence[Coverage]
    statuses: Mapping[tuple[uuid.UUID, str], str]


def contents_of(version: Version, outline: Outline) -> Contents:
    """Count what a version holds, language by language. Two statements."""
    rows = db.session.execute(
        select(ActivityText.activity_id, ActivityText.language, ActivityText.status)
        .join(Activity, Activity.id == ActivityText.activity_id)
        .where(Activity.version_id == version.id)
    ).all()
    statuses = {(row.activity_id, row.language): row.status for row in rows}
    told = {row.activity_id for row in rows}
    questions = db.session.execute(
        select(Question.kind, Question.is_critical, Question.body)
        .join(VersionBank, VersionBank.bank_id == Question.bank_id)
        .where(VersionBank.version_id == version.id)
    ).all()
    coverage = []
    for language in version.languages:
        one = Coverage(language, questions=sum(language in row.body.get("stem", {}) for row in questions))
        for activity in outline.activities:
            if activity.id not in told:
                continue
            status = statuses.get((activity.id, language))
            if status is None:
                one.missing.append((activity.module_slug, activity.slug, activity.title))
            else:
                one.texts += 1
                one.by_status[status] = one.by_status.get(status, 0) + 1
        coverage.append(one)
    kinds: dict[str, int] = {}
    for row in questions:
        kinds[row.kind] = kinds.get(row.kind, 0) + 1
    return Contents(
        len(told), len(questions), sum(row.is_critical for row in questions), kinds, tuple(coverage), statuses
    )


@lru_cache(maxsize=64)
def warnings_of(package_sha: str) -> tuple[Problem, ...]:
    """Name what could be better in a stored package: it was sound when it was loaded."""
    files = unpack(storage.read_bytes(package_sha))
    reading = read_package(files)
    if reading.package is None:
        return tuple(reading.problems)
    return (*reading.problems, *style_problems(reading.package, files))


@dataclass(frozen=True)
class Change:
    """One thing that differs between two versions: what it is called, and what about it."""

    name: str  # module/activity, bank/question, or a module
    title: Texts
    what: tuple[str, ...] = ()


@dataclass(frozen=True)
class Changes:
    """What a version adds to, changes in and takes from another one."""

    added: Sequence[Change]
    changed: Sequence[Change]
    removed: Sequence[Change]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


Parts = dict[str, tuple[Texts, dict[str, Any]]]


def changes_between(older: Version, newer: Version) -> tuple[Changes, Changes]:
    """Compare two versions: their activities, and their questions."""
    return (
        compare(_activity_parts(older), _activity_parts(newer)),
        compare(_question_parts(older), _question_parts(newer)),
    )


def compare(before: Parts, after: Parts) -> Changes:
    """Compare two sets of parts by name.

    >>> found = compare({"a": ({}, {"x": 1}), "b": ({}, {})}, {"a": ({}, {"x": 2}), "c": ({}, {})})
    >>> [one.name for one in found.added], [(one.name, one.what) for one in found.changed], found.removed[0].name
    (['c'], [('a', ('x',))], 'b')
    """
    changed = []
    for name, (title, part) in after.items():
        if name in before and (old := before[name][1]) != part:
            what = tuple(key for key in {**old, **part} if old.get(key) != part.get(key))
            changed.append(Change(name, title, what))
    return Changes(
        [Change(name, title) for name, (title, _part) in after.items() if name not in before],
        changed,
        [Change(name, title) for name, (title, _part) in before.items() if name not in after],
    )


def _activity_parts(version: Version) -> Parts:
    """Return what each activity is made of: settings, and each language's text by its hash."""
    modules = db.session.execute(
        select(Module.slug, Module.title, Module.objective, Module.minutes, Module.details)
        .where(Module.version_id == version.id)
        .order_by(Module.position)
    ).all()
    parts: Parts = {
        row.slug: (row.title, {"title": row.title, "objective": row.objective, "guide": row.details}) for row in modules
    }
    rows = db.session.execute(
        select(Activity, Module.slug.label("module"))
        .join(Module, Module.id == Activity.module_id)
        .where(Activity.version_id == version.id)
        .order_by(Activity.number)
    ).all()
    names = {activity.id: f"{module}/{activity.slug}" for activity, module in rows}
    for activity, module in rows:
        settings = {"kind": activity.kind, "required": activity.is_required, "quiz": activity.settings}
        parts[f"{module}/{activity.slug}"] = (activity.title, {"settings": settings, "minutes": activity.minutes})
    texts = db.session.scalars(
        select(ActivityText).join(Activity, Activity.id == ActivityText.activity_id).where(
            Activity.version_id == version.id
        )
    )  # fmt: skip
    for text in texts:
        said = (text.source_sha, text.title, text.objective, text.content_note, text.status)
        parts[names[text.activity_id]][1][text.language] = said
    return parts


def _question_parts(version: Version) -> Parts:
    rows = db.session.execute(
        select(Question, QuestionKey.key, Bank.slug.label("bank"))
        .join(QuestionKey, QuestionKey.question_id == Question.id)
        .join(Bank, Bank.id == Question.bank_id)
        .join(VersionBank, VersionBank.bank_id == Bank.id)
        .where(VersionBank.version_id == version.id)
        .order_by(Question.number)
    ).all()
    return {
        f"{bank}/{question.slug}": (
            question.body.get("stem", {}),
            {
                "question": question.body,
                "key": key,
                "settings": [question.kind, question.is_critical, question.topic, question.weight],
            },
        )
        for question, key, bank in rows
    }


def sizes_of(versions: Sequence[Version]) -> dict[uuid.UUID, tuple[int, int]]:
    """Count lessons (activities with a text) and questions of several versions at once."""
    ids = [version.id for version in versions]
    rows = db.session.execute(
        select(Activity.version_id, func.count(func.distinct(Activity.id)))
        .join(ActivityText, ActivityText.activity_id == Activity.id)
        .where(Activity.version_id.in_(ids))
        .group_by(Activity.version_id)
    )
    lessons: dict[uuid.UUID, int] = dict(rows.all())
    return {version.id: (lessons.get(version.id, 0), int(version.details.get("questions", 0))) for version in versions}
