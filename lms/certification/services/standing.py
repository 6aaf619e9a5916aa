"""Suspend, revoke, reinstate, and clear what a revocation put under review. Nothing is erased: events are added."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import accumulate
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import insert, select

from lms.access.policy import Actor
from lms.certification.models import ActiveCredential, Credential, CredentialEvent
from lms.certification.queries.branches import Below, family_of, nearest, some
from lms.certification.queries.descendants import descendants, states_below
from lms.certification.rules.status import Status
from lms.certification.services.notices import tell_of_change
from lms.core import audit
from lms.core.database import db
from lms.core.errors import RuleBroken
from lms.core.ids import new_id

_BATCH = 500
_DEEPEST = 32_767  # what the column holds


class Policy(StrEnum):
    """What happens to the people below when a certificate falls."""

    REVIEW = "review"  # each is looked at before it signs again
    KEEP = "keep"  # they stand: they were certified while it was valid
    REVOKE = "revoke"  # all of them fall


# What each policy leaves as it is.
_STAYS = {
    Policy.KEEP: set(Status),
    Policy.REVIEW: {Status.REVOKED, Status.UNDER_REVIEW, Status.SUSPENDED, Status.EXPIRED},
    Policy.REVOKE: {Status.REVOKED},
}


@dataclass(frozen=True)
class Affected:
    """Whom the fall of a certificate would touch."""

    total: int
    touched: dict[str, int]  # policy → how many it changes something for
    people: list[Below]  # the first of them, the nearest generation first


def affected(credential: Credential, shown: int, now: datetime, today: date) -> Affected:
    """Count everybody whose chain goes through a certificate, or one it renewed; three statements for any number."""
    lineages = [lineage for _id, lineage in family_of(credential)]
    generations = states_below(lineages, now, today)
    states = sum(generations.values(), Counter[Status]())
    reached = accumulate(counted.total() for counted in generations.values())
    down_to = next((one for one, count in zip(generations, reached, strict=True) if count >= shown), _DEEPEST)
    touched = {
        policy.value: sum(count for status, count in states.items() if status not in stays)
        for policy, stays in _STAYS.items()
    }
    return Affected(states.total(), touched, nearest(lineages, down_to, shown, now, today))


def suspend(credential: Credential, reason: str, note: str, actor: Actor, now: datetime, today: date) -> None:
    """Take the right away for the time being; what was signed before stays."""
    family = _held(credential, {Status.REVOKED, Status.SUSPENDED}, now, today)
    _happen(family, "suspended", reason, note, None, actor, now)
    audit.record(actor, "credential.suspend", "credential", credential.id, now, after={"reason": reason})
    tell_of_change([credential.holder_id], now)


def reinstate(credential: Credential, note: str, actor: Actor, now: datetime, today: date) -> None:
    """End a suspension."""
    family = _lock(credential, now, today)
    ids = [one.id for one in family if one.status is Status.SUSPENDED]
    if credential.id not in ids:
        raise RuleBroken(_("Only a suspended certificate can be reinstated."))
    _happen(ids, "reinstated", "", note, None, actor, now)
    audit.record(actor, "credential.reinstate", "credential", credential.id, now)
    tell_of_change([credential.holder_id], now)


def clear(credential: Credential, note: str, actor: Actor, now: datetime, today: date) -> None:
    """End a review: the certificate stands."""
    family = _lock(credential, now, today)
    ids = [one.id for one in family if one.status is Status.UNDER_REVIEW]
    if credential.id not in ids:
        raise RuleBroken(_("This certificate is not under review."))
    _happen(ids, "cleared", "", note, None, actor, now)
    audit.record(actor, "credential.clear", "credential", credential.id, now)
    tell_of_change([credential.holder_id], now)


def revoke(
    credential: Credential, policy: Policy, reason: str, note: str, actor: Actor, now: datetime, today: date
) -> Sequence[Any]:
    """Revoke for ever, and apply the policy to everybody below; return those it touched."""
    family = _held(credential, {Status.REVOKED}, now, today)
    lineages = [lineage for _id, lineage in family_of(credential)]
    fall = set(Status) - _STAYS[policy]
    touched = descendants(lineages, now, today, Credential.id, Credential.holder_id, status=fall) if fall else []
    kind = "revoked" if policy is Policy.REVOKE else "under_review"
    _happen([one.id for one in touched], kind, "chain", "", credential.id, actor, now)
    _happen(family, "revoked", reason, note, None, actor, now)
    after = {"reason": reason, "policy": policy.value, "touched": len(touched)}
    audit.record(actor, "credential.revoke", "credential", credential.id, now, after=after)
    tell_of_change([credential.holder_id, *(one.holder_id for one in touched)], now)
    return touched


def _lock(credential: Credential, now: datetime, today: date) -> list[Below]:
    """Hold all that the holder has of this level: two people who press a button at once are one after the other."""
    ids = [one for one, _lineage in family_of(credential)]
    locked = select(Credential.id).where(Credential.id.in_(ids)).order_by(Credential.id)
    db.session.execute(locked.with_for_update(key_share=True))
    return some(ids, now, today)


def _held(credential: Credential, refused: set[Status], now: datetime, today: date) -> list[uuid.UUID]:
    family = _lock(credential, now, today)
    if any(one.id == credential.id and one.status in refused for one in family):
        raise RuleBroken(_("This certificate was already taken out of force. Look at its history."))
    return [one.id for one in family if one.status not in refused]


def _happen(
    ids: list[uuid.UUID], kind: str, reason: str, note: str, cause: uuid.UUID | None, actor: Actor, now: datetime
) -> None:
    if not ids:
        return
    told = {"kind": kind, "at": now, "by": actor.user_id, "reason": reason, "note": note, "cause_id": cause}
    db.session.execute(insert(CredentialEvent), [{"id": new_id(), "credential_id": one} | told for one in ids])
    if kind == "revoked":
        for start in range(0, len(ids), _BATCH):
            some_ids = ids[start : start + _BATCH]
            rows = select(ActiveCredential).where(ActiveCredential.credential_id.in_(some_ids))
            for row in db.session.scalars(rows):
                db.session.delete(row)
    db.session.flush()
