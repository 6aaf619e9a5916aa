"""Everything the database holds about one person, table by table.

`SOURCES` names every table whose rows concern a person and how to find them; a test walks the schema and fails when a
table that leads to a person is neither here nor among those left out with a reason.
"""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Table, func, literal, or_, select, union_all

from lms.accounts.models import Grant, RecoveryCode, SignIn, Token, User
from lms.certification.models import Credential, CredentialEvent, RefusedSigning, SignatureRequest
from lms.cohorts.models import (
    Announcement,
    Attendance,
    CohortFacilitator,
    CohortMember,
    CohortQuestion,
    Observation,
    Session,
)
from lms.core.database import Model, read
from lms.core.ids import id_text
from lms.core.models import AuditEntry, Mail
from lms.core.problems import N_
from lms.curriculum.models import Course
from lms.learning.models import Attempt, AttemptSave, Enrolment, PersonMark, Progress
from lms.organization.models import Person, PersonMerge, PersonTraits, PostHolding, Unit


@dataclass(frozen=True)
class Source:
    """A table with rows about a person; `hidden` columns are secrets, or belong to somebody else."""

    model: type[Model]
    title: str
    subject: ColumnElement[Any]
    kind: str = "person"  # what `subject` holds: person | user | enrolment | attempt | credential | email | audit
    hidden: frozenset[str] = frozenset()

    @property
    def table(self) -> Table:
        table = self.model.__table__
        assert isinstance(table, Table)
        return table

    @property
    def columns(self) -> list[ColumnElement[Any]]:
        """What the person gets: everything but the hidden columns, and but bytes, which are hashes and seals.

        Beside the id of an office or a course stands its name: ids alone tell a person nothing.
        """
        shown = [
            column
            for column in self.table.columns
            if column.name not in self.hidden and not isinstance(column.type, LargeBinary)
        ]
        named = [
            select(name).where(name.class_.id == column).scalar_subquery().label(column.name.removesuffix("_id"))
            for column in shown
            if (name := _NAMES.get(column.name)) is not None
        ]
        return [*shown, *named]


_NAMES = {"unit_id": Unit.name, "course_id": Course.slug}


def _hide(*names: str) -> frozenset[str]:
    return frozenset(names)


SOURCES = (
    Source(Person, N_("Name, office and language"), Person.id.expression),
    Source(PersonMerge, N_("Records joined into yours"), PersonMerge.kept_id.expression, hidden=_hide("merged_by")),
    Source(PersonTraits, N_("What you chose to tell about yourself"), PersonTraits.person_id.expression),
    Source(PostHolding, N_("Posts you hold or held"), PostHolding.person_id.expression),
    Source(
        User,
        N_("Your account"),
        User.person_id.expression,
        hidden=_hide("password_hash", "pin_hash", "totp_sealed", "totp_last_step"),
    ),
    Source(Grant, N_("Roles you hold or held"), Grant.user_id.expression, "user", _hide("granted_by")),
    Source(SignIn, N_("Where you are signed in"), SignIn.user_id.expression, "user", _hide("id_hash")),
    Source(RecoveryCode, N_("Recovery codes (only whether they were used)"), RecoveryCode.user_id.expression, "user",
           _hide("code_hash")),
    Source(Token, N_("One-time links (only when they were made)"), Token.user_id.expression, "user", _hide("id_hash")),
    Source(Enrolment, N_("Courses you take or took"), Enrolment.person_id.expression, hidden=_hide("enrolled_by")),
    Source(Progress, N_("Lessons you finished"), Progress.enrolment_id.expression, "enrolment"),
    Source(Attempt, N_("Questions you answered, with results"), Attempt.enrolment_id.expression, "enrolment",
           _hide("entered_by")),
    Source(AttemptSave, N_("Answers you have not sent yet"), AttemptSave.attempt_id.expression, "attempt"),
    Source(PersonMark, N_("Marks of your open answers"), PersonMark.attempt_id.expression, "attempt",
           _hide("marked_by")),
    Source(CohortMember, N_("Groups you learn in"), CohortMember.person_id.expression, hidden=_hide("joined_by")),
    Source(CohortFacilitator, N_("Groups you lead"), CohortFacilitator.person_id.expression),
    Source(Session, N_("Sessions you led"), Session.held_by_id.expression),
    Source(Attendance, N_("Sessions you were at"), Attendance.person_id.expression, hidden=_hide("recorded_by")),
    Source(Observation, N_("Practice of yours that was observed"), Observation.person_id.expression,
           hidden=_hide("observer_id")),
    Source(Announcement, N_("What you announced to groups"), Announcement.author_id.expression),
    Source(CohortQuestion, N_("What you asked in groups"), CohortQuestion.person_id.expression,
           hidden=_hide("answered_by")),
    Source(Credential, N_("Certificates you hold"), Credential.holder_id.expression, hidden=_hide("issued_by")),
    Source(CredentialEvent, N_("What happened to your certificates"), CredentialEvent.credential_id.expression,
           "credential"),
    Source(RefusedSigning, N_("Certificates that were refused, and why"), RefusedSigning.holder_id.expression),
    Source(SignatureRequest, N_("Signatures asked for you"), SignatureRequest.person_id.expression,
           hidden=_hide("asked_by")),
    Source(Mail, N_("Mails to you (without their text)"), Mail.recipient.expression, "email", _hide("body")),
    Source(AuditEntry, N_("What you did and what was done to your account"), AuditEntry.actor_id.expression, "audit",
           _hide("actor_id", "behalf_id", "before_hash", "after_hash")),
)  # fmt: skip

