"""Who owes a short unit: pairs of a certificate and a change in the course it rests on, read fresh each time.

A certificate rests on the version of its own course; one that lets its holder certify rests besides on the courses of
the levels below it in its scheme, as they were when it was issued. A change counts while its version is published and
not newer than the one people are enrolled in.
"""

import uuid
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, or_, select
from sqlalchemy.orm import aliased

from lms.access.policy import Action, Actor, reach
from lms.access.queries import within
from lms.accounts.models import User
from lms.certification.models import Credential, CredentialEvent, Level, Scheme
from lms.certification.rules.bridging import Owed, gathered, last_day
from lms.core.clock import local_day
from lms.core.database import db
from lms.core.errors import NotFound
from lms.core.ids import id_text
from lms.core.pages import Pages
from lms.core.texts import Texts
from lms.curriculum.models import Course, Version
from lms.curriculum.queries import outline_of
from lms.learning.models import Enrolment
from lms.organization.models import Person, Place, Unit

SIZE = 50
_NEW, _HELD, _CURRENT, _UNIT, _TAKEN = (aliased(Version) for _name in range(5))
_BELOW, _NEWER = aliased(Level), aliased(Credential)

_RESTS = or_(
    and_(_NEW.course_id == _HELD.course_id, _NEW.number > _HELD.number),
    and_(
        Credential.warrant.is_not(None),
        Credential.issued_at < _NEW.published_at,
        exists().where(
            _BELOW.scheme_id == Level.scheme_id, _BELOW.number > Level.number, _BELOW.course_slug == Course.slug
        ),
    ),
)

# The unit passed in this edition or a later one, or the whole course in the version that brought the change.
_CLEARED = exists().where(
    Enrolment.person_id == Credential.holder_id,
    Enrolment.completed_at.is_not(None),
    _TAKEN.id == Enrolment.version_id,
    or_(
        and_(_TAKEN.course_id == _UNIT.course_id, _TAKEN.number >= _UNIT.number),
        and_(_TAKEN.course_id == _NEW.course_id, _TAKEN.number >= _NEW.number),
    ),
)
_SENT = exists().where(
    Enrolment.person_id == Credential.holder_id, Enrolment.version_id == _UNIT.id, Enrolment.state != "withdrawn"
)


def _pairs(*columns: Any) -> Select[Any]:
    """Pair certificates with the changes they rest upon."""
    return (
        select(*columns)
        .select_from(Credential)
        .join(Level, Level.id == Credential.level_id)
        .join(_HELD, _HELD.id == Credential.version_id)
        .join(_NEW, and_(_NEW.is_material, _NEW.state == "published"))
        .join(Course, Course.id == _NEW.course_id)
        .join(_CURRENT, and_(_CURRENT.id == Course.current_version_id, _NEW.number <= _CURRENT.number))
        .join(_UNIT, _UNIT.id == _NEW.bridge_id)
        .where(_RESTS)
    )


_OWED = _pairs(
    Credential.id,
    Credential.valid_from,
    Level.rules,
    _NEW.id.label("change_id"),
    _NEW.published_at,
    _UNIT.id.label("unit_id"),
    _UNIT.course_id.label("unit_course_id"),
    _UNIT.number.label("unit_number"),
).where(~_CLEARED)


def owed_for(credentials: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Owed]]:
    """Return what is owed for some certificates, the soonest first, in one statement."""
    if not credentials:
        return {}
    found: dict[uuid.UUID, list[Owed]] = {}
    for row in db.session.execute(_OWED.where(Credential.id.in_(credentials))):
        days = row.rules.get("bridge_days")
        if days is not None:
            until = last_day(local_day(row.published_at), row.valid_from, days)
            owed = Owed(row.id, row.change_id, row.unit_course_id, row.unit_id, row.unit_number, until)
            found.setdefault(row.id, []).append(owed)
    return {key: gathered(owed) for key, owed in found.items()}


