"""The second step: codes of an authenticator app, and ten paper codes for the day the phone is lost."""

import secrets
import uuid
from datetime import datetime

import pyotp
import segno
from markupsafe import Markup
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import delete, func, select

from lms.accounts.hashing import keyed, seal, unseal
from lms.accounts.links import LETTERS, typed
from lms.accounts.models import RecoveryCode, User
from lms.core.choices import choices
from lms.core.database import db

CODES, CODE_LENGTH = 10, 10


def new_secret() -> str:
    """Draw a secret for an authenticator app."""
    return pyotp.random_base32()


def address(user: User, secret: str) -> str:
    """Return what the app reads from the square picture."""
    site = choices().short_name or "Cascada"
    return pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=site)


def picture(text: str, name: str = "qr") -> Markup:
    """Draw a text as a QR code: plain SVG, dark on white in every scheme, with its quiet edge.

    It has no size of its own: one that has is cut off, not made smaller, where a page gives it less room.
    """
    drawn = segno.make(text, error="m", micro=False)
    svg = drawn.svg_inline(border=4, dark="#000", light="#fff", svgclass=name, lineclass=None, omitsize=True)
    return Markup(svg)  # noqa: S704  (our own drawing)


def turn_on(user: User, secret: str, code: str, now: datetime) -> list[str] | None:
    """Begin asking for a second step when the code proves that the app is set up; return the paper codes."""
    step = _step_of(secret, code, now)
    if step is None:
        return None
    user.totp_sealed, user.totp_last_step = seal(secret, user.id.bytes), step
    return new_codes(user)


def turn_off(user: User) -> None:
    """Stop asking for a second step."""
    user.totp_sealed = user.totp_last_step = None
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def proves(user: User, code: str, now: datetime) -> bool:
    """Tell whether the code is right, and spend it: neither kind opens twice. The user's row must be locked."""
    if user.totp_sealed is None:
        return False
    secret = unseal(user.totp_sealed, user.id.bytes)
    step = _step_of(secret, code, now) if secret else None
    if step is not None and step > (user.totp_last_step or 0):
        user.totp_last_step = step
        return True
    return step is None and _spend_code(user.id, code, now)


def new_codes(user: User) -> list[str]:
    """Draw ten paper codes in place of those of before; they are shown once and kept as keyed hashes."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = ["".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH)) for _ in range(CODES)]
    db.session.add_all(RecoveryCode(user_id=user.id, code_hash=_code_hash(user.id, code)) for code in codes)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def codes_left(user_id: uuid.UUID) -> int:
    """Count the paper codes not yet used."""
    query = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(query.select_from(RecoveryCode)) or 0


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    digits = "".join(code.split())
    try:  # one step to either side: the clocks of phones
        return pyotp.TOTP(secret).verify_and_get_timecode(digits, for_time=now, valid_window=1)
    except OTPVerificationError:
        return None


def _spend_code(user_id: uuid.UUID, code: str, now: datetime) -> bool:
    query = select(RecoveryCode).where(
        RecoveryCode.user_id == user_id,
        RecoveryCode.code_hash == _code_hash(user_id, typed(code)),
        RecoveryCode.used_at.is_(None),
    )
    found = db.session.scalars(query.with_for_update()).first()
    if found is None:
        return False
    found.used_at = now
    return True


def _code_hash(user_id: uuid.UUID, code: str) -> bytes:
    return keyed("recovery", f"{user_id.hex} {code}")
