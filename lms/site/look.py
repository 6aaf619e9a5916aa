"""The stylesheet, the scripts and the pictures of the frame: kept in memory and named by their hash.

The three sheets of the look travel as one. On somebody's first visit the sheet stands inside the page, so that the
first answer can be read without a second request; the browser then fetches it quietly (as a sheet for print, which
blocks nothing), and that answer sets the cookie `look`. From then on pages only link it.
"""

import base64
import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path

import brotli
from flask import Blueprint, Flask, Response, current_app, g, has_request_context, request
from markupsafe import Markup

from lms.access.lock import public
from lms.core.errors import NotFound
from lms.site.trim import used_of, words_of

SHEETS = ("css/tokens.css", "css/base.css", "css/components.css")
LOOK = "css"  # the name templates use for the three together
COOKIE = "look"
_YEAR = 31_536_000
_GAP = "\x00look\x00"  # where the rules of a page go that brings only its own
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}

# The stepped diamond in the tab; inside the page, so that nothing is asked for it.
ICON = Markup(
    '<link rel=icon href="'
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'%3E%3Cpath "
    "fill='%23f3b531' stroke='%23232a5e' d='M4 1h1v1h1v1h1v1h1v1H7v1H6v1H5v1H4V7H3V6H2V5H1V4h1V3h1V2h1z'/%3E%3C/svg%3E"
    '">'
)

bp = Blueprint("static_files", __name__)


@dataclass(frozen=True)
class Asset:
    """One file as it leaves, with the tag that names this very content."""

    body: bytes
    media_type: str
    tag: str

    @cached_property
    def by_encoding(self) -> dict[str, bytes]:
        """The body in each way a browser may want it, smallest first."""
        if not self.media_type.startswith(("text/", "image/svg")):
            return {"identity": self.body}
        return {
            "br": brotli.compress(self.body, quality=11),
            "gzip": gzip.compress(self.body, 9, mtime=0),
            "identity": self.body,
        }


class Assets:
    """Every file under static/, read at start-up; in debug mode read again when one changed."""

    def __init__(self, folder: Path, is_debug: bool) -> None:
        self.folder, self._is_debug, self._seen = folder, is_debug, 0.0
        self._read()

    def _read(self) -> None:
        bodies = {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.suffix in _TYPES
        }
        for name in bodies:
            if name.endswith(".css"):
                bodies[name] = small_css(bodies[name].decode()).encode()
        bodies[LOOK] = b"".join(bodies[name] for name in SHEETS)
        # Modules import each other by relative address, so they share one tag; everything else has its own.
        scripts = _tag(b"".join(body for name, body in bodies.items() if name.endswith(".js")))
        self._files = {
            name: Asset(body, _TYPES[Path(name).suffix or ".css"], scripts if name.endswith(".js") else _tag(body))
            for name, body in bodies.items()
        }
        css, address = bodies[LOOK], self.address(LOOK)
        self.link = Markup('<link rel="stylesheet" href="{}">{}').format(address, ICON)
        # On a first visit: the sheet itself, and a link that brings it quietly for the pages to come.
        quietly = Markup('<link rel="stylesheet" media="print" href="{}">').format(address)
        self.css = css.decode()
        self.whole = Markup("<style>{}</style>{}{}").format(Markup(self.css), quietly, ICON)  # noqa: S704  (our own)
        self.css_hash = _csp_hash(self.css)
        self.alone = Markup("<style>{}</style>{}").format(Markup(_GAP), ICON)  # noqa: S704  (our own)
        self.used_by = lru_cache(maxsize=64)(partial(used_of, self.css))  # a page has few faces

    def tag(self, name: str) -> str:
        """Return the tag of a file; raise LookupError when there is none."""
        found = self.get(name)
        if found is None:
            raise LookupError(f"there is no static file {name}")
        return found.tag

    def address(self, name: str) -> str:
        """Return where a file is found, for ever."""
        return f"/static/{self.tag(name)}/{name}"

    def get(self, name: str) -> Asset | None:
        """Return the file called `name`, or None."""
        if self._is_debug:
            newest = max(path.stat().st_mtime for path in self.folder.rglob("*"))
            if newest > self._seen:
                self._seen = newest
                self._read()
        return self._files.get(name)


