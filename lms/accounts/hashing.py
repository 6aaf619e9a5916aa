"""Secrets as kept: slow hashes of what people choose, keyed ones of what we draw, seals on what we need back."""

import base64
import hashlib
import hmac
import secrets
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

from lms.accounts.rules.secrets import normal

# One hash takes 19 MiB: two at a time, or a class that signs in together fills a small server's memory.
_hasher = PasswordHasher(memory_cost=19_456, time_cost=2, parallelism=1)
_two_at_once = BoundedSemaphore(2)
_NONCE = 12


def hashed(secret: str) -> str:
    """Hash a password or PIN for keeping."""
    with _two_at_once:
        return _hasher.hash(_peppered(secret))


def matches(stored: str | None, secret: str) -> bool:
    """Tell whether the secret is the stored one; takes the same time when there is nothing to compare with."""
    with _two_at_once:
        try:
            return _hasher.verify(stored or _dummy(), _peppered(secret)) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(stored: str) -> bool:
    """Tell whether a hash was made with weaker settings than today's."""
    return _hasher.check_needs_rehash(stored)


def keyed(purpose: str, text: str) -> bytes:
    """Hash what we drew ourselves, or what must not be readable in a table; useless without the key beside it."""
    return hmac.digest(_pepper(), f"{purpose}:{text}".encode(), "sha256")


def seal(secret: str, owner: bytes) -> bytes:
    """Encrypt a secret that we need back; it opens for its owner's row only."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(_sealing_keys()[0]).encrypt(nonce, secret.encode(), owner)


def unseal(sealed: bytes, owner: bytes) -> str | None:
    """Open what `seal` closed; None when it was changed or is another's."""
    for key in _sealing_keys():
        try:
            return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], owner).decode()
        except (InvalidTag, ValueError):
            continue
    return None


def seal_text(secret: str, owner: bytes) -> str:
    """Seal into letters that fit a form field."""
    return base64.urlsafe_b64encode(seal(secret, owner)).decode()


def unseal_text(text: str, owner: bytes) -> str | None:
    """Open what `seal_text` closed."""
    try:
        return unseal(base64.b64decode(text, altchars=b"-_", validate=True), owner)
    except ValueError:
        return None


def _peppered(secret: str) -> str:
    return hmac.new(_pepper(), normal(secret).encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def _pepper() -> bytes:
    return bytes.fromhex(current_app.config["PEPPER"])


def _sealing_keys() -> list[bytes]:
    config = current_app.config
    return [_derived(key) for key in (config["SECRET_KEY"], *(config.get("SECRET_KEY_FALLBACKS") or ()))]


@cache
def _derived(key: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=b"cascada second step").derive(key.encode())


@cache
def _dummy() -> str:
    return _hasher.hash(secrets.token_hex(16))
