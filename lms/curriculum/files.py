"""Files of a version as pages show them: small drawings inside the page itself, everything else by its address."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from lms.core.markup import MEDIA_PATH
from lms.curriculum.package.pictures import PICTURES, media_type, size_of

INLINE_LIMIT = 8_000  # bytes of a drawing that travels inside the page: one request reads the lesson

_BETWEEN = re.compile(r">\s+<")
_PREAMBLE = re.compile(r"<\?xml[^>]*\?>|<!--.*?-->", re.DOTALL)


@dataclass(frozen=True)
class Shown:
    """What a page needs to show a file."""

    url: str
    media_type: str
    size: int = 0
    width: int = 0
    height: int = 0
    inlined: str = ""  # a data: address, for small drawings


def media_url(sha: str, path: str) -> str:
    """Return the address of a file at the media door.

    >>> media_url("ab12", "media/cards/aula.svg")
    '/media/ab12/aula.svg'
    """
    return f"{MEDIA_PATH}{sha}/{path.rpartition('/')[2]}"


def is_picture(path: str) -> bool:
    """Tell whether a page draws the file (its bytes are needed to know how large)."""
    return path.rpartition(".")[2].lower() in PICTURES


def shown(url: str, path: str, size: int, data: bytes | None = None) -> Shown:
    """Prepare a file for pages; `data` is needed for pictures only."""
    kind = media_type(path) or "application/octet-stream"
    if data is None or not is_picture(path):
        return Shown(url, kind, size)
    width, height = size_of(path, data)
    inlined = data_url(data) if kind == "image/svg+xml" and len(data) <= INLINE_LIMIT else ""
    return Shown(url, kind, size, width, height, inlined)


def data_url(svg: bytes) -> str:
    """Write a drawing as a data: address, spelled so that it stays small and compresses well.

    >>> data_url(b'<svg viewBox="0 0 9 9">\\n <path fill="#0a6651" d="M0 0h9v9z"/></svg>')
    "data:image/svg+xml,%3Csvg viewBox='0 0 9 9'%3E%3Cpath fill='%230a6651' d='M0 0h9v9z'/%3E%3C/svg%3E"
    """
    text = _BETWEEN.sub("><", _PREAMBLE.sub("", svg.decode("utf-8-sig"))).strip()
    text = " ".join(text.split())
    if "'" not in text:
        text = text.replace('"', "'")
    return "data:image/svg+xml," + quote(text, safe=" =:/;,'()!*+?@$-._~")
