"""Read places of help: for learners, the nearest first, and for those who keep them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from lms.access.policy import Action, Actor, reach
from lms.access.queries import within
from lms.core.database import db, read
from lms.core.errors import NotFound
from lms.core.pages import Pages
from lms.core.texts import folded
from lms.library.models import Referral
from lms.library.rules.facts import is_stale
from lms.organization.models import Person, Place, Unit
from lms.organization.rules.places import widening

SIZE = 50


class Help(NamedTuple):
    """A place of help as learners see it."""

    kind: str
    name: str
    phone: str
    how_to_reach: str
    for_whom: str
    languages: list[str]
    place: str | None  # nothing: the whole country
    checked_on: date
    is_certain: bool  # otherwise learners read it as still to be confirmed


def referrals_for(place_code: str | None, today: date, kinds: Sequence[str] = ()) -> list[Help]:
    """List the places of help for a place, the nearest first: its own, its department's, the country's.

    One statement on the reading connection.
    :param kinds: leave out the others.
    """
    around = widening(place_code)
    query = (
        select(
            Referral.kind,
            Referral.name,
            Referral.phone,
            Referral.how_to_reach,
            Referral.for_whom,
            Referral.languages,
            Place.name,
            Referral.checked_on,
            Referral.review_by,
            Referral.place_code,
        )
        .outerjoin(Place, Place.code == Referral.place_code)
        .where(Referral.closed_on.is_(None), or_(Referral.place_code.is_(None), Referral.place_code.in_(around)))
        .order_by(Referral.name)
    )
    if kinds:
        query = query.where(Referral.kind.in_(kinds))
    with read() as connection:
        rows = connection.execute(query).all()
    nearest = {code: number for number, code in enumerate(around)}
    rows = sorted(rows, key=lambda row: nearest.get(row[9] or "", len(around)))
    return [Help(*row[:8], not is_stale(row[8], today)) for row in rows]


def place_of(person_id: uuid.UUID | None) -> str | None:
    """Return where somebody works, as far as it is known: her own place, else her office's."""
    query = select(func.coalesce(Person.place_code, Unit.place_code)).join(Unit, Unit.id == Person.unit_id)
    return db.session.scalar(query.where(Person.id == person_id)) if person_id else None


def get_referral(referral_id: uuid.UUID) -> Referral:
    """Load a place of help with who keeps it.

    :raise NotFound: there is none.
    """
    options = [joinedload(Referral.unit), joinedload(Referral.place)]
    referral = db.session.get(Referral, referral_id, options=options)
    if referral is None:
        raise NotFound
    return referral


@dataclass(frozen=True)
class ReferralFilter:
    """What the list of places of help is narrowed to."""

    words: str = ""
    kind: str = ""
    place: str = ""  # a code; what lies within counts too
    show: str = ""  # stale | closed


def _referrals(actor: Actor, wanted: ReferralFilter, today: date) -> Any:
    query = select(Referral).join(Unit, Unit.id == Referral.unit_id)
    query = query.where(within(reach(actor, Action.REFERRAL_MANAGE), Unit.path))
    query = query.where(Referral.closed_on.is_not(None) if wanted.show == "closed" else Referral.closed_on.is_(None))
    if wanted.show == "stale":
        query = query.where(Referral.review_by < today)
    if wanted.kind:
        query = query.where(Referral.kind == wanted.kind)
    if wanted.place:
        query = query.where(Referral.place_code.startswith(wanted.place, autoescape=True))
    for word in folded(wanted.words).split()[:8]:
        query = query.where(Referral.name_folded.contains(word, autoescape=True))
    return query


def referrals_page(
    actor: Actor, wanted: ReferralFilter, today: date, page: int = 1
) -> tuple[Sequence[Referral], Pages]:
    """List places of help within reach, fifty at a time."""
    query = _referrals(actor, wanted, today)
    total = db.session.scalar(select(func.count()).select_from(query.with_only_columns(Referral.id).subquery())) or 0
    listed = query.order_by(Referral.place_code, Referral.kind, Referral.name).options(
        joinedload(Referral.unit), joinedload(Referral.place)
    )
    return db.session.scalars(listed.limit(SIZE).offset((page - 1) * SIZE)).all(), Pages(page, SIZE, total)


def all_referrals(actor: Actor, wanted: ReferralFilter, today: date) -> Sequence[Referral]:
    """List every place of help of the filter, to be exported."""
    query = _referrals(actor, wanted, today).order_by(Referral.place_code, Referral.kind, Referral.name)
    return list(db.session.scalars(query.options(joinedload(Referral.place))))
