"""Credentials with everything above them, folded to what they are worth at a moment."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, defer

from lms.certification.models import Credential, CredentialEvent, Level
from lms.certification.queries.bridging import owed_for
from lms.certification.rules.bridging import Owed
from lms.certification.rules.signing import Signer
from lms.certification.rules.status import Happened, Standing, Status, standing
from lms.certification.rules.warrants import Warrant
from lms.core.database import db
from lms.curriculum.models import Version
from lms.organization.models import Person

_LIGHT = (defer(Credential.document), defer(Credential.claim), defer(Credential.evidence))
# What was taken away stays taken away, whatever was issued to the same person afterwards.
_TAKEN = (Status.REVOKED, Status.SUSPENDED, Status.UNDER_REVIEW)


@dataclass(frozen=True)
class Link:
    """A credential as a chain shows it, with what happened to it."""

    credential: Credential
    level_number: int
    unit_id: uuid.UUID
    course_id: uuid.UUID
    events: tuple[Happened, ...]

    def standing_at(self, at: datetime, day: date) -> Standing:
        """Fold what had happened by then."""
        return standing(self.events, self.credential.valid_from, self.credential.valid_until, at, day)


def codes_of(lineage: str) -> list[str]:
    """Split a lineage into codes, the agency's nearest first, the credential's own last.

    >>> codes_of("/AAAA/BBBB/")
    ['AAAA', 'BBBB']
    """
    return [code for code in lineage.split("/") if code]


def codes_by_id(ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, str]:
    """Return the codes of these credentials; asked for none, it asks nobody."""
    wanted = {one for one in ids if one is not None}
    if not wanted:
        return {}
    rows = db.session.execute(select(Credential.id, Credential.code).where(Credential.id.in_(wanted)))
    return {row.id: row.code for row in rows}


def links_by_code(codes: Collection[str], is_whole: bool = False) -> dict[str, Link]:
    """Read credentials by code with their events, in two statements; whole: with what was signed."""
    query = _ROWS if is_whole else _ROWS.options(*_LIGHT)
    return {link.credential.code: link for link in _links(query.where(Credential.code.in_(codes)))}


def chain_of(credential: Credential) -> list[Link]:
    """Return a credential's chain: itself first, then each issuer up to the one the agency signed."""
    codes = codes_of(credential.lineage)
    links = links_by_code(codes)
    return [links[code] for code in reversed(codes)]


_ROWS = (
    select(Credential, Level.number, Person.unit_id, Version.course_id)
    .join(Level, Level.id == Credential.level_id)
    .join(Version, Version.id == Credential.version_id)
    .join(Person, Person.id == Credential.holder_id)
)


def _links(query: Any) -> list[Link]:
    return _with_events(list(db.session.execute(query)))


def _with_events(found: list[Any]) -> list[Link]:
    rows = {row.Credential.id: row for row in found}
    if not rows:
        return []
    happened: dict[uuid.UUID, list[Happened]] = defaultdict(list)
    events = db.session.execute(
        select(CredentialEvent.credential_id, CredentialEvent.kind, CredentialEvent.at, CredentialEvent.reason)
        .where(CredentialEvent.credential_id.in_(rows))
        .order_by(CredentialEvent.at, CredentialEvent.id)
    )
    for credential_id, kind, at, reason in events:
        happened[credential_id].append(Happened(kind, at, reason))
    return [
        Link(row.Credential, row.number, row.unit_id, row.course_id, tuple(happened[key])) for key, row in rows.items()
    ]


