"""Count failures in buckets that drain with time. A try is counted before it is made and given back when it succeeds,
so that a hundred tries at the same moment are a hundred tries.
"""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import request
from flask_babel import ngettext
from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from lms.accounts.hashing import keyed
from lms.accounts.models import Throttle
from lms.accounts.rules.sign_in import network
from lms.accounts.rules.throttle import LIMITS, poured, wait
from lms.core.database import db
from lms.core.errors import TooMany

KNOWN_FOR = timedelta(days=30)


def here() -> str:
    """Return the network the request comes from; the address itself is never kept."""
    return network(request.remote_addr)


def sign_in_buckets(account: str, network: str, now: datetime) -> dict[str, str]:
    """Name the buckets a try to sign in pours into.

    Somebody who lately signed in from here is not kept out by strangers who guess at her account from elsewhere.
    """
    buckets = {"account-address": f"{account} {network}", "address": network, "everybody": ""}
    known = db.session.get(Throttle, _name("known", f"{account} {network}"))
    return buckets if known and known.drained_at > now else buckets | {"account": account}


def charge(buckets: Mapping[str, str], now: datetime) -> None:
    """Count one try in each bucket (kind: whose).

    :raise TooMany: a bucket is full; nothing is counted then.
    """
    names = {_name(kind, whose): LIMITS[kind] for kind, whose in buckets.items()}
    _make_missing(sorted(names), now)
    rows = db.session.scalars(
        select(Throttle).where(Throttle.bucket.in_(names)).order_by(Throttle.bucket).with_for_update()
    ).all()
    longest = max((wait(row.drained_at, now, names[row.bucket]) for row in rows), default=timedelta(0))
    if longest:
        raise too_many(longest)
    for row in rows:
        row.drained_at = poured(row.drained_at, now, names[row.bucket])
    db.session.flush()


def fits(buckets: Mapping[str, str], now: datetime) -> bool:
    """Count one try like `charge`, and tell whether it fits: for buckets whose fullness would tell too much."""
    try:
        if buckets:
            charge(buckets, now)
    except TooMany:
        return False
    return True


def settle(buckets: Mapping[str, str], now: datetime) -> None:
    """Take back what a try to sign in had counted, for it succeeded, and note that this account is known here."""
    names = {_name(kind, whose): kind for kind, whose in buckets.items()}
    query = select(Throttle).where(Throttle.bucket.in_(names)).order_by(Throttle.bucket).with_for_update()
    for row in db.session.scalars(query):
        kind = names[row.bucket]
        row.drained_at = now if kind == "account-address" else row.drained_at - LIMITS[kind].each
    known = {"bucket": _name("known", buckets["account-address"]), "drained_at": now + KNOWN_FOR}
    made = _insert()(Throttle).values(known)
    db.session.execute(made.on_conflict_do_update(index_elements=["bucket"], set_={"drained_at": now + KNOWN_FOR}))


def forget(buckets: Mapping[str, str]) -> None:
    """Empty buckets at once."""
    names = [_name(kind, whose) for kind, whose in buckets.items()]
    db.session.execute(delete(Throttle).where(Throttle.bucket.in_(names)))


def too_many(longest: timedelta) -> TooMany:
    """Say how long to wait, in whole minutes: nobody counts seconds."""
    minutes = max(1, math.ceil(longest.total_seconds() / 60))
    sentence = ngettext(
        "There were too many attempts. Please wait one minute and try again.",
        "There were too many attempts. Please wait %(num)s minutes and try again.",
        minutes,
    )
    return TooMany(sentence, retry_after=math.ceil(longest.total_seconds()))


def _make_missing(names: list[str], now: datetime) -> None:
    rows = [{"bucket": name, "drained_at": now} for name in names]
    db.session.execute(_insert()(Throttle).values(rows).on_conflict_do_nothing())


def _insert() -> Any:
    return postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert


def _name(kind: str, whose: str) -> str:
    return f"{kind}:{keyed('bucket', whose).hex()[:32]}"
