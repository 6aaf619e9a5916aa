"""Who takes which course: the courses, the people of one, their scores."""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from lms.access.lock import current_actor, requires
from lms.access.policy import Action, can
from lms.core import clock
from lms.core.asked import page_asked, words_asked
from lms.core.database import db
from lms.core.errors import NotFound
from lms.core.languages import content_language
from lms.core.pages import Pages
from lms.core.tabular import csv_response, xlsx_response
from lms.core.texts import tongue
from lms.curriculum.queries import Outline, outline_of
from lms.learning.forms import DueForm
from lms.learning.manage import manage
from lms.learning.models import Enrolment
from lms.learning.queries import staff
from lms.learning.queries.gradebook import gradebook, quizzes_of
from lms.learning.quizzes import module_numbers
from lms.learning.services import enrolments as services
from lms.learning.views.courses import course_at

_FORMATS = {"csv": csv_response, "xlsx": xlsx_response}


@manage.get("/manage/enrolments")
@requires(Action.ENROLMENT_READ)
def enrolments() -> str:
    """List the courses with how many people within reach take them."""
    rows, total = staff.courses_with_people(current_actor(), words_asked(), clock.today(), page_asked())
    if page_asked() > 1 and not rows:
        abort(404)
    return render_template(
        "learning/manage/courses.html",
        rows=rows,
        words=words_asked(),
        pagination=Pages(page_asked(), staff.SIZE, total),
        here="enrolments",
    )


def _wanted() -> staff.Filter:
    state, sort = request.args.get("state", "active"), request.args.get("sort", "name")
    return staff.Filter(words_asked(), state if state in staff.STATES else "active", sort)


def frame_of(slug: str) -> dict[str, Any]:
    """Return what every page about the people of a course shows: the course and what may be done."""
    course = course_at(slug)
    return {
        "course": course,
        "outline": outline_of(staff.version_shown(course)),
        "may_manage": can(current_actor(), Action.ENROLMENT_MANAGE),
        "here": "enrolments",
    }


@manage.get("/manage/enrolments/<slug>")
@requires(Action.ENROLMENT_READ)
def course(slug: str) -> str:
    """List the people of a course."""
    frame, wanted = frame_of(slug), _wanted()
    outlines = staff.outlines_of(frame["course"])
    rows, total = staff.enrolments_page(
        current_actor(), frame["course"], outlines.values(), wanted, clock.today(), page_asked()
    )
    if page_asked() > 1 and not rows:
        abort(404)
    return render_template(
        "learning/manage/course.html",
        **frame,
        rows=rows,
        outlines=outlines,
        wanted=wanted,
        states=state_words(),
        pagination=Pages(page_asked(), staff.SIZE, total),
    )


def state_words() -> Mapping[str, str]:
    """Return the states of an enrolment in words."""
    return {
        "active": _("In progress"),
        "overdue": _("Past the day"),
        "completed": _("Completed"),
        "withdrawn": _("Left"),
        "all": _("All"),
    }


@manage.get("/manage/enrolments/<slug>/people.<any(csv, xlsx):kind>")
@requires(Action.ENROLMENT_READ)
def export(slug: str, kind: str) -> Response:
    """Hand over the people of a course as a file, as the list is filtered and sorted."""
    course = course_at(slug)
    outlines = staff.outlines_of(course)
    headers = (
        _("Family names"), _("Given names"), _("Office"), _("State"), _("Parts done"), _("Parts in all"),
        _("Best final score"), _("Enrolled on"), _("To be finished by"), _("Completed on"), _("Edition"),
    )  # fmt: skip
    rows = staff.every_enrolment(current_actor(), course, outlines.values(), _wanted(), clock.today())
    return _FORMATS[kind](f"{slug}-{clock.today()}.{kind}", headers, _lines(rows, outlines))


def _lines(rows: Any, outlines: Mapping[uuid.UUID, Outline]) -> Iterator[tuple[Any, ...]]:
    words = state_words()
    for row in rows:
        outline = outlines[row.version_id]
        yield (
            row.family_names, row.given_names, row.unit, words["overdue" if row.is_overdue else row.state], row.done,
            len(outline.activities), row.best, row.enrolled_at, row.due_on, row.completed_at, outline.label,
        )  # fmt: skip


@manage.get("/manage/enrolments/<slug>/scores")
@requires(Action.ENROLMENT_READ)
def scores(slug: str) -> str:
    """Show the best score of each person at each quiz of a version."""
    frame = frame_of(slug)
    outline = _version_asked(frame["outline"], staff.outlines_of(frame["course"]))
    sort = request.args.get("sort", "name")
    rows, total = gradebook(current_actor(), outline, words_asked(), sort, page_asked())
    if page_asked() > 1 and not rows:
        abort(404)
    return render_template(
        "learning/manage/scores.html",
        **(frame | {"outline": outline}),
        versions=sorted(staff.outlines_of(frame["course"]).values(), key=lambda one: -one.number),
        quizzes=quizzes_of(outline),
        rows=rows,
        words=words_asked(),
        sort=sort,
        pagination=Pages(page_asked(), staff.SIZE, total),
    )


def _version_asked(current: Outline, outlines: Mapping[uuid.UUID, Outline]) -> Outline:
    number = request.args.get("version", type=int)
    if number is None or number == current.number:
        return current
    found = next((outline for outline in outlines.values() if outline.number == number), None)
    if found is None:
        raise NotFound
    return found


@manage.get("/manage/enrolments/<slug>/scores.<any(csv, xlsx):kind>")
@requires(Action.ENROLMENT_READ)
def export_scores(slug: str, kind: str) -> Response:
    """Hand over the scores as a file."""
    frame = frame_of(slug)
    outline = _version_asked(frame["outline"], staff.outlines_of(frame["course"]))
    quizzes = quizzes_of(outline)
    numbers = module_numbers(outline.version_id)
    headers = [_("Name"), _("Office")]
    for line, _purpose in quizzes:
        number = numbers.get(line.module_slug)
        module = " · " + _("Module %(number)s", number=number) if number else ""
        headers.append(tongue(line.title, content_language()) + module)
    rows, _total = gradebook(current_actor(), outline, words_asked(), request.args.get("sort", "name"), None)
    lines = (
        [
            row.name,
            row.unit,
            *(row.cells[line.number].score if line.number in row.cells else None for line, _p in quizzes),
        ]
        for row in rows
    )
    return _FORMATS[kind](f"{slug}-{outline.number}-{clock.today()}.{kind}", headers, lines)


@manage.route("/manage/enrolment/<id:enrolment>", methods=["GET", "POST"])
@requires(Action.ENROLMENT_MANAGE, enrolment=staff.get_enrolment)
def enrolment(enrolment: Enrolment) -> str | AnyResponse | tuple[str, int]:
    """Change the day on which a person's course is due, or take her out of it."""
    form, is_valid = DueForm.posted(obj=enrolment)
    slug = enrolment.course.slug
    if is_valid:
        actor, now = current_actor(), clock.now()
        if request.form.get("do") == "leave":
            services.leave(enrolment, actor, now)
            flash(_("%(name)s is no longer in the course. What was done is kept.", name=enrolment.person.name))
        else:
            services.set_due(enrolment, form.due_on.data, actor, now)
            flash(_("The day is kept."))
        db.session.commit()
        return redirect(url_for("learning_manage.course", slug=slug), 303)
    page = render_template(
        "learning/manage/enrolment.html",
        enrolment=enrolment,
        outline=outline_of(enrolment.version_id),
        form=form,
        here="enrolments",
    )
    return page, 422 if form.errors else 200
