"""Reading the library: facts for lessons, places of help for learners, and both for those who keep them."""

from lms.library.queries.facts import (
    FactView,
    fact_keys,
    facts_for_lessons,
    facts_revision,
    facts_to_review,
    keep_facts,
)
from lms.library.queries.help import Help, place_of, referrals_for

__all__ = [
    "FactView",
    "Help",
    "fact_keys",
    "facts_for_lessons",
    "facts_revision",
    "facts_to_review",
    "keep_facts",
    "place_of",
    "referrals_for",
]
