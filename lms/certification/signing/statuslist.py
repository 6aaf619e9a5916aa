"""Bitstring status lists of W3C: one bit a credential, published as a signed credential of its own."""

import base64
import gzip
import io
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from lms.certification.signing.canonical import CREDENTIALS
from lms.certification.signing.document import Issuer, moment

BITS = 131_072


def encoded(indexes: Iterable[int]) -> str:
    """Write the set bits: gzip, base64url with a leading `u`, the most significant bit first.

    >>> is_set(encoded([3, 131071]), 131071), is_set(encoded([3]), 4)
    (True, False)
    """
    bits = bytearray(BITS // 8)
    for index in indexes:
        bits[index // 8] |= 0x80 >> index % 8
    return "u" + base64.urlsafe_b64encode(gzip.compress(bytes(bits), mtime=0)).rstrip(b"=").decode()


def is_set(text: str, index: int) -> bool:
    """Tell whether a bit is set; raise ValueError for a list that cannot be read (which never means “valid”)."""
    if not text.startswith("u") or not 0 <= index < BITS:
        raise ValueError("not a status list of ours")
    packed = base64.urlsafe_b64decode(text[1:] + "=" * (-(len(text) - 1) % 4))
    with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
        bits = file.read(BITS // 8 + 1)
    if len(bits) != BITS // 8:
        raise ValueError("a status list has 131,072 bits")
    return bool(bits[index // 8] & (0x80 >> index % 8))


def list_credential(issuer: Issuer, number: int, indexes: Iterable[int], at: datetime) -> dict[str, Any]:
    """Build the unsigned credential that publishes a list."""
    here = f"{issuer.base_url}/status/{number}"
    return {
        "@context": [CREDENTIALS],
        "id": here,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer.did,
        "validFrom": moment(at),
        "credentialSubject": {
            "id": f"{here}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encoded(indexes),
        },
    }
