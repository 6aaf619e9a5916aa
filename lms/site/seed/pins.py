"""PINs for people who come in with a printed slip."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context

from lms.accounts.hashing import hashed
from lms.accounts.services.choosing import draw_pin

_AHEAD = 24


def drawn_pins() -> Iterator[str]:
    """Draw PINs and give their hashes, a few ahead: hashing is slow, and another processor can do it meanwhile."""
    waiting: deque[Future[str]] = deque()
    with ThreadPoolExecutor(2) as pool:
        while True:
            while len(waiting) < _AHEAD:
                waiting.append(pool.submit(copy_context().run, hashed, draw_pin()))
            yield waiting.popleft().result()
