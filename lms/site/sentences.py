"""Sentences of templates in the reader's language, looked up quickly.

Flask-Babel asks for locale and catalogue at each sentence, and a page says dozens. Here the catalogue is asked for once
a request, and again when the language changes within it (a mail written in its reader's language).
"""

from typing import Any

from flask import Flask, g
from flask_babel import get_translations


def catalogue() -> Any:
    """Return the catalogue of the present language."""
    held = getattr(g, "_flask_babel", None)  # where Flask-Babel keeps the locale of this request
    locale = getattr(held, "babel_locale", None)
    if held is None or locale is None or getattr(held, "said_in", None) is not locale:
        found = get_translations()
        held = g._flask_babel
        held.said, held.said_in = found, held.babel_locale
    return held.said


def speak_quickly(app: Flask) -> None:
    """Let templates take their sentences from `catalogue`."""
    environment: Any = app.jinja_env  # its extension adds the method
    environment.install_gettext_callables(
        gettext=lambda one: catalogue().ugettext(one),
        ngettext=lambda one, many, number: catalogue().ungettext(one, many, number),
        pgettext=lambda context, one: catalogue().upgettext(context, one),
        npgettext=lambda context, one, many, number: catalogue().unpgettext(context, one, many, number),
        newstyle=True,
    )
