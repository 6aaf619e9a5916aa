"""Badges that carry their credential inside: PNG (an iTXt chunk) and SVG (an element), as Open Badges 3.0 says."""

import struct
import zlib
from xml.sax.saxutils import escape

from defusedxml.ElementTree import fromstring

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KEYWORD = b"openbadgecredential"
_NAMESPACE = "https://purl.imsglobal.org/ob/v3p0"


def bake_png(image: bytes, credential: str) -> bytes:
    """Put the credential into a PNG, before its end; a second baking is refused with ValueError."""
    if _chunks(image) is None or read_png(image) is not None:
        raise ValueError("not a PNG that can be baked")
    data = _KEYWORD + b"\0\0\0\0\0" + credential.encode()
    chunk = b"iTXt" + data
    packed = struct.pack(">I", len(data)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    end = image.rindex(b"\0\0\0\0IEND")
    return image[:end] + packed + image[end:]


def read_png(image: bytes) -> str | None:
    """Return the credential inside a PNG, or None."""
    for kind, data in _chunks(image) or []:
        if kind == b"iTXt" and data.startswith(_KEYWORD + b"\0"):
            flag, rest = data[len(_KEYWORD) + 1], data[len(_KEYWORD) + 3 :]
            _language, _, rest = rest.partition(b"\0")
            _translated, _, text = rest.partition(b"\0")
            return None if flag else text.decode()
    return None


def _chunks(image: bytes) -> list[tuple[bytes, bytes]] | None:
    if not image.startswith(_SIGNATURE):
        return None
    found, at = [], len(_SIGNATURE)
    while at + 12 <= len(image):
        (size,) = struct.unpack(">I", image[at : at + 4])
        found.append((image[at + 4 : at + 8], image[at + 8 : at + 8 + size]))
        at += 12 + size
    return found


def bake_svg(image: str, credential: str) -> str:
    """Put the credential into an SVG, as its first child."""
    opening = image.index(">", image.index("<svg"))
    inside = f'<openbadges:credential xmlns:openbadges="{_NAMESPACE}">{escape(credential)}</openbadges:credential>'
    return image[: opening + 1] + inside + image[opening + 1 :]


def read_svg(image: str) -> str | None:
    """Return the credential inside an SVG, or None; a doctype or an entity is refused by the parser."""
    found = fromstring(image, forbid_dtd=True).find(f"{{{_NAMESPACE}}}credential")
    return None if found is None else found.text
