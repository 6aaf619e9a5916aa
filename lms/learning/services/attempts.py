"""Open, answer and submit attempts.

Everything here holds the rows of attempt and enrolment while it works, so that a save and a submission that meet are
one after the other; sending the same thing twice gives the same answer.
"""

import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Row

from lms.assessment.grading import grade
from lms.assessment.kinds import KINDS
from lms.assessment.rules import Answer, Result
from lms.core.database import db
from lms.core.errors import NotFound, RuleBroken
from lms.core.ids import new_id
from lms.curriculum.queries import asked_of, outline_of
from lms.learning.models import Attempt, AttemptSave, Enrolment, PersonMark
from lms.learning.quizzes import Quiz, quiz_of
from lms.learning.rules import (
    GRACE,
    Purpose,
    Refused,
    Tried,
    closed_at,
    counted,
    deadline,
    folded,
    latest,
    may_try,
    tenths,
)
from lms.learning.services.progress import hold, mark_done

_ROW = (
    Attempt.id,
    Attempt.enrolment_id,
    Attempt.activity_number,
    Attempt.number,
    Attempt.state,
    Attempt.started_at,
    Attempt.deadline_at,
    Attempt.submitted_at,
    Attempt.drawn,
    Attempt.answers,
    Enrolment.version_id,
    Enrolment.person_id,
)
HELD = select(*_ROW).join(Enrolment, Enrolment.id == Attempt.enrolment_id).with_for_update(of=(Attempt, Enrolment))

# Built once: to build a statement takes longer than to run it, and these run at every answer of every learner.
_OWN = HELD.where(
    Attempt.id == bindparam("attempt_id"), Enrolment.person_id == bindparam("person_id"), Attempt.entered_by.is_(None)
)
_SAVES = (
    select(AttemptSave.question_number, AttemptSave.sequence, AttemptSave.saved_at, AttemptSave.answer)
    .where(AttemptSave.attempt_id == bindparam("attempt_id"))
    .order_by(AttemptSave.sequence)
)
_EARLIER = (
    select(Attempt.id, Attempt.state, Attempt.started_at, Attempt.submitted_at, Attempt.score, Attempt.is_passed)
    .where(Attempt.enrolment_id == bindparam("enrolment_id"), Attempt.activity_number == bindparam("activity_number"))
    .order_by(Attempt.number)
)
_OPEN = insert(Attempt)
_CLOSE = update(Attempt).where(Attempt.id == bindparam("attempt_id"))

Save = tuple[int, int, int, Answer]  # question number, sequence, seconds since the start, answer


@dataclass(frozen=True)
class Submitted:
    """What a submission gave: the result, and whether the course is complete with it."""

    result: Result
    is_first: bool
    is_course_complete: bool = False


def open_attempt(enrolment_id: uuid.UUID, quiz: Quiz, now: datetime, entered_by: uuid.UUID | None = None) -> uuid.UUID:
    """Open an attempt, or return the one already open; raise RuleBroken when none may start now.

    The questions are drawn here, once, and the deadline fixed.

    :param entered_by: the user who reads the questions aloud; reading takes the time it takes, so there is no deadline.
    """
    hold(enrolment_id)  # two taps on “start” wait for each other here
    connection = db.session.connection()
    earlier = connection.execute(_EARLIER, {"enrolment_id": enrolment_id, "activity_number": quiz.number}).all()
    verdict = may_try(quiz.purpose, quiz.attempts, quiz.cool_down_hours, [Tried(*row[1:]) for row in earlier], now)
    if verdict.refused is Refused.OPEN:
        return next(row.id for row in earlier if row.state == "open")
    if verdict.refused is not None:
        raise RuleBroken(refusal_sentence(verdict.refused))
    attempt_id = new_id()
    opened = {
        "id": attempt_id,
        "enrolment_id": enrolment_id,
        "activity_number": quiz.number,
        "number": len(earlier) + 1,
        "state": "open",
        "started_at": now,
        "deadline_at": None if entered_by else deadline(now, quiz.time_limit_minutes),
        "entered_by": entered_by,
        "drawn": drawn_from(quiz, random.SystemRandom()),
    }
    connection.execute(_OPEN, opened)
    return attempt_id


