"""What codes are called on pages."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lms.core.texts import folded
from lms.library.rules import help as places_of_help

KINDS = {
    "hotline": _l("Telephone"),
    "article": _l("Article of a law"),
    "penalty": _l("Penalty"),
    "deadline": _l("Deadline"),
    "age": _l("Age"),
    "figure": _l("Figure"),
    "institution": _l("Institution"),
    "instrument": _l("Law or agreement"),
}
HELP = {code: _l(word) for code, word in places_of_help.KINDS.items()}
WAITS = {
    "unverified": _l("to be confirmed"),
    "stale": _l("time to look again"),
    "soon": _l("soon to look again"),
    "": _l("verified"),
}


def kinds_by_word() -> dict[str, str]:
    """Return the kinds of help under their codes and their words in both languages."""
    found = {}
    for code, word in places_of_help.KINDS.items():
        for one in (code, word, _(word)):
            found[folded(one)] = code
    return found
