"""The only place that asks what time it is. Doors ask; everything below takes the answer as an argument."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def today(zone: str = "America/Guatemala") -> date:
    """Return the calendar day in the agency's time zone: validity and deadlines are counted in local days."""
    return now().astimezone(ZoneInfo(zone)).date()


def local_day(moment: datetime, zone: str = "America/Guatemala") -> date:
    """Return the calendar day of a moment in the agency's time zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold the clock at one moment (tests, benchmarks, scenarios that write the past)."""
    token = _frozen.set(at)
    try:
        yield
    finally:
        _frozen.reset(token)
