"""A quiz as learning needs it: the activity's settings with the names of questions turned into numbers."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lms.assessment.kinds import KINDS
from lms.core.errors import NotFound
from lms.curriculum.queries import ActivityLine, outline_of, question_numbers, questions_of
from lms.learning.rules import Purpose

RENEWAL_QUESTIONS = 10


@dataclass(frozen=True)
class Quiz:
    """What a quiz asks and how often.

    `pools` are pairs of question numbers and how many of them are drawn; `fixed` are asked to everybody.
    """

    number: int
    activity: ActivityLine
    purpose: str
    fixed: tuple[int, ...]
    pools: tuple[tuple[Sequence[int], int], ...]
    pass_mark: float
    attempts: int
    cool_down_hours: float
    time_limit_minutes: int
    feedback: str
    is_shuffled: bool
    has_critical: bool

    @property
    def question_count(self) -> int:
        return len(self.fixed) + sum(count for _pool, count in self.pools)

    @property
    def is_passable(self) -> bool:
        """Whether there is something to pass: not before the course, and not in practice."""
        return self.purpose in (Purpose.CHECK, Purpose.FINAL, Purpose.RENEWAL)

    @property
    def is_step_by_step(self) -> bool:
        return self.feedback == "each"

    @property
    def shows_answers(self) -> bool:
        return self.feedback in ("each", "end")


@lru_cache(maxsize=512)
def quiz_of(version_id: uuid.UUID, activity_number: int) -> Quiz:
    """Return a quiz of a version; raise NotFound when the activity is none."""
    activity = outline_of(version_id).activity(activity_number)
    if activity.kind != "quiz":
        raise NotFound
    numbers = question_numbers(version_id)
    settings = activity.settings

    def number_of(name: str) -> int:
        bank, _, slug = name.partition("/")
        return numbers[bank][slug]

    fixed = tuple(number_of(name) for name in settings["questions"])
    pools = tuple((sorted(numbers[draw["bank"]].values()), draw["count"]) for draw in settings["draw"])
    asked = questions_of(version_id)
    if settings["purpose"] == Purpose.RENEWAL:
        pool = sorted({*fixed, *(number for numbers, _count in pools for number in numbers)})
        pool = [number for number in pool if not KINDS[asked[number].kind].needs_person]
        fixed, pools = (), ((pool, min(RENEWAL_QUESTIONS, len(pool))),)
    return Quiz(
        number=activity_number,
        activity=activity,
        purpose=settings["purpose"],
        fixed=fixed,
        pools=pools,
        pass_mark=0 if settings["purpose"] == "pretest" else settings["pass_mark"],
        attempts=settings["attempts"],
        cool_down_hours=settings["cool_down_hours"],
        time_limit_minutes=settings["time_limit_minutes"],
        feedback=settings["feedback"],
        is_shuffled=settings["shuffle"],
        has_critical=any(
            asked[number].is_critical for number in (*fixed, *(one for pool, _n in pools for one in pool))
        ),
    )


@lru_cache(maxsize=64)
def module_numbers(version_id: uuid.UUID) -> Mapping[str, int]:
    """Return the number each module goes by, by its slug.

    Authors who name modules m1, m2 … number them so, and their opening and closing have no number; otherwise modules
    are counted.
    """
    slugs = [module.slug for module in outline_of(version_id).modules]
    named = {slug: int(slug[1:]) for slug in slugs if re.fullmatch(r"m\d{1,3}", slug)}
    return named or {slug: place for place, slug in enumerate(slugs, 1)}


@lru_cache(maxsize=64)
def taught_in(version_id: uuid.UUID) -> Mapping[int, str]:
    """Return where each question is taught: the slug of the module whose own check asks it or draws from its bank."""
    outline, numbers = outline_of(version_id), question_numbers(version_id)
    found: dict[int, str] = {}
    for activity in outline.activities:
        if activity.kind != "quiz" or activity.settings["purpose"] not in (Purpose.CHECK, Purpose.PRACTICE):
            continue
        banks = {draw["bank"] for draw in activity.settings["draw"]}
        banks |= {name.partition("/")[0] for name in activity.settings["questions"]}
        for bank in banks:
            for number in numbers.get(bank, {}).values():
                found.setdefault(number, activity.module_slug)
    return found
