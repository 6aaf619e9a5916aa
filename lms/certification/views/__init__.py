"""The doors of holders and signers: their certificates, the branch below, certifying a group, renewing, co-signing."""

from typing import Any

from flask import Blueprint

from lms.certification.words import EVENTS, PRACTICES, REASONS, STATES, in_words, limit_words, number, shortfall_words
from lms.core.codes import spaced

bp = Blueprint("certification", __name__, template_folder="../templates")

from lms.certification.views import (  # noqa: E402, F401  (they hang on `bp`)
    certify,
    claim,
    lineage,
    mine,
    opening,
    renew,
    signatures,
    unit,
)

# What templates call these; macros see them too.
WORDS: dict[str, Any] = {
    "credential_states": STATES,
    "credential_events": EVENTS,
    "credential_reasons": REASONS,
    "practice_words": PRACTICES,
    "limit_words": limit_words,
    "shortfall_words": shortfall_words,
    "title_words": in_words,
    "spaced_code": spaced,
    "as_number": number,
}
