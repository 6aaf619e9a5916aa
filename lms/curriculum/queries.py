"""Reads of courses. A published version never changes, so its outline and questions are kept in the process."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from sqlalchemy import select

from lms.assessment.grading import Asked
from lms.assessment.models import Bank, Question, QuestionKey
from lms.core.database import read
from lms.core.errors import NotFound
from lms.core.texts import Texts
from lms.curriculum.models import Activity, ActivityText, Course, Module, Version, VersionBank, VersionFile

RENEWAL = 0  # the number of the short test of a renewal; those of a course begin with 1
RENEWAL_TITLE = {"spa": "Prueba corta para renovar", "eng": "Short test to renew"}


@dataclass(frozen=True)
class ActivityLine:
    """An activity as an outline lists it."""

    id: uuid.UUID
    number: int
    slug: str
    kind: str
    title: Texts
    minutes: int
    is_required: bool
    module_slug: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ModuleLine:
    """A module with its activities in order."""

    slug: str
    title: Texts
    objective: Texts
    minutes: int
    activities: tuple[ActivityLine, ...]


@dataclass(frozen=True)
class Outline:
    """A version at a glance."""

    version_id: uuid.UUID
    course_id: uuid.UUID
    course_slug: str
    is_bridge: bool  # a short unit on a change, not a course of its own
    number: int
    label: str
    languages: tuple[str, ...]
    title: Texts
    neutral_title: Texts
    summary: Texts
    hours: float
    pass_mark: int
    topics: Mapping[str, Any]
    modules: tuple[ModuleLine, ...]

    @cached_property
    def activities(self) -> tuple[ActivityLine, ...]:
        return tuple(activity for module in self.modules for activity in module.activities)

    @property
    def minutes(self) -> int:
        """About how long it takes: what its required activities say, or else the hours of the course."""
        told = sum(one.minutes for one in self.activities if one.is_required)
        return told or round(self.hours * 60)

    @cached_property
    def renewal(self) -> ActivityLine | None:
        """The short test with which a certificate of this course is renewed: from what its final tests ask, else its
        module tests. It stands beside the way through the course and is no part of it.
        """
        quizzes = [one for one in self.activities if one.kind == "quiz"]
        finals = [one for one in quizzes if one.settings["purpose"] == "final"]
        sources = finals or [one for one in quizzes if one.settings["purpose"] == "check"]
        if not sources:
            return None
        settings = {
            "purpose": "renewal",
            "questions": [name for one in sources for name in one.settings["questions"]],
            "draw": [draw for one in sources for draw in one.settings["draw"]],
            "pass_mark": self.pass_mark,
            "attempts": 0,
            "cool_down_hours": 24,
            "time_limit_minutes": 0,
            "feedback": "end",
            "shuffle": True,
        }
        last = sources[-1]
        return ActivityLine(last.id, RENEWAL, "renewal", "quiz", RENEWAL_TITLE, 10, False, last.module_slug, settings)

    def activity(self, number: int) -> ActivityLine:
        """Return an activity by its number, the short test of a renewal too; raise NotFound."""
        if number == RENEWAL and self.renewal is not None:
            return self.renewal
        for activity in self.activities:
            if activity.number == number:
                return activity
        raise NotFound

    def at(self, module: str, slug: str) -> ActivityLine:
        """Return an activity by its module's and its own slug; raise NotFound."""
        for activity in self.activities:
            if activity.module_slug == module and activity.slug == slug:
                return activity
        raise NotFound

    def module(self, slug: str) -> ModuleLine:
        """Return a module by its slug; raise NotFound."""
        for module in self.modules:
            if module.slug == slug:
                return module
        raise NotFound

    def neighbours(self, number: int) -> tuple[ActivityLine | None, ActivityLine | None]:
        """Return the activities before and after one; the short test of a renewal has none."""
        if number == RENEWAL:
            return None, None
        position = next(i for i, activity in enumerate(self.activities) if activity.number == number)
        before = self.activities[position - 1] if position else None
        after = self.activities[position + 1] if position + 1 < len(self.activities) else None
        return before, after


@dataclass(frozen=True)
class LessonText:
    """One language of a lesson and where it comes from."""

    language: str
    title: str
    objective: str
    content_note: str
    source: str
    source_sha: str
    status: str


