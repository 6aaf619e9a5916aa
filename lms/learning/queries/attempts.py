"""Reads of attempts and their results, by whoever made them."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam, cast, func, select
from sqlalchemy.engine import Row

from lms.assessment.rules import Answer
from lms.core.database import read
from lms.core.errors import NotFound
from lms.curriculum.queries import Outline
from lms.learning.models import Attempt, AttemptSave, Enrolment, PersonMark
from lms.learning.rules import Purpose, Tried, counted, latest
from lms.library.queries import facts_revision


@dataclass(frozen=True)
class OpenedAttempt:
    """A person's own attempt as its page needs it."""

    id: uuid.UUID
    enrolment_id: uuid.UUID
    version_id: uuid.UUID
    activity_number: int
    number: int
    state: str
    language: str | None
    started_at: datetime
    deadline_at: datetime | None
    submitted_at: datetime | None
    drawn: list[int]
    score: float | None
    is_passed: bool | None
    entered_by: uuid.UUID | None
    completed_at: datetime | None  # of the course
    facts_at: datetime | None
    answers: Mapping[int, Answer] = field(default_factory=dict)
    saved_at: datetime | None = None
    sequence: int = 0  # of the last save


_ATTEMPT = (
    select(
        Attempt.id,
        Attempt.enrolment_id,
        Enrolment.version_id,
        Attempt.activity_number,
        Attempt.number,
        Attempt.state,
        Enrolment.language,
        Attempt.started_at,
        Attempt.deadline_at,
        Attempt.submitted_at,
        Attempt.drawn,
        Attempt.score,
        Attempt.is_passed,
        Attempt.entered_by,
        Enrolment.completed_at,
        facts_revision.label("facts_at"),
        Attempt.answers,
    )
    .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
    .where(Attempt.id == bindparam("attempt_id"), Enrolment.person_id == bindparam("person_id"))
)
_SAVES = (
    select(AttemptSave.question_number, AttemptSave.sequence, AttemptSave.saved_at, AttemptSave.answer)
    .where(AttemptSave.attempt_id == bindparam("attempt_id"))
    .order_by(AttemptSave.sequence)
)


def attempt_of(person_id: uuid.UUID, attempt_id: uuid.UUID) -> OpenedAttempt:
    """Read a person's own attempt with the answers so far, in two statements; raise NotFound for another's."""
    with read() as connection:
        row = connection.execute(_ATTEMPT, {"attempt_id": attempt_id, "person_id": person_id}).first()
        if row is None:
            raise NotFound
        values = row._asdict()
        folded: list[Any] = values.pop("answers") or []
        if row.state != "open":
            return OpenedAttempt(**values, answers=counted(folded, row.started_at, row.deadline_at))
        saves = connection.execute(_SAVES, {"attempt_id": attempt_id}).all()
    answers = latest((save.question_number, save.sequence, 0, save.answer) for save in saves)
    return OpenedAttempt(
        **values,
        answers=answers,
        saved_at=max((save.saved_at for save in saves), default=None),
        sequence=saves[-1].sequence if saves else 0,
    )


def attempts_at(enrolment_id: uuid.UUID, activity_number: int) -> list[Row[Any]]:
    """Return the attempts at a quiz with what `rules.Tried` needs and their ids, oldest first."""
    with read() as connection:
        return list(
            connection.execute(
                select(
                    Attempt.id,
                    Attempt.number,
                    Attempt.state,
                    Attempt.started_at,
                    Attempt.submitted_at,
                    Attempt.score,
                    Attempt.is_passed,
                    Attempt.entered_by,
                )
                .where(Attempt.enrolment_id == enrolment_id, Attempt.activity_number == activity_number)
                .order_by(Attempt.number)
            )
        )


def as_tried(rows: list[Row[Any]]) -> list[Tried]:
    """Turn rows of `attempts_at` into what the rule asks for."""
    return [Tried(row.state, row.started_at, row.submitted_at, row.score, row.is_passed) for row in rows]


@dataclass(frozen=True)
class Best:
    """A person's best score at one quiz."""

    score: float | None
    is_passed: bool
    attempts: int
    is_waiting: bool
    is_open: bool


def best_scores(enrolment_id: uuid.UUID) -> dict[int, Best]:
    """Return the best score at each quiz of an enrolment, in one statement."""
    with read() as connection:
        rows = connection.execute(
            select(
                Attempt.activity_number,
                func.max(Attempt.score),
                func.max(cast(Attempt.is_passed, Integer)),
                func.count(),
                func.max(cast(Attempt.state == "marking", Integer)),
                func.max(cast(Attempt.state == "open", Integer)),
            )
            .where(Attempt.enrolment_id == enrolment_id)
            .group_by(Attempt.activity_number)
        ).all()
    return {
        number: Best(score, bool(passed), count, bool(waiting), bool(is_open))
        for number, score, passed, count, waiting, is_open in rows
    }


def history_of(person_id: uuid.UUID, page: int, size: int) -> tuple[list[Any], int]:
    """Return a page of a person's attempts, the newest first, and how many there are."""
    mine = select(Attempt).join(Enrolment, Enrolment.id == Attempt.enrolment_id).where(Enrolment.person_id == person_id)
    columns = (
        Attempt.id,
        Attempt.activity_number,
        Attempt.number,
        Attempt.state,
        Attempt.started_at,
        Attempt.submitted_at,
        Attempt.score,
        Attempt.is_passed,
        Enrolment.version_id,
    )
    with read() as connection:
        total = connection.execute(mine.with_only_columns(func.count())).scalar_one()
        rows = connection.execute(
            mine.with_only_columns(*columns)
            .order_by(Attempt.started_at.desc(), Attempt.id)
            .limit(size)
            .offset((page - 1) * size)
        ).all()
    return list(rows), total


def marks_of(attempt_id: uuid.UUID) -> dict[int, Row[Any]]:
    """Return what a person gave the open answers of an attempt: points and comment by question number."""
    with read() as connection:
        rows = connection.execute(
            select(PersonMark.question_number, PersonMark.points, PersonMark.comment).where(
                PersonMark.attempt_id == attempt_id
            )
        ).all()
    return {row.question_number: row for row in rows}


def score_before(enrolment_id: uuid.UUID, outline: Outline) -> float | None:
    """Return the score of an enrolment at the pretest of its course, to show what was gained; None without one."""
    numbers = [one.number for one in outline.activities if one.settings.get("purpose") == Purpose.PRETEST]
    if not numbers:
        return None
    with read() as connection:
        score: float | None = connection.execute(
            select(func.max(Attempt.score)).where(
                Attempt.enrolment_id == enrolment_id, Attempt.activity_number.in_(numbers)
            )
        ).scalar()
    return score
