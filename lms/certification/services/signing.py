"""Put credentials into words, sign them and write them down: document, claim, QR and row in one transaction."""

import json
import secrets
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from lms.certification.codes import new_code
from lms.certification.models import Credential, CredentialEvent, Level, SigningKey
from lms.certification.queries.chains import codes_by_id
from lms.certification.rules.levels import LevelRules
from lms.certification.signing.claim import Claim, pack
from lms.certification.signing.document import Issuer, Statement, credential
from lms.certification.signing.keys import SecretKey, kept_ids, make_key, next_id, read_key
from lms.certification.signing.proofs import with_proofs
from lms.certification.signing.qr import offline_address, qr_svg
from lms.certification.signing.statuslist import BITS
from lms.core.choices import choices
from lms.core.database import db
from lms.core.errors import RuleBroken
from lms.core.ids import new_id
from lms.core.texts import html_lang, tongue
from lms.curriculum.models import Version
from lms.organization.models import Person

_PROBES = 24


@dataclass(frozen=True)
class Draft:
    """Everything a credential says before it is signed."""

    holder: Person
    level: Level
    rules: LevelRules
    version: Version
    cohort_id: uuid.UUID | None
    place_code: str | None
    language: str
    parent: Credential | None
    cosigner_id: uuid.UUID | None
    renews: Credential | None
    warrant: dict[str, Any] | None
    valid_from: date
    valid_until: date | None
    request_key: str
    evidence: dict[str, Any]


def issuer() -> Issuer:
    """Return the agency as the world sees it."""
    return Issuer(current_app.config["BASE_URL"], choices().agency or "Cascada")


def active_key(now: datetime) -> SecretKey:
    """Return the key that signs today, made at the first signature; raise RuleBroken when its file is missing."""
    row = db.session.scalar(
        select(SigningKey)
        .where(SigningKey.retired_at.is_(None), SigningKey.compromised_at.is_(None))
        .order_by(SigningKey.made_at.desc())
        .limit(1)
    )
    data = current_app.config["DATA_DIR"]
    if row is None:
        return new_key(now)
    try:
        return read_key(data, row.id)
    except FileNotFoundError as error:
        raise RuleBroken(f"The signing key {row.id} is not on this machine.") from error


def new_key(now: datetime) -> SecretKey:
    """Make the next key: its file first, then its row."""
    data = current_app.config["DATA_DIR"]
    used = [*db.session.scalars(select(SigningKey.id)), *kept_ids(data)]
    key = make_key(data, next_id(used, now.year))
    db.session.add(SigningKey(id=key.id, public=key.public.raw, made_at=now))
    db.session.flush()
    return key


def public_name(person: Person) -> str:
    """Return the name a certificate shows: the one chosen, else given names and initials of the family names.

    >>> from lms.organization.models import Person
    >>> public_name(Person(given_names="Marta Elena", family_names="Xicay Pérez", public_name=""))
    'Marta Elena X. P.'
    """
    if person.public_name:
        return person.public_name
    initials = " ".join(f"{name[0]}." for name in person.family_names.split())
    return f"{person.given_names} {initials}".strip()


def status_slots(count: int) -> list[tuple[int, int]]:
    """Draw free places in the newest status list; they say nothing about the order of issue and are never reused."""
    number = db.session.scalar(select(func.max(Credential.status_list))) or 1
    while True:
        drawn = {secrets.randbelow(BITS) for _probe in range(count + _PROBES)}
        taken = set(
            db.session.scalars(
                select(Credential.status_index).where(
                    Credential.status_list == number, Credential.status_index.in_(drawn)
                )
            )
        )
        # A list nearly full is closed: in what is left an index would tell when it was given.
        if len(taken) <= len(drawn) * 3 // 4 and len(drawn - taken) >= count:
            return [(number, index) for index in sorted(drawn - taken, key=lambda _index: secrets.randbits(32))[:count]]
        number += 1


def sign(
    drafts: list[Draft], issued_by: uuid.UUID | None, now: datetime, key: SecretKey | None = None
) -> list[Credential]:
    """Sign credentials and write them with their first event; the caller has asked whether they may be."""
    key = key or active_key(now)
    agency, made = issuer(), []
    cosigners = codes_by_id(draft.cosigner_id for draft in drafts)
    for draft, (status_list, status_index) in zip(drafts, status_slots(len(drafts)), strict=True):
        code = new_code()
        name = public_name(draft.holder)
        parent = draft.parent
        generation = parent.generation + 1 if parent else 1
        lineage = (parent.lineage if parent else "/") + code + "/"
        said = Statement(
            code=code,
            holder=name,
            level=tongue(draft.level.title, draft.language),
            course=tongue(draft.version.neutral_title, draft.language),
            course_version=f"{draft.version.number} ({draft.version.label})",
            language=html_lang(draft.language),
            place=(draft.place_code or "")[:2],  # the department: a village would say too much
            hours=draft.rules.hours or draft.version.hours,
            generation=generation,
            valid_from=now,
            valid_until=draft.valid_until,
            signer_code=parent.code if parent else None,
            status_list=status_list,
            status_index=status_index,
            narrative=tongue(draft.version.neutral_title, draft.language),
            cosigner_code=cosigners[draft.cosigner_id] if draft.cosigner_id else None,
        )
        document = with_proofs(credential(agency, said), key, agency.method(key.id), now)
        claim = Claim(
            key_id=key.id,
            code=code,
            level=draft.level.number,
            generation=generation,
            issued_on=draft.valid_from,
            valid_until=draft.valid_until,
            status_list=status_list,
            status_index=status_index,
            signers=[above for above in reversed(parent.lineage.split("/")) if above] if parent else [],
            name=name,
        )
        packed = pack(claim, key)
        made.append(
            Credential(
                id=new_id(),
                code=code,
                holder_id=draft.holder.id,
                level_id=draft.level.id,
                version_id=draft.version.id,
                cohort_id=draft.cohort_id,
                place_code=draft.place_code,
                language=draft.language,
                parent_id=parent.id if parent else None,
                cosigner_id=draft.cosigner_id,
                renews_id=draft.renews.id if draft.renews else None,
                lineage=lineage,
                generation=generation,
                warrant=draft.warrant,
                public_name=name,
                valid_from=draft.valid_from,
                valid_until=draft.valid_until,
                issued_at=now,
                issued_by=issued_by,
                request_key=draft.request_key,
                evidence=draft.evidence,
                document=json.dumps(document, ensure_ascii=False, separators=(",", ":")),
                claim=packed,
                qr=qr_svg(offline_address(agency.base_url, packed)),
                key_id=key.id,
                status_list=status_list,
                status_index=status_index,
            )
        )
    db.session.add_all(made)
    db.session.flush()
    db.session.add_all(CredentialEvent(credential_id=one.id, kind="issued", at=now, by=issued_by) for one in made)
    db.session.flush()
    return made
