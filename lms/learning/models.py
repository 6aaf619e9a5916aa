"""Tables of enrolments, progress and attempts. Written often, so each row is small."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.core.database import CompactJson, Model
from lms.core.ids import new_id
from lms.curriculum.models import Course, Version
from lms.organization.models import Person, Unit


class Enrolment(Model):
    """A person in one version of a course."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    course_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("course.id"), index=True)
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("version.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="active")  # invited active completed withdrawn
    source: Mapped[str] = mapped_column(String(10))  # self code staff import
    language: Mapped[str | None] = mapped_column(String(3))  # None: the person's own content language
    enrolled_at: Mapped[datetime]
    enrolled_by: Mapped[uuid.UUID | None]
    due_on: Mapped[date | None]
    reminded: Mapped[int | None] = mapped_column(SmallInteger)  # days before the due day of the last reminder
    completed_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()
    course: Mapped[Course] = relationship()
    version: Mapped[Version] = relationship()

    __table_args__ = (UniqueConstraint("person_id", "version_id"),)

    @property
    def access_path(self) -> str:
        return self.person.unit.path

    @property
    def access_person(self) -> uuid.UUID:
        return self.person_id


class Progress(Model):
    """An activity done. The set of rows is the progress: repeats and any order give the same."""

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"), primary_key=True)
    activity_number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    done_at: Mapped[datetime]


class Attempt(Model):
    """One go at a quiz. Questions are drawn once; the deadline is fixed at the start; grading is a function of the row.

    While it is open its answers stand in `attempt_save`, one row a save; submitting folds them all into `answers`.
    """

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"))
    activity_number: Mapped[int] = mapped_column(SmallInteger)
    number: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(String(9), default="open")  # open submitted marking graded
    started_at: Mapped[datetime]
    deadline_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    drawn: Mapped[list[Any]] = mapped_column(CompactJson)  # question numbers, in the order shown
    # Every save, in their order: question number, seconds since the start, answer, question number, … (rules.folded).
    answers: Mapped[list[Any] | None] = mapped_column(CompactJson)
    score: Mapped[float | None]  # per cent
    is_passed: Mapped[bool | None]
    entered_by: Mapped[uuid.UUID | None]  # the user who read it aloud and wrote the answers down; None: the learner

    enrolment: Mapped[Enrolment] = relationship()

    @property
    def access_path(self) -> str:
        return self.enrolment.access_path

    @property
    def access_person(self) -> uuid.UUID:
        return self.enrolment.person_id

    __table_args__ = (
        UniqueConstraint("enrolment_id", "activity_number", "number"),
        # Only open attempts with a deadline stand in this one: closing the overdue ones costs what is open.
        Index(
            "ix_attempt_overdue",
            "deadline_at",
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
        Index(
            "ix_attempt_marking",
            "submitted_at",
            postgresql_where=text("state = 'marking'"),
            sqlite_where=text("state = 'marking'"),
        ),
    )


class AttemptSave(Model):
    """One save of one answer. The highest sequence wins; the others stay."""

    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    question_number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    answer: Mapped[Any | None] = mapped_column(CompactJson)  # None: taken back
    saved_at: Mapped[datetime]


class PersonMark(Model):
    """What a person gave an open answer, criterion by criterion."""

    attempt_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    question_number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    points: Mapped[list[Any]] = mapped_column(CompactJson)
    comment: Mapped[str] = mapped_column(String(600), default="")
    marked_at: Mapped[datetime]
    marked_by: Mapped[uuid.UUID]


class JoinCode(Model):
    """A code that enrols whoever types it, while it lasts."""

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    course_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("course.id"), index=True)
    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unit.id"))
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID]
    expires_on: Mapped[date]
    places: Mapped[int]  # how many people may use it
    used: Mapped[int] = mapped_column(default=0)
    due_on: Mapped[date | None]

    course: Mapped[Course] = relationship()
    unit: Mapped[Unit] = relationship()

    __table_args__ = (Index("ix_join_code_unit", "unit_id"),)

    @property
    def access_path(self) -> str:
        return self.unit.path

    @property
    def access_person(self) -> None:
        return None
