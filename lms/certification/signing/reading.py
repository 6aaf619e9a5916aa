"""Check a credential file with nothing but the published keys and status list: no database, no line, no trust.

Everything that is wrong is named by a code; whatever cannot be read counts as wrong, never as good.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException

from lms.certification.codes import is_code
from lms.certification.signing.baking import read_png, read_svg
from lms.certification.signing.canonical import Uncanonical, undefined_members
from lms.certification.signing.document import code_of, evidence_named, status_entry
from lms.certification.signing.jwt import from_jwt
from lms.certification.signing.keys import PublicKey, public_from_multibase
from lms.certification.signing.proofs import check_proofs
from lms.certification.signing.statuslist import is_set

LARGEST = 4_000_000
_JWT_WRONG = {"form": "unreadable", "alg": "algorithm", "method": "key_unknown", "signature": "signature"}


@dataclass(frozen=True)
class Published:
    """The agency's keys as its DID document says them."""

    did: str
    keys: Mapping[str, PublicKey]  # by full address
    retired: Mapping[str, datetime] = field(default_factory=dict)
    stolen: Mapping[str, datetime] = field(default_factory=dict)


@dataclass
class Reading:
    """What a file says and everything that is wrong with it."""

    document: dict[str, Any] | None = None
    method: str = ""  # the address of the key that signed
    problems: list[str] = field(default_factory=list)
    status_of: datetime | None = None  # the day of the status list; None: it was not looked at

    @property
    def code(self) -> str:
        return code_of(self.document) if self.document else ""

    @property
    def is_good(self) -> bool:
        return not self.problems


def read_did(text: str | bytes) -> Published:
    """Read a DID document; raise ValueError when it is none."""
    try:
        document = json.loads(text)
        did = document["id"]
        keys: dict[str, PublicKey] = {}
        retired: dict[str, datetime] = {}
        stolen: dict[str, datetime] = {}
        for method in document["verificationMethod"]:
            address = method["id"]
            if method.get("controller") != did or not address.startswith(f"{did}#"):
                continue  # a key that another controls is no key of this agency
            keys[address] = public_from_multibase(address.partition("#")[2], method["publicKeyMultibase"])
            for name, into in (("expires", retired), ("revoked", stolen)):
                if name in method:
                    into[address] = _moment(method[name])
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError("not a DID document") from error
    return Published(did, keys, retired, stolen)


def credential_text(data: bytes) -> str:
    """Take the credential out of a file: JSON and JWT as they are, PNG and SVG from inside; raise ValueError."""
    if len(data) > LARGEST:
        raise ValueError("too large")
    if data.startswith(b"\x89PNG"):
        found = read_png(data)
    elif data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        try:
            found = read_svg(data.decode("utf-8-sig"))
        except (ParseError, DefusedXmlException) as error:
            raise ValueError("not an SVG") from error
    else:
        found = data.decode("utf-8-sig")
    if not found or not found.strip():
        raise ValueError("no credential inside")
    return found.strip()


def check(data: bytes, published: Published, status: bytes | None, now: datetime) -> Reading:
    """Check one file.

    :param status: the status list as downloaded; None: revocation is not looked at, and `status_of` stays None.
    """
    reading = Reading()
    try:
        text = credential_text(data)
        if text.startswith("{"):
            _check_json(reading, json.loads(text, object_pairs_hook=_once), published)
        else:
            _check_jwt(reading, text, published)
        if reading.document is not None:
            _check_words(reading, reading.document, published, now)
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        reading.problems.append("unreadable")  # whoever made it did not follow any form we know
    if reading.document is not None and status is not None:
        _check_status(reading, reading.document, status, published)
    reading.problems = list(dict.fromkeys(reading.problems))
    return reading


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member is said twice")
    return found


