"""What codes are called on pages, in the reader's language."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lms.core.languages import format_date, interface_lang
from lms.core.texts import Texts, tongue
from lms.organization.rules.tree import KINDS

SECTORS = {
    "justice": _l("Justice"),
    "security": _l("Security"),
    "education": _l("Education"),
    "health": _l("Health"),
    "social": _l("Social protection"),
    "government": _l("Government"),
    "civil": _l("Civil society"),
    "other": _l("Other"),
}
LEVELS = {
    "department": _l("Department"),
    "municipality": _l("Municipality"),
    "community": _l("Community"),
}
STATES = {
    "reading": _l("Being read"),
    "refused": _l("To correct"),
    "ready": _l("To look at"),
    "applying": _l("Being taken in"),
    "applied": _l("Taken in"),
    "dropped": _l("Put away"),
}
ROWS = {"new": _l("New"), "changed": _l("Changed"), "same": _l("Unchanged")}


def in_words(texts: Texts | None) -> str:
    """Return a text in the language of the interface."""
    return tongue(texts, "eng" if interface_lang() == "en" else "spa")


def kind_name(code: str) -> str:
    """Return what a kind of unit is called."""
    return str(_(KINDS[code])) if code in KINDS else code


def sentence(said: str, values: dict[str, Any]) -> str:
    """Translate a sentence that was kept with its values: days and names in several languages become words now."""
    return str(_(said, **{name: _told(name, value) for name, value in values.items()}))


def _told(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return in_words(value)
    if name.endswith("_on") and isinstance(value, str):
        return format_date(date.fromisoformat(value))
    return value
