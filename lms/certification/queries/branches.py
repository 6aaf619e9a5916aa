"""People of a branch, a page of them at a time; `descendants` reads the whole of it."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from lms.certification.models import Credential, CredentialEvent, Level
from lms.certification.queries.descendants import inside
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


def children(parents: Collection[uuid.UUID], page: int, size: int) -> tuple[list[Any], int]:
    """Return the rows of those certified directly under some credentials, a page of them, and how many there are."""
    where = Credential.parent_id.in_(parents)
    total = db.session.scalar(select(func.count()).select_from(Credential).where(where)) or 0
    order = (Credential.public_name, Credential.code)
    shown = select(Credential.code).where(where).order_by(*order).limit(size).offset((page - 1) * size)
    return list(db.session.execute(_BRANCH.where(Credential.code.in_(shown)).order_by(*order))), total


def first_children(parents: Collection[str], size: int) -> list[Any]:
    """Return the rows of the first few certified directly under each of these codes."""
    parent = aliased(Credential)
    order = (Credential.public_name, Credential.code)
    place = func.row_number().over(partition_by=Credential.parent_id, order_by=order).label("place")
    ranked = select(Credential.code, place).join(parent, parent.id == Credential.parent_id)
    ranked_rows = ranked.where(parent.code.in_(parents)).subquery()
    shown = select(ranked_rows.c.code).where(ranked_rows.c.place <= size)
    return list(db.session.execute(_BRANCH.where(Credential.code.in_(shown)).order_by(*order)))


def nearest(lineages: Collection[str], down_to: int, size: int, now: datetime, today: date) -> list[Below]:
    """Return the first people of a branch, those of the nearest generation before the others.

    :param down_to: the generation in which that many are reached; those below need not be put into order.
    """
    order = (Credential.generation, Credential.lineage)
    where = inside(lineages) & (Credential.generation <= down_to)
    shown = select(Credential.id).where(where).order_by(*order).limit(size)
    return folded(list(db.session.execute(_BRANCH.where(Credential.id.in_(shown)).order_by(*order))), now, today)


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
    return folded(rows, now, today)


def folded(rows: Sequence[Any], now: datetime, today: date) -> list[Below]:
    """Say what each of these rows is worth, in one statement."""
    if not rows:
        return []
    happened: dict[uuid.UUID, list[Happened]] = defaultdict(list)
    events = db.session.execute(
        select(CredentialEvent.credential_id, CredentialEvent.kind, CredentialEvent.at, CredentialEvent.reason)
        .where(CredentialEvent.credential_id.in_([row.id for row in rows]), CredentialEvent.kind != "issued")
        .order_by(CredentialEvent.at, CredentialEvent.id)
    )
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
