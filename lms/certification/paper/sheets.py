"""How certificates look: the frame that many share, the slots of each, and the orders for the press."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from flask import current_app, render_template
from markupsafe import escape

from lms.certification.paper.facts import Common, Printed
from lms.certification.paper.qr import png
from lms.certification.paper.wording import document_title, grouped, locales_of, qr_words, shortened, words_of
from lms.core.choices import choices
from lms.core.printing import PAPER, Order, Sheet, Stationery

CERTIFICATE = Stationery.read(Path(__file__).parent / "stationery", PAPER)
MOST = 200  # certificates in one file
HANDFUL = 20  # single files that a press makes at a time
_SIZES = ((20, "s"), (44, "m"), (78, "l"), (120, "xl"))  # a name of so many letters stands in letters of this size


def orders(certificates: Sequence[Printed], language: str, is_each: bool) -> Iterator[Order]:
    """Order certificates: as files of two hundred at most, or each as a file of its own."""
    frames: dict[Common, str] = {}
    head = render_template(
        "certification/paper/document.html", title=document_title(language), lang=locales_of(language)[0]
    )
    alt, voices = qr_words(language), " two" if language == "both" else ""
    size = HANDFUL if is_each else MOST
    for start in range(0, len(certificates), size):
        some = certificates[start : start + size]
        sheets = [Sheet(_frame(one.common, language, frames), _slots(one, alt, voices)) for one in some]
        pictures = {f"{one.code}.png": png(one.qr) for one in some}
        yield Order(head, CERTIFICATE, pictures, sheets, is_each)


def file_name(one: Printed) -> str:
    """Name a single file: by the name and the code on it, and by nothing else.

    >>> from types import SimpleNamespace
    >>> file_name(SimpleNamespace(code="4XEVZTHEVF70", name="María Ẍuwan Kʼichʼob"))
    'maria-xuwan-kichob-4XEVZTHEVF70.pdf'
    """
    plain = unicodedata.normalize("NFKD", one.name).encode("ascii", "ignore").decode().lower()
    return "-".join([*re.findall(r"[a-z0-9]+", plain.replace("'", "")), one.code])[-80:] + ".pdf"


def _frame(common: Common, language: str, known: dict[Common, str]) -> str:
    found = known.get(common)
    if found is None:
        agency = choices().short_name or choices().agency or "Cascada"
        address = urlsplit(current_app.config["BASE_URL"]).netloc + "/verify"
        words = [words_of(common, agency, address, one) for one in locales_of(language)]
        found = known[common] = render_template(
            "certification/paper/certificate.html", agency=agency, w=words[0], v=words[1] if len(words) > 1 else None
        )
    return found


def _slots(one: Printed, alt: str, voices: str) -> dict[str, str]:
    size = next((size for most, size in _SIZES if len(one.name) <= most), "xl")
    groups = " ".join(f"<span>{group}</span>" for group in grouped(one.code).split())
    return {
        "name": f'<p class="name display {size}{voices}" data-slot="name">{escape(one.name)}</p>',
        "qr": f'<div class="qr" data-slot="qr"><img alt="{escape(alt)}" src="asset:{one.code}.png"></div>',
        "code": f'<p class="code" data-slot="code">{groups}</p>',
        "holder": f'<p class="holder" data-slot="holder">{escape(shortened(one.name))}</p>',
    }
