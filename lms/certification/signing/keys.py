"""The agency's Ed25519 keys. Private halves are files that only their owner may read, outside database and backup."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

import base58
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

_MULTICODEC = b"\xed\x01"  # ed25519-pub
_ID = re.compile(r"\d{4}-[a-z]{1,3}")


@dataclass(frozen=True)
class PublicKey:
    """A key as the world sees it. `id` is its fragment in the DID document."""

    id: str
    raw: bytes

    @property
    def multibase(self) -> str:
        return "z" + base58.b58encode(_MULTICODEC + self.raw).decode()

    def verifies(self, signature: bytes, data: bytes) -> bool:
        """Tell whether the signature is this key's over these bytes."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, data)
        except (InvalidSignature, ValueError):
            return False
        return True


def public_from_multibase(key_id: str, text: str) -> PublicKey:
    """Read a Multikey; raise ValueError for anything but Ed25519."""
    raw = base58.b58decode(text[1:]) if text.startswith("z") else b""
    if raw[:2] != _MULTICODEC or len(raw) != 34:
        raise ValueError("not an Ed25519 multikey")
    return PublicKey(key_id, raw[2:])


@dataclass(frozen=True)
class SecretKey:
    """A key that can sign."""

    id: str
    private: Ed25519PrivateKey

    @property
    def public(self) -> PublicKey:
        return PublicKey(self.id, self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, data: bytes) -> bytes:
        """Sign the bytes."""
        return self.private.sign(data)


def folder_of(data: Path) -> Path:
    """Return where the private halves lie."""
    return data / "secrets" / "signing"


def make_key(data: Path, key_id: str) -> SecretKey:
    """Make a key and write it down before anything is signed with it; raise FileExistsError for an id already used."""
    if not _ID.fullmatch(key_id):
        raise ValueError(f"a key is named like 2026-a, not {key_id!r}")
    key = SecretKey(key_id, Ed25519PrivateKey.generate())
    folder = folder_of(data)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder / f"{key_id}.pem", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        file.flush()
        os.fsync(file.fileno())
    return key


def kept_ids(data: Path) -> list[str]:
    """Name the keys whose private halves lie here, also those whose row was never written: the work was undone."""
    return [path.stem for path in folder_of(data).glob("*.pem")]


def read_key(data: Path, key_id: str) -> SecretKey:
    """Read a private half; raise FileNotFoundError when it is not on this machine."""
    if not _ID.fullmatch(key_id):
        raise FileNotFoundError(key_id)
    private = load_pem_private_key((folder_of(data) / f"{key_id}.pem").read_bytes(), None)
    if not isinstance(private, Ed25519PrivateKey):
        raise ValueError("not an Ed25519 key")
    return SecretKey(key_id, private)


def sealed_export(key: SecretKey, passphrase: str) -> bytes:
    """Write a key for the safe, under a passphrase."""
    return key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.encode()))


def next_id(used: list[str], year: int) -> str:
    """Name the next key of a year: 2026-a, 2026-b, … 2026-z, 2026-aa.

    >>> next_id(["2026-a"], 2026), next_id([], 2027)
    ('2026-b', '2027-a')
    """
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = [*letters, *(one + other for one in letters for other in letters)]
    return next(f"{year}-{name}" for name in names if f"{year}-{name}" not in used)
