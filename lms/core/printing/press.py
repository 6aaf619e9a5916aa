"""The program that prints: WeasyPrint and nothing of ours, so that it starts fast and stays small.

It reads orders as lines of JSON and answers each with a letter and parts: P and the documents, E and what went wrong, M
and which library is missing. What costs time is kept: parsed styles, fonts, pictures already drawn, frames
already laid out. It ends when nobody asks for five minutes, when it has grown too large, or when whoever started it is
gone.

Sheets that differ in a few places only (certificates) are not laid out one by one. Their common frame is laid out once
and its drawing kept; of each sheet only the slots are laid out, moved to where they stand in the frame, drawn after it,
and read aloud in their place. Frames whose slots come out higher or lower than those of the first are laid out anew, so
what is printed is what the whole page would have been.
"""

import json
import resource
import select
import sys
from base64 import b64decode
from collections import OrderedDict
from collections.abc import Callable
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from typing import Any

QUIET = 300  # seconds
ROOM = 1024**3  # of address space; a document that wants more fails alone
LARGE = 300 * 1024  # kB of memory; whatever grew so far ends after its order, and the next one starts afresh
FRAMES = 24  # kept
HERE = "<!-- sheets -->"
# Where slots are measured: one page that is never full.
STRIP = "@page { size: 297mm 99999mm; margin: 0 } body > div { display: flow-root; width: 297mm }"


@dataclass
class Stationery:
    """Styles that were parsed and the pictures of one kind of document."""

    styles: list[Any]
    assets: dict[str, bytes]
    drawn: dict[str, Any] = field(default_factory=dict)


@dataclass
class Frame:
    """A sheet that was laid out, and the places in it that differ from sheet to sheet."""

    page: Any
    slots: dict[str, Any]

    def empty(self) -> None:
        """Take the slots' contents out."""
        for box in self.slots.values():
            box.children = []

    def fill(self, strips: dict[str, Any]) -> None:
        """Put the contents of a sheet in."""
        for name, box in self.slots.items():
            box.children = strips[name].children


