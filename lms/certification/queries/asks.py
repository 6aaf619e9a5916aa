"""What somebody's certificates ask of her now: a renewal that is open, a short unit on what changed."""

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, select

from lms.certification.models import Credential, Level
from lms.certification.queries.bridging import Told, not_over, owed_for, told_of
from lms.certification.queries.own import renewal_days
from lms.certification.rules.bridging import Owed
from lms.certification.rules.levels import rules_from_data
from lms.certification.rules.status import Renewal
from lms.core.database import db
from lms.core.texts import Texts

# Built once: it runs at every start page.
_HELD = (
    select(Credential.id, Credential.valid_until, Level.title, Level.rules)
    .join(Level, Level.id == Credential.level_id)
    .where(Credential.holder_id == bindparam("person_id"), *not_over())
)


@dataclass(frozen=True)
class Renewable:
    """A certificate that can be renewed now."""

    credential_id: uuid.UUID
    title: Texts
    valid_until: date
    last_day: date
    is_late: bool  # it has ended


@dataclass(frozen=True)
class Asks:
    """Everything that waits: renewals, the soonest first, and short units, each once."""

    renewals: list[Renewable]
    units: list[tuple[Owed, Told]]


def asks_of(person_id: uuid.UUID, today: date) -> Asks:
    """Return what a person's certificates ask of her, in one statement, or two when she holds any."""
    rows = db.session.execute(_HELD, {"person_id": person_id}).all()
    renewals = []
    for row in rows:
        state, _opens_on, last_day = renewal_days(row.valid_until, rules_from_data(row.rules), today)
        if state in (Renewal.OPEN, Renewal.LATE) and last_day is not None:
            late = state is Renewal.LATE
            renewals.append(Renewable(row.id, row.title, row.valid_until, last_day, late))
    in_force = [row.id for row in rows if row.valid_until is None or row.valid_until >= today]
    units: dict[uuid.UUID, Owed] = {}
    for owed in owed_for(in_force).values():
        for one in owed:
            before = units.get(one.unit_course_id)
            units[one.unit_course_id] = one if before is None or one.until < before.until else before
    told = [(one, told_of(one)) for one in sorted(units.values(), key=lambda one: one.until)]
    return Asks(sorted(renewals, key=lambda one: one.valid_until), told)
