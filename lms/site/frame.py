"""What stands around every page: head line, menu, quick exit, foot.

People of the same roles see the same frame, so it is written once for all of them and kept in the process; a page adds
only the token of its forms.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import Flask, current_app, g, render_template, url_for
from flask_babel import gettext as _
from markupsafe import Markup, escape

from lms.access.lock import current_actor
from lms.access.policy import Actor
from lms.core.choices import Choices, choices
from lms.core.languages import LOCALES, content_language, interface_lang, locale_name
from lms.core.texts import Texts, html_lang, tongue, tongue_used
from lms.site.addresses import here_with
from lms.site.menu import Entry, foot_for, menu_for

_MOST = 500  # frames kept: languages × sets of roles × places in the menu
_GAP = "\x00"  # where the token goes; no text can hold it


class Other(NamedTuple):
    """A language the page could be read in instead."""

    html: str
    name: str
    url: str


@dataclass(frozen=True)
class Frame:
    """The parts around a page; the token of the forms stands between the two last."""

    top: Markup
    foot: Markup
    after_token: Markup


def html_locale(locale: str) -> str:
    """Return the language tag HTML wants.

    >>> html_locale("es_GT")
    'es-GT'
    """
    return locale.replace("_", "-")


def present(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Leave out the doors of rooms that are not part of this installation."""
    return tuple(entry for entry in entries if entry.endpoint in current_app.view_functions)


def around(locale: str, here: str = "", has_exit: bool = True) -> Frame:
    """Return the frame for whoever asks, with `here` marked in the menu."""
    actor, site = current_actor(), choices()
    roles = frozenset(held.role for held in actor.held)
    # Who leads groups is known where groups are shown, and on the start page: no lesson pays a statement for it.
    leads = here == "groups" or bool(g.get("leads_groups"))
    who = (actor.is_signed_in, actor.has_second_factor, roles, leads)
    key = (locale, here, has_exit, who, site.agency, site.short_name, site.exit_url)
    kept: dict[Any, Frame] = current_app.extensions["frames"]
    if key not in kept or current_app.debug:
        if len(kept) >= _MOST:
            kept.clear()
        kept[key] = _drawn(actor, site, locale, here, has_exit, leads)
    return kept[key]


def _drawn(actor: Actor, site: Choices, locale: str, here: str, has_exit: bool, leads: bool) -> Frame:
    others = [
        Other(html_locale(code), name, url_for("site.change_language", locale=code))
        for code, name in LOCALES.items()
        if code != locale
    ]
    sign_out = "accounts.sign_out"
    told = {
        "is_signed_in": actor.is_signed_in,
        "here": here,
        "has_exit": has_exit,
        "menu": [(entry.key, _(entry.label), url_for(entry.endpoint)) for entry in present(menu_for(actor, leads))],
        "doors": [(_(entry.label), url_for(entry.endpoint)) for entry in present(foot_for(actor))],
        "others": others,
        "sign_out_url": url_for(sign_out) if sign_out in current_app.view_functions else "",
        "token": _GAP,
        "site": site,
    }
    foot, _cut, after = render_template("site/foot.html", **told).partition(_GAP)
    return Frame(Markup(render_template("site/top.html", **told)), Markup(foot), Markup(after))  # noqa: S704


def variables() -> dict[str, Any]:
    """Return the variables every template can use."""
    locale = locale_name()
    return {"actor": current_actor(), "site": choices(), "locale": locale, "html_locale": html_locale(locale)}


def spoken(texts: Texts | None, language: str = "") -> Markup:
    """Write a text in the reader's language, else in the source's, and then say which language that is."""
    wanted = language or content_language()
    text, code = tongue(texts, wanted), tongue_used(texts, wanted)
    if not text or html_lang(code) == interface_lang():
        return escape(text)
    return Markup('<span lang="{}">{}</span>').format(html_lang(code), text)


def hang_frame(app: Flask) -> None:
    """Give templates the frame."""
    app.extensions["frames"] = {}
    app.context_processor(variables)
    app.jinja_env.globals.update(here_with=here_with, spoken=spoken, frame_around=around)
