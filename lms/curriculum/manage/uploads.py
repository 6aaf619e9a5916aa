"""Bring in a package: checked at once when it is small, in the background when it is large."""

import uuid
from datetime import datetime
from typing import BinaryIO, cast

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action, reach
from lms.access.queries import within
from lms.core import clock, jobs, storage
from lms.core.database import db
from lms.core.errors import NotFound
from lms.core.headers import takes_uploads
from lms.core.ids import id_from_text, id_text
from lms.core.models import Job
from lms.core.problems import Problem
from lms.curriculum.forms import MEGABYTES, UploadForm
from lms.curriculum.jobs import LOAD
from lms.curriculum.loading import load_zip
from lms.curriculum.manage import manage
from lms.curriculum.models import Version
from lms.curriculum.speech import by_file
from lms.organization.models import Unit

AT_ONCE = 2_000_000  # bytes of a zip that are read while the person waits


@manage.route("/manage/courses/upload", methods=["GET", "POST"])
@requires(Action.COURSE_MANAGE)
@takes_uploads(MEGABYTES + 1)
def upload() -> str | Response | tuple[str, int]:
    """Take a package and check it."""
    units = _units()
    form = UploadForm()
    form.unit.choices = [(id_text(unit.id), unit.name) for unit in units]
    if not form.validate_on_submit():
        return render_template("curriculum/upload.html", form=form), 422 if form.errors else 200
    unit = next(unit for unit in units if id_text(unit.id) == form.unit.data)
    package: FileStorage = cast(FileStorage, form.package.data)
    size = package.stream.seek(0, 2)
    package.stream.seek(0)
    name = (package.filename or "course.zip")[:120]
    if size > AT_ONCE:
        return _later(package, name, unit, clock.now())
    outcome = load_zip(package.stream.read(), name, unit, current_actor(), clock.now())
    if outcome.version is None:
        db.session.rollback()
        return _problems_page(name, outcome.problems), 422
    db.session.commit()
    return _arrived(outcome.version, outcome.is_new)


def _units() -> list[Unit]:
    far = reach(current_actor(), Action.COURSE_MANAGE)
    query = select(Unit).where(within(far, Unit.path), Unit.closed_on.is_(None)).order_by(Unit.path).limit(200)
    return list(db.session.scalars(query))


def _later(package: FileStorage, name: str, unit: Unit, now: datetime) -> Response:
    sha = storage.put(cast(BinaryIO, package.stream), "application/zip", now)
    arguments = {"blob": sha, "name": name, "unit": id_text(unit.id)}
    job = jobs.later(LOAD, arguments, current_actor(), now)
    db.session.commit()
    return redirect(url_for(".upload_status", job=job.id), 303)


def _arrived(version: Version, is_new: bool) -> Response:
    if is_new:
        flash(_("The course was read without problems. It is a draft: look at it, then publish it."))
    else:
        flash(_("This very package is here already, so nothing was changed."))
    return redirect(url_for(".show_version", version=version.id), 303)


def _problems_page(name: str, problems: list[Problem]) -> str:
    errors = [problem for problem in problems if not problem.is_warning]
    warned = [problem for problem in problems if problem.is_warning]
    return render_template(
        "curriculum/problems.html", name=name, errors=by_file(errors), count=len(errors), warnings=by_file(warned)
    )


def get_upload(job: uuid.UUID) -> Job:
    """Load one's own upload; raise NotFound."""
    found = db.session.get(Job, job)
    if found is None or found.name != LOAD or found.requested_by != current_actor().user_id:
        raise NotFound
    return found


@manage.get("/manage/courses/upload/<id:job>")
@requires(Action.COURSE_MANAGE)
def upload_status(job: uuid.UUID) -> str | Response | tuple[str, int]:
    """Say how far a large package is, and then what came of it."""
    row = get_upload(job)
    name = str(row.arguments["name"])
    result = row.result or {}
    if "version" in result:
        version = db.session.get(Version, id_from_text(result["version"]))
        if version is None:
            raise NotFound
        return _arrived(version, bool(result["is_new"]))
    if "problems" in result:
        return _problems_page(name, [Problem(**one) for one in result["problems"]]), 422
    done, steps = jobs.progress_of(row)
    page = render_template(
        "curriculum/waiting.html", job=row, name=name, done=done, steps=steps or 2, is_parked=row.state == "parked"
    )
    return page, 200 if request.method == "GET" else 405
