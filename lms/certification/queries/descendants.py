"""A whole branch at once, be it of fifty thousand: one statement that walks one index and folds each state on its way.

Parents are fixed at issue, so a lineage never changes and a branch is a range of lineages. What a row is worth is
folded here as `rules.status.standing` does it; a test holds the two against each other.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, exists, func, literal_column, or_, select
from sqlalchemy.orm import aliased

from lms.certification.models import Credential, CredentialEvent
from lms.certification.rules.status import Status
from lms.core.database import db

_EVENT, _OTHER = aliased(CredentialEvent), aliased(CredentialEvent)
# Written out as in the index of events that decide: for a bound value no database would look into it.
_DECIDES_NOT: list[ColumnElement[str]] = [literal_column("'issued'"), literal_column("'reminded'")]


def inside(lineages: Collection[str]) -> ColumnElement[bool]:
    """Narrow to the branches below these lineages, by comparisons that each database answers from the index."""
    if db.engine.dialect.name == "sqlite":
        return or_(*(and_(Credential.lineage > one, Credential.lineage < _end(one)) for one in lineages))
    above, under = Credential.lineage.op("~>~", is_comparison=True), Credential.lineage.op("~<~", is_comparison=True)
    return or_(*(and_(above(one), under(_end(one))) for one in lineages))


def _end(lineage: str) -> str:
    return f"{lineage[:-1]}0"  # in bytes a nought comes right after the stroke that ends a lineage


def descendants(
    lineages: Collection[str], now: datetime, today: date, *more: Any, status: Collection[Status] = ()
) -> Sequence[Row[Any]]:
    """Return (lineage, state, …) of everybody below; the code and the parent's are the ends of the lineage.

    :param more: further columns of `Credential`; without any, the rows themselves are not touched.
    :param status: only those in one of these states.
    """
    state = _state(now, today)
    query = select(Credential.lineage, state, *more).outerjoin(_EVENT, _deciding(now)).where(inside(lineages))
    # Not through the session, whose loading of rows costs three times what the database needs.
    return db.session.connection().execute(query.where(state.in_(status)) if status else query).all()


def states_below(lineages: Collection[str], now: datetime, today: date) -> dict[int, Counter[Status]]:
    """Count everybody below by generation and state."""
    state = _state(now, today)
    rows = db.session.execute(
        select(Credential.generation, state, func.count())
        .outerjoin(_EVENT, _deciding(now))
        .where(inside(lineages))
        .group_by(Credential.generation, state)
        .order_by(Credential.generation)
    )
    found: dict[int, Counter[Status]] = defaultdict(Counter)
    for generation, name, count in rows:
        found[generation][Status(name)] = count
    return dict(found)


def _state(now: datetime, today: date) -> ColumnElement[str]:
    return case(
        (or_(Credential.issued_at > now, Credential.valid_from > today), Status.NOT_YET.value),
        (_EVENT.kind.in_(("revoked", "suspended", "under_review")), _EVENT.kind),
        (Credential.valid_until < today, Status.EXPIRED.value),
        else_=Status.VALID.value,
    ).label("status")


def _deciding(now: datetime) -> ColumnElement[bool]:
    """Join the event that decides, if any: the first revocation, else the last that counts."""
    is_later = or_(_OTHER.at > _EVENT.at, and_(_OTHER.at == _EVENT.at, _OTHER.id > _EVENT.id))
    is_earlier = or_(_OTHER.at < _EVENT.at, and_(_OTHER.at == _EVENT.at, _OTHER.id < _EVENT.id))
    outweighs = case(
        (_EVENT.kind == "revoked", and_(_OTHER.kind == "revoked", is_earlier)),
        else_=or_(_OTHER.kind == "revoked", is_later),
    )
    outweighed = exists().where(
        _OTHER.credential_id == _EVENT.credential_id,
        _OTHER.kind.not_in(_DECIDES_NOT),
        _OTHER.at <= now,
        outweighs,
    )
    return and_(_EVENT.credential_id == Credential.id, _EVENT.kind.not_in(_DECIDES_NOT), _EVENT.at <= now, ~outweighed)