def not_over() -> tuple[ColumnElement[bool], ...]:
    """Narrow to certificates that were neither revoked nor followed by a newer one."""
    return (
        ~exists().where(_NEWER.renews_id == Credential.id),
        ~exists().where(CredentialEvent.credential_id == Credential.id, CredentialEvent.kind == "revoked"),
    )


def _in_force(today: date) -> tuple[ColumnElement[bool], ...]:
    return (or_(Credential.valid_until.is_(None), Credential.valid_until >= today), *not_over())


@dataclass(frozen=True)
class Told:
    """A short unit as its page, its note and its mail name it."""

    slug: str
    title: Texts
    minutes: int
    what: Texts
    changed_on: date | None


def told_of(owed: Owed) -> Told:
    """Read what to say about something owed."""
    return told_of_change(db.session.get_one(Version, owed.change_id))


def told_of_change(change: Version) -> Told:
    """Read what to say about a change."""
    unit = outline_of(change.bridge_id) if change.bridge_id else None
    if unit is None:
        raise NotFound
    return Told(unit.course_slug, unit.neutral_title, unit.minutes, (change.change or {})["what"], change.changed_on)


def get_change(change_id: uuid.UUID) -> Version:
    """Load a version that certificates of earlier ones need a short unit for; raise NotFound."""
    change = db.session.get(Version, change_id)
    if change is None or not change.is_material or change.state != "published" or change.bridge_id is None:
        raise NotFound
    return change


@dataclass(frozen=True)
class Wanted:
    """Whom of the list of a change to look at."""

    level: uuid.UUID | None = None
    department: str = ""
    state: str = ""  # open sent late passed


@dataclass(frozen=True)
class Line:
    """Somebody whose certificate a change touches."""

    credential_id: uuid.UUID
    code: str
    holder_id: uuid.UUID
    name: str
    unit: str
    level: Texts
    place_code: str | None
    until: date
    has_mail: bool
    state: str


@dataclass(frozen=True)
class Count:
    """How many certificates of a level or a department need the unit, and how far they are."""

    key: str
    title: Texts
    id: uuid.UUID | None = None
    scheme: Texts | None = None
    number: int | None = None
    states: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.states.total()


