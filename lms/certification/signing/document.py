"""The credential as JSON: Open Badges 3.0 on W3C Verifiable Credentials 2.0."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import quote, urlsplit

from lms.certification.signing.canonical import BADGES, CREDENTIALS


@dataclass(frozen=True)
class Issuer:
    """The agency, at its address."""

    base_url: str
    name: str

    @property
    def did(self) -> str:
        """The agency's did:web; a port is written %3A, as the method wants.

        >>> Issuer("http://127.0.0.1:8000", "SVET").did
        'did:web:127.0.0.1%3A8000'
        """
        return "did:web:" + quote(urlsplit(self.base_url).netloc, safe="")

    def method(self, key_id: str) -> str:
        """Return the full address of a key."""
        return f"{self.did}#{key_id}"


@dataclass(frozen=True)
class Statement:
    """What a credential says, in the words that stand on it. Neutral: no title names the subject."""

    code: str
    holder: str
    level: str
    course: str
    course_version: str
    language: str  # BCP 47
    place: str  # the department's code
    hours: float | None
    generation: int
    valid_from: datetime
    valid_until: date | None
    signer_code: str | None
    status_list: int
    status_index: int
    narrative: str
    cosigner_code: str | None = None


def credential(issuer: Issuer, said: Statement) -> dict[str, Any]:
    """Build the unsigned document."""
    here = f"{issuer.base_url}/credentials"
    document: dict[str, Any] = {
        "@context": [CREDENTIALS, BADGES],
        "id": f"{here}/{said.code}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": said.level,
        "issuer": {"id": issuer.did, "type": ["Profile"], "name": issuer.name, "url": issuer.base_url},
        "validFrom": moment(said.valid_from),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {"type": "IdentityObject", "hashed": False, "identityHash": said.holder, "identityType": "name"}
            ],
            "achievement": {
                "id": f"{here}/{said.code}#achievement",
                "type": ["Achievement"],
                "achievementType": "Certificate",
                "name": said.level,
                "description": said.course,
                "version": said.course_version,
                "inLanguage": said.language,
                "criteria": {"narrative": said.narrative},
            },
        },
        "credentialStatus": {
            "id": f"{issuer.base_url}/status/{said.status_list}#{said.status_index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(said.status_index),
            "statusListCredential": f"{issuer.base_url}/status/{said.status_list}",
        },
    }
    if said.hours is not None:
        # 12, not 12.0: some canonical forms of JSON take no fractions.
        is_whole = float(said.hours).is_integer()
        document["credentialSubject"]["creditsEarned"] = int(said.hours) if is_whole else said.hours
    if said.valid_until:
        document["validUntil"] = moment(datetime.combine(said.valid_until, time(23, 59, 59), UTC))
    evidence: list[dict[str, Any]] = []
    for genre, code in (("signer", said.signer_code), ("cosigner", said.cosigner_code)):
        if code:
            evidence.append({"id": f"{here}/{code}", "type": ["Evidence"], "name": code, "genre": genre})
    if said.place:
        evidence.append({"type": ["Evidence"], "name": said.place, "genre": "place"})
    if evidence:
        document["evidence"] = evidence
    return document


def moment(at: datetime) -> str:
    """Write a moment with its zone, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def code_of(document: dict[str, Any]) -> str:
    """Return the code in a document's address."""
    return str(document.get("id", "")).rpartition("/credentials/")[2]


def evidence_named(document: dict[str, Any], genre: str) -> str | None:
    """Return what a document names as its signer or its place, or None.

    >>> evidence_named({"evidence": [{"name": "14", "genre": "place"}]}, "place")
    '14'
    """
    evidence = document.get("evidence") or []
    found = [one for one in evidence if isinstance(one, dict) and one.get("genre") == genre]
    return str(found[0].get("name")) if found else None


def status_entry(document: dict[str, Any]) -> tuple[int, int]:
    """Return the number of the status list and the place in it; raise ValueError when the document names none."""
    try:
        status = document["credentialStatus"]
        return int(status["statusListCredential"].rpartition("/")[2]), int(status["statusListIndex"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("the document names no status list") from error
