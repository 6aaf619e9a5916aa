"""When a course changed under a certificate: the short unit its holder owes, and until when. Pure.

Nothing is ever marked as owing: it follows from versions, certificates and what people completed, whenever it is asked.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta


@dataclass(frozen=True)
class Owed:
    """A short unit that somebody owes for a certificate."""

    credential_id: uuid.UUID
    change_id: uuid.UUID  # the version of the course that brought the change
    unit_course_id: uuid.UUID
    unit_version_id: uuid.UUID
    unit_number: int
    until: date  # the last day on which a right to certify still holds without it

    def is_late(self, today: date) -> bool:
        """Tell whether its days are over."""
        return today > self.until


def last_day(published_on: date, issued_on: date, days: int) -> date:
    """Return the last of the days a scheme gives: from the change on, or from a certificate issued after it.

    >>> last_day(date(2026, 9, 1), date(2025, 11, 21), 30).isoformat()
    '2026-10-01'
    """
    return max(published_on, issued_on) + timedelta(days=days)


def gathered(owed: Iterable[Owed]) -> list[Owed]:
    """Keep, of each short unit, its newest edition: it holds what the earlier ones said. The first day given counts.

    A later change may come with a unit of its own: then both are owed.
    """
    kept: dict[tuple[uuid.UUID, uuid.UUID], Owed] = {}
    for one in sorted(owed, key=lambda one: one.unit_number):
        key = (one.credential_id, one.unit_course_id)
        before = kept.get(key)
        kept[key] = replace(one, until=min(one.until, before.until)) if before else one
    return sorted(kept.values(), key=lambda one: (one.until, one.unit_course_id.bytes))