@dataclass(frozen=True)
class Holdings:
    """What some people hold of a scheme, with everything above whoever wants to sign, as of now."""

    links: tuple[Link, ...]
    used: dict[uuid.UUID, int]  # people certified under a credential
    bridges: dict[uuid.UUID, list[Owed]]  # short units owed for the credentials of whoever wants to sign
    now: datetime
    today: date

    @cached_property
    def _by_code(self) -> dict[str, Link]:
        return {link.credential.code: link for link in self.links}

    @cached_property
    def _renewed_by(self) -> dict[uuid.UUID, Link]:
        return {link.credential.renews_id: link for link in self.links if link.credential.renews_id}

    def standing(self, link: Link) -> Standing:
        """Say what a credential is worth today: one that was renewed is worth what came after it."""
        own = link.standing_at(self.now, self.today)
        newer = self._renewed_by.get(link.credential.id)
        return own if newer is None or own.status in _TAKEN else self.standing(newer)

    def of(self, person_id: uuid.UUID) -> list[Link]:
        """Return what a person holds or held, without what was renewed since."""
        return [
            link
            for link in self.links
            if link.credential.holder_id == person_id and link.credential.id not in self._renewed_by
        ]

    def valid_levels(self, person_id: uuid.UUID) -> frozenset[int]:
        """Return the levels a person holds today."""
        return frozenset(link.level_number for link in self.of(person_id) if self.standing(link).is_valid)

    def signers(self, person_id: uuid.UUID) -> list[Signer]:
        """Return every credential with a warrant that a person holds or held, as a signer."""
        return [self._signer(link) for link in self.of(person_id) if link.credential.warrant is not None]

    def chain(self, link: Link) -> list[Link]:
        """Return a credential and everything above it, nearest first."""
        return [self._by_code[code] for code in reversed(codes_of(link.credential.lineage))]

    def _signer(self, own: Link) -> Signer:
        chain = self.chain(own)
        return Signer(
            credential_id=own.credential.id,
            holder_id=own.credential.holder_id,
            unit_id=own.unit_id,
            level=own.level_number,
            generation=own.credential.generation,
            standing=self.standing(own),
            above=[self.standing(link) for link in chain[1:]],
            warrant=_warrant(own),
            used=self.used.get(own.credential.id, 0),
            depth_left=_depth_left(chain),
            code=own.credential.code,
            bridge_until=min((one.until for one in self.bridges.get(own.credential.id, ())), default=None),
        )


def holdings(
    scheme_id: uuid.UUID, people: Iterable[uuid.UUID], signers: Collection[uuid.UUID], now: datetime, today: date
) -> Holdings:
    """Read what people hold of a scheme, and the chains of those who want to sign, in five statements at most."""
    own = _ROWS.options(*_LIGHT).where(Level.scheme_id == scheme_id, Credential.holder_id.in_({*people, *signers}))
    rows = list(db.session.execute(own))
    signing = [row.Credential for row in rows if row.Credential.holder_id in signers]
    if above := {code for credential in signing for code in codes_of(credential.lineage)[:-1]}:
        # Of everybody above all that she was given of that level: a renewal carries those below it on.
        named = aliased(Credential)
        is_same = (named.holder_id == Credential.holder_id) & (named.level_id == Credential.level_id)
        rows += db.session.execute(_ROWS.options(*_LIGHT).join(named, is_same & named.code.in_(above)))
    links = tuple(_with_events(rows))
    ids = [credential.id for credential in signing]
    return Holdings(links, _used_by(ids), owed_for(ids), now, today)


def _used_by(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Count the people certified under each credential; a renewal is the same person again."""
    if not ids:
        return {}
    rows = db.session.execute(
        select(Credential.parent_id, func.count(func.distinct(Credential.holder_id)))
        .where(Credential.parent_id.in_(ids))
        .group_by(Credential.parent_id)
    )
    return {parent_id: count for parent_id, count in rows if parent_id}


def _warrant(link: Link) -> Warrant | None:
    return Warrant.from_data(link.credential.warrant) if link.credential.warrant is not None else None


def _depth_left(chain: list[Link]) -> int | None:
    """Return how many generations may still follow, by the tightest warrant of the chain."""
    own = chain[0].credential.generation
    allowed = [
        warrant.max_depth - (own - link.credential.generation)
        for link in chain
        if (warrant := _warrant(link)) is not None and warrant.max_depth is not None
    ]
    return min(allowed) if allowed else None
