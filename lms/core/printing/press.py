"""The program that prints: WeasyPrint and nothing of ours, so that it starts fast and stays small.

It reads orders as lines of JSON and answers each with a letter, a length and bytes: P and a PDF, E and what went wrong,
M and which library is missing. What costs time is kept: parsed styles, fonts, pictures already drawn. It ends when
nobody asks for five minutes, when it has grown too large, or when whoever started it is gone.
"""

import json
import resource
import select
import sys
from base64 import b64decode
from dataclasses import dataclass, field
from typing import Any

QUIET = 300  # seconds
ROOM = 1024**3  # of address space; a document that wants more fails alone
LARGE = 320 * 1024  # kB of memory; whatever grew so far ends after its order, and the next one starts afresh


@dataclass
class Stationery:
    """Styles that were parsed and the pictures of one kind of document."""

    styles: list[Any]
    assets: dict[str, bytes]
    drawn: dict[str, Any] = field(default_factory=dict)


class Press:
    """Prints orders, one after the other."""

    def __init__(self) -> None:
        import weasyprint  # the one place that needs the system's libraries
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

        self.html, self.css, self.fetcher = weasyprint.HTML, weasyprint.CSS, Fetcher
        self.failures = (Exception, FatalURLFetchingError)  # the latter stands outside the usual tree
        self.fonts = FontConfiguration()
        self.known: dict[str, Stationery] = {}

    def learn(self, key: str, packed: dict[str, Any]) -> None:
        """Parse stationery, once."""
        assets = _unpacked(packed["assets"])
        fetcher = self.fetcher(assets)
        styles = [self.css(string=one, font_config=self.fonts, url_fetcher=fetcher) for one in packed["styles"]]
        self.known[key] = Stationery(styles, assets)

    def print(self, order: dict[str, Any]) -> bytes:
        """Print one document."""
        if order.get("stationery"):
            self.learn(order["key"], order["stationery"])
        paper, pictures = self.known[order["key"]], _unpacked(order["pictures"])
        document = self.html(string=order["html"], base_url="asset:", url_fetcher=self.fetcher(paper.assets | pictures))
        # Pictures are kept by name: those of one document must not turn up in the next.
        drawn = paper.drawn if not pictures else dict(paper.drawn)
        options = {"font_config": self.fonts, "cache": drawn, "pdf_variant": "pdf/ua-1"}
        printed: bytes = document.write_pdf(stylesheets=paper.styles, **options)
        return printed


def _unpacked(pictures: dict[str, str]) -> dict[str, bytes]:
    return {name: b64decode(data) for name, data in pictures.items()}


def _answer(kind: bytes, data: bytes) -> None:
    sys.stdout.buffer.write(kind + len(data).to_bytes(4, "big") + data)
    sys.stdout.buffer.flush()


def main() -> None:
    """Answer orders until there are none."""
    resource.setrlimit(resource.RLIMIT_AS, (ROOM, ROOM))
    try:
        press = Press()
    except (ImportError, OSError) as error:
        _answer(b"M", str(error).encode())
        return
    _answer(b"R", b"")
    while resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < LARGE and select.select([sys.stdin], [], [], QUIET)[0]:
        line = sys.stdin.buffer.readline()
        if not line:
            return
        try:
            printed = press.print(json.loads(line))
        except press.failures as error:  # whatever it was, it is this order's; the next one may be good
            _answer(b"E", f"{type(error).__name__}: {error}".encode())
        else:
            _answer(b"P", printed)


if __name__ == "__main__":
    main()