def drawn_from(quiz: Quiz, chance: random.Random) -> list[int]:
    """Draw the questions of one attempt: fixed ones, then so many of each bank; shuffled where the quiz says so."""
    numbers = list(quiz.fixed)
    for pool, count in quiz.pools:
        numbers += chance.sample(pool, min(count, len(pool)))
    if quiz.is_shuffled:
        chance.shuffle(numbers)
    return numbers


def refusal_sentence(refused: Refused | None) -> str:
    """Say why no attempt starts, and the way out."""
    sentences = {
        Refused.OPEN: _("An attempt is already open."),
        Refused.MARKING: _("Your last attempt is being marked by a person. You will see the result here."),
        Refused.PASSED: _("You have already passed this test."),
        Refused.NO_MORE: _("You have used all your attempts. Ask your office or your facilitator what to do next."),
        Refused.COOL_DOWN: _("You can try again later. Use the time to read the lessons once more."),
    }
    return sentences[refused] if refused else ""


def held_attempt(attempt_id: uuid.UUID, person_id: uuid.UUID) -> Row[Any]:
    """Read a person's own attempt and hold it until the commit; raise NotFound for another's.

    What somebody else enters for her is not hers to fill in.
    """
    row = db.session.connection().execute(_OWN, {"attempt_id": attempt_id, "person_id": person_id}).first()
    if row is None:
        raise NotFound
    return row


def held_for(attempt_id: uuid.UUID) -> Row[Any]:
    """Read an attempt that somebody enters for a learner and hold it until the commit; raise NotFound."""
    row = db.session.connection().execute(HELD.where(Attempt.id == attempt_id, Attempt.entered_by.is_not(None))).first()
    if row is None:
        raise NotFound
    return row


def save_answers(
    attempt: Row[Any],
    answers: Mapping[int, Answer],
    sequence: int | None,
    now: datetime,
) -> dict[int, Answer]:
    """Keep answers of an open attempt and return all that stand afterwards; the same sequence twice is one save.

    Answers that come after the deadline are kept too, but do not count.

    :param sequence: where a page numbers its saves itself; None: a form, whose unchanged answers are not kept again.
    :raise RuleBroken: the attempt was already handed in.
    """
    if attempt.state != "open":
        raise RuleBroken(_("This attempt was already handed in. Your answers of then count."))
    saves = _saves(attempt)
    fresh = _fresh(attempt, saves, answers, sequence, now)
    if fresh:
        connection = db.session.connection()
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        rows = [
            {"attempt_id": attempt.id, "question_number": number, "sequence": order, "answer": answer, "saved_at": now}
            for number, order, _seconds, answer in fresh
        ]
        connection.execute(dialect.insert(AttemptSave).on_conflict_do_nothing(), rows)
    return latest([*saves, *fresh])


def answers_so_far(attempt: Row[Any]) -> dict[int, Answer]:
    """Return the answers of an open attempt that stand now."""
    return latest(_saves(attempt))


def submit(
    attempt: Row[Any],
    answers: Mapping[int, Answer],
    now: datetime,
) -> Submitted:
    """Close an attempt with the answers sent along and those saved before, and grade it.

    Submitting again gives the result of the first time. Answers after the deadline are stored, not counted.
    """
    if attempt.state != "open":
        return Submitted(result_of_attempt(attempt), is_first=False)
    connection = db.session.connection()
    saves = _saves(attempt)
    long = {one.number for one in asked_of(attempt.version_id, attempt.drawn) if KINDS[one.kind].needs_person}
    given = [*saves, *_fresh(attempt, saves, answers, None, now)]
    kept = folded(given, long, attempt.started_at, attempt.deadline_at)
    quiz = quiz_of(attempt.version_id, attempt.activity_number)
    result = _graded(attempt, kept, {}, quiz)
    closed = {
        "attempt_id": attempt.id,
        "state": "marking" if result.waiting else "graded",
        "submitted_at": closed_at(attempt.deadline_at, now),
        "answers": kept,
        "score": result.score,
        "is_passed": result.is_passed,
    }
    connection.execute(_CLOSE, closed)
    if saves:
        connection.execute(delete(AttemptSave).where(AttemptSave.attempt_id == attempt.id))
    return Submitted(result, True, let_count(attempt, quiz, result, now))


