"""Does a row of the register say what was signed? Whoever changes the one cannot change the other. No request."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any

from lms.certification.models import Credential
from lms.certification.signing.claim import NAME_BYTES, SIGNERS, BadClaim, unpack
from lms.certification.signing.document import code_of, evidence_named, moment, status_entry
from lms.certification.signing.keys import PublicKey
from lms.certification.signing.proofs import check_proofs
from lms.certification.signing.publishing import KeyLife


def document_of(credential: Credential) -> dict[str, Any]:
    """Read the signed document; what cannot be read is empty and agrees with nothing."""
    try:
        document = json.loads(credential.document)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def agrees(
    credential: Credential, level: int, above: Sequence[str], cosigner: str | None, keys: Mapping[str, KeyLife]
) -> bool:
    """Tell whether row, document and claim say the same and both signatures are the key's that the row names.

    :param level: the number of its level.
    :param above: the codes over it, the nearest first.
    :param cosigner: the code of the second signature, where there is one.
    """
    if (life := keys.get(credential.key_id)) is None:
        return False
    try:
        return _document_agrees(credential, above, cosigner, life.key) and _claim_agrees(
            credential, level, above, life.key
        )
    except (KeyError, TypeError, AttributeError, ValueError):
        return False


def _document_agrees(credential: Credential, above: Sequence[str], cosigner: str | None, key: PublicKey) -> bool:
    if not _is_signed(credential.document, key):
        return False
    document = document_of(credential)
    subject = document["credentialSubject"]
    said = (
        code_of(document),
        document["validFrom"],
        document.get("validUntil"),
        subject["identifier"][0]["identityHash"],
        evidence_named(document, "signer"),
        evidence_named(document, "cosigner"),
        evidence_named(document, "place"),
        status_entry(document),
    )
    return said == (
        credential.code,
        moment(credential.issued_at),
        _last_moment(credential.valid_until),
        credential.public_name,
        above[0] if above else None,
        cosigner,
        credential.place_code[:2] if credential.place_code else None,
        (credential.status_list, credential.status_index),
    )


@lru_cache(maxsize=1024)  # the same few people signed above everybody; a text and a key always give the same answer
def _is_signed(text: str, key: PublicKey) -> bool:
    document = json.loads(text)
    if not isinstance(document.get("proof"), list):
        return False
    # The agency may have moved to another address since: its own key says that the document is its own.
    return not check_proofs(document, {f"{document['issuer']['id']}#{key.id}": key})


def _last_moment(day: date | None) -> str | None:
    return None if day is None else moment(datetime.combine(day, time(23, 59, 59), UTC))


def _claim_agrees(credential: Credential, level: int, above: Sequence[str], key: PublicKey) -> bool:
    try:
        claim = unpack(credential.claim, {key.id: key})
    except BadClaim:
        return False
    name = credential.public_name.encode()[:NAME_BYTES].decode(errors="ignore")
    said = (claim.code, claim.level, claim.generation, claim.issued_on, claim.valid_until, claim.name)
    return (
        said
        == (
            credential.code,
            level,
            credential.generation,
            credential.valid_from,
            credential.valid_until,
            name,
        )
        and list(claim.signers) == list(above[:SIGNERS])
        and (claim.status_list, claim.status_index) == (credential.status_list, credential.status_index)
    )
