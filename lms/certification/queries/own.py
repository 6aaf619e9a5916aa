"""A person's own certificates, and those of people within reach."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import aliased, defer, joinedload

from lms.access.policy import Action, Actor, reach
from lms.access.queries import within
from lms.certification.models import Credential, CredentialEvent, Level
from lms.certification.queries.branches import Below, some
from lms.certification.rules.levels import LevelRules, months_after, rules_from_data
from lms.certification.rules.status import Renewal, Standing, Status, renewal
from lms.certification.rules.warrants import Warrant
from lms.core.codes import tidy_code
from lms.core.database import db
from lms.core.pages import Pages
from lms.core.texts import folded
from lms.organization.models import Person, Place, Unit

SIZE = 50


@dataclass(frozen=True)
class Held:
    """A certificate of somebody's own, with its state and when it can be renewed."""

    credential: Credential
    standing: Standing
    renewal: Renewal
    opens_on: date | None
    last_day: date | None
    is_renewed: bool

    @property
    def status(self) -> Status:
        return self.standing.status

    @property
    def warrant(self) -> Warrant | None:
        return Warrant.from_data(self.credential.warrant) if self.credential.warrant else None

    @property
    def may_renew(self) -> bool:
        can_be = self.status in (Status.VALID, Status.EXPIRED)
        return can_be and not self.is_renewed and self.renewal in (Renewal.OPEN, Renewal.LATE)


def held_by(person_id: uuid.UUID, now: datetime, today: date) -> list[Held]:
    """Return what a person holds or held, the latest first, in four statements."""
    credentials = db.session.scalars(
        select(Credential)
        .where(Credential.holder_id == person_id)
        .options(
            defer(Credential.document),
            joinedload(Credential.holder),
            joinedload(Credential.level).joinedload(Level.scheme),
            joinedload(Credential.version),
        )
        .order_by(Credential.issued_at.desc(), Credential.id.desc())
    ).all()
    if not credentials:
        return []
    standings = {one.id: one.standing for one in some([each.id for each in credentials], now, today)}
    renewed = {one.renews_id for one in credentials}
    return [_held(one, standings[one.id], one.id in renewed, today) for one in credentials]


def _held(credential: Credential, standing: Standing, is_renewed: bool, today: date) -> Held:
    state, opens_on, last_day = renewal_days(credential.valid_until, rules_from_data(credential.level.rules), today)
    return Held(credential, standing, state, opens_on, last_day, is_renewed)


def renewal_days(until: date | None, rules: LevelRules, today: date) -> tuple[Renewal, date | None, date | None]:
    """Say where a certificate that ends so stands in its renewal, from when on it can be renewed, and until when."""
    last_day = until and months_after(until, rules.lapse_months)
    opens_on = until and until - timedelta(days=rules.renewal_window_days)
    return renewal(until, rules.renewal_window_days, last_day, today), opens_on, last_day


def place_names(codes: Sequence[str]) -> Mapping[str, str]:
    """Return the names of places by code."""
    rows = db.session.execute(select(Place.code, Place.name).where(Place.code.in_(codes)))
    return {row.code: row.name for row in rows}


def places_within(territory: Sequence[str]) -> Sequence[tuple[str, str]]:
    """Return the smaller places that a right can be limited to: departments of the country, municipalities of those."""
    departments = [code for code in territory if len(code) == 2]
    inside = or_(Place.parent_code.in_(departments), Place.code.in_([code for code in territory if len(code) > 2]))
    where = inside if territory else Place.level == "department"
    rows = db.session.execute(select(Place.code, Place.name).where(where).order_by(Place.name))
    return [(row.code, row.name) for row in rows]


@dataclass(frozen=True)
class Event:
    """What happened to a certificate."""

    kind: str
    at: datetime
    reason: str
    note: str
    cause_code: str | None


def history_of(credential: Credential) -> list[Event]:
    """Return what happened, the latest first."""
    cause = aliased(Credential)
    rows = db.session.execute(
        select(CredentialEvent.kind, CredentialEvent.at, CredentialEvent.reason, CredentialEvent.note, cause.code)
        .outerjoin(cause, cause.id == CredentialEvent.cause_id)
        .where(CredentialEvent.credential_id == credential.id)
        .order_by(CredentialEvent.at.desc(), CredentialEvent.id.desc())
    )
    return [Event(*row) for row in rows]


@dataclass(frozen=True)
class Found:
    """A line of the list of staff."""

    line: Below
    holder: str
    unit: str


def credentials_page(
    actor: Actor, words: str, page: int, now: datetime, today: date, due: str = ""
) -> tuple[list[Found], Pages]:
    """List certificates of people within reach, the latest first, fifty at a time.

    :param words: a name or a code.
    :param due: only those to renew: "soon" ends within ninety days, "late" has ended in the last six months.
    """
    query = (
        select(Credential.id, Person.given_names, Person.family_names, Unit.name.label("unit"))
        .join(Person, Person.id == Credential.holder_id)
        .join(Unit, Unit.id == Person.unit_id)
        .where(within(reach(actor, Action.CREDENTIAL_READ), Unit.path))
    )
    if folded(words):
        by_name = [Person.name_folded.contains(word, autoescape=True) for word in folded(words).split()]
        query = query.where(or_(Credential.code == tidy_code(words), and_(*by_name)))
    if due:
        newer = aliased(Credential)
        first, last = (today, today + timedelta(days=90)) if due == "soon" else (months_after(today, -6), today)
        is_due = Credential.valid_until >= first if due == "soon" else Credential.valid_until > first
        until = Credential.valid_until <= last if due == "soon" else Credential.valid_until < last
        is_over = exists().where(CredentialEvent.credential_id == Credential.id, CredentialEvent.kind == "revoked")
        query = query.where(is_due, until, ~exists().where(newer.renews_id == Credential.id), ~is_over)
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    order = (Credential.valid_until, Credential.id) if due else (Credential.issued_at.desc(), Credential.id.desc())
    rows = db.session.execute(query.order_by(*order).limit(SIZE).offset((page - 1) * SIZE)).all()
    lines = {one.id: one for one in some([row.id for row in rows], now, today)}
    found = [Found(lines[row.id], f"{row.given_names} {row.family_names}".strip(), row.unit) for row in rows]
    return found, Pages(page, SIZE, total)


def reviews_page(actor: Actor, page: int, now: datetime, today: date) -> tuple[list[Found], Pages]:
    """List what waits for a review, the oldest first: the last event that counts says so."""
    later = aliased(CredentialEvent)
    query = (
        select(Credential.id, Person.given_names, Person.family_names, Unit.name.label("unit"))
        .join(CredentialEvent, CredentialEvent.credential_id == Credential.id)
        .join(Person, Person.id == Credential.holder_id)
        .join(Unit, Unit.id == Person.unit_id)
        .where(
            CredentialEvent.kind == "under_review",
            within(reach(actor, Action.CREDENTIAL_REVOKE), Unit.path),
            ~exists().where(
                later.credential_id == Credential.id,
                later.kind.in_(("cleared", "revoked", "suspended", "reinstated", "under_review")),
                (later.at > CredentialEvent.at) | ((later.at == CredentialEvent.at) & (later.id > CredentialEvent.id)),
            ),
        )
    )
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = db.session.execute(
        query.order_by(CredentialEvent.at, Credential.id).limit(SIZE).offset((page - 1) * SIZE)
    ).all()
    lines = {one.id: one for one in some([row.id for row in rows], now, today)}
    found = [Found(lines[row.id], f"{row.given_names} {row.family_names}".strip(), row.unit) for row in rows]
    return found, Pages(page, SIZE, total)
