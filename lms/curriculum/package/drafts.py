"""What a package says, as plain values. Paths are relative to the package's folder."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lms.assessment.package import BankDraft, RubricDraft
from lms.core.texts import Texts


@dataclass(frozen=True)
class LessonDraft:
    """One language of an activity's text."""

    language: str
    status: str
    reviewer: str
    title: str
    objective: str
    content_note: str
    source: str
    file: str
    line: int  # the first line of `source` in the file


@dataclass(frozen=True)
class ActivityDraft:
    """Something to do. `number` counts through the whole package."""

    number: int
    slug: str
    kind: str
    title: Texts
    minutes: int
    is_required: bool
    settings: dict[str, Any]
    texts: dict[str, LessonDraft]
    file: str
    line: int


@dataclass(frozen=True)
class ModuleDraft:
    """A module folder."""

    slug: str
    title: Texts
    objective: Texts
    minutes: int
    details: dict[str, Any]
    activities: list[ActivityDraft]
    file: str


@dataclass(frozen=True)
class ChangeDraft:
    """What is different to who knows an earlier version; `is_material` None: it is when a unit comes along."""

    what: Texts
    on: date | None
    is_material: bool | None
    line: int


@dataclass(frozen=True)
class CourseDraft:
    """What course.toml says."""

    slug: str
    label: str
    languages: list[str]
    title: Texts
    neutral_title: Texts
    summary: Texts
    hours: float
    pass_mark: int
    enrolment: str
    tags: list[str]
    audiences: list[str]
    topics: dict[str, Texts]
    outline: list[str]
    details: dict[str, Any]
    change: ChangeDraft | None = None


@dataclass(frozen=True)
class Package:
    """A whole package: the course, its modules, banks, rubrics, the files that pages show, the facts it cites."""

    course: CourseDraft
    modules: list[ModuleDraft] = field(default_factory=list)
    banks: list[BankDraft] = field(default_factory=list)
    rubrics: list[RubricDraft] = field(default_factory=list)
    media: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    recordings: list[str] = field(default_factory=list)  # slots whose recording is still to come
    bridge: "Package | None" = None  # the short unit on what changed

    @property
    def activities(self) -> list[ActivityDraft]:
        return [activity for module in self.modules for activity in module.activities]

    @property
    def lesson_count(self) -> int:
        return sum(bool(activity.texts) for activity in self.activities)

    @property
    def question_count(self) -> int:
        return sum(len(bank.questions) for bank in self.banks)
