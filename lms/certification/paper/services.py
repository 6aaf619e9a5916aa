"""Print certificates: one at once, those of a group as work for later; keep the files for some days."""

import hashlib
import io
import uuid
import zipfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from lms.access.policy import Actor
from lms.certification.models import Credential, PrintRun
from lms.certification.paper.facts import NOT_PRINTED, Printed, of_group, printed
from lms.certification.paper.sheets import MOST, file_name, orders
from lms.certification.queries.branches import some
from lms.certification.rules.status import Status
from lms.cohorts.models import Cohort
from lms.core import audit, jobs, storage
from lms.core.database import db
from lms.core.errors import Conflict, RuleBroken
from lms.core.ids import id_text
from lms.core.models import Job
from lms.core.printing import print_many

KEPT = timedelta(days=7)
JOB = "certification.print"
Progress = Callable[[int, int], None]


def print_one(credential: Credential, language: str, now: datetime, today: date) -> tuple[bytes, Printed]:
    """Print one certificate while somebody waits.

    :raise RuleBroken: it has lost its force, or is being looked at.
    :raise CannotPrint: the press does not work.
    """
    refuse(some([credential.id], now, today)[0].status)
    found = printed([credential.id])
    (pdf,) = print_many(orders(found, language, is_each=False))
    return pdf, found[0]


def refuse(status: Status) -> None:
    """Say why a certificate of this state is not printed, and what leads back; raise RuleBroken."""
    if status not in NOT_PRINTED:
        return
    reasons = {
        Status.REVOKED: _(
            "This certificate was revoked, so it is not printed. Its holder can be certified again in a new group."
        ),
        Status.SUSPENDED: _(
            "This certificate is suspended, so it is not printed. It can be once the agency puts it in force again."
        ),
        Status.UNDER_REVIEW: _(
            "This certificate is under review, so it is not printed. It can be once the agency has looked at it."
        ),
        Status.NOT_YET: _("This certificate is not valid yet. It can be printed from its first day on."),
    }
    raise RuleBroken(reasons[status])


def ask(cohort: Cohort, language: str, shape: str, actor: Actor, now: datetime, today: date) -> PrintRun:
    """Ask for the certificates of a group as files; asked again for the same ones, it is the same work.

    :raise RuleBroken: there is nothing to print.
    :raise Conflict: somebody else asked for the same at this moment.
    """
    ids, _left_out = of_group(cohort.id, now, today)
    if not ids:
        raise RuleBroken(_("There is no certificate to print in this group yet. Certify somebody first."))
    wanted = {"cohort_id": cohort.id, "language": language, "shape": shape, "of_what": summed_up(ids)}
    run = db.session.scalar(select(PrintRun).filter_by(**wanted))
    if run is not None:
        job = db.session.get(Job, run.job_id) if run.job_id else None
        if run.done_at is None and job is not None and job.state == "parked":
            jobs.retry(job, now)
        return run
    run = PrintRun(**wanted, count=len(ids), files=[], asked_at=now, asked_by=actor.user_id)
    db.session.add(run)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict from error
    run.job_id = jobs.later(JOB, {"asked": id_text(run.id)}, actor, now).id
    audit.record(actor, "credential.print", "cohort", cohort.id, now, after={"of": run.of_what, "shape": shape})
    return run


def summed_up(ids: Collection[uuid.UUID]) -> str:
    """Sum up which certificates these are."""
    return hashlib.sha256(b"".join(sorted(one.bytes for one in ids))).hexdigest()


def prepare(run: PrintRun, now: datetime, today: date, progress: Progress) -> int:
    """Print everything of a run and store its files; return how many certificates.

    :raise RuleBroken: the certificates of the group are others by now.
    """
    key, language, shape = run.id, run.language, run.shape
    ids, _left_out = of_group(run.cohort_id, now, today)
    if summed_up(ids) != run.of_what:
        raise RuleBroken(_("The certificates of the group changed meanwhile. Ask for them again."))
    found = printed(ids)
    name = f"{db.session.get_one(Cohort, run.cohort_id).code.lower()}-{language}"
    db.session.rollback()  # nobody has to wait for us while we print
    progress(0, len(found))
    files = list((_zip if shape == "zip" else _merged)(found, name, language, progress))
    run = db.session.get_one(PrintRun, key)
    run.files = [
        {"sha": storage.put(file.data, file.kind, now), "name": file.name, "size": len(file.data), "count": file.count}
        for file in files
    ]
    run.done_at = now
    return len(found)


@dataclass(frozen=True)
class _File:
    name: str
    kind: str
    data: bytes
    count: int


def _merged(found: list[Printed], name: str, language: str, progress: Progress) -> Iterator[_File]:
    done, has_parts = 0, len(found) > MOST
    for number, pdf in enumerate(print_many(orders(found, language, is_each=False)), 1):
        count = min(MOST, len(found) - done)
        done += count
        progress(done, len(found))
        yield _File(f"{name}-{number}.pdf" if has_parts else f"{name}.pdf", "application/pdf", pdf, count)


def _zip(found: list[Printed], name: str, language: str, progress: Progress) -> Iterator[_File]:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:  # PDF is compressed already
        printing = print_many(orders(found, language, is_each=True))
        for done, (one, pdf) in enumerate(zip(found, printing, strict=True), 1):
            archive.writestr(zipfile.ZipInfo(file_name(one), (1980, 1, 1, 0, 0, 0)), pdf)
            progress(done, len(found))
    yield _File(f"{name}.zip", "application/zip", packed.getvalue(), len(found))


def sweep(now: datetime) -> int:
    """Throw away what was kept long enough; return how many runs."""
    old = db.session.scalars(select(PrintRun).where(PrintRun.asked_at < now - KEPT)).all()
    shas = {file["sha"] for run in old for file in run.files}
    db.session.execute(delete(PrintRun).where(PrintRun.id.in_([run.id for run in old])))
    for files in db.session.scalars(select(PrintRun.files)):
        shas -= {file["sha"] for file in files}
    for sha in shas:
        storage.drop(sha)
    return len(old)
