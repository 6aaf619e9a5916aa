"""Languages of the interface: which one somebody reads, how days and hours are written, where the Spanish comes from.

The language of courses is another choice (`content_language`): a person may read buttons in English and lessons in
K'iche'.
"""

import os
from datetime import date, datetime

from flask import Flask, g, has_request_context, request
from flask_babel import Babel, get_locale
from flask_babel import format_date as _format_date
from flask_babel import format_datetime as _format_datetime
from flask_babel import format_time as _format_time

from lms.core.catalogue import refresh_compiled
from lms.core.choices import choices
from lms.core.texts import html_lang

DEFAULT_LOCALE = "es_GT"
LOCALES = {"es_GT": "Español", "en": "English"}  # each in its own words
COOKIE = "lang"
_CONTENT = {"es": "spa", "en": "eng"}
_ACCEPTED = {"es": "es_GT", "en": "en"}


def choose_locale() -> str:
    """Pick the interface language: one's own setting, the cookie, what the browser asks for, Spanish."""
    chosen = g.get("interface_locale")
    if chosen is None and has_request_context():
        chosen = request.cookies.get(COOKIE)
        if chosen not in LOCALES:
            chosen = _ACCEPTED.get(request.accept_languages.best_match(_ACCEPTED) or "")
    elif chosen is None:  # a command: the language of the terminal
        terminal = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
        chosen = _ACCEPTED.get(terminal[:2])
    return chosen if chosen in LOCALES else choices().default_locale


def locale_name() -> str:
    """Return the present interface locale, as it stands in LOCALES."""
    return str(get_locale() or DEFAULT_LOCALE)


def content_language() -> str:
    """Return the ISO 639-3 code in which this reader wants courses."""
    chosen = g.get("content_language")
    return str(chosen) if chosen else _CONTENT.get(locale_name()[:2], "spa")


def interface_lang() -> str:
    """Return the `lang` of the page."""
    return locale_name()[:2]


def format_date(day: date | datetime | None, style: str = "long") -> str:
    """Write a day (a moment is first brought to local time): "21 de noviembre de 2026"."""
    if day is None:
        return ""
    return str(_format_date(day, style, rebase=isinstance(day, datetime)))


def format_time(moment: datetime | None) -> str:
    """Write the local time of day, counted to 24 as on any timetable."""
    return "" if moment is None else str(_format_time(moment, "HH:mm"))


def format_moment(moment: datetime | None, style: str = "long") -> str:
    """Write day and local time of day: "21 de noviembre de 2026, 14:30", or short "21/11/2026 14:30"."""
    if moment is None:
        return ""
    if style == "long":
        return f"{format_date(moment)}, {format_time(moment)}"
    return str(_format_datetime(moment, "dd/MM/y HH:mm" if interface_lang() == "es" else "y-MM-dd HH:mm"))


def init_languages(app: Flask) -> None:
    """Bring the Spanish up to date and tell Babel and Jinja what we speak."""
    folder = refresh_compiled(app.config["TRANSLATIONS_DIR"], app.config["DATA_DIR"])
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(folder)
    Babel(app, default_locale=DEFAULT_LOCALE, default_timezone="America/Guatemala", locale_selector=choose_locale)
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.filters.update(date=format_date, time=format_time, moment=format_moment, html_lang=html_lang)
    app.jinja_env.globals.update(
        interface_lang=interface_lang, content_language=content_language, locale_name=locale_name, LOCALES=LOCALES
    )
