"""Lists of people and posts brought as files: kept, planned, looked at, then taken in whole or not at all.

Planning reads on the reading connection, so nobody waits for it. Taking in plans once more, inside the transaction that
writes: what is written is what was looked at, or nothing.
"""

import json
import uuid
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Connection, insert, select, update

from lms.access.policy import Actor
from lms.core import audit, jobs, storage
from lms.core.database import db, read
from lms.core.errors import Refusal, RuleBroken
from lms.core.ids import id_text, new_id
from lms.core.problems import N_, Problem, Problems
from lms.core.tabular import Table, read_table
from lms.core.texts import folded
from lms.organization.models import PeopleImport, Person, Post, PostHolding, Unit
from lms.organization.queries.lists import BATCH, directory_of, known_for
from lms.organization.rules.lists import HEADERS, Line, read_lines
from lms.organization.rules.plans import make_plan
from lms.organization.rules.plans.known import Plan
from lms.organization.services.units import hold_the_tree

KEPT_PROBLEMS = 200
PLAN_TYPE = "application/json"
Progress = Callable[[int, int], None]


def bring(actor: Actor, unit: Unit, filename: str, data: bytes, now: datetime) -> PeopleImport:
    """Keep a file that somebody brought, and ask for it to be read.

    :raise BadInput: it is no table.
    """
    read_table(filename, data)  # what cannot be read at all is told at once
    sha = storage.put(data, "application/octet-stream", now)
    brought = PeopleImport(
        unit_id=unit.id,
        filename=filename[-120:],
        file_sha=sha,
        state="reading",
        counts={},
        problems=[],
        made_at=now,
        made_by=actor.user_id,
    )
    db.session.add(brought)
    db.session.flush()
    _ask("organization.plan_list", brought, actor, now)
    audit.record(actor, "list.bring", "people_import", brought.id, now, after={"file": sha})
    return brought


def _ask(name: str, brought: PeopleImport, actor: Actor, now: datetime) -> None:
    brought.job_id = jobs.later(name, {"brought": id_text(brought.id)}, actor, now).id


def ask_to_take_in(actor: Actor, brought: PeopleImport, now: datetime) -> None:
    """Ask for a list that was looked at to be taken in.

    :raise RuleBroken: it has problems, or was taken in already.
    """
    moved = db.session.execute(
        update(PeopleImport)
        .where(PeopleImport.id == brought.id, PeopleImport.state == "ready")
        .values(state="applying")
        .execution_options(synchronize_session=False)
    )
    if not moved.rowcount:  # type: ignore[attr-defined]
        raise RuleBroken(_("This list is not waiting to be taken in. Look at it again."))
    db.session.refresh(brought)
    _ask("organization.take_in_list", brought, actor, now)
    audit.record(actor, "list.confirm", "people_import", brought.id, now, after={"plan": brought.print_of_plan})


def drop(actor: Actor, brought: PeopleImport, now: datetime) -> None:
    """Put a list away that is not to be taken in.

    :raise RuleBroken: it was taken in, or is just being.
    """
    if brought.state not in ("ready", "refused"):
        raise RuleBroken(_("This list is not waiting to be taken in. Look at it again."))
    brought.state = "dropped"
    audit.record(actor, "list.drop", "people_import", brought.id, now)
    db.session.flush()


def plan(list_id: uuid.UUID, today: date, now: datetime, progress: Progress) -> PeopleImport:
    """Read a list and write down what it would change, or everything that is wrong with it."""
    with read() as connection:
        lines, problems, branch, path = _read(connection, list_id, progress)
        made = None if lines is None else _planned(connection, branch, path, lines, today, problems)
    sha = storage.put(preview_of(made, problems), PLAN_TYPE, now) if made else None
    brought = db.session.get_one(PeopleImport, list_id)
    if brought.state == "reading":
        _write_down(brought, made, problems, sha)
        db.session.flush()
    return brought


