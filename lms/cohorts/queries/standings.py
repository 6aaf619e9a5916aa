"""Where each person of a group stands, from fresh facts."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from lms.cohorts.models import Cohort
from lms.cohorts.queries.evidence import CohortFacts, Facts, facts_of, final_numbers
from lms.cohorts.rules import Lack, Standing, lacks
from lms.curriculum.queries import outline_of
from lms.curriculum.rubrics import rubrics_of
from lms.learning.quizzes import quiz_of


@dataclass(frozen=True)
class MemberLine:
    """A person of a group with her evidence and what she lacks."""

    facts: Facts
    pass_mark: float
    is_practice_passed: bool
    lacks: list[Lack]

    @property
    def is_ready(self) -> bool:
        return not self.lacks


def lines_of(cohort: Cohort, people: Collection[uuid.UUID] | None = None) -> tuple[CohortFacts, list[MemberLine]]:
    """Return the people of a group with their evidence, in the five statements of `facts_of`."""
    facts = facts_of(cohort, people)
    return facts, [_line(cohort, facts, one) for one in facts.people.values()]


def _line(cohort: Cohort, facts: CohortFacts, one: Facts) -> MemberLine:
    finals = final_numbers(one.version_id)
    pass_mark = quiz_of(one.version_id, finals[0]).pass_mark if finals else outline_of(one.version_id).pass_mark
    passed = any(seen.is_passed for seen in one.practised)
    standing = Standing(
        one.attended,
        facts.sessions_held,
        bool(finals),
        one.best_mark,
        pass_mark,
        bool(one.missed_critical),
        bool(rubrics_of(cohort.version_id)),
        passed,
        one.completed_at is not None,
    )
    return MemberLine(one, pass_mark, passed, lacks(standing))
