"""Tables of banks, questions, their keys and rubrics."""

import uuid
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Model
from lms.core.ids import new_id
from lms.core.texts import Texts


class Bank(Model):
    """A set of questions a quiz may draw from."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(String(48))


class Question(Model):
    """What a learner may see of a question: no right answer, no explanation."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    bank_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank.id"))
    number: Mapped[int]  # unique in the course version: what an attempt stores in place of an id
    slug: Mapped[str] = mapped_column(String(48))
    kind: Mapped[str] = mapped_column(String(20))
    is_critical: Mapped[bool] = mapped_column(default=False)
    topic: Mapped[str | None] = mapped_column(String(48))
    weight: Mapped[float] = mapped_column(default=1.0)
    body: Mapped[dict[str, Any]]

    __table_args__ = (UniqueConstraint("bank_id", "slug"),)


class QuestionKey(Model):
    """What is right and why. In a table of its own, so that no query for a learner's page can bring it along."""

    question_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("question.id"), primary_key=True)
    key: Mapped[dict[str, Any]]


class Rubric(Model):
    """Criteria for observing or marking; `criteria` is a list of {id, text, levels, is_critical}."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(String(48))
    title: Mapped[Texts]
    pass_mark: Mapped[int]
    levels: Mapped[int]
    criteria: Mapped[list[Any]]
