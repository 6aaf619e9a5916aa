"""Two canonical forms of a JSON document, and the refusal of what one of them would leave out.

JCS (RFC 8785) orders the JSON itself. RDFC orders what the JSON *means*; members that no context defines mean nothing
and would stay unsigned, so `undefined_members` names them and signing and verifying refuse such a document.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import rfc8785

CREDENTIALS = "https://www.w3.org/ns/credentials/v2"
BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
INTEGRITY = "https://w3id.org/security/data-integrity/v2"
MULTIKEY = "https://w3id.org/security/multikey/v1"

_FOLDER = Path(__file__).parent / "contexts"
_FILES = {
    CREDENTIALS: "credentials-v2.json",
    BADGES: "ob-v3p0-context-3.0.3.json",
    INTEGRITY: "security-data-integrity-v2.json",
    MULTIKEY: "security-multikey-v1.json",
}


class Uncanonical(ValueError):
    """The document cannot be put into canonical form."""


def jcs(document: Any) -> bytes:
    """Return the JCS form; raise Uncanonical for what JSON cannot say exactly."""
    try:
        return rfc8785.dumps(document)
    except rfc8785.CanonicalizationError as error:
        raise Uncanonical(str(error)) from error


def rdfc(document: dict[str, Any]) -> bytes:
    """Return the canonical N-Quads; raise Uncanonical for an unknown context or an undefined member."""
    if undefined := undefined_members(document):
        raise Uncanonical("undefined members: " + ", ".join(undefined))
    from pyld import jsonld  # brings a library for addresses along, which is never asked: not before it is needed

    try:
        quads = jsonld.normalize(
            document,
            {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": _load},
        )
    except jsonld.JsonLdError as error:
        raise Uncanonical(str(error)) from error
    return str(quads).encode()


def _load(url: str, _options: Any = None) -> dict[str, Any]:
    if url not in _FILES:
        from pyld import jsonld

        raise jsonld.JsonLdError(f"unknown context: {url}", "loading document failed")
    return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": _context(url)}


@lru_cache
def _context(url: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((_FOLDER / _FILES[url]).read_text("utf-8"))
    return document


def undefined_members(document: dict[str, Any]) -> list[str]:
    """Name the members of a document that its contexts do not define, by their paths.

    >>> undefined_members({"@context": [CREDENTIALS], "id": "urn:x", "honours": True})
    ['honours']
    """
    contexts = document.get("@context")
    contexts = contexts if isinstance(contexts, list) else [contexts]
    if not all(isinstance(url, str) and url in _FILES for url in contexts):
        raise Uncanonical("the document names a context that is not known here")
    found: list[str] = []
    _walk(document, [_context(str(url))["@context"] for url in contexts], "", found)
    return found


def _walk(node: Any, scopes: list[dict[str, Any]], path: str, found: list[str]) -> None:
    if isinstance(node, list):
        for index, item in enumerate(node):
            _walk(item, scopes, f"{path}[{index}]", found)
        return
    if not isinstance(node, dict):
        return
    types = node.get("type") or node.get("@type") or []
    types = [types] if isinstance(types, str) else types
    if not isinstance(types, list) or not all(isinstance(kind, str) for kind in types):
        raise Uncanonical(f"{path or 'the document'} has a type that is no name")
    for kind in sorted(types):
        scopes = scopes + _scoped(scopes, kind)
    for key, value in node.items():
        if key == "@context":
            continue
        here = f"{path}.{key}" if path else key
        if key.startswith("@") or key in ("id", "type"):
            continue
        term = _term(scopes, key)
        if term is None:
            found.append(here)
        else:
            _walk(value, scopes + _own_scope(term), here, found)


def _term(scopes: list[dict[str, Any]], key: str) -> Any:
    return next((scope[key] for scope in reversed(scopes) if scope.get(key) is not None), None)


def _scoped(scopes: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    term = _term(scopes, kind)
    return _own_scope(term) if term is not None else []


def _own_scope(term: Any) -> list[dict[str, Any]]:
    scope = term.get("@context") if isinstance(term, dict) else None
    scopes = scope if isinstance(scope, list) else [scope]
    return [one for one in scopes if isinstance(one, dict)]
