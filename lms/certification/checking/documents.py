"""Doors for programs: the credential in its four shapes, the published keys, the status lists."""

import json
from typing import Any

from flask import Response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from lms.access.lock import public
from lms.certification.checking import checking
from lms.certification.checking.badge import drawn_png, drawn_svg
from lms.certification.checking.queries import Check, check
from lms.certification.checking.views import count_miss
from lms.certification.codes import is_code
from lms.certification.models import Credential
from lms.certification.services.keys import lives
from lms.certification.services.signing import active_key, issuer
from lms.certification.services.status_lists import published
from lms.certification.signing.baking import bake_png, bake_svg
from lms.certification.signing.jwt import jwks, to_jwt
from lms.certification.signing.publishing import did_document
from lms.core import clock
from lms.core.codes import spaced, tidy_code
from lms.core.errors import NotFound, RuleBroken

_OPEN = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


@checking.get("/credentials/<code>")
@public
def credential(code: str) -> AnyResponse:
    """Give the credential to programs and the page to people: the address is the credential's name."""
    best = request.accept_mimetypes.best_match(
        ["application/json", "application/vc", "application/ld+json", "text/html"]
    )
    if best == "text/html":
        return redirect(url_for(".answer", code=code), 303)
    return _sent(_believed(code)[0].document.encode(), best or "application/json")


@checking.get("/credentials/<code>.json")
@public
def as_json(code: str) -> Response:
    """Give the credential as a file to keep."""
    found = _believed(code)[0]
    return _file(found.document.encode(), "application/json", f"{found.code}.json")


@checking.get("/credentials/<code>.jwt")
@public
def as_jwt(code: str) -> Response:
    """Give the credential as a VC-JWT, signed with the key of today."""
    found, checked = _believed(code)
    key = active_key(clock.now())
    # The method stands under the name the document gives the agency, where its keys are looked up.
    token = to_jwt(checked.document, key, f"{checked.document['issuer']['id']}#{key.id}")
    return _file(token.encode(), "application/vc+jwt", f"{found.code}.jwt")


@checking.get("/credentials/<code>.png")
@public
def as_png(code: str) -> Response:
    """Give a badge with the credential inside."""
    found, checked = _believed(code)
    image = drawn_png(str(checked.document.get("name", "")), spaced(found.code))
    return _file(bake_png(image, found.document), "image/png", f"{found.code}.png")


@checking.get("/credentials/<code>.svg")
@public
def as_svg(code: str) -> Response:
    """Give a badge with the credential inside, as a drawing of any size."""
    found, checked = _believed(code)
    image = drawn_svg(str(checked.document.get("name", "")), spaced(found.code))
    return _file(bake_svg(image, found.document).encode(), "image/svg+xml", f"{found.code}.svg")


@checking.get("/.well-known/did.json")
@public
def did() -> Response:
    """Publish every key there ever was, as did:web wants it."""
    return _sent(_dumped(did_document(issuer(), lives().values())), "application/did+json")


@checking.get("/.well-known/jwks.json")
@public
def key_set() -> Response:
    """Publish the keys for those who speak JOSE; a stolen key is not among them."""
    keys = [life.key for life in lives().values() if life.compromised_at is None]
    return _sent(_dumped(jwks(keys, issuer().method)), "application/jwk-set+json")


@checking.get("/status/<int:number>")
@public
def status(number: int) -> Response:
    """Publish a signed status list."""
    body = published(number, clock.now())
    if body is None:
        raise NotFound
    return _sent(body, "application/vc")


def _believed(code: str) -> tuple[Credential, Check]:
    """Return a credential that is what it was when it was signed; nothing else leaves here with the agency's name."""
    if not is_code(code) or code != tidy_code(code):
        raise NotFound
    checked = check(code, clock.now(), clock.today())
    if checked.credential is None:
        count_miss()
        raise NotFound
    if not checked.is_believed:
        raise RuleBroken(_("What the register says is not what was signed. Do not accept it, and tell the agency."))
    return checked.credential, checked


def _dumped(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _sent(body: bytes, media_type: str) -> Response:
    response = Response(body, content_type=media_type, headers=_OPEN)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Vary"] = "Accept"
    response.add_etag()
    return response.make_conditional(request)  # type: ignore[return-value]


def _file(body: bytes, media_type: str, name: str) -> Response:
    response = _sent(body, media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