class People:
    """Everybody within reach whose certificate one change touches, counted and listed as of a day."""

    def __init__(self, actor: Actor, change: Version, today: date, action: Action = Action.CREDENTIAL_READ) -> None:
        self.change, self.today = change, today
        levels = db.session.execute(select(Level.id, Level.rules))
        self.days = {row.id: row.rules["bridge_days"] for row in levels if row.rules.get("bridge_days") is not None}
        self.published_on = local_day(change.published_at) if change.published_at else today
        self._where = (
            _NEW.id == change.id,
            Level.id.in_(self.days),
            *_in_force(today),
            within(reach(actor, action), Unit.path),
        )
        self._state = case((_CLEARED, "passed"), (self._late(), "late"), (_SENT, "sent"), else_="open")

    def _late(self) -> ColumnElement[bool]:
        over = [
            and_(Level.id == level, Credential.valid_from < self.today - timedelta(days=days))
            for level, days in self.days.items()
            if self.published_on < self.today - timedelta(days=days)
        ]
        return or_(*over) if over else false()

    def _query(self, wanted: Wanted, *columns: Any) -> Select[Any]:
        query = (
            _pairs(*columns)
            .join(Person, Person.id == Credential.holder_id)
            .join(Unit, Unit.id == Person.unit_id)
            .where(*self._where)
        )
        if wanted.level is not None:
            query = query.where(Level.id == wanted.level)
        if wanted.department:
            query = query.where(_department() == wanted.department)
        if wanted.state:
            query = query.where(self._state == wanted.state)
        return query

    def by_level(self) -> list[Count]:
        """Count certificates by level, in one statement."""
        # Counted outside: PostgreSQL does not group by an expression that holds values, nor by JSON.
        each = self._query(Wanted(), Level.id.label("level_id"), self._state.label("state")).subquery()
        counted = select(each, func.count().label("people")).group_by(*each.c).subquery()
        query = (
            select(Level.id, Level.number, Level.title, Scheme.title.label("scheme"), counted.c.state, counted.c.people)
            .join(counted, counted.c.level_id == Level.id)
            .join(Scheme, Scheme.id == Level.scheme_id)
            .order_by(Scheme.created_at, Scheme.slug, Level.number)
        )
        found: dict[uuid.UUID, Count] = {}
        for row in db.session.execute(query):
            one = found.setdefault(row.id, Count(id_text(row.id), row.title, row.id, row.scheme, row.number))
            one.states[row.state] = row.people
        return list(found.values())

    def by_department(self) -> list[Count]:
        """Count certificates by department, in one statement; those of no place come first."""
        each = self._query(Wanted(), _department().label("code"), self._state.label("state")).subquery()
        counted = select(each, func.count().label("people")).group_by(*each.c).subquery()
        query = select(counted.c.code, Place.name, counted.c.state, counted.c.people)
        query = query.outerjoin(Place, Place.code == counted.c.code).order_by(counted.c.code)
        found: dict[str, Count] = {}
        for row in db.session.execute(query):
            one = found.setdefault(row.code, Count(row.code, {"spa": row.name or row.code}))
            one.states[row.state] = row.people
        return list(found.values())

    def lines(self, wanted: Wanted, page: int) -> tuple[list[Line], Pages]:
        """List people, fifty at a time, those who are late first."""
        total = db.session.scalar(self._query(wanted, func.count())) or 0
        return self._lines(wanted, SIZE, (page - 1) * SIZE), Pages(page, SIZE, total)

    def everybody(self, wanted: Wanted) -> list[Line]:
        """List all of them, for a file."""
        return self._lines(wanted, None, 0)

    def owing(self, wanted: Wanted, is_told: bool | None = None) -> list[Line]:
        """List those who have not passed the unit; `is_told` False: only those to whom it was not sent."""
        lines = [one for one in self._lines(wanted, None, 0, is_told) if one.state != "passed"]
        return list({one.holder_id: one for one in reversed(lines)}.values())  # the soonest day of each person

    def _lines(self, wanted: Wanted, limit: int | None, offset: int, is_told: bool | None = None) -> list[Line]:
        has_mail = exists().where(
            User.person_id == Person.id, User.email.is_not(None), User.state == "active", Person.left_on.is_(None)
        )
        query = self._query(
            wanted,
            Credential.id,
            Credential.code,
            Credential.holder_id,
            Person.given_names,
            Person.family_names,
            Unit.name,
            Level.id.label("level_id"),
            Level.title,
            Credential.place_code,
            Credential.valid_from,
            has_mail.label("has_mail"),
            self._state.label("state"),
        )
        if is_told is not None:
            query = query.where(_SENT if is_told else ~_SENT)
        order = case({"late": 0, "open": 1, "sent": 2}, value=self._state, else_=3)
        rows = db.session.execute(
            query.order_by(order, Person.name_folded, Credential.id).limit(limit).offset(offset or None)
        )
        return [
            Line(
                row.id,
                row.code,
                row.holder_id,
                f"{row.given_names} {row.family_names}".strip(),
                row.name,
                row.title,
                row.place_code,
                last_day(self.published_on, row.valid_from, self.days[row.level_id]),
                row.has_mail,
                row.state,
            )
            for row in rows
        ]


def _department() -> ColumnElement[str]:
    return func.coalesce(func.substr(Credential.place_code, 1, 2), "")


def changes_seen(actor: Actor, today: date) -> list[tuple[Version, Counter[str]]]:
    """Return the changes that certificates rest upon, the latest first, each with its certificates by state."""
    query = (
        select(Version)
        .join(Course, Course.id == Version.course_id)
        .join(_CURRENT, and_(_CURRENT.id == Course.current_version_id, Version.number <= _CURRENT.number))
        .where(Version.is_material, Version.state == "published", Version.bridge_id.is_not(None))
        .order_by(Version.published_at.desc())
        .limit(SIZE)
    )
    found = []
    for change in db.session.scalars(query):
        counts: Counter[str] = sum((one.states for one in People(actor, change, today).by_level()), Counter())
        found.append((change, counts))
    return found
