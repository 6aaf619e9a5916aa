"""The credential as a VC-JWT (JOSE, VC 2.0: the payload is the credential itself), and the keys as a JWKS."""

import base64
import json
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import OKPKey

from lms.certification.signing.canonical import jcs
from lms.certification.signing.keys import PublicKey, SecretKey

# RFC 9864 prefers “Ed25519”; the verifiers of today still ask for “EdDSA”.
ALGORITHM = "EdDSA"
_CLAIMS = ("iss", "jti", "nbf", "exp")


def to_jwt(document: dict[str, Any], key: SecretKey, method: str) -> str:
    """Sign the document without its proofs as a compact JWS, with the claims that Open Badges 3.0 wants beside it."""
    bare = {name: value for name, value in document.items() if name != "proof"}
    bare |= _claims(bare)
    header = {"alg": ALGORITHM, "kid": method, "typ": "vc+jwt", "cty": "vc"}
    private = OKPKey.import_key({**_jwk(key.public), "d": _b64(key.private.private_bytes_raw())})
    with _quietly():
        return jws.serialize_compact(header, jcs(bare), private, registry=_registry())


def from_jwt(token: str, keys: Mapping[str, PublicKey]) -> dict[str, Any]:
    """Check a VC-JWT and return its credential.

    :raise ValueError: its text is a code: form, alg, method, signature.
    """
    try:
        header = json.loads(base64.urlsafe_b64decode(token.partition(".")[0] + "=="))
    except (ValueError, UnicodeDecodeError) as error:
        raise ValueError("form") from error
    if not isinstance(header, dict) or header.get("alg") != ALGORITHM:
        raise ValueError("alg")
    if (key := keys.get(str(header.get("kid")))) is None:
        raise ValueError("method")
    try:
        with _quietly():
            found = jws.deserialize_compact(token, OKPKey.import_key(_jwk(key)), registry=_registry())
        document = json.loads(found.payload or b"")
    except JoseError as error:
        raise ValueError("signature") from error
    except ValueError as error:
        raise ValueError("form") from error
    if not isinstance(document, dict):
        raise ValueError("form")
    claimed = {name: document.pop(name) for name in _CLAIMS if name in document}
    if claimed != _claims(document):
        raise ValueError("form")  # the claims beside the credential say something else than it does
    return document


def _claims(document: dict[str, Any]) -> dict[str, Any]:
    try:
        claims = {"iss": document["issuer"]["id"], "jti": document["id"], "nbf": _seconds(document["validFrom"])}
        return claims | ({"exp": _seconds(document["validUntil"])} if "validUntil" in document else {})
    except (KeyError, TypeError) as error:
        raise ValueError("form") from error


def _seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())


def jwks(keys: Iterable[PublicKey], method: Any) -> dict[str, Any]:
    """Return the published keys as a JWK set; `method` turns a key's id into its full address."""
    return {"keys": [{**_jwk(key), "kid": method(key.id), "alg": ALGORITHM, "use": "sig"} for key in keys]}


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep the library from warning at each signature about the algorithm's name, which we chose knowing it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        yield


def _registry() -> jws.JWSRegistry:
    return jws.JWSRegistry(algorithms=[ALGORITHM])


def _jwk(key: PublicKey) -> dict[str, str | list[str]]:
    return {"kty": "OKP", "crv": "Ed25519", "x": _b64(key.raw)}


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
