"""Taking a course: lessons read, checks passed, tests before and after, on one's own phone or asked aloud."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from lms.access.policy import Actor
from lms.accounts.models import User
from lms.cohorts.models import Cohort, CohortMember
from lms.cohorts.services.oral import begin_oral, hand_in_oral, held_oral
from lms.core.database import db
from lms.curriculum.queries import Outline, asked_of, outline_of
from lms.learning.models import Enrolment
from lms.learning.quizzes import Quiz, quiz_of
from lms.learning.rules import Purpose
from lms.learning.services.attempts import held_attempt, open_attempt, submit
from lms.learning.services.progress import mark_many_done
from lms.site.seed.answers import answered
from lms.site.seed.story import Story


@dataclass(frozen=True)
class Learner:
    """Somebody in a course."""

    user: User
    enrolment: Enrolment
    number: int = 0  # in her group


@dataclass(frozen=True)
class Reader:
    """Who asks aloud and writes the answers down, in which group."""

    actor: Actor
    cohort: Cohort


def members_of(cohort: Cohort, users: Sequence[User]) -> list[Learner]:
    """Return people of a group as learners, in their order."""
    query = select(CohortMember.person_id, Enrolment).join(Enrolment, Enrolment.id == CohortMember.enrolment_id)
    rows = db.session.execute(query.where(CohortMember.cohort_id == cohort.id)).all()
    enrolments: dict[uuid.UUID, Enrolment] = {row[0]: row[1] for row in rows}
    return [Learner(user, enrolments[user.person_id], number) for number, user in enumerate(users)]


def quizzes(outline: Outline, purpose: Purpose, modules: Collection[str] | None = None) -> list[Quiz]:
    """Return the quizzes of a purpose, in their order; of some modules only where they are named."""
    lines = [one for one in outline.activities if one.kind == "quiz" and one.settings["purpose"] == purpose]
    return [quiz_of(outline.version_id, one.number) for one in lines if modules is None or one.module_slug in modules]


def read_lessons(learners: Sequence[Learner], version_id: uuid.UUID, modules: Collection[str], at: datetime) -> None:
    """Read the lessons of some modules, and do what they ask to be done."""
    outline = outline_of(version_id)
    own = [
        one.number for one in outline.activities if one.kind not in ("quiz", "session") and one.module_slug in modules
    ]
    mark_many_done([one.enrolment.id for one in learners], outline, own, at)


def take(story: Story, one: Learner, quiz: Quiz, mistakes: int, at: datetime, reader: Reader | None = None) -> None:
    """Take a quiz with so many mistakes, none of them in a critical question while there are others."""
    if reader is None:
        attempt_id = open_attempt(one.enrolment.id, quiz, at)
        row = held_attempt(attempt_id, one.user.person_id)
    else:
        row = held_oral(begin_oral(reader.cohort, one.enrolment, quiz, reader.actor, False, at))
    asked = asked_of(row.version_id, sorted(row.drawn))
    plain = [question.number for question in asked if not question.is_critical]
    wrong = story.chance.sample(plain, min(mistakes, len(plain)))
    answers = answered(asked, wrong)
    handed_in = at + timedelta(minutes=story.chance.randint(9, 24))
    if reader is None:
        submit(row, answers, handed_in)
    else:
        hand_in_oral(row, answers, reader.actor, handed_in)


def most_mistakes(quiz: Quiz) -> int:
    """Return with how many mistakes a quiz is passed still."""
    return int(quiz.question_count * (100 - quiz.pass_mark) / 100)
