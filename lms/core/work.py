"""What can be asked for later: the register of jobs, and of the work that comes round by itself. Pure."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Work = Callable[..., Any]

_HOME = ZoneInfo("America/Guatemala")
_PERIODS = uuid.UUID("5f0c2c6e-6a64-4b0b-9f5e-7f6b0a3d1e55")
_DAY = timedelta(days=1)


@dataclass
class Run:
    """One run of a job, handed to its function first."""

    job_id: uuid.UUID
    name: str
    requested_by: uuid.UUID | None
    now: datetime
    tries: int = 1
    done: int = 0
    all_steps: int = 0
    on_progress: Callable[["Run"], None] = field(default=lambda run: None, repr=False)

    def progress(self, done: int, all_steps: int) -> None:
        """Say how far the work is; readers see it at once, whatever transaction the work holds open."""
        self.done, self.all_steps = done, all_steps
        self.on_progress(self)


@dataclass(frozen=True)
class Kind:
    """A registered job: its function and how often it may be tried."""

    name: str
    work: Work
    tries: int


@dataclass(frozen=True)
class Period:
    """Work that comes round: every so often, or every day at a local hour."""

    name: str
    every: timedelta
    at: time | None = None

    def slot(self, now: datetime) -> datetime:
        """Return when the present round began; each round is run once, whoever asks.

        >>> nightly = Period("core.tidy", timedelta(days=1), time(3))
        >>> nightly.slot(datetime(2026, 11, 21, 8, 59, tzinfo=UTC)).isoformat()  # 02:59 in Guatemala
        '2026-11-20T09:00:00+00:00'
        """
        if self.at is None:
            return now - (now - datetime(1970, 1, 1, tzinfo=UTC)) % self.every
        local = now.astimezone(_HOME)
        start = datetime.combine(local.date(), self.at, _HOME)
        return (start if start <= local else start - _DAY).astimezone(UTC)

    def job_id(self, now: datetime) -> uuid.UUID:
        """Name the present round, so that two processes that start it write the same row."""
        return uuid.uuid5(_PERIODS, f"{self.name} {self.slot(now).isoformat()}")


KINDS: dict[str, Kind] = {}
PERIODS: dict[str, Period] = {}


def job(name: str, tries: int = 3) -> Callable[[Work], Work]:
    """Register a function `(run, **arguments)` as the work of `name` ("room.verb").

    It runs in an application context. What it leaves uncommitted is committed together with the mark that the job is
    done; whatever it commits itself may be repeated after a crash. A Refusal parks the job at once, any other exception
    is tried again. The dict it returns is kept as the job's result. Do not hold a transaction open while waiting for
    anything slow: on SQLite nobody else could write.
    """

    def register(work: Work) -> Work:
        known = KINDS.get(name)
        if known and (known.work.__module__, known.work.__qualname__) != (work.__module__, work.__qualname__):
            raise ValueError(f"two functions want to be the job {name}")
        KINDS[name] = Kind(name, work, tries)
        return work

    return register


def periodic(name: str, every: timedelta, at: time | None = None) -> Callable[[Work], Work]:
    """Register a function `(run)` that runs once every so often; `at` is the local time of day of a daily one."""
    if at is not None and every != _DAY:
        raise ValueError("a time of day goes with work of every day")

    def register(work: Work) -> Work:
        PERIODS[name] = Period(name, every, at)
        return job(name)(work)

    return register
