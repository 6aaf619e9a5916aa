"""What the cascade costs: a tree of fifty thousand, the right to certify a group of thirty, the page of a check."""

import gc
import statistics
import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import aliased

from lms.certification.models import Credential
from lms.certification.queries.chains import chain_of
from lms.certification.queries.descendants import descendants, states_below
from lms.certification.services.issuing import weigh
from lms.certification.services.standing import affected
from lms.core import clock
from lms.core.database import db
from lms.organization.models import Person
from tests.bench.tree import make_tree
from tests.certification.conftest import Cascade
from tests.factories import NOW, TODAY
from tests.harness.statements import statements_of
from tests.journeys.test_weights import weight

ROUNDS = 9


def the_cascade(app: Flask) -> None:
    """Measure inside one process, as a worker does the work; the server's own time is in the other figures."""
    with clock.frozen(NOW):
        right_to_certify(app)
        whole_tree(app)
        page_of_a_check(app)


def timed(app: Flask, name: str, work: Callable[[], Any]) -> float:
    """Print the median and the best of nine, our own processor time, and the statements of one; return the median.

    The processor time stands where others use the machine too; on SQLite it is all there is, for the database is ours.
    """
    with statements_of(app) as seen:
        work()
    times, own = [], []
    for _round in range(ROUNDS):
        started, ours = time.perf_counter(), time.process_time()
        work()
        times.append(1000 * (time.perf_counter() - started))
        own.append(1000 * (time.process_time() - ours))
    middle = statistics.median(times)
    processor = f"processor {statistics.median(own):.1f}"
    print(f"{name}: {middle:.1f} ms (best {min(times):.1f}, {processor}), {len(seen)} statements")
    return middle


def right_to_certify(app: Flask) -> None:
    """Everything that is asked before thirty people are certified."""
    site = Cascade()
    berta, _first = site.trainer()
    cohort, _people = site.ready_group(site.facilitators, berta, [f"Persona {number}" for number in range(30)])
    signer, level = db.session.get_one(Person, berta.person_id), site.level(2)
    found = weigh(cohort, level, signer, False, NOW, TODAY)
    assert len(found) == 30 and all(one.is_ready for one in found)
    timed(app, "right to certify a group of 30", lambda: weigh(cohort, level, signer, False, NOW, TODAY))


def whole_tree(app: Flask) -> None:
    """A tree of 50,000 in six generations; the reference walks from parent to child as a database knows how to."""
    root = db.session.get_one(Credential, make_tree())
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    gc.collect()
    gc.freeze()  # as the server does before its workers begin
    lineage, key = root.lineage, root.id
    top = select(Credential.id).where(Credential.id == key).cte(recursive=True)
    child = aliased(Credential)
    walk = select(top.union_all(select(child.id).join(top, child.parent_id == top.c.id)).c.id)
    ours = timed(app, "tree of 50,000: everybody below with their states", lambda: descendants([lineage], NOW, TODAY))
    theirs = timed(app, "  walked from parent to child, ids alone", lambda: db.session.execute(walk).all())
    print(f"  {theirs / ours:.1f} times as fast")
    assert len(descendants([lineage], NOW, TODAY)) == 50_000
    timed(app, "tree of 50,000: counted by generation and state", lambda: states_below([lineage], NOW, TODAY))
    timed(app, "tree of 50,000: what a revocation would touch", lambda: affected(root, 50, NOW, TODAY))
    leaf = db.session.scalars(select(Credential).order_by(Credential.generation.desc()).limit(1)).one()
    assert [link.credential.id for link in chain_of(leaf)][6:] == [key]
    timed(app, "chain of seven, up to the agency", lambda: chain_of(leaf))
    gc.unfreeze()


def page_of_a_check(app: Flask) -> None:
    """The page that says what a certificate is worth, as the line carries it."""
    code = db.session.scalars(select(Credential.code).where(Credential.generation == 1).limit(1)).one()
    db.session.commit()
    browser = app.test_client()
    sizes = {}
    for name in ("first visit", "with the sheet kept"):
        answer = browser.get(f"/verify/{code}", headers={"Accept-Encoding": "gzip", "Accept-Language": "es"})
        sizes[name] = weight(answer)
        browser.set_cookie("look", app.extensions["assets"].tag("css"))
    print("page of a check, with headers: " + ", ".join(f"{name} {size} bytes" for name, size in sizes.items()))
