"""Certificates on paper: four hundred in the background, one while somebody waits."""

import os
import statistics
import time
from collections.abc import Callable
from datetime import timedelta

from flask import current_app

from lms.certification.paper.facts import printed
from lms.certification.paper.sheets import orders
from lms.core.database import db
from lms.core.printing import print_many
from tests.bench.servers import cpu_seconds, memory_of, processes_of
from tests.certification.chain import MAY_SIGN, certificate
from tests.factories import NOW

MANY = 400
ROUNDS = 9


def certificates() -> None:
    """Sign a chain and four hundred below it, then print them in each shape; say what that took."""
    trainer = certificate("Berta Sic", 1, None, NOW - timedelta(days=2), MAY_SIGN)
    above = certificate("Juana Tomasa Pérez", 2, trainer, NOW - timedelta(days=1), MAY_SIGN)
    names = ("María Ẍuwan Kʼichʼob {}", "Juan Pérez Sajbʼin {}", "Ana {}", "Pedro Tzʼoyool Ajqʼäbʼ de la Cruz Ixcoy {}")
    ids = [certificate(names[number % 4].format(number), 3, above).id for number in range(MANY)]
    db.session.commit()
    with current_app.test_request_context():
        one(ids[:1])
        for shape, is_each in (("one file of 200", False), ("each its own", True)):
            seconds, cpu, size = timed(lambda each=is_each: list(print_many(orders(printed(ids), "es", each))))
            memory = sum(memory_of(pid) for pid in presses())
            print(
                f"{MANY} certificates, {shape}: {seconds:.2f} s, {MANY / seconds:.0f}/s, "
                f"processor {1000 * cpu / MANY:.1f} ms and {size / MANY / 1024:.1f} KB each, presses {memory:.0f} MB"
            )


def one(ids: list[object]) -> None:
    """Print one, again and again, once the press is warm."""
    found = printed(ids)  # type: ignore[arg-type]
    took = [timed(lambda: list(print_many(orders(found, "es", False)))) for _round in range(ROUNDS)][2:]
    wall, cpu = (1000 * statistics.median(pair[side] for pair in took) for side in (0, 1))
    print(f"one certificate while somebody waits, warm: {wall:.0f} ms, processor {cpu:.0f} ms")


def timed(work: Callable[[], list[bytes]]) -> tuple[float, float, int]:
    """Return seconds, processor seconds of us and the presses, and bytes."""
    before, began = _cpu(), time.perf_counter()
    made = work()
    return time.perf_counter() - began, _cpu() - before, sum(map(len, made))


def presses() -> list[int]:
    """Return the processes that print for us."""
    return processes_of(os.getpid())


def _cpu() -> float:
    return sum(cpu_seconds(pid) for pid in (os.getpid(), *presses()))