# Tables that lead to a person and are not part of what she gets, each with the reason.
LEFT_OUT = {
    "active_credential": "an index of which certificates are valid, made from the certificates themselves",
    "audit_link": "holds only keyed hashes of the entries",
    "job": "names who asked for work, which the audit entries tell already",
    "join_code": "a code belongs to a course; who made it stands in the audit entries",
    "throttle": "a keyed hash that nobody can turn back into a person",
}


def _about(source: Source, person_id: uuid.UUID) -> ColumnElement[bool]:
    mine = select(User.id).where(User.person_id == person_id).scalar_subquery()
    enrolments = select(Enrolment.id).where(Enrolment.person_id == person_id)
    match source.kind:
        case "user":
            return source.subject == mine
        case "enrolment":
            return source.subject.in_(enrolments)
        case "attempt":
            return source.subject.in_(select(Attempt.id).where(Attempt.enrolment_id.in_(enrolments)))
        case "credential":
            return source.subject.in_(select(Credential.id).where(Credential.holder_id == person_id))
        case "email":
            return source.subject == select(User.email).where(User.person_id == person_id).scalar_subquery()
        case "audit":
            return or_(source.subject == mine, AuditEntry.object_id == id_text(person_id))
        case _:
            return source.subject == person_id


def counts(person_id: uuid.UUID) -> list[tuple[Source, int]]:
    """Count the rows of each table about a person, in one statement."""
    query = union_all(
        *(
            select(literal(index), func.count()).select_from(source.table).where(_about(source, person_id))
            for index, source in enumerate(SOURCES)
        )
    )
    with read() as connection:
        found: dict[int, int] = dict(connection.execute(query).all())
    return [(source, found[index]) for index, source in enumerate(SOURCES)]


def everything(person_id: uuid.UUID) -> dict[str, list[dict[str, Any]]]:
    """Return every row about a person, by table, as plain values."""
    with read() as connection:
        return {
            source.table.name: [
                {name: plain(value) for name, value in row._mapping.items()}
                for row in connection.execute(select(*source.columns).where(_about(source, person_id)))
            ]
            for source in SOURCES
        }


def plain(value: Any) -> Any:
    """Turn a value of the database into one that JSON knows.

    >>> plain(date(2026, 11, 21))
    '2026-11-21'
    """
    if isinstance(value, uuid.UUID):
        return id_text(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


def flat(rows: list[dict[str, Any]]) -> Iterator[list[str]]:
    """Yield the rows of a table as cells; nested values are written as JSON.

    >>> list(flat([{"a": 1, "b": None, "c": ["x"]}]))
    [['1', '', '["x"]']]
    """
    for row in rows:
        yield [
            "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            for value in row.values()
        ]
