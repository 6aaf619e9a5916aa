"""The compact signed claim of the QR: a phone with our page checks it without a line, chain included.

    version 1 byte · key 2 · code 8 · level 1 · generation 1 · issued 2 · last valid day 2 (0: none)
    · place in the status lists 4 (list × 131,072 + index) · signers: count 1, then 8 bytes each, the nearest first
    · name: length 1, then UTF-8 · Ed25519 signature 64

Days count from 1 January 2020. The signature covers everything before it, with a prefix that nothing else we sign has.
"""

import base64
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from lms.certification.codes import is_code
from lms.certification.signing.keys import PublicKey, SecretKey
from lms.certification.signing.statuslist import BITS
from lms.core.codes import SYMBOLS

_PREFIX = b"cascada claim 1\n"
_EPOCH = date(2020, 1, 1)
_HEAD = struct.Struct(">BBB8sBBHHI")
NAME_BYTES = 60
SIGNERS = 4


class BadClaim(ValueError):
    """The bytes are not a claim, or not one of ours."""


@dataclass(frozen=True)
class Claim:
    """What the QR says about a certificate."""

    key_id: str
    code: str
    level: int
    generation: int
    issued_on: date
    valid_until: date | None
    status_list: int
    status_index: int
    signers: Sequence[str]  # codes of the certificates above, the nearest first, at most four
    name: str


def pack(claim: Claim, key: SecretKey) -> bytes:
    """Write and sign a claim; a name too long for the QR is cut at a whole letter."""
    head = _HEAD.pack(
        1,
        *_key_bytes(claim.key_id),
        _code_bytes(claim.code),
        claim.level,
        claim.generation,
        (claim.issued_on - _EPOCH).days,
        (claim.valid_until - _EPOCH).days if claim.valid_until else 0,
        claim.status_list * BITS + claim.status_index,
    )
    signers = list(claim.signers)[:SIGNERS]
    name = claim.name.encode()[:NAME_BYTES].decode(errors="ignore").encode()
    body = head + bytes([len(signers)]) + b"".join(map(_code_bytes, signers)) + bytes([len(name)]) + name
    return body + key.sign(_PREFIX + body)


def unpack(data: bytes, keys: Mapping[str, PublicKey]) -> Claim:
    """Read a claim and check its signature; raise BadClaim, whose text is a code: form, key, signature."""
    try:
        version, year, letter, code, level, generation, issued, until, status = _HEAD.unpack_from(data)
        at = _HEAD.size
        count = data[at]
        signers = [data[at + 1 + 8 * i : at + 9 + 8 * i] for i in range(count)]
        at += 1 + 8 * count
        end = at + 1 + data[at]
        name = data[at + 1 : end].decode()
        body, signature = data[:end], data[end:]
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise BadClaim("form") from error
    if version != 1 or count > SIGNERS or len(signature) != 64:
        raise BadClaim("form")
    key_id = _key_id(year, letter)
    if (key := keys.get(key_id)) is None:
        raise BadClaim("key")
    if not key.verifies(signature, _PREFIX + body):
        raise BadClaim("signature")
    return Claim(
        key_id,
        _code_text(code),
        level,
        generation,
        _EPOCH + timedelta(days=issued),
        _EPOCH + timedelta(days=until) if until else None,
        status // BITS,
        status % BITS,
        [_code_text(signer) for signer in signers],
        name,
    )


def text(data: bytes) -> str:
    """Write a claim for an address."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _code_bytes(code: str) -> bytes:
    if not is_code(code):
        raise BadClaim("form")
    number = 0
    for symbol in code:
        number = number * 32 + SYMBOLS.index(symbol)
    return number.to_bytes(8, "big")


def _code_text(data: bytes) -> str:
    number, symbols = int.from_bytes(data, "big"), []
    for _place in range(12):
        number, rest = divmod(number, 32)
        symbols.append(SYMBOLS[rest])
    return "".join(reversed(symbols))


def _key_bytes(key_id: str) -> tuple[int, int]:
    year, _, letters = key_id.partition("-")
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("a") + 1
    return int(year) - 2000, number


def _key_id(year: int, number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return f"{2000 + year}-{letters}"
