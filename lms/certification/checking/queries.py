"""The answer about one code: the register, the signature and the chain as of the day each link signed."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from lms.certification.checking.agreement import agrees, document_of
from lms.certification.models import Credential
from lms.certification.queries.chains import Link, codes_by_id, codes_of, links_by_code
from lms.certification.rules.status import Standing, Status
from lms.certification.rules.warrants import Warrant, covers_place
from lms.certification.services.keys import lives
from lms.certification.signing.publishing import KeyLife
from lms.core.clock import local_day
from lms.core.database import db
from lms.organization.models import Place


class Verdict(StrEnum):
    """What a verifier is told, in one word; pages make a sentence of it."""

    VALID = "valid"
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    UNDER_REVIEW = "under_review"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    MISMATCH = "mismatch"  # register, document and signature do not say the same
    KEY_STOLEN = "key_stolen"  # signed after its key was stolen
    CHAIN_BROKEN = "chain_broken"  # somebody above was missing or had no right on the day
    UNKNOWN = "unknown"


class Break(StrEnum):
    """Why a link of the chain does not hold."""

    MISSING = "missing"
    CYCLE = "cycle"
    BACKDATED = "backdated"
    MISMATCH = "mismatch"
    KEY_STOLEN = "key_stolen"
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    UNDER_REVIEW = "under_review"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    NO_WARRANT = "no_warrant"
    TERRITORY = "territory"
    SELF = "self"
    DEPTH = "depth"


@dataclass(frozen=True)
class Step:
    """Somebody who signed, as of the day she signed the next one down."""

    code: str
    name: str = ""
    level: str = ""
    number: int = 0
    broken: Break | None = None


@dataclass(frozen=True)
class Check:
    """Everything a verifier may know about a code."""

    verdict: Verdict
    code: str
    credential: Credential | None = None
    standing: Standing | None = None
    document: dict[str, Any] = field(default_factory=dict)
    level_number: int = 0
    steps: tuple[Step, ...] = ()  # from the agency down, without the credential itself
    cosigner: Step | None = None  # whose signature is the second
    department: Place | None = None

    @property
    def is_believed(self) -> bool:
        """Whether the document is the agency's own word, whatever became of it since."""
        return self.verdict not in (Verdict.MISMATCH, Verdict.KEY_STOLEN, Verdict.UNKNOWN)


@dataclass(frozen=True)
class _Register:
    """What the register and the keys say about every code that one check needs."""

    links: Mapping[str, Link]
    cosigners: Mapping[uuid.UUID, str]
    keys: Mapping[str, KeyLife]

    def cosigner(self, link: Link) -> str | None:
        return self.cosigners.get(link.credential.cosigner_id) if link.credential.cosigner_id else None


def check(code: str, now: datetime, today: date) -> Check:
    """Look a code up and check everything about it, in five statements whatever the length of its chain.

    Where somebody of the chain had two signatures it takes one more.
    """
    second = aliased(Credential)
    found = db.session.execute(
        select(Credential.lineage, second.lineage.label("second"))
        .outerjoin(second, second.id == Credential.cosigner_id)
        .where(Credential.code == code)
    ).one_or_none()
    if found is None:
        return Check(Verdict.UNKNOWN, code)
    codes, seconds = codes_of(found.lineage), codes_of(found.second or "")
    links = links_by_code({code, *codes, *seconds}, is_whole=True)
    register = _Register(links, codes_by_id(one.credential.cosigner_id for one in links.values()), lives())
    own = links[code]
    above = codes[-2::-1] if codes[-1:] == [code] else []
    steps, cosigner = _steps(own, above, register), _cosigner(own, above, seconds, register)
    standing = own.standing_at(now, today)
    place = own.credential.place_code
    return Check(
        verdict=_verdict(own, codes, above, [*steps, *([cosigner] if cosigner else [])], standing, register),
        code=code,
        credential=own.credential,
        standing=standing,
        document=document_of(own.credential),
        level_number=own.level_number,
        steps=tuple(reversed(steps)),
        cosigner=cosigner,
        department=db.session.get(Place, place[:2]) if place else None,
    )


