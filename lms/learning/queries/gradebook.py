"""People and quizzes: the best score of each at each."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from lms.access.policy import Action, Actor, reach
from lms.access.queries import within
from lms.core.database import db
from lms.core.texts import folded
from lms.curriculum.queries import ActivityLine, Outline
from lms.learning.models import Attempt, Enrolment
from lms.learning.queries.staff import SIZE
from lms.learning.quizzes import quiz_of
from lms.organization.models import Person, Unit


@dataclass(frozen=True)
class Cell:
    """A person's best at one quiz."""

    score: float | None
    is_passed: bool


@dataclass(frozen=True)
class GradeRow:
    """One person's line of the gradebook."""

    person_id: uuid.UUID
    name: str
    unit: str
    cells: dict[int, Cell]


def quizzes_of(outline: Outline) -> list[tuple[ActivityLine, str]]:
    """Return the quizzes of a version that give a score, each with its purpose."""
    found = []
    for line in outline.activities:
        if line.kind == "quiz":
            found.append((line, quiz_of(outline.version_id, line.number).purpose))
    return found


def _people(actor: Actor, outline: Outline, words: str, sort: str) -> Any:
    query = (
        select(Enrolment.id, Enrolment.person_id, Person.given_names, Person.family_names, Unit.name)
        .join(Person, Person.id == Enrolment.person_id)
        .join(Unit, Unit.id == Person.unit_id)
        .where(
            Enrolment.version_id == outline.version_id,
            Enrolment.state != "withdrawn",
            within(reach(actor, Action.ENROLMENT_READ), Unit.path),
        )
    )
    for word in folded(words).split()[:8]:
        query = query.where(
            Person.name_folded.contains(word, autoescape=True) | Unit.name_folded.contains(word, autoescape=True)
        )
    column = Unit.name_folded if sort.endswith("unit") else Person.name_folded
    return query.order_by(column.desc() if sort.startswith("-") else column, Person.name_folded, Enrolment.id)


def gradebook(actor: Actor, outline: Outline, words: str, sort: str, page: int | None) -> tuple[list[GradeRow], int]:
    """Return a page of the gradebook (all of it without a page), and how many people there are. Three statements."""
    query = _people(actor, outline, words, sort)
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    if page is not None:
        query = query.limit(SIZE).offset((page - 1) * SIZE)
    people = db.session.execute(query).all()
    cells = _cells([row.id for row in people])
    return [
        GradeRow(row.person_id, f"{row.given_names} {row.family_names}".strip(), row.name, cells.get(row.id, {}))
        for row in people
    ], total


def _cells(enrolment_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[int, Cell]]:
    found: dict[uuid.UUID, dict[int, Cell]] = {}
    for start in range(0, len(enrolment_ids), 500):
        batch = enrolment_ids[start : start + 500]
        rows = db.session.execute(
            select(Attempt.enrolment_id, Attempt.activity_number, Attempt.score, Attempt.is_passed)
            .where(Attempt.enrolment_id.in_(batch), Attempt.state.in_(("graded", "marking")))
            .order_by(Attempt.score.is_not(None), Attempt.score)
        )
        for enrolment_id, number, score, is_passed in rows:  # the best comes last
            found.setdefault(enrolment_id, {})[number] = Cell(score, bool(is_passed))
    return found
