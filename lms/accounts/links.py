"""One-time links: drawn here, kept as keyed hashes, good for one use until their hour comes.

A code is 16 letters of Crockford's alphabet (80 bits), so that a printed one can also be typed.
"""

import secrets
import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import delete, insert, select

from lms.accounts.hashing import keyed
from lms.accounts.models import Token, User
from lms.core.database import db
from lms.core.errors import NotFound

LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 16
_CHUNK = 500


class Purpose(StrEnum):
    """What a link is good for."""

    INVITE = "invite"
    RESET = "reset"
    ADMIN = "admin"


LASTS: Mapping[Purpose, timedelta] = {
    Purpose.INVITE: timedelta(days=7),
    Purpose.RESET: timedelta(hours=24),
    Purpose.ADMIN: timedelta(minutes=60),
}


def draw_link(user: User, purpose: Purpose, now: datetime) -> str:
    """Make a fresh code for one person; the one of before stops working."""
    return draw_links([user.id], purpose, now)[user.id]


def draw_links(user_ids: Iterable[uuid.UUID], purpose: Purpose, now: datetime) -> dict[uuid.UUID, str]:
    """Make a fresh code for each of many people: no slow hash, so a whole ministry takes a moment."""
    codes = {user_id: "".join(secrets.choice(LETTERS) for _letter in range(LENGTH)) for user_id in user_ids}
    everybody = list(codes)
    for start in range(0, len(everybody), _CHUNK):
        chunk = everybody[start : start + _CHUNK]
        db.session.execute(delete(Token).where(Token.user_id.in_(chunk), Token.purpose == purpose))
        rows = [
            {
                "id_hash": keyed("link", codes[user_id]),
                "user_id": user_id,
                "purpose": purpose.value,
                "created_at": now,
                "expires_at": now + LASTS[purpose],
            }
            for user_id in chunk
        ]
        db.session.execute(insert(Token), rows)
    return codes


def open_link(code: str, purposes: Collection[Purpose], now: datetime) -> tuple[Token, User]:
    """Return the link and whose it is, locked for this transaction.

    :raise NotFound: it never was, was used, has run out, or its owner is suspended.
    """
    query = (
        select(Token, User)
        .join(User, User.id == Token.user_id)
        .where(Token.id_hash == keyed("link", typed(code)), Token.purpose.in_([one.value for one in purposes]))
        .where(Token.used_at.is_(None), Token.expires_at > now, User.state != "suspended")
        .with_for_update(of=Token)
    )
    found = db.session.execute(query).first()
    if found is None:
        raise NotFound(_("This link was used already, or its time is over. Ask for a new one."))
    token, user = found
    return token, user


def purpose_of(code: str, now: datetime) -> Purpose | None:
    """Say what a code that still works is good for."""
    query = select(Token.purpose).where(Token.id_hash == keyed("link", typed(code)))
    found = db.session.scalars(query.where(Token.used_at.is_(None), Token.expires_at > now)).first()
    return Purpose(found) if found else None


def use_up(token: Token, now: datetime) -> None:
    """Spend a link, and every other one of the same person with it."""
    db.session.execute(delete(Token).where(Token.user_id == token.user_id, Token.id_hash != token.id_hash))
    token.used_at = now


def typed(text: str) -> str:
    """Read a code as people type it: spaces, hyphens, capitals, and the letters that look like digits.

    >>> typed("K7M2-9XQ4 OIL8-abcd")
    'k7m29xq40118abcd'
    """
    letters = "".join(letter for letter in text.lower() if letter.isalnum())
    return letters.translate(str.maketrans("oil", "011"))


def spaced(code: str) -> str:
    """Write a code so that it can be read aloud.

    >>> spaced("k7m29xq40118abcd")
    'k7m2 9xq4 0118 abcd'
    """
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def outward(endpoint: str, **values: Any) -> str:
    """Return the full address of a page, from the configured base: never from what a request claims its host to be."""
    path = current_app.url_map.bind("localhost").build(endpoint, values)
    return f"{current_app.config['BASE_URL']}{path}"