class Press:
    """Prints orders, one after the other."""

    def __init__(self) -> None:
        import pydyf
        import weasyprint  # the one place that needs the system's libraries
        import weasyprint.pdf
        from weasyprint.images import RasterImage
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

        class Fetcher(URLFetcher):
            """Hands out what it was given; there is no way to file or network."""

            def __init__(self, assets: dict[str, bytes]) -> None:
                super().__init__(allowed_protocols=("asset",), allow_redirects=False, fail_on_errors=True)
                self.assets = assets

            def fetch(self, url: str, headers: Any = None) -> Any:
                scheme, _, name = url.partition(":")
                if scheme != "asset" or name not in self.assets:
                    raise FatalURLFetchingError(f"there is no {url[:80]}")
                return URLFetcherResponse(url, self.assets[name])

        weasyprint.pdf.Stream = _speaking(weasyprint.pdf.Stream)
        pydyf.PDF.page_references = property(_pages_known)
        RasterImage.get_x_object = _packed_once(RasterImage.get_x_object)
        self.html, self.css, self.fetcher = weasyprint.HTML, weasyprint.CSS, Fetcher
        self.failures = (Exception, FatalURLFetchingError)  # the latter stands outside the usual tree
        self.fonts = FontConfiguration()
        self.known: dict[str, Stationery] = {}
        self.frames: OrderedDict[Any, Frame] = OrderedDict()
        self.strip = self.css(string=STRIP)

    def learn(self, key: str, packed: dict[str, Any]) -> None:
        """Parse stationery, once."""
        assets = _unpacked(packed["assets"])
        fetcher = self.fetcher(assets)
        styles = [self.css(string=one, font_config=self.fonts, url_fetcher=fetcher) for one in packed["styles"]]
        self.known[key] = Stationery(styles, assets)

    def print(self, order: dict[str, Any]) -> list[bytes]:
        """Print the documents of an order."""
        if order.get("stationery"):
            self.learn(order["key"], order["stationery"])
        if order["sheets"]:
            return self.print_sheets(order)
        return [_written(self.laid_out(order, order["html"]))]

    def laid_out(self, order: dict[str, Any], html: str, *more: Any) -> Any:
        """Lay a document out."""
        paper, pictures = self.known[order["key"]], _unpacked(order["pictures"])
        document = self.html(string=html, base_url="asset:", url_fetcher=self.fetcher(paper.assets | pictures))
        # Pictures are kept by name: those of one document must not turn up in the next.
        drawn = paper.drawn if not pictures else dict(paper.drawn)
        styles = [*paper.styles, *more]
        return document.render(font_config=self.fonts, cache=drawn, stylesheets=styles, pdf_variant="pdf/ua-1")

    def print_sheets(self, order: dict[str, Any]) -> list[bytes]:
        """Print sheets as one document, or each as its own."""
        strips = self.measured(order)
        drawn: dict[int, Any] = {}  # the drawing of each frame, within one document
        pages = [
            Sheet(self.frame_of(order, number, own), own, {} if order["is_each"] else drawn)
            for number, own in enumerate(strips)
        ]
        bare = self.laid_out(order, order["html"].replace(HERE, ""))
        groups = [[page] for page in pages] if order["is_each"] else [pages]
        return [_written(bare.copy(group)) for group in groups]

    def measured(self, order: dict[str, Any]) -> list[dict[str, Any]]:
        """Lay out the slots of every sheet."""
        parts = ["".join(f"<div>{slot}</div>" for slot in slots.values()) for _frame, slots in order["sheets"]]
        document = self.laid_out(order, order["html"].replace(HERE, "".join(parts)), self.strip)
        assert len(document.pages) == 1
        found = iter(_slots(document.pages[0]._page_box))
        return [{name: next(found) for name in slots} for _frame, slots in order["sheets"]]

    def frame_of(self, order: dict[str, Any], number: int, own: dict[str, Any]) -> Frame:
        """Return the frame of a sheet, with the slots of the sheet moved to their places."""
        index, slots = order["sheets"][number]
        text = order["frames"][index]
        heights = tuple(round(own[name].margin_height(), 2) for name in slots)
        key = (order["key"], order["html"], text, heights)
        frame = self.frames.get(key)
        if frame is None:
            frame = self.frames[key] = self.frame(order, text, slots)
            if len(self.frames) > FRAMES:
                self.frames.popitem(last=False)
        self.frames.move_to_end(key)
        for name, box in frame.slots.items():
            strip = own[name]
            strip.translate(box.content_box_x() - strip.content_box_x(), box.content_box_y() - strip.content_box_y())
        return frame

    def frame(self, order: dict[str, Any], text: str, slots: dict[str, str]) -> Frame:
        """Lay out a whole sheet, to be the frame of those that come out like it."""
        for name, slot in slots.items():
            text = text.replace(f"<!-- {name} -->", slot)
        (page,) = self.laid_out(order, order["html"].replace(HERE, text)).pages
        boxes = _slots(page._page_box)
        frame = Frame(page, {name: next(box for box in boxes if _named(box) == name) for name in slots})
        frame.empty()
        return frame


class Sheet:
    """A page to WeasyPrint: the frame's drawing, then the slots; in the tree of tags each slot stands in its place."""

    links: list[Any] = []
    bookmarks: list[Any] = []

    def __init__(self, frame: Frame, own: dict[str, Any], drawn: dict[int, Any]) -> None:
        self.frame, self.own, self.drawn = frame, own, drawn
        self.width, self.height, self.bleed = frame.page.width, frame.page.height, frame.page.bleed
        self.anchors: dict[str, Any] = {}
        self.forms: dict[Any, Any] = {None: []}

    @property
    def _page_box(self) -> Any:
        self.frame.fill(self.own)
        return self.frame.page._page_box

    def paint(self, stream: Any, scale: float = 1) -> None:
        """Draw the frame, or copy its drawing from a page before; then draw the slots."""
        from weasyprint.draw import draw_stacking_context
        from weasyprint.stacking import StackingContext

        if id(self.frame) not in self.drawn:
            self.frame.empty()
            start = len(stream.stream)
            self.frame.page.paint(stream, scale)
            self.drawn[id(self.frame)] = (stream.stream[start:], dict(stream._tags))
        else:
            commands, tags = self.drawn[id(self.frame)]
            stream.stream.extend(commands)
            stream._tags.update(tags)
        page_box = self.frame.page._page_box
        with stream.stacked():
            stream.transform(a=scale, d=scale)
            for strip in self.own.values():
                draw_stacking_context(stream, StackingContext.from_box(strip, page_box))


