"""Data Integrity proofs of W3C VC 2.0: eddsa-jcs-2022 and eddsa-rdfc-2022."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import base58

from lms.certification.signing.canonical import Uncanonical, jcs, rdfc
from lms.certification.signing.keys import PublicKey, SecretKey

SUITES: dict[str, Callable[[dict[str, Any]], bytes]] = {"eddsa-jcs-2022": jcs, "eddsa-rdfc-2022": rdfc}


def with_proofs(document: dict[str, Any], key: SecretKey, method: str, at: datetime) -> dict[str, Any]:
    """Return the document with one proof of each suite, as a set: either can be checked without the other.

    :param method: the address of the key, `did:web:…#2026-a`.
    """
    return {**document, "proof": [_proof(document, suite, key, method, at) for suite in SUITES]}


def _proof(document: dict[str, Any], suite: str, key: SecretKey, method: str, at: datetime) -> dict[str, Any]:
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": suite,
        "created": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }
    if suite == "eddsa-jcs-2022":
        options["@context"] = document["@context"]  # the suite wants it inside the proof
    signature = key.sign(_signed_bytes(document, options, suite))
    return {**options, "proofValue": "z" + base58.b58encode(signature).decode()}


def _signed_bytes(document: dict[str, Any], options: dict[str, Any], suite: str) -> bytes:
    canonical = SUITES[suite]
    bare = {name: value for name, value in document.items() if name != "proof"}
    config = {name: value for name, value in options.items() if name != "proofValue"}
    config["@context"] = document["@context"]
    return hashlib.sha256(canonical(config)).digest() + hashlib.sha256(canonical(bare)).digest()


def check_proofs(document: dict[str, Any], keys: Mapping[str, PublicKey]) -> list[str]:
    """Check every proof of a document; return what is wrong, as codes; an empty list means that all hold.

    :param keys: published keys by their full address.
    Codes: no_proof, suite, method, context, purpose, uncanonical, signature.
    """
    proofs = document.get("proof")
    proofs = proofs if isinstance(proofs, list) else [proofs]
    if not proofs or not all(isinstance(proof, dict) for proof in proofs):
        return ["no_proof"]
    return [wrong for proof in proofs if (wrong := _check(document, proof, keys))]


def _check(document: dict[str, Any], proof: dict[str, Any], keys: Mapping[str, PublicKey]) -> str | None:
    suite = proof.get("cryptosuite")
    if proof.get("type") != "DataIntegrityProof" or suite not in SUITES:
        return "suite"
    if proof.get("proofPurpose") != "assertionMethod":
        return "purpose"
    if (key := keys.get(str(proof.get("verificationMethod")))) is None:
        return "method"
    if "@context" in proof and proof["@context"] != document.get("@context"):
        return "context"
    value = proof.get("proofValue")
    if not isinstance(value, str) or not value.startswith("z"):
        return "signature"
    try:
        signature = base58.b58decode(value[1:])
        data = _signed_bytes(document, proof, suite)
    except Uncanonical:
        return "uncanonical"
    except (ValueError, KeyError):
        return "signature"
    return None if key.verifies(signature, data) else "signature"
