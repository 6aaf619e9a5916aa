"""Keep the places of help: add, correct, confirm, close, and take them in from a list."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from lms.access.policy import Actor
from lms.core import audit
from lms.core.database import db
from lms.core.errors import RuleBroken
from lms.core.texts import folded
from lms.library.models import Referral
from lms.library.rules.facts import review_after
from lms.library.rules.help import FIELDS, MONTHS, ReferralDraft, key_of
from lms.organization.models import Unit


def save_referral(
    actor: Actor, referral: Referral | None, unit: Unit, draft: ReferralDraft, today: date, now: datetime
) -> Referral:
    """Write a place of help down or correct it.

    :raise RuleBroken: it was checked in the future, or says where a shelter is.
    """
    _check(draft, today)
    before = _told(referral) if referral else None
    if referral is None:
        referral = Referral(unit_id=unit.id)
        db.session.add(referral)
    _put(referral, draft)
    db.session.flush()
    if _told(referral) != before:
        audit.record(actor, "referral.save", "referral", referral.id, now, before, _told(referral))
    return referral


def _put(referral: Referral, draft: ReferralDraft) -> None:
    for name in FIELDS:
        setattr(referral, name, getattr(draft, name))
    referral.name_folded = folded(draft.name)[:160]


def _check(draft: ReferralDraft, today: date) -> None:
    if draft.checked_on > today:
        raise RuleBroken(_("An entry cannot have been checked on a day to come."))
    if draft.kind == "shelter" and draft.how_to_reach:
        raise RuleBroken(_("Where a shelter is, or how one gets there, is never written. Leave it empty."))


def _told(referral: Referral) -> dict[str, Any]:
    return {name: getattr(referral, name) for name in (*FIELDS, "unit_id", "closed_on")}


def confirm_referral(actor: Actor, referral: Referral, by: str, today: date, now: datetime) -> None:
    """Write down that somebody asked today and the entry still holds."""
    before = _told(referral)
    referral.checked_on, referral.checked_by = today, by[:120]
    referral.review_by = review_after(today, MONTHS)
    referral.closed_on = None
    audit.record(actor, "referral.confirm", "referral", referral.id, now, before, _told(referral))
    db.session.flush()


def close_referral(actor: Actor, referral: Referral, today: date, now: datetime) -> None:
    """Take an entry off the learners' list; it stays on record."""
    before = _told(referral)
    referral.closed_on = today
    audit.record(actor, "referral.close", "referral", referral.id, now, before, _told(referral))
    db.session.flush()


def take_in(actor: Actor, unit: Unit, drafts: Sequence[ReferralDraft], today: date, now: datetime) -> dict[str, int]:
    """Take in a list of places of help for one office; return how many are new, changed and unchanged.

    An entry is known again by kind, name and place. What the list does not name stays.
    """
    known = {key_of(one): one for one in db.session.scalars(select(Referral).where(Referral.unit_id == unit.id))}
    counts = {"new": 0, "changed": 0, "same": 0}
    for draft in drafts:
        _check(draft, today)
        referral = known.get(key_of(draft))
        if referral is None:
            counts["new"] += 1
            referral = Referral(unit_id=unit.id)
            _put(referral, draft)
            db.session.add(referral)
        elif referral.closed_on is not None or any(getattr(referral, one) != getattr(draft, one) for one in FIELDS):
            counts["changed"] += 1
            _put(referral, draft)
            referral.closed_on = None
        else:
            counts["same"] += 1
    if counts["new"] or counts["changed"]:
        audit.record(actor, "referral.list", "unit", unit.id, now, after=[draft.name for draft in drafts])
    db.session.flush()
    return counts