def _slots(box: Any) -> list[Any]:
    """Find the boxes of slots below a box, in the order of the document."""
    box = getattr(box, "_box", box)  # what is placed absolutely hides behind a place-holder
    if _named(box):
        return [box]
    return [found for child in getattr(box, "children", ()) for found in _slots(child)]


def _named(box: Any) -> str:
    return "" if box.element is None else str(box.element.get("data-slot", ""))


def _speaking(stream: Any) -> Any:
    """Let text in another language than the page's say so: WeasyPrint tells the language of the whole alone."""
    from pydyf import String

    class Speaking(stream):
        @contextmanager
        def marked(self, box: Any, tag: str) -> Any:
            language = box.style["lang"]
            with super().marked(box, tag):
                if self._tags is not None and language:
                    self.stream[-2]["Lang"] = String(language)
                yield

    return Speaking


def _packed_once(pack: Callable[..., Any]) -> Callable[..., Any]:
    """Pack a picture of the stationery for the first document that shows it, not for each, unless it has holes."""

    def packed(image: Any, interpolate: bool, ratio: float) -> Any:
        known = image.__dict__.setdefault("packed", {})
        if (interpolate, ratio) not in known:
            known[interpolate, ratio] = pack(image, interpolate, ratio)
        found = known[interpolate, ratio]
        return pack(image, interpolate, ratio) if "SMask" in found.extra else copy(found)

    return packed


def _pages_known(pdf: Any) -> list[bytes]:
    """List the pages of a PDF as others refer to them: asked for with every tag, so counted only when one was added."""
    kids = pdf.pages["Kids"]
    if len(getattr(pdf, "known", ())) * 3 != len(kids):
        pdf.known = [b"%i %i R" % (kids[at], kids[at + 1]) for at in range(0, len(kids), 3)]
    known: list[bytes] = pdf.known
    return known


def _written(document: Any) -> bytes:
    printed: bytes = document.write_pdf(pdf_variant="pdf/ua-1")
    return printed


def _unpacked(pictures: dict[str, str]) -> dict[str, bytes]:
    return {name: b64decode(data) for name, data in pictures.items()}


def _answer(kind: bytes, *parts: bytes) -> None:
    sys.stdout.buffer.write(kind + len(parts).to_bytes(4, "big"))
    for part in parts:
        sys.stdout.buffer.write(len(part).to_bytes(4, "big") + part)
    sys.stdout.buffer.flush()


def _grown() -> int:
    """Return the most memory this program ever held, in kB; what getrusage tells starts at what its parent held."""
    with open("/proc/self/status", encoding="ascii", errors="replace") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


def main() -> None:
    """Answer orders until there are none."""
    resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM))
    try:
        press = Press()
    except (ImportError, OSError) as error:
        _answer(b"M", str(error).encode())
        return
    _answer(b"R")
    while _grown() < LARGE and select.select([sys.stdin], [], [], QUIET)[0]:
        line = sys.stdin.buffer.readline()
        if not line:
            return
        try:
            printed = press.print(json.loads(line))
        except press.failures as error:  # whatever it was, it is this order's; the next one may be good
            _answer(b"E", f"{type(error).__name__}: {error}".encode())
        else:
            _answer(b"P", *printed)


if __name__ == "__main__":
    main()
