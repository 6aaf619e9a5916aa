"""Commands of the ground: init, doctor, verify-audit, routes, jobs, i18n. Each prints JSON with --json."""

import fcntl
import hashlib
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from flask_babel import gettext as _
from flask_migrate import upgrade
from sqlalchemy import select

from lms import ROOMS
from lms.core import audit, catalogue, clock, jobs, schema
from lms.core.beginnings import BEGINNINGS
from lms.core.database import db
from lms.core.doctor import examine
from lms.core.ids import id_from_text, id_text
from lms.core.models import Job
from lms.core.problems import Problem
from lms.core.ready import check_secrets
from lms.core.settings import ROOT, SECRETS, make_secrets, read_secret

PACKAGE = ROOT / "lms"

jobs_cli = AppGroup("jobs", help="Work that waits, runs or failed.")
i18n_cli = AppGroup("i18n", help="The Spanish of the interface.")
as_json = click.option("--json", "is_json", is_flag=True, help="Print JSON.")


def register_commands(app: Flask) -> None:
    """Hang the commands on `flask`."""
    for command in (init, verify_audit, routes, doctor, jobs_cli, i18n_cli):
        app.cli.add_command(command)


def say(is_json: bool, data: Any, lines: Callable[[], list[str]]) -> None:
    """Print data for programs or lines for people."""
    if is_json:
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        for line in lines():
            click.echo(line)


def told(problem: Problem) -> str:
    """Write a problem for a person."""
    return f"{problem.file}:{problem.line}: {_(problem.sentence, **problem.values)}"


def as_data(problem: Problem) -> dict[str, Any]:
    """Write a problem for a program."""
    return {
        "file": problem.file,
        "line": problem.line,
        "sentence": problem.sentence % problem.values,
        "is_warning": problem.is_warning,
    }


