"""Buckets of failures. Each failure pours one drop, time drains them; a full bucket delays and never locks for good.

A bucket is kept as one moment: when it will have drained.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Limit:
    """How many failures in a row are forgiven, and how long each takes to be forgotten."""

    burst: int
    each: timedelta


# A class shares one address, so the address alone is judged loosely; an account from one address strictly.
# Against six digits, the account's own bucket leaves a guesser 150 tries a day from anywhere: years for one PIN.
LIMITS = {
    "account-address": Limit(burst=5, each=timedelta(minutes=1)),
    "account": Limit(burst=20, each=timedelta(minutes=10)),
    "owner": Limit(burst=20, each=timedelta(minutes=10)),  # the account behind both of its names, unseen
    "address": Limit(burst=100, each=timedelta(seconds=6)),
    "everybody": Limit(burst=1000, each=timedelta(milliseconds=200)),
    "second-step": Limit(burst=5, each=timedelta(minutes=5)),
    "mail-to": Limit(burst=3, each=timedelta(minutes=20)),
    "mail-from": Limit(burst=30, each=timedelta(minutes=1)),
    "join": Limit(burst=10, each=timedelta(minutes=1)),  # codes of courses that do not exist
    "check": Limit(burst=60, each=timedelta(seconds=20)),  # codes of certificates that do not exist
}


def wait(drained_at: datetime | None, now: datetime, limit: Limit) -> timedelta:
    """Say how long until one more drop fits; nothing when it fits now.

    >>> from datetime import UTC
    >>> noon = datetime(2027, 1, 1, 12, tzinfo=UTC)
    >>> two = Limit(burst=2, each=timedelta(minutes=1))
    >>> str(wait(None, noon, two)), str(wait(noon + timedelta(minutes=2), noon, two))
    ('0:00:00', '0:01:00')
    """
    return max(timedelta(0), poured(drained_at, now, limit) - now - limit.burst * limit.each)


def poured(drained_at: datetime | None, now: datetime, limit: Limit) -> datetime:
    """Say when the bucket will have drained after one more drop."""
    return max(drained_at or now, now) + limit.each
