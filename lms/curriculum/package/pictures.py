"""Pictures, recordings and attachments of a package: what may come in, and how large it is drawn.

An SVG is a program unless proved otherwise: only drawing elements pass, and nothing that loads or runs.
"""

import io
import re
import warnings
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml import DefusedXmlException, sax
from PIL import Image, UnidentifiedImageError

from lms.core.problems import N_, Problems

PICTURES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
}
RECORDINGS = {
    "opus": "audio/ogg",
    "ogg": "audio/ogg",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "mp4": "video/mp4",
    "webm": "video/webm",
    "vtt": "text/vtt",
}
ATTACHMENTS = {
    "pdf": "application/pdf",
    "txt": "text/plain",
    "csv": "text/csv",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
}
TYPES = PICTURES | RECORDINGS | ATTACHMENTS

FILE_LIMIT = 60_000_000
PIXEL_LIMIT = 40_000_000
HEAVY_DRAWING, HEAVY_PHOTOGRAPH = 30_000, 150_000

_DRAWING = frozenset(
    {"svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "defs", "use", "symbol"}
    | {"linearGradient", "radialGradient", "stop", "clipPath", "mask", "pattern", "title", "desc", "text", "tspan"}
)
_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}
_GPS = 0x8825
_NUMBER = r"[\d.]+"
_VIEWBOX = re.compile(rf'viewBox\s*=\s*["\']\s*-?{_NUMBER}[\s,]+-?{_NUMBER}[\s,]+({_NUMBER})[\s,]+({_NUMBER})')
_SIDES = re.compile(rf'<svg[^>]*?\swidth\s*=\s*["\']({_NUMBER})(?:px)?["\'][^>]*?\sheight\s*=\s*["\']({_NUMBER})')


def media_type(path: str) -> str | None:
    """Return the type of a file by its ending; None when packages may not hold it.

    >>> media_type("media/aula.svg"), media_type("media/setup.exe")
    ('image/svg+xml', None)
    """
    return TYPES.get(path.rpartition(".")[2].lower())


def check_media(path: str, data: bytes, problems: Problems) -> None:
    """Report whatever keeps a file of media/ from being shown."""
    kind = media_type(path)
    if kind is None:
        problems.add(
            path, 1, N_("Files that end in “.%(end)s” cannot be part of a course."), end=path.rpartition(".")[2]
        )
    elif len(data) > FILE_LIMIT:
        problems.add(path, 1, N_("This file is larger than %(limit)s MB."), limit=FILE_LIMIT // 1_000_000)
    elif not data:
        problems.add(path, 1, N_("This file is empty."))
    elif kind == "image/svg+xml":
        _check_svg(path, data, problems)
    elif kind in _FORMATS:
        _check_photograph(path, data, _FORMATS[kind], problems)
    elif kind == "application/pdf" and not data.startswith(b"%PDF-"):
        problems.add(path, 1, N_("This file says it is a PDF, but it is not."))


def size_of(path: str, data: bytes) -> tuple[int, int]:
    """Return the width and height a checked picture is drawn with.

    >>> size_of("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 400"/>')
    (640, 400)
    """
    if not path.endswith(".svg"):
        with Image.open(io.BytesIO(data)) as image:
            return image.size
    head = data[:2000].decode("utf-8", "replace")
    found = _VIEWBOX.search(head) or _SIDES.search(head)
    return (round(float(found.group(1))), round(float(found.group(2)))) if found else (640, 400)


class _Drawing(ContentHandler):
    """Walks an SVG and reports every element and attribute that could load, run or restyle something."""

    def __init__(self, path: str, problems: Problems) -> None:
        super().__init__()
        self.path, self.problems, self.depth = path, problems, 0
        self._where: object = None

    def setDocumentLocator(self, locator: object) -> None:
        self._where = locator

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        if self.depth == 0 and name != "svg":
            self._report(N_("A drawing starts with <svg>."))
        self.depth += 1
        if name not in _DRAWING:
            self._report(N_("<%(name)s> cannot be part of a drawing. Save it as plain SVG, without it."), name=name)
        for key in attrs.getNames():
            self._check_attribute(key.lower(), attrs.getValue(key))

    def endElement(self, name: str) -> None:
        self.depth -= 1

    def _check_attribute(self, key: str, value: str) -> None:
        plain = "".join(value.lower().split())
        if key.startswith("on"):
            self._report(N_("A drawing cannot react to events (“%(key)s”)."), key=key)
        elif key in ("href", "xlink:href", "src") and not plain.startswith("#"):
            self._report(N_("A drawing cannot point outside itself (“%(key)s”)."), key=key)
        elif key == "style":
            self._report(N_("Write colours as attributes (fill, stroke), not in “style”."))
        elif "javascript:" in plain or "data:" in plain or "url(" in plain.replace("url(#", "").replace("url('#", ""):
            self._report(N_("A drawing cannot point outside itself (“%(key)s”)."), key=key)

    def _report(self, sentence: str, **values: object) -> None:
        line = self._where.getLineNumber() if self._where else 1  # type: ignore[attr-defined]
        self.problems.add(self.path, line or 1, sentence, **values)


def _check_svg(path: str, data: bytes, problems: Problems) -> None:
    try:
        sax.parseString(data, _Drawing(path, problems), forbid_dtd=True)
    except DefusedXmlException:
        problems.add(path, 1, N_("A drawing cannot have a DOCTYPE or entities. Save it as plain SVG."))
        return
    except SAXParseException as error:
        problems.add(path, error.getLineNumber() or 1, N_("This drawing is not well-formed XML."))
        return
    head = data[:2000].decode("utf-8", "replace")
    if not _VIEWBOX.search(head) and not _SIDES.search(head):
        problems.add(path, 1, N_("The drawing needs a viewBox, so that pages can keep its place."))
    if "http://www.w3.org/2000/svg" not in head:
        problems.add(path, 1, N_('The drawing needs xmlns="http://www.w3.org/2000/svg".'))
    if len(data) > HEAVY_DRAWING:
        problems.warn(
            path, 1, N_("This drawing weighs %(size)s KB; on a poor line that is slow."), size=len(data) // 1000
        )


def _check_photograph(path: str, data: bytes, expected: str, problems: Problems) -> None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=[expected]) as image:
                width, height = image.size
                has_place = bool(image.getexif().get_ifd(_GPS))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        problems.add(path, 1, N_("This picture cannot be read as %(format)s."), format=expected)
        return
    if width * height > PIXEL_LIMIT:
        problems.add(
            path, 1, N_("This picture has %(width)s × %(height)s points, too many."), width=width, height=height
        )
    if has_place:
        problems.add(path, 1, N_("This photograph says where it was taken. Save it without its location."))
    if len(data) > HEAVY_PHOTOGRAPH:
        problems.warn(
            path, 1, N_("This picture weighs %(size)s KB; on a poor line that is slow."), size=len(data) // 1000
        )