@click.command()
@with_appcontext
def init() -> None:
    """Make what is missing: folders, secrets, database, Spanish. Says nothing twice; run it as often as you like."""
    data = Path(current_app.config["DATA_DIR"])
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in ("blobs", "mail"):
        (data / name).mkdir(exist_ok=True, mode=0o700)
    with (data / "init.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = make_secrets(data)
        for name in SECRETS:
            if not current_app.config[name.upper()]:
                current_app.config[name.upper()] = read_secret(data, name)
        before, wanted = schema.present_revision(), schema.wanted_revision()
        if before is not None and not schema.is_known(before):
            raise click.ClickException(_("The database was made by a newer version of this program."))
        if before != wanted:
            logging.getLogger("alembic").setLevel(logging.WARNING)
            upgrade()
        catalogue.refresh_compiled(current_app.config["TRANSLATIONS_DIR"], data)
        brought = {name: bring_in(clock.now()) for name, bring_in in BEGINNINGS.items()}
        db.session.commit()
    for name in made:
        secret = read_secret(data, name) or ""
        click.echo(
            _(
                "Made the secret %(name)s, fingerprint %(mark)s",
                name=name,
                mark=hashlib.sha256(secret.encode()).hexdigest()[:12],
            )
        )
    if before != wanted:
        click.echo(_("The database (%(kind)s) is up to date.", kind=db.engine.dialect.name))
    for name, count in brought.items():
        if count:
            click.echo(_("Brought in: %(what)s (%(count)d)", what=_(name), count=count))


@click.command("verify-audit")
@as_json
@with_appcontext
def verify_audit(is_json: bool) -> None:
    """Check the whole audit trail for rows that were changed, removed or forged."""
    jobs.chain_fully(clock.now())
    db.session.rollback()
    audit.sign_head(clock.now(), at_once=True)
    found = audit.verify()
    good = _("The audit trail is whole.")
    say(is_json, [as_data(problem) for problem in found], lambda: [told(problem) for problem in found] or [good])
    if found:
        raise SystemExit(1)


@click.command()
@as_json
@with_appcontext
def routes(is_json: bool) -> None:
    """List every door: method, path, and who may enter."""
    found = []
    for rule in sorted(current_app.url_map.iter_rules(), key=lambda rule: rule.rule):
        lock = getattr(current_app.view_functions[rule.endpoint], "lock", None)
        action = getattr(lock, "action", None)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            found.append(
                {
                    "method": method,
                    "path": rule.rule,
                    "endpoint": rule.endpoint,
                    "rule": (str(action) if action else "public") if lock else None,
                    "scope": list(getattr(lock, "subjects", ())),
                }
            )
    say(is_json, found, lambda: [f"{one['method']:6} {one['path']:60} {one['rule'] or '-'}" for one in found])


@click.command()
@click.option("--deep", "is_deep", is_flag=True, help="Read every stored file and the whole audit trail.")
@as_json
@with_appcontext
def doctor(is_deep: bool, is_json: bool) -> None:
    """Say how the site is and what to do where it is not well."""
    found = list(examine(is_deep))
    data = [{"check": name, "is_well": one.is_well, "sentence": str(one.sentence)} for name, one in found]
    signs = {True: "✓", False: "✗"}
    say(is_json, data, lambda: [f"{signs[one.is_well]} {name}: {one.sentence}" for name, one in found])
    if not all(one.is_well for _name, one in found):
        raise SystemExit(1)


@jobs_cli.command("run")
@click.option("--once", "is_once", is_flag=True, help="Do what is due and end.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
@with_appcontext
def run_jobs(is_once: bool, workers: int) -> None:
    """Do the work that waits, until told to stop."""
    check_secrets(current_app._get_current_object())  # type: ignore[attr-defined]
    if not is_once:
        jobs.work_until_stopped(current_app._get_current_object(), workers)  # type: ignore[attr-defined]
        return
    now = clock.now()
    jobs.recover(now)
    jobs.fire(now)
    count = jobs.drain()
    jobs.chain_fully(clock.now())
    click.echo(_("Jobs done: %(count)d", count=count))


@jobs_cli.command("list")
@click.option("--state", type=click.Choice(["waiting", "running", "done", "parked"]))
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@as_json
@with_appcontext
def list_jobs(state: str | None, limit: int, is_json: bool) -> None:
    """List the latest jobs."""
    query = select(Job).order_by(Job.created_at.desc()).limit(limit)
    rows = db.session.scalars(query.where(Job.state == state) if state else query).all()
    data = [_job_data(row) for row in rows]
    say(
        is_json, data, lambda: [f"{one['id']} {one['state']:8} {one['name']:30} {one['problem'] or ''}" for one in data]
    )


def _job_data(row: Job) -> dict[str, Any]:
    done, all_steps = jobs.progress_of(row)
    return {
        "id": id_text(row.id),
        "name": row.name,
        "state": row.state,
        "created_at": row.created_at.isoformat(),
        "due_at": row.due_at.isoformat(),
        "tries": row.tries,
        "done": done,
        "all": all_steps,
        "problem": row.problem,
    }


@jobs_cli.command("retry")
@click.argument("job_id")
@with_appcontext
def retry_job(job_id: str) -> None:
    """Let a parked job try again."""
    try:
        row = db.session.get(Job, id_from_text(job_id))
    except ValueError:
        row = None
    if row is None or row.state != "parked":
        raise click.ClickException(_("There is no parked job with this id. See `jobs list --state parked`."))
    jobs.retry(row, clock.now())
    db.session.commit()


def _translations() -> Path:
    return Path(current_app.config["TRANSLATIONS_DIR"])


@i18n_cli.command("extract")
@with_appcontext
def extract() -> None:
    """Write all sentences of the interface to translations/messages.pot."""
    count = catalogue.extract(PACKAGE, ROOMS, _translations() / "messages.pot")
    click.echo(_("Sentences found: %(count)d", count=count))


@i18n_cli.command("update")
@click.option("--room", help="Only this room's fragment.")
@with_appcontext
def update(room: str | None) -> None:
    """Add missing sentences to the fragments of the rooms and take out those nobody says."""
    for name, (added, removed) in catalogue.update(PACKAGE, ROOMS, _translations(), room).items():
        click.echo(f"{name}.po: +{added} -{removed}")


@i18n_cli.command("compile")
@with_appcontext
def compile_spanish() -> None:
    """Merge the fragments into the catalogue the site reads."""
    catalogue.refresh_compiled(_translations(), Path(current_app.config["DATA_DIR"]))


@i18n_cli.command("check")
@as_json
@with_appcontext
def check(is_json: bool) -> None:
    """Name every sentence without good Spanish."""
    found = catalogue.check_catalogue(PACKAGE, ROOMS, _translations())
    say(is_json, [as_data(one) for one in found], lambda: [told(one) for one in found])
    if found:
        raise SystemExit(1)
