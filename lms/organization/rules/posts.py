"""Who holds a post from when to when: two spans of one post never meet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Span:
    """Days from the first to before the last; no last day means still."""

    from_on: date
    until_on: date | None = None

    def holds(self, day: date) -> bool:
        """Tell whether the day lies within.

        >>> span = Span(date(2026, 1, 1), date(2026, 3, 1))
        >>> span.holds(date(2026, 1, 1)), span.holds(date(2026, 3, 1))
        (True, False)
        """
        return self.from_on <= day and (self.until_on is None or day < self.until_on)

    def meets(self, other: "Span") -> bool:
        """Tell whether both share a day."""
        return (other.until_on is None or self.from_on < other.until_on) and (
            self.until_on is None or other.from_on < self.until_on
        )


def fill_problem(post: Span, held: Iterable[Span], wanted: Span) -> str | None:
    """Say why a post cannot be filled for these days, or nothing."""
    if wanted.until_on is not None and wanted.until_on <= wanted.from_on:
        return "backwards"
    if wanted.from_on < post.from_on:
        return "before"
    if post.until_on is not None and (wanted.until_on is None or wanted.until_on > post.until_on):
        return "after"
    if any(wanted.meets(other) for other in held):
        return "held"
    return None


def vacate_problem(held: Span, last: date) -> str | None:
    """Say why a holding cannot end on this day (the first on which it is no longer held), or nothing."""
    if last <= held.from_on:
        return "backwards"
    if held.until_on is not None and last > held.until_on:
        return "ended"
    return None