def _cosigner(own: Link, above: list[str], seconds: list[str], register: _Register) -> Step | None:
    """Walk up from whoever signed as the second: she and everybody above her had to be good on that day too."""
    if own.credential.cosigner_id is None:
        return None
    first, *broken = _steps(own, seconds[::-1], register) or [Step("", broken=Break.MISSING)]
    signer = register.links.get(above[0]) if above else None
    link = register.links.get(first.code)
    if first.broken is None and signer and link and signer.credential.holder_id == link.credential.holder_id:
        return replace(first, broken=Break.SELF)
    return replace(first, broken=first.broken or next((one.broken for one in broken if one.broken), None))


def _verdict(
    own: Link, codes: list[str], above: list[str], steps: list[Step], standing: Standing, register: _Register
) -> Verdict:
    broken = _own_break(own, above, register)
    if codes[-1:] != [own.credential.code] or broken in (Break.MISMATCH, Break.BACKDATED):
        return Verdict.MISMATCH
    if broken is Break.KEY_STOLEN:
        return Verdict.KEY_STOLEN
    if standing.status in (Status.REVOKED, Status.SUSPENDED, Status.UNDER_REVIEW):
        return Verdict(standing.status.value)
    if any(step.broken for step in steps):
        return Verdict.CHAIN_BROKEN
    return Verdict(standing.status.value)


def _steps(own: Link, above: list[str], register: _Register) -> list[Step]:
    """Walk up from a credential, the nearest signer first."""
    steps, below, seen = [], own, {own.credential.code}
    for position, code in enumerate(above):
        link = register.links.get(code)
        if link is None:
            steps.append(Step(code, broken=Break.CYCLE if code in seen else Break.MISSING))
            continue
        broken = Break.CYCLE if code in seen else _break(link, below, above[position + 1 :], register)
        deepest = (link.credential.warrant or {}).get("max_depth")
        if broken is None and deepest is not None and position + 1 > deepest:
            broken = Break.DEPTH
        document = document_of(link.credential)
        steps.append(Step(code, link.credential.public_name, document.get("name", ""), link.level_number, broken))
        seen.add(code)
        below = link
    return steps


def _break(link: Link, below: Link, above: list[str], register: _Register) -> Break | None:
    """Say why a link could not sign the one below, on the day it did."""
    if (broken := _own_break(link, above, register)) is not None:
        return broken
    signed_at = below.credential.issued_at
    if signed_at < link.credential.issued_at:
        return Break.BACKDATED
    then = link.standing_at(signed_at, local_day(signed_at))
    if not then.is_valid:
        return Break(then.status.value)
    if link.credential.holder_id == below.credential.holder_id:
        return Break.SELF
    return _outside(link, below, local_day(signed_at))


def _outside(link: Link, below: Link, day: date) -> Break | None:
    """Say which limit of its warrant a link passed; audience and quota stand in no certificate and are not asked."""
    if link.credential.warrant is None:
        return Break.NO_WARRANT
    warrant, signed = Warrant.from_data(link.credential.warrant), below.credential
    is_within = (
        (not warrant.levels or below.level_number in warrant.levels)
        and (not warrant.languages or signed.language in warrant.languages)
        and (warrant.ends_on is None or day <= warrant.ends_on)
        and (warrant.may_delegate or signed.warrant is None)
    )
    if not is_within:
        return Break.NO_WARRANT
    return None if covers_place(warrant.territory, signed.place_code) else Break.TERRITORY


def _own_break(link: Link, above: list[str], register: _Register) -> Break | None:
    """Say what is wrong with a credential by itself: place in the chain, signature, key."""
    credential, keys = link.credential, register.keys
    parent = register.links.get(above[0]) if above else None
    lineage = (parent.credential.lineage if parent else "/") + credential.code + "/"
    is_placed = (
        credential.parent_id == (parent.credential.id if parent else None) and credential.generation == len(above) + 1
    )
    is_missing = bool(above) and parent is None  # said at the step that is not there
    if not is_missing and (not is_placed or credential.lineage != lineage):
        return Break.MISMATCH
    if not agrees(credential, link.level_number, above, register.cosigner(link), keys):
        return Break.MISMATCH
    if credential.issued_at < keys[credential.key_id].made_at:
        return Break.BACKDATED
    return None if keys[credential.key_id].believes(credential.issued_at) else Break.KEY_STOLEN
