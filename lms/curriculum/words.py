"""Words that blocks of a lesson carry when their author gave none, in the lesson's own language.

They are content, not interface: a Spanish lesson says «Haga» whatever language the buttons speak. A language that is
not here borrows Spanish words, marked as Spanish.
"""

from datetime import date

from babel.dates import format_date

WORDS = {
    "spa": {
        "keep": "Mensajes que no pueden perderse",
        "do": "Haga",
        "dont": "No haga",
        "calls": "A quién llamar",
        "referrals": "Ayuda cerca de usted",
        "activity": "Actividad",
        "case": "Historia",
        "script": "Para leer o escuchar",
        "listen": "Escuchar",
        "watch": "Ver el video",
        "transcript": "Leer lo que se dice",
        "unsure": "dato por confirmar con la autoridad",
        "unsure_again": "por confirmar",
        "checked": "Números revisados el %s.",
        "history": "La llamada queda en el historial de su teléfono.",
        "table": "Cuadro",
    },
    "eng": {
        "keep": "Messages that must not be lost",
        "do": "Do",
        "dont": "Do not",
        "calls": "Whom to call",
        "referrals": "Help near you",
        "activity": "Activity",
        "case": "Story",
        "script": "To read or to listen to",
        "listen": "Listen",
        "watch": "Watch the video",
        "transcript": "Read what is said",
        "unsure": "to be confirmed with the authority",
        "unsure_again": "to be confirmed",
        "checked": "Numbers checked on %s.",
        "history": "The call stays in your phone's history.",
        "table": "Table",
    },
}
_LOCALES = {"spa": "es_GT", "eng": "en_GB"}


def spoken(language: str) -> str:
    """Return the language whose words a lesson in `language` borrows.

    >>> spoken("eng"), spoken("quc")
    ('eng', 'spa')
    """
    return language if language in WORDS else "spa"


def word(language: str, key: str) -> str:
    """Return one of the words."""
    return WORDS[spoken(language)][key]


def day(language: str, on: date) -> str:
    """Write a day in the lesson's language.

    >>> day("spa", date(2026, 11, 3)), day("eng", date(2026, 11, 3))
    ('3 de noviembre de 2026', '3 November 2026')
    """
    return str(format_date(on, "long", locale=_LOCALES[spoken(language)]))
