"""Tables of schemes, credentials and what happened to them. Credentials and events are only ever added."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, SmallInteger, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.cohorts.models import Cohort
from lms.core.database import Model
from lms.core.ids import new_id
from lms.core.texts import Texts
from lms.curriculum.models import Version
from lms.organization.models import Person, Unit


class Scheme(Model):
    """A way to be certified: a cascade of levels, or one plain professional certificate."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(String(48), unique=True)
    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unit.id"))
    title: Mapped[Texts]
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]

    unit: Mapped[Unit] = relationship()
    levels: Mapped[list["Level"]] = relationship(order_by="Level.number", lazy="selectin", viewonly=True)

    @property
    def access_path(self) -> str:
        return self.unit.path

    @property
    def access_person(self) -> None:
        return None


class Level(Model):
    """A step of a scheme; `rules` is `rules.levels.LevelRules` as plain data."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    scheme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("scheme.id"))
    number: Mapped[int] = mapped_column(SmallInteger)  # 1 is certified by the agency itself
    slug: Mapped[str] = mapped_column(String(48))
    title: Mapped[Texts]  # what the holder is called: neutral, it stands on paper
    course_slug: Mapped[str] = mapped_column(String(48))
    rules: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]

    scheme: Mapped[Scheme] = relationship(viewonly=True)

    __table_args__ = (UniqueConstraint("scheme_id", "number"),)

    @property
    def access_path(self) -> str:
        return self.scheme.unit.path

    @property
    def access_person(self) -> None:
        return None


class SigningKey(Model):
    """A public key of the agency. The private half is a file outside the database; retired keys stay for ever."""

    id: Mapped[str] = mapped_column(String(40), primary_key=True)  # as in the DID document: 2026-a
    public: Mapped[bytes] = mapped_column(LargeBinary(32))
    made_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    compromised_at: Mapped[datetime | None]  # what it signed after this moment is not believed


class Credential(Model):
    """A certificate as it was issued. It never changes; what happens later are its events."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(String(12), unique=True)  # 11 Crockford symbols and a check symbol
    holder_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    level_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("level.id"), index=True)
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("version.id"), index=True)
    cohort_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("cohort.id"), index=True)
    place_code: Mapped[str | None] = mapped_column(ForeignKey("place.code"))
    language: Mapped[str] = mapped_column(String(3))
    # The credential under which the signer acted; None when the agency itself signed.
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("credential.id"))
    cosigner_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("credential.id"))
    renews_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("credential.id"), unique=True)
    lineage: Mapped[str] = mapped_column(String(400))  # codes from the agency down to this one: a branch is a prefix
    generation: Mapped[int] = mapped_column(SmallInteger)  # 1: signed by the agency
    warrant: Mapped[dict[str, Any] | None]  # `rules.warrants.Warrant`; None: it certifies nobody
    public_name: Mapped[str] = mapped_column(String(120))
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]
    issued_at: Mapped[datetime]
    issued_by: Mapped[uuid.UUID | None]  # the user at the door
    request_key: Mapped[str] = mapped_column(String(80), unique=True)  # the same request twice is one credential
    evidence: Mapped[dict[str, Any]]  # the facts on which it was issued, without answers
    document: Mapped[str] = mapped_column(Text)  # the signed JSON, byte for byte
    claim: Mapped[bytes] = mapped_column(LargeBinary(200))  # the compact signed claim of the QR
    qr: Mapped[str] = mapped_column(Text, deferred=True)  # its drawing, an SVG; read where it is shown
    key_id: Mapped[str] = mapped_column(ForeignKey("signing_key.id"))
    status_list: Mapped[int]
    status_index: Mapped[int]

    holder: Mapped[Person] = relationship(foreign_keys=[holder_id])
    level: Mapped[Level] = relationship()
    version: Mapped[Version] = relationship()
    cohort: Mapped[Cohort | None] = relationship()
    parent: Mapped["Credential | None"] = relationship(remote_side="Credential.id", foreign_keys=[parent_id])

    __table_args__ = (
        UniqueConstraint("status_list", "status_index"),
        # A branch of fifty thousand is counted and a page of children found without touching the wide rows themselves.
        Index(
            "ix_credential_lineage",
            *("lineage", "id", "generation", "valid_from", "valid_until", "issued_at"),
            postgresql_ops={"lineage": "text_pattern_ops"},
        ),
        Index("ix_credential_parent", "parent_id", "public_name", "code", "holder_id"),
        Index("ix_credential_valid_until", "valid_until"),
    )

    @property
    def access_path(self) -> str:
        return self.holder.unit.path

    @property
    def access_person(self) -> uuid.UUID:
        return self.holder_id


class ActiveCredential(Model):
    """The one credential a person holds of a level for a course: its key keeps two from being issued at once."""

    holder_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    level_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("level.id"), primary_key=True)
    course_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("course.id"), primary_key=True)
    credential_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("credential.id"), unique=True)


_DECIDES = text("kind NOT IN ('issued', 'reminded')")  # few credentials have an event that changes what they are worth


class CredentialEvent(Model):
    """What happened to a credential. Status is folded from these; a tombstone keeps date, reason and author."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    credential_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("credential.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))  # issued suspended reinstated under_review cleared revoked renewed
    at: Mapped[datetime]
    by: Mapped[uuid.UUID | None]
    reason: Mapped[str] = mapped_column(String(30), default="")  # a code that the page puts into words
    note: Mapped[str] = mapped_column(String(300), default="")  # for staff; a verifier never sees it
    cause_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("credential.id"))  # whose revocation brought it

    __table_args__ = (
        Index(
            "ix_credential_event_review",
            "at",
            postgresql_where=text("kind = 'under_review'"),
            sqlite_where=text("kind = 'under_review'"),
        ),
        Index(
            "ix_credential_event_decides",
            *("credential_id", "at", "id", "kind"),
            postgresql_where=_DECIDES,
            sqlite_where=_DECIDES,
        ),
    )


class SignatureRequest(Model):
    """A certificate that waits for a second signature, or for another signer where there is a conflict of interest."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    cohort_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cohort.id"), index=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    level_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("level.id"))
    reason: Mapped[str] = mapped_column(String(20))  # cosign conflict
    first_credential_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("credential.id"))  # who signed first
    asked_at: Mapped[datetime]
    asked_by: Mapped[uuid.UUID]
    closed_at: Mapped[datetime | None]

    cohort: Mapped[Cohort] = relationship()
    person: Mapped[Person] = relationship()
    level: Mapped[Level] = relationship()

    __table_args__ = (UniqueConstraint("cohort_id", "person_id", "level_id"),)


class RefusedSigning(Model):
    """A signature that was tried and refused: conflicts of interest and limits leave a trace."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime]
    by: Mapped[uuid.UUID | None]
    holder_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    level_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("level.id"))
    limits: Mapped[list[str]]


class PrintRun(Model):
    """The certificates of a group, asked for on paper: prepared by a job, kept for some days, then swept away."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    cohort_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cohort.id"), index=True)
    language: Mapped[str] = mapped_column(String(4))  # es en both
    shape: Mapped[str] = mapped_column(String(6))  # merged zip
    of_what: Mapped[str] = mapped_column(String(64))  # sums up which certificates; others are another run
    count: Mapped[int]
    files: Mapped[list[Any]] = mapped_column(default=list)  # {sha, name, size, count}
    job_id: Mapped[uuid.UUID | None]
    asked_at: Mapped[datetime] = mapped_column(index=True)
    asked_by: Mapped[uuid.UUID | None]
    done_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("cohort_id", "language", "shape", "of_what"),)
