"""Everybody is spoken to in the language they chose; days and hours are those of Guatemala."""

import inspect
import re
from datetime import UTC, date, datetime

import pytest
import wtforms.fields
import wtforms.validators
from flask import g
from flask_babel import force_locale, gettext, ngettext

from lms.core import languages
from lms.core.forms import _COUNTED, _SENTENCES

EVENING = datetime(2026, 3, 3, 1, 5, tzinfo=UTC)  # still the second of March in Guatemala


@pytest.mark.parametrize(
    ("own", "cookie", "accepted", "locale"),
    [
        (None, None, None, "es_GT"),
        (None, None, "en-GB,en;q=0.9", "en"),
        (None, None, "fr-FR,es;q=0.5,en;q=0.4", "es_GT"),
        (None, None, "de", "es_GT"),
        (None, None, "*", "es_GT"),
        (None, "en", "es", "en"),
        (None, "es_GT", "en", "es_GT"),
        (None, "xx", "en", "en"),
        ("es_GT", "en", "en", "es_GT"),
        ("en", "es_GT", "es", "en"),
        ("xx", "en", "en", "es_GT"),
    ],
)
def test_the_nearest_choice_wins(app, own, cookie, accepted, locale):
    headers = {}
    if accepted:
        headers["Accept-Language"] = accepted
    if cookie:
        headers["Cookie"] = f"lang={cookie}"
    with app.test_request_context("/", headers=headers):
        if own:
            g.interface_locale = own
        assert languages.choose_locale() == locale
        assert languages.locale_name() == locale
        assert languages.interface_lang() == locale[:2]


@pytest.mark.parametrize(
    ("terminal", "locale"), [("en_US.UTF-8", "en"), ("es_GT.UTF-8", "es_GT"), ("C.UTF-8", "es_GT")]
)
def test_a_command_speaks_the_language_of_the_terminal(app, monkeypatch, terminal, locale):
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.setenv("LC_ALL", terminal)
    with app.app_context():
        assert languages.choose_locale() == locale


def test_the_language_of_courses_is_a_choice_of_its_own(built_app):
    with built_app.test_request_context("/", headers={"Accept-Language": "en"}):
        assert languages.content_language() == "eng"
        g.content_language = "quc"
        assert languages.content_language() == "quc"
        assert languages.interface_lang() == "en"


@pytest.mark.parametrize(
    ("locale", "day", "evening", "clock", "moment", "short"),
    [
        ("es_GT", "2 de marzo de 2026", "2 de marzo de 2026", "19:05", "2 de marzo de 2026, 19:05", "02/03/2026 19:05"),
        ("en", "March 2, 2026", "March 2, 2026", "19:05", "March 2, 2026, 19:05", "2026-03-02 19:05"),
    ],
)
def test_days_and_hours_are_local(built_app, locale, day, evening, clock, moment, short):
    with built_app.test_request_context("/"), force_locale(locale):
        assert languages.format_date(date(2026, 3, 2)) == day
        assert languages.format_date(EVENING) == evening
        assert languages.format_time(EVENING) == clock
        assert languages.format_moment(EVENING) == moment
        assert languages.format_moment(EVENING, "short") == short
        assert languages.format_date(None) == languages.format_time(None) == languages.format_moment(None) == ""


def test_templates_write_them_too(built_app):
    with built_app.test_request_context("/"), force_locale("es_GT"):
        shown = built_app.jinja_env.from_string("{{ day | date }} {{ at | time }} {{ _('Please fill this in.') }}")
        assert (
            shown.render(day=date(2026, 3, 2), at=EVENING) == "2 de marzo de 2026 19:05 Complete este dato, por favor."
        )


def test_the_spanish_is_read_and_counts(built_app):
    with built_app.test_request_context("/"), force_locale("es_GT"):
        assert gettext("The file is too large.") == "El archivo es demasiado grande."
        one, many = "%(num)d stored file was read.", "%(num)d stored files were read."
        assert [ngettext(one, many, count) for count in (1, 2)] == [
            "Se leyó 1 archivo guardado.",
            "Se leyeron 2 archivos guardados.",
        ]


def test_every_sentence_of_the_form_library_is_one_of_ours(built_app):
    """A new version of WTForms may say something new; then this list has to learn it."""
    modules = [wtforms.validators, *(module for _name, module in inspect.getmembers(wtforms.fields, inspect.ismodule))]
    source = "".join(inspect.getsource(module) for module in modules)
    said = set(re.findall(r'gettext\(\s*"([^"]+)"', source))
    never_met = {sentence for sentence in said if re.search("IP|Mac|UUID|week|None|any of|one of|field name", sentence)}
    met = {one for one in said - never_met if not one.startswith(tuple(_COUNTED))}
    assert met <= set(_SENTENCES)
