"""What the agency publishes of its keys: the DID document."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lms.certification.signing.canonical import MULTIKEY
from lms.certification.signing.document import Issuer, moment
from lms.certification.signing.keys import PublicKey


@dataclass(frozen=True)
class KeyLife:
    """A public key with the dates of its life."""

    key: PublicKey
    made_at: datetime
    retired_at: datetime | None = None
    compromised_at: datetime | None = None

    def believes(self, issued_at: datetime) -> bool:
        """Tell whether what the key signed at that moment is to be believed; the register's own date counts."""
        return self.made_at <= issued_at and (self.compromised_at is None or issued_at < self.compromised_at)


def did_document(issuer: Issuer, lives: Iterable[KeyLife]) -> dict[str, Any]:
    """Write the DID document: every key there ever was; a stolen one asserts nothing any more.

    `expires` says when a key was retired (what it signed before stands), `revoked` when it was stolen.
    """
    methods, asserting = [], []
    for life in lives:
        address = issuer.method(life.key.id)
        method = {
            "id": address,
            "type": "Multikey",
            "controller": issuer.did,
            "publicKeyMultibase": life.key.multibase,
        }
        if life.retired_at:
            method["expires"] = moment(life.retired_at)
        if life.compromised_at:
            method["revoked"] = moment(life.compromised_at)
        else:
            asserting.append(address)
        methods.append(method)
    return {
        "@context": ["https://www.w3.org/ns/did/v1", MULTIKEY],
        "id": issuer.did,
        "verificationMethod": methods,
        "assertionMethod": asserting,
    }
