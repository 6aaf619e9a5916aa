"""Everybody below a credential: a branch is a prefix of the lineage, so thousands come in two statements."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from lms.certification.models import Credential, CredentialEvent, Level
from lms.certification.rules.status import Happened, Standing, Status, standing
from lms.core.database import db
from lms.core.texts import Texts
from lms.curriculum.models import Version


@dataclass(frozen=True)
class Below:
    """Somebody of a branch."""

    id: uuid.UUID
    code: str
    holder_id: uuid.UUID
    parent_id: uuid.UUID | None
    name: str
    level: int
    title: Texts
    generation: int
    lineage: str
    valid_until: date | None
    may_sign: bool
    standing: Standing

    @property
    def status(self) -> Status:
        return self.standing.status


def inside(lineages: Collection[str]) -> ColumnElement[bool]:
    """Narrow to the branches below these lineages, in the way the index of each database understands."""
    if db.engine.dialect.name == "sqlite":  # its LIKE folds case and so passes the index by
        return or_(*(and_(Credential.lineage > one, Credential.lineage < f"{one[:-1]}0") for one in lineages))
    return or_(*(Credential.lineage.startswith(one, autoescape=True) & (Credential.lineage != one) for one in lineages))


_COLUMNS = (
    Credential.id,
    Credential.code,
    Credential.holder_id,
    Credential.parent_id,
    Credential.public_name,
    Level.number,
    Level.title,
    Credential.generation,
    Credential.lineage,
    Credential.valid_from,
    Credential.valid_until,
    Credential.issued_at,
    Credential.warrant.is_not(None).label("may_sign"),
)
_BRANCH = select(*_COLUMNS).join(Level, Level.id == Credential.level_id)


def family_of(credential: Credential) -> list[tuple[uuid.UUID, str]]:
    """Return (id, lineage) of all that its holder was ever given of its level and course, renewals included."""
    course = select(Version.course_id).where(Version.id == credential.version_id).scalar_subquery()
    rows = db.session.execute(
        select(Credential.id, Credential.lineage)
        .join(Version, Version.id == Credential.version_id)
        .where(Credential.holder_id == credential.holder_id, Credential.level_id == credential.level_id)
        .where(Version.course_id == course)
        .order_by(Credential.issued_at)
    )
    return [(row.id, row.lineage) for row in rows]


def branch(lineages: Collection[str], now: datetime, today: date) -> list[Below]:
    """Return everybody below, the nearest generation first, in two statements."""
    where = inside(lineages)
    rows = db.session.execute(_BRANCH.where(where).order_by(Credential.generation, Credential.code)).all()
    events = db.session.execute(
        select(CredentialEvent.credential_id, CredentialEvent.kind, CredentialEvent.at, CredentialEvent.reason)
        .join(Credential, Credential.id == CredentialEvent.credential_id)
        .where(where, CredentialEvent.kind != "issued")
    )
    return _folded(rows, events, now, today)


def children(
    parents: Collection[uuid.UUID], page: int, size: int, now: datetime, today: date
) -> tuple[list[Below], int]:
    """Return the people certified directly under some credentials, a page of them, and how many there are."""
    where = Credential.parent_id.in_(parents)
    total = db.session.scalar(select(func.count()).select_from(Credential).where(where)) or 0
    query = _BRANCH.where(where).order_by(Credential.public_name, Credential.code)
    rows = db.session.execute(query.limit(size).offset((page - 1) * size)).all()
    return _folded(rows, _events_of([row.id for row in rows]), now, today), total


def counts_below(parents: Collection[uuid.UUID]) -> Counter[uuid.UUID]:
    """Count the people certified directly under each credential."""
    rows = db.session.execute(
        select(Credential.parent_id, func.count(func.distinct(Credential.holder_id)))
        .where(Credential.parent_id.in_(parents))
        .group_by(Credential.parent_id)
    )
    return Counter({parent: count for parent, count in rows if parent})


def some(ids: Collection[uuid.UUID], now: datetime, today: date) -> list[Below]:
    """Return credentials by id, the latest first, in two statements."""
    rows = db.session.execute(_BRANCH.where(Credential.id.in_(ids)).order_by(Credential.issued_at.desc())).all()
    return _folded(rows, _events_of(ids), now, today)


def _events_of(ids: Collection[uuid.UUID]) -> Any:
    return db.session.execute(
        select(CredentialEvent.credential_id, CredentialEvent.kind, CredentialEvent.at, CredentialEvent.reason).where(
            CredentialEvent.credential_id.in_(ids), CredentialEvent.kind != "issued"
        )
    )


def _folded(rows: Any, events: Any, now: datetime, today: date) -> list[Below]:
    happened: dict[uuid.UUID, list[Happened]] = defaultdict(list)
    for credential_id, kind, at, reason in events:
        happened[credential_id].append(Happened(kind, at, reason))
    return [
        Below(
            row.id,
            row.code,
            row.holder_id,
            row.parent_id,
            row.public_name,
            row.number,
            row.title,
            row.generation,
            row.lineage,
            row.valid_until,
            row.may_sign,
            standing(
                [Happened("issued", row.issued_at), *happened[row.id]], row.valid_from, row.valid_until, now, today
            ),
        )
        for row in rows
    ]
