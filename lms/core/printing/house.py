"""Who keeps the presses: starts them when there is something to print, hands orders out, does not wait for ever."""

import atexit
import json
import logging
import os
import select
import subprocess
import sys
import threading
import time as stopwatch
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l

from lms.core.errors import Refusal
from lms.core.printing.stationery import Stationery, pack_pictures

PRINTING = "apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core fonts-noto-core"
PATIENCE = 60.0  # seconds for one document
_PROGRAM = str(Path(__file__).with_name("press.py"))
_PYTHON = (sys.executable, "-P", "-W", "ignore")
_ENVIRONMENT = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "FONTCONFIG_PATH", "XDG_CACHE_HOME", "XDG_DATA_DIRS")
_log = logging.getLogger(__name__)


class CannotPrint(Refusal):
    """A document that could not be printed; nothing else is touched."""

    status = 503
    default = _l("This could not be printed just now. Please try again in a moment.")


@dataclass(frozen=True)
class Sheet:
    """One of many pages alike: a frame, and for each `<!-- NAME -->` in it one block element with `data-slot="NAME"`.

    How a slot looks and how wide it is has to follow from its own classes, for it is laid out on its own.
    """

    frame: str
    slots: Mapping[str, str]


@dataclass(frozen=True)
class Order:
    """A document to print: HTML, what it is printed on, pictures of its own.

    With sheets, each stands once where the HTML says `<!-- sheets -->`; with `is_each` every one is a document.
    A whole book may need more patience (in seconds) than the house has for a page.
    """

    html: str
    stationery: Stationery
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    sheets: Sequence[Sheet] = ()
    is_each: bool = False
    patience: float = 0


class _Gone(Exception):
    """The press ended, as it does after quiet minutes, before it took the order."""


class _Press:
    """One running program."""

    def __init__(self, command: Sequence[str], patience: float) -> None:
        known = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}  # and no secret of ours
        self.process = subprocess.Popen(
            [*command, _PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=known, start_new_session=True
        )
        self.patience = patience
        self.known: set[str] = set()
        kind, said = self._hear()
        if kind == b"M":
            self.close()
            _log.error("printing is not possible: %s", said[0].decode(errors="replace"))
            raise CannotPrint(
                _l(
                    "This server cannot print yet: libraries are missing. Whoever runs it types: sudo %(command)s",
                    command=PRINTING,
                )
            )

    def print(self, order: Order) -> list[bytes]:
        """Print the documents of an order; raise _Gone when it has to be asked of another press."""
        key, paper = order.stationery.key, order.stationery
        frames = list(dict.fromkeys(sheet.frame for sheet in order.sheets))
        told: dict[str, Any] = {
            "key": key,
            "html": order.html,
            "pictures": pack_pictures(order.pictures),
            "frames": frames,
            "sheets": [(frames.index(sheet.frame), dict(sheet.slots)) for sheet in order.sheets],
            "is_each": order.is_each,
        }
        if key not in self.known:
            told["stationery"] = paper.packed
        try:
            assert self.process.stdin is not None
            self.process.stdin.write(json.dumps(told).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError as error:
            raise _Gone from error
        kind, said = self._hear(order.patience)
        if kind != b"P":
            _log.error("a document could not be printed: %s", said[0].decode(errors="replace")[:500])
            raise CannotPrint
        self.known.add(key)
        return said

    def _hear(self, patience: float = 0) -> tuple[bytes, list[bytes]]:
        until = stopwatch.monotonic() + max(patience, self.patience)
        kind, count = self._read(1, until), self._number(until)
        return kind, [self._read(self._number(until), until) for _part in range(count)]

    def _number(self, until: float) -> int:
        return int.from_bytes(self._read(4, until), "big")

    def _read(self, size: int, until: float) -> bytes:
        assert self.process.stdout is not None
        source, parts = self.process.stdout.fileno(), []
        while size:
            if not select.select([source], [], [], max(0.0, until - stopwatch.monotonic()))[0]:
                _log.error("a document took too long")
                raise CannotPrint
            part = os.read(source, min(size, 1 << 20))
            if not part:
                if self.process.wait(5) == 0:
                    raise _Gone
                _log.error("a press ended with status %s", self.process.returncode)
                raise CannotPrint
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def close(self) -> None:
        """End the program, whatever it is doing."""
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()
        self.process.wait()


class House:
    """The presses of this process; those that nobody uses at the moment wait in `free`."""

    def __init__(self, command: Sequence[str] = _PYTHON, patience: float = PATIENCE) -> None:
        self.command, self.patience = command, patience
        self.free, self.lock = list[_Press](), threading.Lock()
        self.places = threading.BoundedSemaphore(cores())

    def print(self, order: Order) -> list[bytes]:
        """Print on a free press, or on a new one."""
        with self.places:
            while True:
                with self.lock:
                    press = self.free.pop() if self.free else None
                is_new = press is None
                press = press or _Press(self.command, self.patience)
                try:
                    printed = press.print(order)
                except _Gone:
                    press.close()
                    if is_new:
                        raise CannotPrint from None
                    continue
                except BaseException:
                    press.close()
                    raise
                with self.lock:
                    self.free.append(press)
                return printed

    def close(self) -> None:
        """End every press."""
        while self.free:
            self.free.pop().close()


def cores() -> int:
    """Return how many documents may be printed at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def print_pdf(
    html: str, stationery: Stationery, pictures: Mapping[str, bytes] | None = None, patience: float = 0
) -> bytes:
    """Print one document; raise CannotPrint."""
    return _house().print(Order(html, stationery, pictures or {}, patience=patience))[0]


def print_many(orders: Iterable[Order]) -> Iterator[bytes]:
    """Print documents on every core and yield them in their order; raise CannotPrint at the first that fails.

    No more than a few are held at a time, so thousands may be asked for.
    """
    house, width = _house(), cores()
    with ThreadPoolExecutor(width) as hands:
        asked = []
        for order in orders:
            asked.append(hands.submit(house.print, order))
            if len(asked) > 2 * width:
                yield from asked.pop(0).result()
        while asked:
            yield from asked.pop(0).result()


_HOUSES: dict[int, House] = {}


def _house() -> House:
    """Return the house of this process: a fork must not write into the pipes of its parent."""
    return _HOUSES.setdefault(os.getpid(), House())


@atexit.register
def _close_down() -> None:
    if house := _HOUSES.get(os.getpid()):
        house.close()
