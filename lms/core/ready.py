"""What has to be so before the server may serve, and what the doctor asks about the ground."""

import hashlib
import sqlite3
import stat
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, current_app
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from lms.core import audit, clock, schema, storage
from lms.core.catalogue import fragments, is_stale
from lms.core.database import db, read
from lms.core.doctor import Finding, check
from lms.core.errors import NotFound
from lms.core.ids import new_id
from lms.core.models import Blob, Job
from lms.core.printing import PRINTING
from lms.core.settings import SECRETS

SHORTEST = 32
SAMPLES = frozenset({"secret", "changeme", "dev", "development", "test", "password"})
SAFE_SQLITE = (3, 51, 3)
_LATE = timedelta(minutes=10)


def check_secrets(app: Flask) -> None:
    """Refuse to serve without good secrets.

    :raise SystemExit: with one sentence that says what to do.
    """
    with app.app_context():
        if problem := secret_problem(app):
            raise SystemExit(problem)


def secret_problem(app: Flask) -> str | None:
    """Return what is wrong with the secrets, or None."""
    folder = Path(app.config["DATA_DIR"]) / "secrets"
    for name in SECRETS:
        value = str(app.config[name.upper()] or "")
        if not value:
            return str(_("The secret %(name)s is missing. Run: flask --app wsgi init", name=name))
        if len(value) < SHORTEST or len(set(value)) < 8 or value.lower().strip("!0123456789") in SAMPLES:
            return str(
                _("The secret %(name)s is too easy to guess. Replace it with 64 random letters and digits.", name=name)
            )
        path = folder / name
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            return str(_("Others can read the secret %(name)s. Run: chmod 600 %(path)s", name=name, path=path))
    if app.debug and urlsplit(app.config["BASE_URL"]).hostname not in ("127.0.0.1", "localhost", "::1"):
        return str(_("Debug mode shows secrets to everybody. Turn it off on a public address."))
    return None


@check("secrets")
def _secrets() -> Iterable[Finding]:
    problem = secret_problem(current_app._get_current_object())  # type: ignore[attr-defined]
    yield Finding(problem is None, problem or _("The secrets are there and nobody else can read them."))


@check("database")
def _database() -> Iterable[Finding]:
    kind = db.engine.dialect.name
    if kind == "sqlite":
        with read() as connection:
            mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
            safety = connection.exec_driver_sql("PRAGMA synchronous").scalar()
            keys = connection.exec_driver_sql("PRAGMA foreign_keys").scalar()
        said = _(
            "SQLite %(version)s, journal %(mode)s, every commit brought to the disk.",
            version=sqlite3.sqlite_version,
            mode=mode,
        )
        if sqlite3.sqlite_version_info < SAFE_SQLITE:
            said += " " + _("No write-ahead log: before 3.51.3 several writing processes could damage it.")
        is_safe = (safety or 0) >= 2 and keys == 1 and (mode != "wal" or sqlite3.sqlite_version_info >= SAFE_SQLITE)
        yield Finding(is_safe, said)
    else:
        with read() as connection:
            version = connection.exec_driver_sql("SHOW server_version").scalar()
            is_durable = connection.exec_driver_sql("SHOW synchronous_commit").scalar() != "off"
            is_flushed = connection.exec_driver_sql("SHOW fsync").scalar() == "on"
        if is_durable and is_flushed:
            yield Finding(True, _("PostgreSQL %(version)s, every commit brought to the disk.", version=version))
        else:
            yield Finding(False, _("PostgreSQL loses commits on a power cut: set synchronous_commit and fsync to on."))


@check("schema")
def _schema() -> Iterable[Finding]:
    present, wanted = schema.present_revision(), schema.wanted_revision()
    if present == wanted:
        yield Finding(True, _("The database is at migration %(number)s.", number=present))
    elif present is not None and not schema.is_known(present):
        yield Finding(False, _("The database was made by a newer version of this program."))
    else:
        yield Finding(False, _("The database is out of date. Run: flask --app wsgi init"))


