"""Headers of every answer, and the refusal of what other sites send in a person's name."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wsgi import get_host

from lms.core.errors import NotAllowed, NotFound, TooOld

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

View = TypeVar("View", bound=Callable[..., Any])

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_PAGES = frozenset({"text/html", "text/javascript", "application/xhtml+xml"})
_LOCAL = ["127.0.0.1", "localhost", "[::1]"]
_PERMISSIONS = "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), payment=(), usb=()"


class Csrf(CSRFProtect):
    """Flask-WTF's protection, with a refusal of our own tree."""

    def _error_response(self, reason: str) -> None:
        raise TooOld


csrf = Csrf()


def takes_uploads(megabytes: int) -> Callable[[View], View]:
    """Let this door take files up to a size; every other takes what a form needs."""

    def mark(view: View) -> View:
        view.max_bytes = megabytes * 1024 * 1024  # type: ignore[attr-defined]
        return view

    return mark


def takes_other_sites(view: View) -> View:
    """Let other sites post to this door (an API with tokens of its own, a launch from another platform)."""
    view.takes_other_sites = True  # type: ignore[attr-defined]
    csrf.exempt(view)
    return view


def init_headers(app: Flask) -> None:
    """Stand at the front: proxies, trusted hosts, uploads, forgery; and dress every answer."""
    if app.config["TRUSTED_PROXIES"]:
        count = app.config["TRUSTED_PROXIES"]
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=0, x_prefix=0, x_port=0
        )
    if app.config["TRUSTED_HOSTS"] is None:
        host = urlsplit(app.config["BASE_URL"]).hostname or "localhost"
        app.config["TRUSTED_HOSTS"] = [host] if app.config["IS_HTTPS"] else [host, *_LOCAL]
    app.wsgi_app = KnownNames(app)  # type: ignore[method-assign]
    app.before_request(_take_head_for_get)
    app.before_request(_refuse_broken_paths)
    app.before_request(_widen_for_uploads)
    app.before_request(_refuse_other_sites)
    csrf.init_app(app)
    app.after_request(_dress)


class KnownNames:
    """Answers requests for another host name before anything else does: no page could build its links from it."""

    def __init__(self, app: Flask) -> None:
        self.app, self.inner = app, app.wsgi_app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        try:
            get_host(environ, self.app.config["TRUSTED_HOSTS"])
        except SecurityError:
            address = self.app.config["BASE_URL"]
            words = f"Este sitio está en {address}/\nThis site is at {address}/\n"
            return Response(words, 400, content_type="text/plain; charset=utf-8")(environ, start_response)
        return self.inner(environ, start_response)


def _view() -> Any:
    return current_app.view_functions.get(request.endpoint or "")


def _take_head_for_get() -> None:
    # A door that shows on GET and else acts would act on HEAD, which carries no token. The server still sends no body.
    if request.method == "HEAD":
        request.method = "GET"


def _refuse_broken_paths() -> None:
    if "\x00" in request.path:  # names nothing of ours, and a database cannot even look for it
        raise NotFound


def _widen_for_uploads() -> None:
    if (limit := getattr(_view(), "max_bytes", None)) is not None:
        request.max_content_length = limit


def _refuse_other_sites() -> None:
    if request.method in _SAFE or getattr(_view(), "takes_other_sites", False):
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise NotAllowed
        return
    origin = request.headers.get("Origin") or request.headers.get("Referer")
    if origin is None and not request.is_secure:
        return  # the token alone decides; over https every browser says one of the three
    if urlsplit(origin or "").netloc not in _own_hosts():
        raise NotAllowed


def _own_hosts() -> set[str]:
    return {request.host, urlsplit(current_app.config["BASE_URL"]).netloc}


def policy() -> str:
    """Write the content security policy of this answer; what is not named here falls under `default-src 'none'`.

    `g.csp_style_hashes` holds the hashes of style sheets that stand inside the page.
    """
    styles = "".join(f" '{value}'" for value in g.get("csp_style_hashes", ()))
    content = current_app.config["CONTENT_URL"]
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'{styles}; img-src 'self' data:; media-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        + (f"; frame-src {content}" if content else "")
    )


def _dress(response: Response) -> Response:
    headers = response.headers
    present = {name.lower() for name, _value in headers}
    for name, value in _usual(response.mimetype, request.is_secure):
        if name.lower() not in present:
            headers.add(name, value)
    if "content-security-policy" not in present and response.mimetype in _PAGES:
        headers.add("Content-Security-Policy", policy())
    if "cache-control" not in present:
        is_signed_in = getattr(g.get("actor"), "is_signed_in", False)
        headers.add("Cache-Control", "private, no-store" if is_signed_in else "private, no-cache")
    return response


@lru_cache(maxsize=64)  # an upload may claim to be of any kind
def _usual(kind: str, is_secure: bool) -> tuple[tuple[str, str], ...]:
    usual = [
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),  # Flask-WTF wants to see our own
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ]
    if is_secure:
        usual.append(("Strict-Transport-Security", "max-age=63072000; includeSubDomains"))
    if kind in _PAGES:
        usual += [("Cross-Origin-Opener-Policy", "same-origin"), ("Permissions-Policy", _PERMISSIONS)]
    elif kind != "application/pdf":  # browsers draw a PDF with styles of their own
        usual.append(("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox"))
    return tuple(usual)
