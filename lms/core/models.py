"""Tables of the ground: settings of the site, blobs, the audit trail, jobs and mail on their way out."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lms.core.database import Model
from lms.core.ids import new_id


class SiteSetting(Model):
    """One choice of the settings page; the table holds only what differs from the default."""

    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]
    changed_by: Mapped[uuid.UUID | None]


class Blob(Model):
    """A stored file, named by the SHA-256 of its bytes."""

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]


class AuditEntry(Model):
    """One act, written in the transaction of the act itself. Never changed, never deleted: triggers refuse."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime]
    actor_id: Mapped[uuid.UUID | None]
    behalf_id: Mapped[uuid.UUID | None]
    action: Mapped[str] = mapped_column(String(60))
    object_kind: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(64))
    before_hash: Mapped[str | None] = mapped_column(String(64))
    after_hash: Mapped[str | None] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(String(200), default="")
    seal: Mapped[bytes] = mapped_column(LargeBinary(32))  # keyed hash of the row, made by the program that wrote it

    __table_args__ = (Index("ix_audit_entry_object", "object_kind", "object_id"), Index("ix_audit_entry_at", "at"))


class AuditLink(Model):
    """The chain over the entries: link n holds the keyed hash of entry and link n - 1."""

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("audit_entry.id"), unique=True)
    mac: Mapped[bytes] = mapped_column(LargeBinary(32))


class Job(Model):
    """Work to do after a commit: written with the change that asks for it, so neither exists without the other."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(80))
    arguments: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(12), default="waiting")  # waiting | running | done | parked
    requested_by: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    runner: Mapped[str | None] = mapped_column(String(120))  # the process that runs it, to tell whether it still lives
    beat_at: Mapped[datetime | None]
    done_steps: Mapped[int] = mapped_column(default=0)
    all_steps: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any] | None]
    problem: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Index("ix_job_state_due", "state", "due_at"),)


class Mail(Model):
    """A message waiting to leave, or already gone; its Message-ID never changes, so a repeat is recognised."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
