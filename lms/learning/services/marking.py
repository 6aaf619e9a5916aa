"""Marking by a person: points for each criterion of an open answer, and the result that follows."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Row

from lms.access.policy import Actor
from lms.assessment.kinds import KINDS
from lms.core import audit
from lms.core.database import db
from lms.core.errors import BadInput, NotFound, RuleBroken
from lms.curriculum.queries import asked_of
from lms.learning.models import Attempt, PersonMark
from lms.learning.quizzes import quiz_of
from lms.learning.services.attempts import HELD, Submitted, let_count, result_of_attempt


def attempt_to_mark(attempt_id: uuid.UUID) -> Row[Any]:
    """Read an attempt and hold it until the commit; raise NotFound."""
    row = db.session.connection().execute(HELD.where(Attempt.id == attempt_id)).first()
    if row is None:
        raise NotFound
    return row


def mark_by_person(
    attempt: Row[Any], number: int, points: Sequence[int], comment: str, marker: Actor, now: datetime
) -> Submitted:
    """Store what a person gave an open answer; when it was the last one waiting, the attempt has its result.

    :raise RuleBroken: it is the marker's own answer, or it has not been handed in.
    :raise BadInput: the points do not fit the criteria.
    """
    if attempt.person_id == marker.person_id:
        raise RuleBroken(_("Nobody marks their own answers. Ask somebody else in your office."))
    if attempt.state not in ("marking", "graded"):
        raise RuleBroken(_("This attempt has not been handed in yet."))
    question = next((one for one in asked_of(attempt.version_id, attempt.drawn) if one.number == number), None)
    if question is None or not KINDS[question.kind].needs_person:
        raise NotFound
    most = [criterion["points"] for criterion in question.body["criteria"]]
    if len(points) != len(most) or any(not 0 <= got <= top for got, top in zip(points, most, strict=True)):
        raise BadInput(_("Give points to every criterion."))
    connection = db.session.connection()
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    values = {"points": list(points), "comment": comment, "marked_at": now, "marked_by": marker.user_id}
    connection.execute(
        dialect.insert(PersonMark)
        .values(attempt_id=attempt.id, question_number=number, **values)
        .on_conflict_do_update(index_elements=["attempt_id", "question_number"], set_=values)
    )
    result = result_of_attempt(attempt)
    connection.execute(
        update(Attempt)
        .where(Attempt.id == attempt.id)
        .values(state="marking" if result.waiting else "graded", score=result.score, is_passed=result.is_passed)
    )
    audit.record(marker, "response.mark", "attempt", attempt.id, now, after={"question": number, **values})
    quiz = quiz_of(attempt.version_id, attempt.activity_number)
    return Submitted(result, attempt.state == "marking", let_count(attempt, quiz, result, now))
