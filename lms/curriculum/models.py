"""Tables of courses, their versions and what is in them."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.core.database import Model
from lms.core.ids import new_id
from lms.core.texts import Texts
from lms.organization.models import Unit


class Course(Model):
    """A course across all its versions; the unit owns it."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(String(48), unique=True)
    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    current_version_id: Mapped[uuid.UUID | None]  # the published version new people are enrolled in
    is_bridge: Mapped[bool] = mapped_column(default=False)  # a short unit that another course's new version brings
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]

    unit: Mapped[Unit] = relationship()

    @property
    def access_path(self) -> str:
        return self.unit.path

    @property
    def access_person(self) -> None:
        return None


class Version(Model):
    """One edition of a course. Published means frozen: enrolments and attempts pin it."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    course_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("course.id"), index=True)
    number: Mapped[int]
    label: Mapped[str] = mapped_column(String(40))  # the authors' own
    state: Mapped[str] = mapped_column(String(12), default="draft")  # draft published withdrawn
    package_sha: Mapped[str] = mapped_column(String(64))  # SHA-256 of the canonical zip in storage
    languages: Mapped[list[str]]  # the first is the source
    title: Mapped[Texts]
    neutral_title: Mapped[Texts]
    summary: Mapped[Texts]
    hours: Mapped[float]
    pass_mark: Mapped[int]
    enrolment: Mapped[str] = mapped_column(String(10))  # open code invited
    tags: Mapped[list[str]]
    audiences: Mapped[list[str]]
    topics: Mapped[dict[str, Any]]
    change: Mapped[dict[str, Any] | None]  # what is different for who knows an earlier version, since which day
    is_material: Mapped[bool] = mapped_column(default=False)  # certificates of earlier versions need the short unit
    bridge_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("version.id"))  # the short unit, as a course
    details: Mapped[dict[str, Any]]  # authors, licence and what else the package says
    search: Mapped[str] = mapped_column(Text)  # folded titles, summaries and audiences, for the catalogue
    created_at: Mapped[datetime]
    created_by: Mapped[uuid.UUID | None]
    published_at: Mapped[datetime | None]
    published_by: Mapped[uuid.UUID | None]

    course: Mapped[Course] = relationship()
    bridge: Mapped["Version | None"] = relationship(remote_side="Version.id")

    __table_args__ = (
        UniqueConstraint("course_id", "number"),
        Index(
            "ix_version_material",
            "course_id",
            postgresql_where=text("is_material"),
            sqlite_where=text("is_material"),
        ),
        Index("ix_version_bridge_id", "bridge_id"),
    )

    @property
    def changed_on(self) -> date | None:
        """The day of the change that this version brings, where its authors name one."""
        on = (self.change or {}).get("on")
        return date.fromisoformat(on) if on else None

    @property
    def access_path(self) -> str:
        return self.course.unit.path

    @property
    def access_person(self) -> None:
        return None


class Module(Model):
    """A part of a version, in order."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("version.id"))
    position: Mapped[int]
    slug: Mapped[str] = mapped_column(String(48))
    title: Mapped[Texts]
    objective: Mapped[Texts]
    minutes: Mapped[int]
    details: Mapped[dict[str, Any]]  # core messages, session plan, oral checks, picture cards

    __table_args__ = (UniqueConstraint("version_id", "slug"), UniqueConstraint("version_id", "position"))


class Activity(Model):
    """Something to do in a module. `number` counts through the whole version and names it in progress and attempts."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("version.id"))
    module_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("module.id"), index=True)
    number: Mapped[int]
    slug: Mapped[str] = mapped_column(String(48))
    kind: Mapped[str] = mapped_column(String(12))  # lesson practice quiz session document
    title: Mapped[Texts]
    minutes: Mapped[int]
    is_required: Mapped[bool] = mapped_column(default=True)
    settings: Mapped[dict[str, Any]]  # a quiz's draw, attempts, times, feedback

    __table_args__ = (UniqueConstraint("version_id", "number"), UniqueConstraint("module_id", "slug"))


class ActivityText(Model):
    """One language of a lesson, as its authors wrote it."""

    activity_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(3), primary_key=True)
    status: Mapped[str] = mapped_column(String(10), default="approved")  # draft reviewed approved
    reviewer: Mapped[str] = mapped_column(String(120), default="")
    title: Mapped[str] = mapped_column(String(200))
    objective: Mapped[str] = mapped_column(Text, default="")
    content_note: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(Text)
    source_sha: Mapped[str] = mapped_column(String(64))  # key of the rendered page in memory


class VersionBank(Model):
    """A bank that belongs to a version."""

    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("version.id"), primary_key=True)
    bank_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bank.id"), primary_key=True)


class VersionRubric(Model):
    """A rubric that belongs to a version."""

    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("version.id"), primary_key=True)
    rubric_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rubric.id"), primary_key=True)


class VersionFile(Model):
    """A file of the package that pages show: pictures, recordings, attachments."""

    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("version.id"), primary_key=True)
    path: Mapped[str] = mapped_column(String(200), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"))

    __table_args__ = (Index("ix_version_file_sha256", "sha256"),)


class Guide(Model):
    """A facilitator guide as somebody may hold it on paper; the code on each page tells whether it is still right."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(8), unique=True)  # seven Crockford symbols and a check symbol
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("version.id"))
    language: Mapped[str] = mapped_column(String(3))
    audience: Mapped[str] = mapped_column(String(48), default="")  # empty: all of the course's
    facts_sha: Mapped[str] = mapped_column(String(64))  # what the numbers and articles it cites said
    made_at: Mapped[datetime]

    version: Mapped[Version] = relationship()

    __table_args__ = (UniqueConstraint("version_id", "language", "audience", "facts_sha"),)


class GuidePrint(Model):
    """A file of a guide: made once for each paper and part, and again only when what it is made of changes."""

    guide_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("guide.id"), primary_key=True)
    paper: Mapped[str] = mapped_column(String(6), primary_key=True)  # a4 letter
    part: Mapped[str] = mapped_column(String(48), primary_key=True, default="")  # a module; empty: the whole guide
    made_of: Mapped[str] = mapped_column(String(64), primary_key=True)  # style, name of the agency, dates of facts
    job_id: Mapped[uuid.UUID | None]
    sha256: Mapped[str | None] = mapped_column(ForeignKey("blob.sha256"), index=True)  # once it is made

    guide: Mapped[Guide] = relationship()
