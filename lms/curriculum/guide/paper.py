"""Set a book as pages: one text for paper and screen, said wholly in the language of the book."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import segno
from flask import render_template
from flask_babel import force_locale
from markupsafe import Markup

from lms.accounts.links import outward
from lms.core import storage
from lms.core.choices import choices
from lms.core.codes import spaced
from lms.core.printing import PAPER, Stationery, print_pdf
from lms.core.texts import html_lang, tongue
from lms.curriculum.audiences import AUDIENCES
from lms.curriculum.files import media_url
from lms.curriculum.guide.book import Book
from lms.curriculum.guide.rules import PAPERS
from lms.curriculum.models import Guide
from lms.curriculum.speech import tongue_name
from lms.curriculum.words import day, spoken, word

_ROOM = Path(__file__).parent
_PATIENCE = 600.0  # seconds: eighty pages take six on an idle core, and a server may be busy
_LOCALES = {"spa": "es_GT", "eng": "en"}
_TEXT = Stationery(((_ROOM.parents[1] / "static" / "css" / "guide.css").read_text("utf-8"),))
_SIZES = {"letter": "@page{size:letter}", "a4": "@page{size:A4}"}
STATIONERY = {paper: Stationery.read(_ROOM / "sheet", PAPER, _TEXT, Stationery((_SIZES[paper],))) for paper in PAPERS}


def on_screen(book: Book) -> Markup:
    """Set a book as a part of a page."""
    addresses = {path: media_url(sha, path) for path, sha in book.files.items()}
    with force_locale(_LOCALES[spoken(book.language)]):
        return Markup(render_template("curriculum/guide/book/text.html", **_common(book, addresses)))  # noqa: S704


def on_paper(book: Book, guide: Guide, paper: str) -> bytes:
    """Print a book; raise CannotPrint."""
    named = {path: f"{sha}.{path.rpartition('.')[2]}" for path, sha in book.files.items()}
    pictures = {named[path]: storage.read_bytes(sha) for path, sha in book.files.items()}
    pictures["square.svg"] = _square(outward("curriculum_guide.check", code=guide.code))
    addresses = {path: f"asset:{name}" for path, name in named.items()}
    with force_locale(_LOCALES[spoken(book.language)]):
        html = render_template(
            "curriculum/guide/book/paper.html",
            guide=guide,
            code=spaced(guide.code),
            address=outward("curriculum_guide.ask").partition("://")[2],
            audiences=[AUDIENCES.get(code, code) for code in ([guide.audience] if guide.audience else _all(guide))],
            published=day(book.language, guide.version.published_at.date()) if guide.version.published_at else "",
            printer=choices().short_name or choices().agency or "Cascada",
            paper=paper,
            **_common(book, addresses),
        )
    return print_pdf(html, STATIONERY[paper], pictures, _PATIENCE)


def _square(text: str) -> bytes:
    """Draw a text as a QR code that a phone reads from the cover."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", border=4, dark="#000", light="#fff", omitsize=True)
    return drawn.getvalue()


def _all(guide: Guide) -> list[str]:
    return list(guide.version.audiences)


def _common(book: Book, addresses: Mapping[str, str]) -> dict[str, Any]:
    language, outline = book.language, book.outline
    return {
        "book": book,
        "reader": book.reader,
        "outline": outline,
        "lang": html_lang(language),
        "neutral_title": tongue(outline.neutral_title, language, outline.languages[0]),
        "addresses": addresses,
        "tongue": tongue_name(language),
        "checked": word(language, "checked") % day(language, book.checked_on) if book.checked_on else "",
        "unsure": word(language, "unsure"),
    }