def _check_json(reading: Reading, document: Any, published: Published) -> None:
    if not isinstance(document, dict):
        raise ValueError("not an object")
    reading.document = document
    words = {"method": "key_unknown", "suite": "algorithm", "uncanonical": "undefined"}
    reading.problems += [words.get(wrong, wrong) for wrong in check_proofs(document, published.keys)]
    proofs = document.get("proof")
    proofs = proofs if isinstance(proofs, list) else [proofs]
    methods = {str(proof.get("verificationMethod")) for proof in proofs if isinstance(proof, dict)}
    moments = {str(proof.get("created")) for proof in proofs if isinstance(proof, dict)}
    if len(methods) > 1 or moments != {str(document.get("validFrom"))}:
        reading.problems.append("date")  # the proof was made on another day than the document says
    reading.method = min(methods, default="")


def _check_jwt(reading: Reading, token: str, published: Published) -> None:
    try:
        reading.document = from_jwt(token, published.keys)
        header = token.partition(".")[0]
        reading.method = str(json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"])
    except ValueError as error:
        reading.problems.append(_JWT_WRONG.get(str(error), "unreadable"))


def _check_words(reading: Reading, document: dict[str, Any], published: Published, now: datetime) -> None:
    issuer = document.get("issuer")
    if (issuer.get("id") if isinstance(issuer, dict) else issuer) != published.did:
        reading.problems.append("issuer")
    try:
        if undefined_members({name: value for name, value in document.items() if name != "proof"}):
            reading.problems.append("undefined")
    except (Uncanonical, TypeError):
        reading.problems.append("undefined")
    if not is_code(reading.code) or "OpenBadgeCredential" not in (document.get("type") or []):
        reading.problems.append("kind")
    if evidence_named(document, "signer") == reading.code:
        reading.problems.append("cycle")
    try:
        begins = _moment(document["validFrom"])
        ends = _moment(document["validUntil"]) if "validUntil" in document else None
    except (KeyError, TypeError, ValueError, AttributeError):
        reading.problems.append("date")
        return
    if begins > now:
        reading.problems.append("not_yet")
    if ends is not None and ends < now:
        reading.problems.append("expired")
    if reading.method in published.stolen:
        reading.problems.append("key_stolen")  # who has the key can write any date: only the register knows
    elif begins > published.retired.get(reading.method, begins):
        reading.problems.append("key_retired")


def _check_status(reading: Reading, document: dict[str, Any], status: bytes, published: Published) -> None:
    try:
        listed = json.loads(status)
        subject = listed["credentialSubject"]
        _number, index = status_entry(document)
        is_ours = (
            listed["issuer"] == published.did
            and listed["id"] == document["credentialStatus"]["statusListCredential"]
            and not check_proofs(listed, published.keys)
            and not {proof["verificationMethod"] for proof in listed["proof"]} & set(published.stolen)
        )
        is_out = is_ours and is_set(subject["encodedList"], index)
        moment = _moment(listed["validFrom"])
    except (KeyError, TypeError, AttributeError, ValueError, EOFError, OSError, RecursionError):
        is_ours = False
    if not is_ours:
        reading.problems.append("status_unreadable")
        return
    reading.status_of = moment
    if is_out:
        reading.problems.append("revoked")


def check_chain(first: Reading, others: Sequence[Reading]) -> list[str]:
    """Walk from a credential up through the files of its signers; name what breaks the chain.

    Codes: chain_missing, chain_cycle, chain_date (a signer's certificate did not hold on the day it signed), chain_bad.
    """
    by_code = {one.code: one for one in others if one.document}
    seen, below = {first.code}, first
    while below.document and (signer := evidence_named(below.document, "signer")) is not None:
        if signer in seen:
            return ["chain_cycle"]
        if (above := by_code.get(signer)) is None or above.document is None:
            return ["chain_missing"]
        # That it ended since, or fell since, does not undo what it signed while it held.
        if set(above.problems) - {"expired", "revoked"}:
            return ["chain_bad"]
        if not _held(above.document, below.document):
            return ["chain_date"]
        seen.add(signer)
        below = above
    return []


def _held(above: dict[str, Any], below: dict[str, Any]) -> bool:
    day = _moment(below["validFrom"])
    return _moment(above["validFrom"]) <= day and ("validUntil" not in above or day <= _moment(above["validUntil"]))


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without its zone")
    return moment