@lru_cache(maxsize=64)
def outline_of(version_id: uuid.UUID) -> Outline:
    """Return the outline of a version; raise NotFound."""
    with read() as connection:
        version = connection.execute(
            select(Version.__table__, Course.slug, Course.is_bridge)
            .join(Course, Course.id == Version.course_id)
            .where(Version.id == version_id)
        ).first()
        if version is None:
            raise NotFound
        modules = connection.execute(
            select(Module.__table__).where(Module.version_id == version_id).order_by(Module.position)
        ).all()
        activities = connection.execute(
            select(Activity.__table__).where(Activity.version_id == version_id).order_by(Activity.number)
        ).all()
    slugs = {module.id: module.slug for module in modules}
    lines = [
        (
            row.module_id,
            ActivityLine(
                row.id,
                row.number,
                row.slug,
                row.kind,
                row.title,
                row.minutes,
                row.is_required,
                slugs[row.module_id],
                row.settings,
            ),
        )
        for row in activities
    ]
    return Outline(
        version_id=version_id,
        course_id=version.course_id,
        course_slug=version.slug,
        is_bridge=version.is_bridge,
        number=version.number,
        label=version.label,
        languages=tuple(version.languages),
        title=version.title,
        neutral_title=version.neutral_title,
        summary=version.summary,
        hours=version.hours,
        pass_mark=version.pass_mark,
        topics=version.topics,
        modules=tuple(
            ModuleLine(
                module.slug,
                module.title,
                module.objective,
                module.minutes,
                tuple(line for module_id, line in lines if module_id == module.id),
            )
            for module in modules
        ),
    )


@lru_cache(maxsize=512)
def _lesson_texts(activity_id: uuid.UUID) -> Mapping[str, LessonText]:
    with read() as connection:
        rows = connection.execute(select(ActivityText.__table__).where(ActivityText.activity_id == activity_id)).all()
    return {
        row.language: LessonText(
            row.language, row.title, row.objective, row.content_note, row.source, row.source_sha, row.status
        )
        for row in rows
    }


def every_text(activity_id: uuid.UUID) -> Mapping[str, LessonText]:
    """Return an activity's texts in every language, drafts too: for editors."""
    return _lesson_texts(activity_id)


@lru_cache(maxsize=64)
def module_details(version_id: uuid.UUID, slug: str) -> Mapping[str, Any]:
    """Return what the printed guide is made of: core messages, session plan, oral checks, cards; raise NotFound."""
    with read() as connection:
        details = connection.scalar(select(Module.details).where(Module.version_id == version_id, Module.slug == slug))
    if details is None:
        raise NotFound
    return dict(details)


def lesson_languages(activity: ActivityLine, outline: Outline) -> list[str]:
    """List the languages a learner may read a lesson in: the source, and the others once somebody reviewed them."""
    texts = _lesson_texts(activity.id)
    return [
        code
        for code in outline.languages
        if code in texts and (code == outline.languages[0] or texts[code].status != "draft")
    ]


def lesson_text(activity: ActivityLine, outline: Outline, language: str) -> LessonText:
    """Return a lesson in the wanted language, else in the source language; raise NotFound when it has no text."""
    languages = lesson_languages(activity, outline)
    if not languages:
        raise NotFound
    texts = _lesson_texts(activity.id)
    return texts[language if language in languages else languages[0]]


def questions_of(version_id: uuid.UUID) -> Mapping[int, Asked]:
    """Return every question of a version with its key, by number. For marking: never hand it to a page as it is."""
    return _questions(version_id)[0]


def question_numbers(version_id: uuid.UUID) -> Mapping[str, Mapping[str, int]]:
    """Return the numbers of a version's questions: bank to slug to number."""
    return _questions(version_id)[1]


@lru_cache(maxsize=32)
def _questions(version_id: uuid.UUID) -> tuple[Mapping[int, Asked], Mapping[str, Mapping[str, int]]]:
    with read() as connection:
        rows = connection.execute(
            select(Question.__table__, Bank.slug.label("bank"), QuestionKey.key)
            .join(Bank, Bank.id == Question.bank_id)
            .join(VersionBank, VersionBank.bank_id == Bank.id)
            .join(QuestionKey, QuestionKey.question_id == Question.id)
            .where(VersionBank.version_id == version_id)
            .order_by(Question.number)
        ).all()
    asked: dict[int, Asked] = {}
    numbers: dict[str, dict[str, int]] = {}
    for row in rows:
        asked[row.number] = Asked(row.number, row.kind, row.body, row.key, row.weight, row.is_critical, row.topic)
        numbers.setdefault(row.bank, {})[row.slug] = row.number
    return asked, numbers


def asked_of(version_id: uuid.UUID, drawn: Sequence[int]) -> list[Asked]:
    """Return the questions of an attempt, in the order drawn."""
    asked = questions_of(version_id)
    return [asked[number] for number in drawn]


@lru_cache(maxsize=32)
def media_of(version_id: uuid.UUID) -> Mapping[str, str]:
    """Return a version's files: path in the package to SHA-256."""
    query = select(VersionFile.path, VersionFile.sha256).where(VersionFile.version_id == version_id)
    with read() as connection:
        return {row.path: row.sha256 for row in connection.execute(query)}
