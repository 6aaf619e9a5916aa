"""Lists of people and posts brought as files: a template, bringing, looking at what it changes, taking it in."""

import json
from typing import Any

from flask import Response as FlaskResponse
from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action
from lms.core import clock, jobs, storage
from lms.core.asked import page_asked
from lms.core.database import db
from lms.core.headers import takes_uploads
from lms.core.models import Job
from lms.core.pages import Pages
from lms.organization.forms import LIST_MEGABYTES, ListForm
from lms.organization.manage import manage
from lms.organization.manage.people import table_response
from lms.organization.models import PeopleImport, Unit
from lms.organization.queries.lists import get_import, imports
from lms.organization.queries.units import get_unit
from lms.organization.rules.lists import HEADERS
from lms.organization.services import lists as services
from lms.organization.words import ROWS, STATES

Page = str | Response | tuple[str, int]
SIZE = 50
_WORKING = ("reading", "applying")


@manage.get("/lists")
@requires(Action.PERSON_MANAGE)
def people_lists() -> str:
    """List what was brought lately."""
    return render_template("organization/lists.html", rows=imports(current_actor()), states=STATES, here="people")


@manage.get("/lists/template.<kind>")
@requires(Action.PERSON_MANAGE)
def list_template(kind: str) -> FlaskResponse:
    """Send an empty list with its headers and two rows that show how it is filled in."""
    headers = [_(heads[0]) for heads in HEADERS.values()]
    code = _("Q-01")
    sample = [
        [
            code,
            "",
            "1024",
            "Catarina",
            "Us Tzoc",
            "Chichicastenango",
            "Kʼicheʼ",
            _("Psychologist"),
            "P-7",
            "2026-02-01",
        ],
        [code, "", "", "", "", "", "", _("Social worker"), "", ""],
    ]
    return table_response(_("people-and-posts"), kind, headers, sample)


@manage.route("/units/<id:unit>/list", methods=["GET", "POST"])
@takes_uploads(LIST_MEGABYTES + 1)
@requires(Action.PERSON_MANAGE, unit=get_unit)
def bring_list(unit: Unit) -> Page:
    """Bring a list for an office and what is below it."""
    form, is_valid = ListForm.posted()
    if is_valid and (file := form.file.data) is not None:
        brought = services.bring(current_actor(), unit, file.filename or "", file.read(), clock.now())
        db.session.commit()
        return redirect(url_for("organization_manage.people_list", brought=brought.id), 303)
    page = render_template("organization/list_form.html", form=form, unit=unit, headers=_columns(), here="people")
    return page, 422 if form.errors else 200


def _columns() -> list[tuple[str, str]]:
    """Say what each column holds."""
    told = {
        "unit": _("Code of the office. Left empty, the row belongs to the office the list is brought for."),
        "unit_name": _("Its name, instead of the code, where no other office below has the same."),
        "key": _("The institution's own number of the person: with it a changed name or office is recognised."),
        "given": _("Needed for a new person."),
        "family": _("Needed for a new person."),
        "place": _("Name or code, such as Chichicastenango or 1406."),
        "language": _("Language of lessons, such as Kʼicheʼ or quc. Left empty: Spanish."),
        "profession": _("With it the row is a post. A row without names is a vacant post."),
        "post": _("The institution's own number of the post, where it has one."),
        "since": _("Since when the person holds it, such as 2026-02-01 or 01/02/2026. Left empty: today."),
    }
    return [(_(heads[0]), told[column]) for column, heads in HEADERS.items()]


@manage.get("/lists/<id:brought>")
@requires(Action.PERSON_MANAGE, brought=get_import)
def people_list(brought: PeopleImport) -> Response | str:
    """Show how far a list is, what is wrong with it, or what it changes row by row."""
    job = db.session.get(Job, brought.job_id) if brought.job_id else None
    if brought.state in _WORKING:
        done, steps = jobs.progress_of(job) if job else (0, 0)
        has_failed = job is None or job.state == "parked"
        page = render_template(
            "organization/list_wait.html", brought=brought, done=done, steps=steps, has_failed=has_failed, here="people"
        )
        answer = make_response(page)
        if not has_failed:
            answer.headers["Refresh"] = "2"  # the page looks again by itself, without a script
        return answer
    told = json.loads(storage.read_bytes(brought.plan_sha)) if brought.plan_sha else {}
    show = request.args.get("show", "")
    rows = [row for row in told.get("rows", ()) if _is_shown(row, show)]
    pages = Pages(page_asked(), SIZE, len(rows))
    return render_template(
        "organization/list.html",
        brought=brought,
        rows=rows[(pages.page - 1) * SIZE : pages.page * SIZE],
        pagination=pages,
        show=show,
        states=STATES,
        row_words=ROWS,
        here="people",
    )


def _is_shown(row: dict[str, Any], show: str) -> bool:
    return row["state"] == show if show in ROWS else show == "all" or row["state"] != "same"


@manage.post("/lists/<id:brought>/take-in")
@requires(Action.PERSON_MANAGE, brought=get_import)
def take_in_list(brought: PeopleImport) -> Response:
    """Take a list in that was looked at."""
    services.ask_to_take_in(current_actor(), brought, clock.now())
    db.session.commit()
    return redirect(url_for("organization_manage.people_list", brought=brought.id), 303)


@manage.post("/lists/<id:brought>/drop")
@requires(Action.PERSON_MANAGE, brought=get_import)
def drop_list(brought: PeopleImport) -> Response:
    """Put a list away."""
    services.drop(current_actor(), brought, clock.now())
    db.session.commit()
    flash(_("The list was put away. Nothing was changed."))
    return redirect(url_for("organization_manage.people_lists"), 303)


@manage.post("/lists/<id:brought>/again")
@requires(Action.PERSON_MANAGE, brought=get_import)
def try_list_again(brought: PeopleImport) -> Response:
    """Let work on a list that failed try once more."""
    job = db.session.get(Job, brought.job_id) if brought.job_id else None
    if job is not None and job.state == "parked":
        jobs.retry(job, clock.now())
        db.session.commit()
    return redirect(url_for("organization_manage.people_list", brought=brought.id), 303)
