"""A test read aloud: the same questions, the same marking; who entered it stands beside it."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.engine import Row

from lms.access.policy import Actor
from lms.assessment.rules import Answer
from lms.cohorts.models import Cohort
from lms.cohorts.rules import oral_problem
from lms.cohorts.services.groups import check_open
from lms.cohorts.words import oral_sentence
from lms.core import audit
from lms.core.database import db
from lms.core.errors import NotAllowed, RuleBroken
from lms.curriculum.queries import questions_of
from lms.learning.models import Attempt, Enrolment
from lms.learning.quizzes import Quiz
from lms.learning.services.attempts import Submitted, held_for, open_attempt, submit


def kinds_of(version_id: uuid.UUID, quiz: Quiz) -> set[str]:
    """Return the kinds of question a quiz may ask."""
    asked = questions_of(version_id)
    numbers = {*quiz.fixed, *(one for pool, _count in quiz.pools for one in pool)}
    return {asked[number].kind for number in numbers}


def check_may_enter(
    cohort: Cohort, learner: uuid.UUID, version_id: uuid.UUID, quiz: Quiz, actor: Actor, is_assessor: bool
) -> None:
    """Let through a facilitator of the group or an assessor, for somebody else, for a test that can be read aloud.

    :raise NotAllowed: none of these.
    """
    kinds = kinds_of(version_id, quiz)
    problem = oral_problem(actor.person_id, learner, cohort.access_people, is_assessor, quiz.purpose, kinds)
    if problem:
        raise NotAllowed(oral_sentence(problem))


def begin_oral(
    cohort: Cohort, enrolment: Enrolment, quiz: Quiz, actor: Actor, is_assessor: bool, now: datetime
) -> uuid.UUID:
    """Open an attempt whose answers the assessor writes down, or return the one that is open.

    :raise RuleBroken: none may start now, or the learner has begun this test herself.
    """
    check_open(cohort)
    check_may_enter(cohort, enrolment.person_id, enrolment.version_id, quiz, actor, is_assessor)
    attempt_id = open_attempt(enrolment.id, quiz, now, actor.user_id)
    attempt = db.session.get_one(Attempt, attempt_id, populate_existing=True)
    if attempt.entered_by is None:
        raise RuleBroken(_("The learner has begun this test on her own. Let her finish it first."))
    if attempt.started_at == now:
        audit.record(actor, "response.read_aloud", "attempt", attempt_id, now)
    return attempt_id


def hand_in_oral(row: Row[Any], answers: Mapping[int, Answer], actor: Actor, now: datetime) -> Submitted:
    """Hand in what was answered aloud; a second time gives the result of the first."""
    done = submit(row, answers, now)
    if done.is_first:
        audit.record(actor, "response.enter", "attempt", row.id, now)
    return done


def held_oral(attempt_id: uuid.UUID) -> Row[Any]:
    """Read the attempt and hold it until the commit; raise NotFound for one that nobody enters."""
    return held_for(attempt_id)