@check("storage")
def _storage() -> Iterable[Finding]:
    probe = hashlib.sha256(new_id().bytes)
    path = Path(current_app.config["DATA_DIR"]) / "blobs" / f".probe-{probe.hexdigest()[:8]}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_bytes(probe.digest())
        path.unlink()
        storage.exists(probe.hexdigest())
    except Exception as error:
        yield Finding(False, _("Files cannot be stored: %(why)s", why=f"{type(error).__name__}: {error}"))
        return
    is_far = bool(current_app.config["STORAGE_URL"])
    yield Finding(True, _("Files go to the S3 store.") if is_far else _("Files go to the data folder."))


@check("files", is_deep=True)
def _files() -> Iterable[Finding]:
    count, seen = 0, ""
    while True:
        with read() as connection:
            shas = list(
                connection.execute(
                    select(Blob.sha256).where(Blob.sha256 > seen).order_by(Blob.sha256).limit(500)
                ).scalars()
            )
        for sha in shas:
            count += 1
            try:
                for _piece in storage.open_blob(sha):
                    pass
            except NotFound:
                yield Finding(False, _("File %(sha)s is gone. Restore it from the backup.", sha=sha))
            except storage.Damaged:
                yield Finding(False, _("File %(sha)s is damaged. Restore it from the backup.", sha=sha))
        if not shas:
            break
        seen = shas[-1]
    yield Finding(True, ngettext("%(num)d stored file was read.", "%(num)d stored files were read.", count))


@check("audit", is_deep=True)
def _audit() -> Iterable[Finding]:
    found = audit.verify()
    for problem in found:
        yield Finding(False, _(problem.sentence, **problem.values))
    if not found:
        yield Finding(True, _("The audit trail is whole."))


@check("jobs")
def _jobs() -> Iterable[Finding]:
    now = clock.now()
    with read() as connection:
        parked = connection.execute(select(func.count()).where(Job.state == "parked")).scalar() or 0
        late = connection.execute(select(func.count()).where(Job.state == "waiting", Job.due_at < now - _LATE)).scalar()
    if parked:
        yield Finding(
            False,
            ngettext(
                "%(num)d job failed for good. See: flask --app wsgi jobs list --state parked",
                "%(num)d jobs failed for good. See: flask --app wsgi jobs list --state parked",
                parked,
            ),
        )
    if late:
        yield Finding(False, _("Jobs wait for more than ten minutes. Is this running? flask --app wsgi jobs run"))
    if not parked and not late:
        yield Finding(True, _("No job is stuck."))


@check("printing")
def _printing() -> Iterable[Finding]:
    try:
        import weasyprint  # noqa: F401  (half a second, and only the doctor and the printer need it)
    except (ImportError, OSError):
        yield Finding(False, _("Printing needs system libraries. Type: sudo %(command)s", command=PRINTING))
        return
    yield Finding(True, _("Documents can be printed."))


@check("translations")
def _translations() -> Iterable[Finding]:
    folder = Path(current_app.config["TRANSLATIONS_DIR"])
    compiled = Path(str(current_app.config["BABEL_TRANSLATION_DIRECTORIES"])) / "es" / "LC_MESSAGES" / "messages.mo"
    if not fragments(folder) or is_stale(folder, compiled):
        yield Finding(False, _("The Spanish is out of date. Run: flask --app wsgi i18n compile"))
    else:
        yield Finding(True, _("The Spanish is up to date."))


@check("mail")
def _mail() -> Iterable[Finding]:
    url = urlsplit(current_app.config["MAIL_URL"])
    if url.scheme in ("smtp", "smtps"):
        yield Finding(True, _("Mail leaves through %(host)s.", host=url.hostname))
    elif url.scheme:
        yield Finding(False, _("MAIL_URL has to begin with smtp:// or smtps://"))
    else:
        yield Finding(True, _("Mail is written to files in the data folder; set MAIL_URL to send it."))