def _read(
    connection: Connection, list_id: uuid.UUID, progress: Progress
) -> tuple[list[Line] | None, Problems, uuid.UUID, str]:
    """Understand the rows of a list; nothing when it is no list of ours."""
    problems = Problems()
    file = connection.execute(
        select(PeopleImport.file_sha, PeopleImport.filename, Unit.id, Unit.path)
        .join(Unit, Unit.id == PeopleImport.unit_id)
        .where(PeopleImport.id == list_id)
    ).one()
    try:
        table = read_table(file.filename, storage.read_bytes(file.file_sha))
    except Refusal as refusal:
        problems.add("", 0, str(refusal.sentence).replace("%", "%%"))
        return None, problems, file.id, file.path
    if not _is_ours(table):
        problems.add("", 1, N_("None of the headers is one of ours. Start from the template."))
        return None, problems, file.id, file.path
    steps = len(table.rows)
    progress(steps // 4, steps)
    rows = ((row.number, {name: row.get(*heads[1:]) for name, heads in HEADERS.items()}) for row in table.rows)
    lines = read_lines(rows, directory_of(connection, file.path), problems)
    progress(steps // 2, steps)
    return lines, problems, file.id, file.path


def _planned(
    connection: Connection, branch: uuid.UUID, path: str, lines: list[Line], today: date, problems: Problems
) -> Plan:
    known = known_for(connection, branch, path, lines, today)
    return make_plan(lines, known, today, new_id, problems)


def _is_ours(table: Table) -> bool:
    ours = {folded(head) for heads in HEADERS.values() for head in heads[1:]}
    return any(folded(head) in ours for head in table.headers)


def _write_down(brought: PeopleImport, made: Plan | None, problems: Problems, sha: str | None) -> None:
    errors = problems.errors
    brought.counts = (made.counts() if made else {}) | {"problems": len(errors), "doubts": len(problems) - len(errors)}
    ordered = sorted(problems, key=lambda one: (one.is_warning, one.line))
    brought.problems = [problem_row(one) for one in ordered[:KEPT_PROBLEMS]]
    brought.plan_sha, brought.print_of_plan = sha, made.fingerprint() if made else None
    brought.state = "refused" if errors or made is None else "ready"


def problem_row(problem: Problem) -> dict[str, Any]:
    """Write a problem down as it is kept with the list."""
    return {
        "row": problem.line,
        "sentence": problem.sentence,
        "values": problem.values,
        "is_warning": problem.is_warning,
    }


def preview_of(made: Plan, problems: Problems) -> bytes:
    """Write the preview down: one entry a row, and every problem."""
    entries = [
        {"row": one.number, "name": one.name, "unit": one.unit, "state": one.state, "what": one.what}
        for one in made.changes
    ]
    people = [id_text(one["id"]) for one in made.new_people]
    told = {"rows": entries, "problems": [problem_row(one) for one in problems], "people": people}
    return json.dumps(told, ensure_ascii=False).encode()


def take_in(list_id: uuid.UUID, today: date, now: datetime, requested_by: uuid.UUID | None, progress: Progress) -> str:
    """Write everything a list says, all of it or nothing; return the state it ends in.

    When something changed since the list was looked at, it goes back to be looked at again.
    """
    with read() as connection:  # before the transaction that writes, for nobody else could write meanwhile
        lines, problems, branch, path = _read(connection, list_id, lambda done, steps: None)
    brought = db.session.get_one(PeopleImport, list_id, with_for_update=True)
    if brought.state != "applying":
        return brought.state
    hold_the_tree()  # two lists at once could both bring the same new person
    made = None if lines is None else _planned(db.session.connection(), branch, path, lines, today, problems)
    if made is None or problems.errors or made.fingerprint() != brought.print_of_plan:
        sha = storage.put(preview_of(made, problems), PLAN_TYPE, now) if made else None
        _write_down(brought, made, problems, sha)
        brought.counts = brought.counts | {"again": 1}
        return brought.state
    _write(made, now, progress)
    # The ids are made anew with each plan, so the preview that is kept names those that were written.
    brought.plan_sha = storage.put(preview_of(made, problems), PLAN_TYPE, now)
    brought.state, brought.applied_at = "applied", now
    after = {"file": brought.file_sha, "plan": brought.print_of_plan, **made.counts()}
    audit.record(requested_by, "list.take_in", "people_import", brought.id, now, after=after)
    db.session.flush()
    return brought.state


def _write(made: Plan, now: datetime, progress: Progress) -> None:
    """Write a plan in batches of one statement each."""
    people = [row | {"created_at": now} for row in made.new_people]
    work: list[tuple[Any, list[dict[str, Any]]]] = [
        (insert(Person), people),
        (update(Person), made.changed_people),
        (insert(Post), made.new_posts),
        (update(Post), made.changed_posts),
        (update(PostHolding), made.changed_holdings),
        (insert(PostHolding), made.new_holdings),
    ]
    steps, done = sum(len(rows) for _statement, rows in work), 0
    for statement, rows in work:
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            db.session.execute(statement, batch)
            done += len(batch)
            progress(done, steps)
