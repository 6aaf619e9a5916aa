"""Publish which certificates are out of force: one bit each, signed anew when the state or the day changes."""

import json
from collections import defaultdict
from datetime import datetime
from hashlib import sha256
from typing import Any

from flask import current_app
from sqlalchemy import func, or_, select

from lms.certification.models import Credential, CredentialEvent, SigningKey
from lms.certification.rules.status import Happened, Status, standing
from lms.certification.services.signing import active_key, issuer
from lms.certification.signing.proofs import with_proofs
from lms.certification.signing.statuslist import list_credential
from lms.core.clock import local_day
from lms.core.database import db

_OUT = (Status.REVOKED, Status.SUSPENDED)


def newest_list() -> int:
    """Return the number of the newest list; 0 when no certificate was issued yet."""
    return db.session.scalar(select(func.max(Credential.status_list))) or 0


def out_of_force(number: int, now: datetime) -> list[int]:
    """Return the places of a list whose certificate is revoked, suspended, or signed by a stolen key.

    A suspended one is set too, though its bit may be cleared again: a phone without a line must not take it for good.
    """
    events: dict[int, list[Happened]] = defaultdict(list)
    rows = db.session.execute(
        select(Credential.status_index, CredentialEvent.kind, CredentialEvent.at)
        .join(CredentialEvent, CredentialEvent.credential_id == Credential.id)
        .where(Credential.status_list == number, CredentialEvent.kind != "issued")
    )
    for index, kind, at in rows:
        events[index].append(Happened(kind, at))
    day = local_day(now)
    out = {index for index, happened in events.items() if standing(happened, day, None, now, day).status in _OUT}
    unbelieved = (
        select(Credential.status_index)
        .join(SigningKey, SigningKey.id == Credential.key_id)
        .where(
            Credential.status_list == number,
            or_(Credential.issued_at >= SigningKey.compromised_at, Credential.issued_at < SigningKey.made_at),
        )
    )
    return sorted(out | set(db.session.scalars(unbelieved)))


def published(number: int, now: datetime) -> bytes | None:
    """Return a list as a signed credential; None when there is none of that number."""
    if not 0 < number <= newest_list():
        return None
    places = out_of_force(number, now)
    key, agency = active_key(now), issuer()
    state = sha256(json.dumps([places, key.id, agency.did, local_day(now).isoformat()]).encode()).hexdigest()
    kept: dict[int, tuple[str, bytes]] = current_app.extensions.setdefault("status_lists", {})
    if number not in kept or kept[number][0] != state:
        listed: dict[str, Any] = list_credential(agency, number, places, now)
        signed = with_proofs(listed, key, agency.method(key.id), now)
        kept[number] = (state, json.dumps(signed, ensure_ascii=False, separators=(",", ":")).encode())
    return kept[number][1]
