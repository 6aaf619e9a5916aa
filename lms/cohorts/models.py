"""Tables of training groups."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.assessment.models import Rubric
from lms.core.database import Model
from lms.core.ids import new_id
from lms.curriculum.models import Course, Version
from lms.organization.models import Person, Place, Project, Unit


class Cohort(Model):
    """A group of people who take one version of a course together, in a place and a language, between two days."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(12), unique=True)  # on paper and in the join address
    name: Mapped[str] = mapped_column(String(120))
    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    course_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("course.id"))
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("version.id"), index=True)
    place_code: Mapped[str] = mapped_column(ForeignKey("place.code"), index=True)
    language: Mapped[str] = mapped_column(String(3))
    audience: Mapped[str] = mapped_column(String(40), default="")
    modality: Mapped[str] = mapped_column(String(12))  # in_person virtual mixed
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    capacity: Mapped[int] = mapped_column(SmallInteger)
    project_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("project.id"), index=True)
    is_joinable: Mapped[bool] = mapped_column(default=True)  # by its code or QR
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID]
    closed_at: Mapped[datetime | None]

    unit: Mapped[Unit] = relationship()
    course: Mapped[Course] = relationship()
    version: Mapped[Version] = relationship()
    place: Mapped[Place] = relationship()
    project: Mapped[Project | None] = relationship()
    facilitators: Mapped[list["CohortFacilitator"]] = relationship(lazy="selectin")

    __table_args__ = (Index("ix_cohort_dates", "starts_on", "ends_on"),)

    @property
    def access_path(self) -> str:
        return self.unit.path

    @property
    def access_person(self) -> None:
        return None

    @property
    def access_people(self) -> frozenset[uuid.UUID]:
        return frozenset(one.person_id for one in self.facilitators if one.until is None)


class CohortFacilitator(Model):
    """Who leads a group, alone or with others."""

    cohort_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cohort.id"), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    is_lead: Mapped[bool] = mapped_column(default=False)
    since: Mapped[datetime]
    until: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)


class CohortMember(Model):
    """Who learns in a group. The enrolment holds progress and attempts."""

    cohort_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cohort.id"), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolment.id"), index=True)
    joined_at: Mapped[datetime]
    joined_by: Mapped[str] = mapped_column(String(10))  # code staff file new
    left_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()


class Session(Model):
    """A meeting of a group, planned, held or cancelled. `code` stands on its printed twin."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    cohort_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cohort.id"), index=True)
    number: Mapped[int] = mapped_column(SmallInteger)
    title: Mapped[str] = mapped_column(String(160))
    module_slug: Mapped[str | None] = mapped_column(String(48))
    starts_at: Mapped[datetime] = mapped_column(index=True)
    minutes: Mapped[int] = mapped_column(SmallInteger)
    venue: Mapped[str] = mapped_column(String(160), default="")
    state: Mapped[str] = mapped_column(String(10), default="planned")  # planned held cancelled
    held_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"), index=True)  # who led it
    tally: Mapped[dict[str, Any] | None]  # people without a record: {"women": 4, "men": 2, "minors": 3}
    reflection: Mapped[str] = mapped_column(String(400), default="")
    recorded_at: Mapped[datetime | None]

    cohort: Mapped[Cohort] = relationship()

    __table_args__ = (UniqueConstraint("cohort_id", "number"),)

    @property
    def access_path(self) -> str:
        return self.cohort.unit.path

    @property
    def access_person(self) -> None:
        return None

    @property
    def access_people(self) -> frozenset[uuid.UUID]:
        return self.cohort.access_people


class Attendance(Model):
    """Whether a member was there."""

    session_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("session.id"), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    state: Mapped[str] = mapped_column(String(8))  # present late absent
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[uuid.UUID]


class Observation(Model):
    """Practice that somebody saw, scored on a rubric; it counts once both have signed."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    cohort_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cohort.id"), index=True)
    session_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("session.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)  # who was observed
    observer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))  # teach_back co_facilitation led_session
    rubric_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rubric.id"))
    levels: Mapped[list[Any]]  # one number from 0 to the rubric's top for each criterion
    score: Mapped[float]  # per cent
    is_passed: Mapped[bool]
    missed_critical: Mapped[bool] = mapped_column(default=False)
    strengths: Mapped[str] = mapped_column(String(600), default="")
    change: Mapped[str] = mapped_column(String(400), default="")
    observed_on: Mapped[date]
    observer_signed_at: Mapped[datetime]
    person_signed_at: Mapped[datetime | None]

    cohort: Mapped[Cohort] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    observer: Mapped[Person] = relationship(foreign_keys=[observer_id])
    rubric: Mapped[Rubric] = relationship()

    @property
    def access_path(self) -> str:
        return self.cohort.unit.path

    @property
    def access_person(self) -> None:
        return None

    @property
    def access_people(self) -> frozenset[uuid.UUID]:
        return self.cohort.access_people


class Announcement(Model):
    """A few lines from the facilitator to the whole group."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    cohort_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cohort.id"), index=True)
    author_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(String(1000))
    written_at: Mapped[datetime]

    author: Mapped[Person] = relationship()


class CohortQuestion(Model):
    """What a member asks the facilitator, and the answer; other members see neither."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    cohort_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cohort.id"), index=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(String(600))
    asked_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]

    cohort: Mapped[Cohort] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])

    @property
    def access_path(self) -> str:
        return self.cohort.unit.path

    @property
    def access_person(self) -> None:
        return None

    @property
    def access_people(self) -> frozenset[uuid.UUID]:
        return self.cohort.access_people
