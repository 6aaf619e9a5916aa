"""What a credential is worth on a day: folded from its events and its dates. No job has to run for it to lapse."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Status(StrEnum):
    """The five answers a verifier can get, besides “unknown”."""

    VALID = "valid"
    EXPIRED = "expired"
    UNDER_REVIEW = "under_review"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    NOT_YET = "not_yet"


@dataclass(frozen=True)
class Happened:
    """An event of a credential, as the fold needs it."""

    kind: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True)
class Standing:
    """A status with the event that brought it, where one did."""

    status: Status
    since: datetime | None = None
    reason: str = ""

    @property
    def is_valid(self) -> bool:
        return self.status is Status.VALID


# What each kind of event leaves a credential as.
_AFTER = {
    "issued": Status.VALID,
    "reinstated": Status.VALID,
    "cleared": Status.VALID,
    "renewed": Status.VALID,
    "suspended": Status.SUSPENDED,
    "under_review": Status.UNDER_REVIEW,
    "revoked": Status.REVOKED,
}


def standing(
    events: Iterable[Happened], valid_from: date, valid_until: date | None, at: datetime, today: date
) -> Standing:
    """Fold the events up to a moment and the dates into one standing.

    Revoked is for ever: nothing after it changes it. A suspension or a review outweighs an expiry, for they say more.

    :param at: events after this moment are not counted.
    :param today: the local day of that moment, against which the dates are read.
    """
    now: Happened | None = None
    for event in sorted(events, key=lambda one: one.at):
        if event.at > at or (now is not None and now.kind == "revoked"):
            continue
        if event.kind in _AFTER:
            now = event
    if now is None or today < valid_from:
        return Standing(Status.NOT_YET)
    status = _AFTER[now.kind]
    if status is Status.VALID:
        return Standing(Status.EXPIRED) if valid_until and today > valid_until else Standing(Status.VALID, now.at)
    return Standing(status, now.at, now.reason)


class Renewal(StrEnum):
    """Where a certificate stands in its renewal."""

    NEVER = "never"  # it does not expire
    EARLY = "early"
    OPEN = "open"
    LATE = "late"  # it has expired and can still be renewed
    LAPSED = "lapsed"  # only the whole way leads back


def renewal(valid_until: date | None, window_days: int, last_day: date | None, today: date) -> Renewal:
    """Say where a certificate stands in its renewal; `last_day` is the last one on which it can still be renewed.

    >>> renewal(date(2027, 1, 20), 90, date(2027, 7, 20), date(2026, 11, 21)).value
    'open'
    >>> renewal(date(2026, 1, 20), 90, date(2026, 7, 20), date(2026, 7, 21)).value
    'lapsed'
    """
    if valid_until is None or last_day is None:
        return Renewal.NEVER
    if (valid_until - today).days > window_days:
        return Renewal.EARLY
    if today <= valid_until:
        return Renewal.OPEN
    return Renewal.LATE if today <= last_day else Renewal.LAPSED


REMINDERS = (7, 30, 90)  # days before the last day
