"""Doors to paper: my certificate, a certificate within reach, and those of a group."""

import uuid

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from lms.access.lock import current_actor, requires
from lms.access.policy import Action
from lms.certification.models import Credential, PrintRun
from lms.certification.paper import services
from lms.certification.paper.facts import of_group
from lms.certification.paper.sheets import MOST, file_name
from lms.certification.paper.wording import LANGUAGES
from lms.certification.queries.levels import get_credential
from lms.certification.words import STATES
from lms.cohorts.models import Cohort
from lms.cohorts.queries.groups import get_cohort
from lms.core import clock, jobs, storage
from lms.core.database import db
from lms.core.errors import NotFound, RuleBroken
from lms.core.languages import interface_lang
from lms.core.models import Job

SHAPES = ("merged", "zip")

paper = Blueprint("certification_paper", __name__, template_folder="../templates")


@paper.get("/certificates/<id:credential>/paper.pdf")
@requires(Action.CREDENTIAL_READ, credential=get_credential)
def one(credential: Credential) -> Response:
    """Print a certificate in the language asked for."""
    language = request.args.get("language", "")
    language = language if language in LANGUAGES else interface_lang()
    pdf, found = services.print_one(credential, language, clock.now(), clock.today())
    return _file(pdf, "application/pdf", file_name(found))


@paper.route("/groups/<id:cohort>/paper", methods=["GET", "POST"])
@requires(Action.COHORT_MANAGE, cohort=get_cohort)
def group(cohort: Cohort) -> str | AnyResponse:
    """Offer the certificates of a group as one file or as many; sent, ask for them."""
    now, today = clock.now(), clock.today()
    if request.method == "POST":
        language, shape = request.form.get("language", ""), request.form.get("shape", "")
        if language not in LANGUAGES or shape not in SHAPES:
            raise RuleBroken(_("Choose a language and whether you want one file or many."))
        run = services.ask(cohort, language, shape, current_actor(), now, today)
        db.session.commit()
        return redirect(url_for(".prepared", cohort=cohort.id, run=run.id), 303)
    ids, left_out = of_group(cohort.id, now, today)
    return render_template(
        "certification/paper/group.html",
        cohort=cohort,
        count=len(ids),
        parts=(len(ids) + MOST - 1) // MOST,
        left_out=[(STATES[status], number) for status, number in left_out.items()],
        language=interface_lang(),
        days=services.KEPT.days,
        here="groups",
    )


@paper.get("/groups/<id:cohort>/paper/<id:run>")
@requires(Action.COHORT_MANAGE, cohort=get_cohort)
def prepared(cohort: Cohort, run: uuid.UUID) -> Response:
    """Show how far the printing is, or its files."""
    found = _run(cohort, run)
    job = db.session.get(Job, found.job_id) if found.job_id else None
    done, steps = jobs.progress_of(job) if job else (0, 0)
    ids, _left_out = of_group(cohort.id, clock.now(), clock.today())
    is_working = found.done_at is None and job is not None and job.state != "parked"
    answer = make_response(
        render_template(
            "certification/paper/prepared.html",
            cohort=cohort,
            run=found,
            is_working=is_working,
            is_current=services.summed_up(ids) == found.of_what,
            done=done,
            steps=steps,
            kept_until=found.asked_at + services.KEPT,
            here="groups",
        )
    )
    if is_working:
        answer.headers["Refresh"] = "2"  # the page looks again by itself, without a script
    return answer


@paper.get("/groups/<id:cohort>/paper/<id:run>/<int:number>")
@requires(Action.COHORT_MANAGE, cohort=get_cohort)
def prepared_file(cohort: Cohort, run: uuid.UUID, number: int) -> Response:
    """Send a file that was prepared, unless one of its certificates has lost its force meanwhile."""
    found = _run(cohort, run)
    if not 1 <= number <= len(found.files):
        raise NotFound
    ids, _left_out = of_group(cohort.id, clock.now(), clock.today())
    if services.summed_up(ids) != found.of_what:
        raise RuleBroken(_("The certificates of the group changed meanwhile. Ask for them again."))
    file = found.files[number - 1]
    kind = "application/zip" if found.shape == "zip" else "application/pdf"
    return _file(storage.read_bytes(file["sha"]), kind, file["name"])


def _run(cohort: Cohort, run: uuid.UUID) -> PrintRun:
    found = db.session.scalar(select(PrintRun).where(PrintRun.id == run, PrintRun.cohort_id == cohort.id))
    if found is None:
        raise NotFound
    return found


def _file(data: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(data, mimetype=kind, headers=headers)
