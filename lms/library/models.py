"""Tables of facts and places of help."""

import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.core.database import Model
from lms.core.ids import new_id
from lms.core.texts import Texts
from lms.organization.models import Place, Unit


class Fact(Model):
    """One checked value that lessons cite by key."""

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # hotline article penalty deadline age figure institution instrument
    value: Mapped[Texts]
    label: Mapped[Texts]
    dial: Mapped[str | None] = mapped_column(String(30))
    position: Mapped[int] = mapped_column(default=1000)  # where it stands in lists: danger first
    is_verified: Mapped[bool] = mapped_column(default=False)
    source: Mapped[str] = mapped_column(Text, default="")
    checked_on: Mapped[date | None]
    checked_by: Mapped[str] = mapped_column(String(120), default="")
    review_by: Mapped[date | None]
    changed_at: Mapped[datetime] = mapped_column(index=True)  # the latest of all is the revision of the library
    loaded_sha: Mapped[str | None] = mapped_column(String(64))  # of the content a file brought; a person's edit differs


class FactChange(Model):
    """What a fact said before: old lessons can be read as they stood."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(ForeignKey("fact.key"), index=True)
    value: Mapped[Texts]
    label: Mapped[Texts]
    dial: Mapped[str | None] = mapped_column(String(30))
    is_verified: Mapped[bool]
    source: Mapped[str] = mapped_column(Text)
    checked_on: Mapped[date | None]
    checked_by: Mapped[str] = mapped_column(String(120))
    review_by: Mapped[date | None]
    replaced_at: Mapped[datetime]
    replaced_by: Mapped[uuid.UUID | None]


class Referral(Model):
    """A place of help. The address of a shelter is never written here."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unit.id"), index=True)  # who keeps the entry
    kind: Mapped[str] = mapped_column(String(20))  # shelter health psychological legal education reintegration …
    place_code: Mapped[str | None] = mapped_column(ForeignKey("place.code"), index=True)  # None: the whole country
    name: Mapped[str] = mapped_column(String(160))
    name_folded: Mapped[str] = mapped_column(String(160))
    phone: Mapped[str] = mapped_column(String(60), default="")
    how_to_reach: Mapped[str] = mapped_column(String(300), default="")
    for_whom: Mapped[str] = mapped_column(String(200), default="")
    languages: Mapped[list[str]] = mapped_column(default=list)
    checked_on: Mapped[date]
    checked_by: Mapped[str] = mapped_column(String(120))
    review_by: Mapped[date]
    closed_on: Mapped[date | None]

    unit: Mapped[Unit] = relationship()
    place: Mapped[Place | None] = relationship()

    @property
    def access_path(self) -> str:
        return self.unit.path

    @property
    def access_person(self) -> None:
        return None
