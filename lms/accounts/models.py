"""Tables of accounts. Secrets are stored only as hashes or sealed under a key outside the database."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.core.database import Model
from lms.core.ids import new_id
from lms.organization.models import Person, Unit


class User(Model):
    """A person's way in: user name or e-mail with a password, or user name with a PIN."""

    __tablename__ = "users"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), unique=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)  # folded
    email: Mapped[str | None] = mapped_column(String(254), unique=True)  # lower case
    password_hash: Mapped[str | None] = mapped_column(String(200))
    pin_hash: Mapped[str | None] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(12), default="active")  # invited active suspended
    interface_locale: Mapped[str] = mapped_column(String(5), default="es_GT")
    totp_sealed: Mapped[bytes | None] = mapped_column(LargeBinary(200))
    totp_last_step: Mapped[int | None]
    must_choose_secret: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    last_signed_in_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()

    @property
    def access_path(self) -> str:
        return self.person.unit.path

    @property
    def access_person(self) -> uuid.UUID:
        return self.person_id


class RecoveryCode(Model):
    """A one-time code for the day the phone with the authenticator is lost."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"), index=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    used_at: Mapped[datetime | None]


class SignIn(Model):
    """A signed-in browser: the cookie holds 256 random bits, the row their SHA-256."""

    id_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(unique=True, default=new_id)  # what the settings page names
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    idle_minutes: Mapped[int]
    is_shared: Mapped[bool] = mapped_column(default=True)
    has_second_factor: Mapped[bool] = mapped_column(default=False)
    confirmed_at: Mapped[datetime]  # when a password, PIN or code was last proven here
    device: Mapped[str] = mapped_column(String(80), default="")  # “Chrome, Android”: enough to recognise one's own


class Token(Model):
    """A one-time link: invitation, reset, first administrator, sign-in slip."""

    id_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Grant(Model):
    """A role held over a unit and all below it, until it is ended."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    unit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unit.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    granted_at: Mapped[datetime]
    granted_by: Mapped[uuid.UUID | None]
    ended_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()
    unit: Mapped[Unit] = relationship()

    __table_args__ = (Index("ix_grant_user", "user_id", "ended_at"),)

    @property
    def access_path(self) -> str:
        return self.unit.path

    @property
    def access_person(self) -> None:
        return None


class Throttle(Model):
    """A bucket of failures: the moment when it will have drained. A full one delays, it never locks for good."""

    bucket: Mapped[str] = mapped_column(String(60), primary_key=True)  # its kind and a keyed hash: no address, no name
    drained_at: Mapped[datetime] = mapped_column(index=True)
