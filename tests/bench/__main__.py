"""Run the benches on PostgreSQL (or `--sqlite`): `make bench`."""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import select, text

from lms import create_app
from lms.core.database import db
from lms.core.ids import id_text
from lms.learning.models import Attempt
from tests.bench import learners as people
from tests.bench import paper
from tests.bench.cascade import the_cascade
from tests.bench.load import Rate, has_wrk, measure, request
from tests.bench.servers import ROOT, Server, serving
from tests.harness import postgresql
from tests.harness.stores import PostgresqlStore

ROUNDS = 3
A_ROUND = 400


def main() -> None:
    """Prepare a database with the shipped courses, then measure."""
    options = argparse.ArgumentParser()
    options.add_argument("--sqlite", action="store_true")
    on_sqlite = options.parse_args().sqlite
    with tempfile.TemporaryDirectory(prefix="cascada-bench-") as folder:
        if on_sqlite:
            bench(Path(folder), f"sqlite:///{folder}/bench.db")
            return
        with postgresql.server(is_durable=True) as url:
            store = PostgresqlStore(url)
            try:
                bench(Path(folder), store.url)
            finally:
                store.drop()


def bench(folder: Path, url: str) -> None:
    """Measure everything on one database."""
    environment = {"CASCADA_DATA": str(folder / "data"), "DATABASE_URL": url}
    os.environ.update(environment)
    for command in (["init"], ["courses", "load", "courses/escuela-que-protege", "--publish"]):
        subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *command],
            cwd=ROOT,
            check=command[0] == "init",
            stdout=subprocess.DEVNULL,
        )
    app = create_app()
    print(f"database: {url.partition(':')[0]} · load from: {'wrk' if has_wrk() else 'Python threads'}")
    with app.app_context(), serving("tests.bench.empty:app") as empty:
        started = time.perf_counter()
        with serving("wsgi:app", **environment) as site:
            print(f"start to listening: {time.perf_counter() - started:.2f} s")
            lesson_pages(app, site, empty)
            submissions(app, site, empty)
            leader, *workers = site.memory()
            print(f"memory: leader {leader:.0f} MB, workers {', '.join(f'{one:.0f} MB' for one in workers)} (PSS)")
    with app.app_context():
        storage(app)
        the_cascade(app)
        paper.certificates()


Work = Callable[[], tuple[float, float]]  # requests a second, processor milliseconds each


def compare(name: str, work: Work, reference: Work) -> None:
    """Measure in turn, three rounds; print medians and their ratios.

    The second ratio counts processor time, the database's included: it stands where others use the machine too.
    """
    pairs = [(reference(), work()) for _round in range(ROUNDS)]
    empty, page = (statistics.median(pair[side][0] for pair in pairs) for side in (0, 1))
    empty_cpu, page_cpu = (statistics.median(pair[side][1] for pair in pairs) for side in (0, 1))
    print(f"{name}: {page:.0f}/s, an empty page {empty:.0f}/s: {100 * page / empty:.1f} %")
    print(f"  processor: {page_cpu:.2f} ms against {empty_cpu:.2f} ms: {100 * empty_cpu / page_cpu:.1f} %")


def timed(server: Server, send: Callable[[], Rate], with_database: bool = False) -> tuple[Rate, float]:
    """Send; return the rate and what each request cost the processors."""
    backends = database_processes() if with_database else []
    before = server.cpu(*backends)
    rate = send()
    return rate, 1000 * (server.cpu(*backends) - before) / max(rate.sent, 1)


def database_processes() -> list[int]:
    """Return the processes of PostgreSQL that serve this database."""
    if db.engine.dialect.name != "postgresql":
        return []
    found = db.session.execute(text("SELECT pid FROM pg_stat_activity")).scalars().all()
    db.session.rollback()
    return list(found)


def empty_page(server: Server, count: int | None = None) -> tuple[float, float]:
    """Measure the reference: in a circle, or so many requests once each."""
    nothing = request("GET", "/", {}, port=server.port)
    rate, cpu = timed(server, lambda: measure(server.port, [nothing] * (count or 1), once=bool(count)))
    return rate.per_second, cpu


def lesson_pages(app: Flask, site: Server, empty: Server) -> None:
    """The lesson page of somebody signed in."""
    course = people.outline()
    lesson = next(one for one in course.activities if one.kind == "lesson" and one.module_slug == "m2")
    everybody = people.make_learners(50)
    path = f"/courses/{people.COURSE}/{lesson.module_slug}/{lesson.slug}"
    look = people.look_cookie(app) | {app.config["SESSION_COOKIE_NAME"]: people.page_cookie(app)[0]}
    people.make_progress(everybody, course)
    pages = [request("GET", path, {**one.cookies, **look}, port=site.port) for one in everybody]
    tails = []

    def page() -> tuple[float, float]:
        rate, cpu = timed(site, lambda: measure(site.port, pages), with_database=True)
        assert not rate.refused, f"{rate.refused} lesson pages were refused"
        tails.append(rate.p99)
        return rate.per_second, cpu

    measure(site.port, pages, 1)
    compare("lesson page", page, lambda: empty_page(empty))
    print(f"  99 of 100 within {statistics.median(tails):.0f} ms")


def submissions(app: Flask, site: Server, empty: Server) -> None:
    """Handing in ten answers: read, stored for good, graded."""
    course = people.outline()
    quiz = people.final_of(course)
    cookie, token = people.page_cookie(app)
    batches = []
    for number in range(ROUNDS + 1):
        everybody = people.make_learners(A_ROUND, first=1000 + number * A_ROUND)
        ids = list(people.open_attempts(everybody, course, quiz))
        drawn = {row.id: row.drawn for row in db.session.execute(select(Attempt).where(Attempt.id.in_(ids))).scalars()}
        batch = []
        for one, attempt_id in zip(everybody, ids, strict=True):
            form = people.answered_form(app, attempt_id, course, quiz, drawn[attempt_id]) | {"csrf_token": token}
            cookies = {**one.cookies, app.config["SESSION_COOKIE_NAME"]: cookie}
            body = urlencode(form, doseq=True).encode()
            batch.append(request("POST", f"/attempts/{id_text(attempt_id)}", cookies, body, site.port))
        batches.append(batch)
    db.session.commit()

    def hand_in() -> tuple[float, float]:
        rate, cpu = timed(site, lambda: measure(site.port, batches.pop(), once=True), with_database=True)
        assert not rate.refused, f"{rate.refused} submissions were refused"
        return rate.per_second, cpu

    hand_in()
    compare("quiz submit", hand_in, lambda: empty_page(empty, A_ROUND))
    db.session.rollback()
    left = db.session.scalars(select(Attempt.id).where(Attempt.state == "open")).all()
    assert not left, f"{len(left)} attempts are still open"


def storage(app: Flask) -> None:
    """What an attempt of ten answers takes on the disk, with its indexes."""
    if db.engine.dialect.name != "postgresql":
        return
    count = db.session.execute(text("SELECT count(*) FROM attempt")).scalar_one()
    db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM FULL attempt"))
        size = connection.execute(text("SELECT pg_total_relation_size('attempt')")).scalar_one()
    print(f"storage: {size / count:.0f} bytes an attempt of 10 answers, with indexes ({count} attempts)")


main()
