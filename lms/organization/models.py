"""Tables of units, places, persons, posts and projects."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.core.database import Model
from lms.core.ids import new_id
from lms.core.texts import Texts


class Place(Model):
    """A department (`14`), municipality (`1406`) or community (`1406-003`); loaded from a country's data file."""

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("place.code"), index=True)
    level: Mapped[str] = mapped_column(String(20))  # department | municipality | community
    name: Mapped[str] = mapped_column(String(120))
    name_folded: Mapped[str] = mapped_column(String(240))  # name and former names, for search
    languages: Mapped[list[str]] = mapped_column(default=list)


class Unit(Model):
    """A node of the tree of institutions. `path` is the ids from the root down, so a branch is a prefix."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("unit.id"), index=True)
    path: Mapped[str] = mapped_column(String(400), unique=True)
    kind: Mapped[str] = mapped_column(String(30))  # agency ministry department office shelter municipality ngo school …
    name: Mapped[str] = mapped_column(String(200))
    short_name: Mapped[str] = mapped_column(String(40), default="")
    name_folded: Mapped[str] = mapped_column(String(200))
    code: Mapped[str | None] = mapped_column(String(40), unique=True)  # the agency's own key, for imports
    place_code: Mapped[str | None] = mapped_column(ForeignKey("place.code"))
    created_at: Mapped[datetime]
    closed_on: Mapped[date | None]

    parent: Mapped["Unit | None"] = relationship(remote_side="Unit.id")
    place: Mapped[Place | None] = relationship()

    @property
    def access_path(self) -> str:
        return self.path

    @property
    def access_person(self) -> None:
        return None


class UnitMove(Model):
    """A branch that changed hands: an office or shelter that went from one institution to another."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    from_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unit.id"))
    to_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unit.id"))
    moved_at: Mapped[datetime]
    moved_by: Mapped[uuid.UUID | None]


class Person(Model):
    """Somebody who learns, teaches or runs things; may have no account. No national id, no position, no photograph."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    given_names: Mapped[str] = mapped_column(String(100))
    family_names: Mapped[str] = mapped_column(String(100), default="")
    name_folded: Mapped[str] = mapped_column(String(210), index=True)
    public_name: Mapped[str] = mapped_column(String(120), default="")  # what a certificate check shows; empty: initials
    key: Mapped[str | None] = mapped_column(String(60))  # the institution's own staff key, for imports
    place_code: Mapped[str | None] = mapped_column(ForeignKey("place.code"))
    content_language: Mapped[str] = mapped_column(String(3), default="spa")
    created_at: Mapped[datetime]
    left_on: Mapped[date | None]
    merged_into_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id"), index=True)

    unit: Mapped[Unit] = relationship()
    place: Mapped[Place | None] = relationship()

    __table_args__ = (UniqueConstraint("unit_id", "key"),)

    @property
    def name(self) -> str:
        return f"{self.given_names} {self.family_names}".strip()

    @property
    def access_path(self) -> str:
        return self.unit.path

    @property
    def access_person(self) -> uuid.UUID:
        return self.id


class PersonMerge(Model):
    """Two records found to be one person: which is kept, who said so and when, and whether it was undone."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    kept_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    merged_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    merged_at: Mapped[datetime]
    merged_by: Mapped[uuid.UUID | None]
    undone_at: Mapped[datetime | None]


class PersonTraits(Model):
    """Sensitive attributes, all optional, apart from the person and read only by reports that count."""

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    sex: Mapped[str | None] = mapped_column(String(12))  # female male other no_answer
    birth_year: Mapped[int | None]
    people: Mapped[str | None] = mapped_column(String(20))  # maya xinka garifuna ladino afro foreign no_answer
    linguistic_community: Mapped[str | None] = mapped_column(String(3))
    disability: Mapped[str | None] = mapped_column(String(12))  # yes no no_answer
    changed_at: Mapped[datetime]


class Profession(Model):
    """What a post asks for: psychologist, judge of the peace, teacher."""

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[Texts]
    sector: Mapped[str] = mapped_column(String(20), default="other")  # justice education health social security …
    is_retired: Mapped[bool] = mapped_column(default=False)  # kept for old posts, not offered for new ones


class Post(Model):
    """A profession in a unit, filled or vacant. Coverage is counted against posts, as of any date."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    profession_code: Mapped[str] = mapped_column(ForeignKey("profession.code"))
    key: Mapped[str | None] = mapped_column(String(60))  # the institution's own number of the post
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]

    unit: Mapped[Unit] = relationship()
    profession: Mapped[Profession] = relationship()

    __table_args__ = (UniqueConstraint("unit_id", "key"),)

    @property
    def access_path(self) -> str:
        return self.unit.path

    @property
    def access_person(self) -> None:
        return None


class PostHolding(Model):
    """Who held a post from when to when; no row for a day means vacant."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    post_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("post.id"), index=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    from_on: Mapped[date]
    until_on: Mapped[date | None]  # the first day on which it was no longer held

    post: Mapped[Post] = relationship()
    person: Mapped[Person] = relationship()


class Project(Model):
    """A frame of funder and dates that groups training between two days."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    funder: Mapped[str] = mapped_column(String(200), default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]

    unit: Mapped[Unit] = relationship()

    __table_args__ = (Index("ix_project_dates", "starts_on", "ends_on"),)

    @property
    def access_path(self) -> str:
        return self.unit.path

    @property
    def access_person(self) -> None:
        return None


class PeopleImport(Model):
    """A list of people and posts brought as a file: read, looked at, then taken in whole or not at all."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unit.id"), index=True)  # the branch it may touch
    filename: Mapped[str] = mapped_column(String(120))
    file_sha: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(12), default="reading")  # reading refused ready applying applied dropped
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # rows, new, changed, same, problems
    problems: Mapped[list[Any]] = mapped_column(default=list)  # the first hundred: {row, sentence, values}
    plan_sha: Mapped[str | None] = mapped_column(String(64))  # the whole preview, in storage
    print_of_plan: Mapped[str | None] = mapped_column(String(64))  # what was previewed is what is taken in
    job_id: Mapped[uuid.UUID | None]
    made_at: Mapped[datetime]
    made_by: Mapped[uuid.UUID | None]
    applied_at: Mapped[datetime | None]

    unit: Mapped[Unit] = relationship()

    @property
    def access_path(self) -> str:
        return self.unit.path

    @property
    def access_person(self) -> None:
        return None