def small_css(source: str) -> str:
    """Leave out of a sheet what only its authors need.

    >>> small_css("/* calm */\\na { color : red; }\\n\\n@media print {\\n  a { top: 0 }\\n}\\n")
    'a{color:red}@media print{a{top:0}}'
    >>> small_css(".a .b>i::before { content: '; }  {'; width: calc(1px + 2px) }")
    ".a .b>i::before{content:'; }  {';width:calc(1px + 2px)}"
    """
    parts = re.split(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')""", re.sub(r"/\*.*?\*/", "", source, flags=re.S))
    for index in range(0, len(parts), 2):  # between the quoted texts
        part = re.sub(r"\s+", " ", parts[index])
        part = re.sub(r" ?([{};,>]) ?", r"\1", part)
        part = re.sub(r"(?<=[a-z]) ?: (?=[^{}]*[;}]|[^{}]*$)", ":", part)
        parts[index] = part.replace(";}", "}")
    return "".join(parts).strip()


def assets() -> Assets:
    """Return the files of the running application."""
    found: Assets = current_app.extensions["assets"]
    return found


def asset(name: str) -> str:
    """Return the address of a static file: `asset("js/exit.js")`; `asset("css")` is the stylesheet of every page."""
    return assets().address(name)


def look(is_alone: bool = False) -> Markup:
    """Return what the head of a page needs to look right: a link, or on the first visit the whole sheet.

    :param is_alone: people come for this one page, which has no script: it brings the rules it uses, and no more.
    """
    everything = assets()
    if not has_request_context() or request.cookies.get(COOKIE) == everything.tag(LOOK):
        return everything.link
    if is_alone:
        g.page_is_alone = True
        return everything.alone
    g.setdefault("csp_style_hashes", []).append(everything.css_hash)
    return everything.whole


def _trim(response: Response) -> Response:
    if not g.get("page_is_alone") or response.mimetype != "text/html":
        return response
    page, everything = response.get_data(as_text=True), assets()
    sheet = everything.used_by(words_of(page))
    g.setdefault("csp_style_hashes", []).append(_csp_hash(sheet))
    response.set_data(page.replace(_GAP, sheet, 1))
    return response


@bp.get("/static/<string(length=10):tag>/<path:name>")
@public
def show(tag: str, name: str) -> Response:
    """Send a static file; an address that names its present content may be kept for ever."""
    found = assets().get(name)
    if found is None:
        raise NotFound
    wanted = request.accept_encodings
    encoding = next(way for way in found.by_encoding if way == "identity" or wanted[way] > 0)
    answer = Response(found.by_encoding[encoding], content_type=found.media_type)
    if encoding != "identity":
        answer.headers["Content-Encoding"] = encoding
    answer.headers["Vary"] = "Accept-Encoding"
    # During an upgrade an old page may ask a new server: it gets what there is, and keeps it for a minute only.
    is_current = tag == found.tag
    answer.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable" if is_current else "public, max-age=60"
    if is_current and name == LOOK and request.cookies.get(COOKIE) != tag:
        is_https = bool(current_app.config["IS_HTTPS"])
        answer.set_cookie(COOKIE, tag, max_age=_YEAR, secure=is_https, httponly=True, samesite="Lax")
    return answer


def _csp_hash(sheet: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()


def _tag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:10]


def open_assets(app: Flask) -> None:
    """Read the static files and give templates their addresses."""
    app.extensions["assets"] = Assets(Path(app.root_path) / "static", app.debug)
    app.jinja_env.globals.update(asset=asset, look=look)
    app.after_request(_trim)
    app.register_blueprint(bp)
