"""What stands on certificates: everything as it was on the day of issue, read for many in a few statements."""

import json
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from lms.certification.models import Credential, Level, Scheme
from lms.certification.queries.branches import some
from lms.certification.queries.chains import codes_of
from lms.certification.rules.levels import rules_from_data
from lms.certification.rules.status import Status
from lms.core.database import db
from lms.core.texts import Texts
from lms.curriculum.models import Version
from lms.organization.models import Person, Place

# What has lost its force, or is being looked at, is not given out on paper. What has expired is: paper tells a rule,
# never an end, and an old certificate still says that it was earned.
NOT_PRINTED = (Status.REVOKED, Status.SUSPENDED, Status.UNDER_REVIEW, Status.NOT_YET)


@dataclass(frozen=True)
class Title:
    """What a certificate calls its holder."""

    words: Texts = field(hash=False)
    number: int
    is_stepped: bool  # one of several levels


@dataclass(frozen=True)
class Signer:
    """Somebody of the chain, as she was called when she signed."""

    name: str
    title: Title
    code: str


@dataclass(frozen=True)
class Common:
    """What the certificates of a group share."""

    title: Title
    course: Texts = field(hash=False)
    label: str
    hours: float | None
    place: str  # the department: a village would say too much
    issued_on: date
    months: int | None  # how long it is valid; None: it does not expire
    asked: tuple[str, ...]  # what the level asked: course mark attendance practice led renewal
    may_certify: bool
    signers: tuple[Signer, ...]  # the nearest first; empty when the agency itself signed
    cosigner: Signer | None


@dataclass(frozen=True)
class Printed:
    """One certificate on paper."""

    id: uuid.UUID
    code: str
    name: str
    qr: str
    common: Common


def of_group(cohort_id: uuid.UUID, now: datetime, today: date) -> tuple[list[uuid.UUID], dict[Status, int]]:
    """Return the certificates of a group to print, by name, and how many of each other state are left out."""
    newer = aliased(Credential)
    rows = db.session.scalars(
        select(Credential.id)
        .join(Person, Person.id == Credential.holder_id)
        .where(Credential.cohort_id == cohort_id)
        .where(~select(newer.id).where(newer.renews_id == Credential.id).exists())
        .order_by(Person.family_names, Person.given_names, Credential.code)
    ).all()
    standings = {one.id: one.status for one in some(rows, now, today)}
    left_out: dict[Status, int] = {}
    for key in rows:
        if standings[key] in NOT_PRINTED:
            left_out[standings[key]] = left_out.get(standings[key], 0) + 1
    return [key for key in rows if standings[key] not in NOT_PRINTED], left_out


def printed(ids: Sequence[uuid.UUID]) -> list[Printed]:
    """Read certificates, in the order asked for."""
    rows = {row.id: row for row in db.session.execute(_ROWS.where(Credential.id.in_(ids)))}
    above = {code for row in rows.values() for code in codes_of(row.lineage)[:-1]}
    signers = _signers(above, {row.cosigner_id for row in rows.values() if row.cosigner_id})
    codes = {(row.place_code or "")[:2] for row in rows.values()}
    places = {
        row.code: row.name for row in db.session.execute(select(Place.code, Place.name).where(Place.code.in_(codes)))
    }
    return [
        Printed(row.id, row.code, row.public_name, row.qr, _common(row, signers, places))
        for row in (rows[key] for key in ids)
    ]


_STEPS = select(func.count()).where(Level.scheme_id == Scheme.id).correlate(Scheme).scalar_subquery().label("steps")
_COLUMNS = (Credential.code, Credential.id, Credential.public_name, Level.title, Level.number, _STEPS)
_ROWS = (
    select(
        *_COLUMNS,
        Credential.lineage,
        Credential.qr,
        Credential.cosigner_id,
        Credential.renews_id,
        Credential.place_code,
        Credential.valid_from,
        Credential.valid_until,
        Credential.document,
        Credential.warrant.is_not(None).label("may_certify"),
        Level.rules,
        Version.neutral_title,
        Version.label,
    )
    .join(Level, Level.id == Credential.level_id)
    .join(Scheme, Scheme.id == Level.scheme_id)
    .join(Version, Version.id == Credential.version_id)
)


def _signers(codes: Collection[str], ids: Collection[uuid.UUID]) -> dict[Any, Signer]:
    """Return who signed, by code and by id."""
    rows = db.session.execute(
        select(*_COLUMNS)
        .join(Level, Level.id == Credential.level_id)
        .join(Scheme, Scheme.id == Level.scheme_id)
        .where(Credential.code.in_(codes) | Credential.id.in_(ids))
    )
    found: dict[Any, Signer] = {}
    for row in rows:
        found[row.code] = found[row.id] = Signer(row.public_name, _title(row), row.code)
    return found


def _title(row: Any) -> Title:
    return Title(row.title, row.number, row.steps > 1)


def _common(row: Any, signers: dict[Any, Signer], places: dict[str, str]) -> Common:
    return Common(
        title=_title(row),
        course=row.neutral_title,
        label=row.label,
        hours=json.loads(row.document)["credentialSubject"].get("creditsEarned"),
        place=places.get((row.place_code or "")[:2], ""),
        issued_on=row.valid_from,
        months=months_between(row.valid_from, row.valid_until) if row.valid_until else None,
        asked=_asked(row),
        may_certify=row.may_certify,
        signers=tuple(signers[code] for code in reversed(codes_of(row.lineage)[:-1])),
        cosigner=signers.get(row.cosigner_id),
    )


def _asked(row: Any) -> tuple[str, ...]:
    if row.renews_id is not None:
        return ("renewal",)
    asked = rules_from_data(row.rules).requirements
    has_mark = asked.pass_mark is not None or asked.is_course_mark
    told = {
        "course": asked.is_course_required and not has_mark,
        "mark": has_mark,
        "attendance": asked.attendance is not None,
        "practice": bool(asked.practices),
        "led": bool(asked.sessions_led),
    }
    return tuple(name for name, is_asked in told.items() if is_asked)


def months_between(first: date, last: date) -> int:
    """Count the months from one day to another, rounded: a validity ends on the day or the day before.

    >>> months_between(date(2026, 11, 21), date(2027, 11, 20)), months_between(date(2026, 11, 21), date(2028, 11, 21))
    (12, 24)
    """
    return round((last - first).days / 30.44)