def is_final(attempt: Row[Any], number: int, answer: Answer) -> bool:
    """Tell whether an answer stands for good: in a step-by-step quiz, once it is complete and its key was shown."""
    quiz = quiz_of(attempt.version_id, attempt.activity_number)
    one = asked_of(attempt.version_id, [number])[0]
    return quiz.is_step_by_step and answer is not None and KINDS[one.kind].is_complete(one.body, answer)


def _saves(attempt: Row[Any]) -> list[Save]:
    rows = db.session.connection().execute(_SAVES, {"attempt_id": attempt.id})
    return [(number, order, _seconds(attempt, at), answer) for number, order, at, answer in rows]


def _fresh(
    attempt: Row[Any], saves: Sequence[Save], answers: Mapping[int, Answer], sequence: int | None, now: datetime
) -> list[Save]:
    """Turn answers just sent into saves: those of this attempt's questions that may still change, and did."""
    standing = latest(saves)
    order = sequence
    if order is None:  # a form without a script: later than everything before it
        order = max(max((save[1] for save in saves), default=0) + 1, tenths(attempt.started_at, now))
    fresh: list[Save] = []
    for one in asked_of(attempt.version_id, attempt.drawn):
        before = standing.get(one.number)
        if one.number not in answers or is_final(attempt, one.number, before):
            continue
        answer = KINDS[one.kind].after(one.body, before, answers[one.number])
        if answer != before or sequence is not None:
            fresh.append((one.number, order, _seconds(attempt, now), answer))
    return fresh


def _seconds(attempt: Row[Any], at: datetime) -> int:
    return int((at - attempt.started_at).total_seconds())


def let_count(attempt: Row[Any], quiz: Quiz, result: Result, now: datetime) -> bool:
    """Let the result count as progress: a pretest and practice by being taken, the others by being passed."""
    if quiz.purpose == Purpose.RENEWAL:
        return False  # the course was taken before
    if quiz.purpose in (Purpose.PRETEST, Purpose.PRACTICE) or result.is_passed:
        return mark_done(attempt.enrolment_id, outline_of(attempt.version_id), attempt.activity_number, now)
    return False


def result_of_attempt(attempt: Row[Any]) -> Result:
    """Compute the result of a closed attempt again from what is stored."""
    marks: dict[int, list[int]] = dict(
        db.session.connection()
        .execute(select(PersonMark.question_number, PersonMark.points).where(PersonMark.attempt_id == attempt.id))
        .all()
    )
    return _graded(attempt, attempt.answers or [], marks, quiz_of(attempt.version_id, attempt.activity_number))


def _graded(attempt: Row[Any], kept: Sequence[Any], marks: Mapping[int, Sequence[int]], quiz: Quiz) -> Result:
    answers = counted(kept, attempt.started_at, attempt.deadline_at)
    return grade(asked_of(attempt.version_id, attempt.drawn), answers, marks, quiz.pass_mark)


def close_overdue(now: datetime, limit: int = 200) -> int:
    """Hand in, with what was saved, the attempts whose time ran out; return how many."""
    due = (
        select(*_ROW)
        .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
        .where(Attempt.state == "open", Attempt.deadline_at < now - GRACE)
        .order_by(Attempt.deadline_at)
        .limit(limit)
        .with_for_update(of=(Attempt, Enrolment), skip_locked=True)
    )
    rows = db.session.connection().execute(due).all()
    for row in rows:
        submit(row, {}, now)
    return len(rows)
