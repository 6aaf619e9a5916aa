"""Change the signing key: every year, when somebody leaves who could read it, or because it was stolen."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import func, select

from lms.certification.models import Credential, SigningKey
from lms.certification.services.signing import new_key
from lms.certification.signing.keys import PublicKey
from lms.certification.signing.publishing import KeyLife
from lms.core import audit
from lms.core.database import db
from lms.core.errors import NotFound, RuleBroken


@dataclass(frozen=True)
class Compromised:
    """What a stolen key leaves behind."""

    next_id: str | None  # the key that signs from now on, when a new one had to be made
    standing: int  # certificates signed before: the register vouches for them
    fallen: list[str]  # codes of those signed after: nobody believes them


def all_keys() -> list[SigningKey]:
    """Return every key there ever was, the first one first."""
    return list(db.session.scalars(select(SigningKey).order_by(SigningKey.made_at, SigningKey.id)))


def lives() -> dict[str, KeyLife]:
    """Return every public key with its dates, by id."""
    return {
        row.id: KeyLife(PublicKey(row.id, row.public), row.made_at, row.retired_at, row.compromised_at)
        for row in all_keys()
    }


def rotate(now: datetime) -> str:
    """Make a new key and retire those before it; what they signed stays good. Return the new key's id."""
    for row in all_keys():
        if row.retired_at is None:
            row.retired_at = now
    key = new_key(now)
    audit.record(None, "key.rotate", "signing_key", key.id, now)
    db.session.flush()
    return key.id


def compromise(key_id: str, at: datetime, now: datetime) -> Compromised:
    """Say that a key was stolen at a moment: what it signed from then on is not believed any more.

    :raise NotFound: there is no such key.
    :raise RuleBroken: the moment lies in the future, or after one that was said before.
    """
    row = db.session.get(SigningKey, key_id)
    if row is None:
        raise NotFound(_("There is no signing key %(id)s. See `keys list`.", id=key_id))
    if at > now:
        raise RuleBroken(_("A key cannot have been stolen in the future."))
    if row.compromised_at is not None and row.compromised_at < at:
        raise RuleBroken(_("It was already said that this key was stolen at an earlier moment; that one stays."))
    before = row.compromised_at and row.compromised_at.isoformat()
    row.compromised_at, row.retired_at = at, row.retired_at or now
    db.session.flush()
    is_none_left = all(one.retired_at is not None for one in all_keys())
    next_id = new_key(now).id if is_none_left else None
    audit.record(
        None, "key.compromise", "signing_key", key_id, now, before={"at": before}, after={"at": at.isoformat()}
    )
    fallen = select(Credential.code).where(Credential.key_id == key_id, Credential.issued_at >= at)
    standing = select(func.count()).where(Credential.key_id == key_id, Credential.issued_at < at)
    return Compromised(
        next_id, db.session.scalar(standing) or 0, list(db.session.scalars(fallen.order_by(Credential.issued_at)))
    )
