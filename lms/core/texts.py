"""Texts in several languages: one value, a layer for each ISO 639-3 code."""

import unicodedata
from collections.abc import Mapping
from typing import Any

Texts = dict[str, str]

# ISO 639-3 to the tag HTML wants, where the two differ (BCP 47 prefers the two-letter code).
_HTML = {"spa": "es", "eng": "en"}

# The four characters people type for the Mayan glottal mark; the letter U+02BC is the one we keep.
APOSTROPHES = "'\u2019\u02bc\ua78c"


def tongue(texts: Mapping[str, Any] | None, language: str, source: str = "spa") -> str:
    """Return the text in `language`, else in the source language, else in any.

    >>> tongue({"spa": "Señales", "eng": "Signs"}, "quc")
    'Señales'
    """
    if not texts:
        return ""
    return texts.get(language) or texts.get(source) or next(iter(texts.values()), "")


def tongue_used(texts: Mapping[str, Any] | None, language: str, source: str = "spa") -> str:
    """Return the ISO code of the text that `tongue` picks, for the `lang` attribute."""
    if not texts:
        return language
    for code in (language, source):
        if texts.get(code):
            return code
    return next(iter(texts), language)


def html_lang(code: str) -> str:
    """Return the HTML language tag of an ISO 639-3 code.

    >>> html_lang("spa"), html_lang("quc")
    ('es', 'quc')
    """
    return _HTML.get(code, code)


def folded(text: str) -> str:
    """Fold a text for search and comparison: case, accents and the four apostrophes make no difference.

    >>> folded("  K\u2019iche\u2019  Peña ") == folded("k'iche' pena")
    True
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = ("'" if letter in APOSTROPHES else letter for letter in plain if not unicodedata.combining(letter))
    return " ".join("".join(letters).split())


def whole(text: str) -> int | None:
    """Read a whole number that a form sent; None for anything else, and for what nothing of ours counts up to.

    >>> whole("12"), whole("-1"), whole("²"), whole("9" * 5000)
    (12, None, None, None)
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
