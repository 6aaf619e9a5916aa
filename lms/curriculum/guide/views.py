"""Doors of the guide: choose and print it, read it on the screen, and for anybody: check the code of its pages."""

import uuid

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, public, requires
from lms.access.policy import Action, can
from lms.accounts import throttle
from lms.core import clock, jobs, storage
from lms.core.codes import spaced, tidy_code
from lms.core.database import db
from lms.core.errors import NotFound
from lms.core.languages import content_language
from lms.core.texts import html_lang, tongue
from lms.curriculum.audiences import AUDIENCES
from lms.curriculum.forms import GuideForm
from lms.curriculum.guide.book import Book
from lms.curriculum.guide.paper import on_screen
from lms.curriculum.guide.queries import answer_for, get_guide, job_of, taught_in
from lms.curriculum.guide.rules import Verdict, is_guide_code, number_of
from lms.curriculum.guide.services import ask_print, guide_for, made_of
from lms.curriculum.guide.teachers import get_printable, may_print
from lms.curriculum.models import Guide, GuidePrint, Version
from lms.curriculum.queries import ModuleLine, Outline, outline_of
from lms.curriculum.speech import tongue_name
from lms.library.queries import facts_for_lessons
from lms.organization.forms import offered

bp = Blueprint("curriculum_guide", __name__, template_folder="../templates")


def get_taught(version: uuid.UUID) -> Version:
    """Load a version whose guide the actor may print; raise NotFound."""
    return get_printable(version, current_actor(), clock.now(), clock.today())


def get_own(code: str) -> Guide:
    """Load a guide that the actor may print; raise NotFound."""
    guide = get_guide(code)
    get_taught(guide.version_id)
    return guide


@bp.route("/guides/<id:version>", methods=["GET", "POST"])
@requires(Action.SELF_USE, version=get_taught)
def choose(version: Version) -> str | Response | tuple[str, int]:
    """Choose language, people, part and paper; then have it printed, or read it here."""
    outline, facts, now = outline_of(version.id), facts_for_lessons(clock.today()), clock.now()
    form = _form(version, outline)
    if form.validate_on_submit():
        guide = guide_for(version, form.language.data, form.audience.data or "", facts, now)
        row = ask_print(guide, form.paper.data, form.part.data or "", facts, current_actor(), now)
        db.session.commit()
        return redirect(url_for(".printed", code=guide.code, paper=row.paper, part=row.part or None), 303)
    page = render_template(
        "curriculum/guide/choose.html",
        version=version,
        outline=outline,
        form=form,
        taught=taught_in(version.course),
        keeps=can(current_actor(), Action.COURSE_READ, version),
    )
    return page, 422 if form.errors else 200


def _form(version: Version, outline: Outline) -> GuideForm:
    wanted = {name: request.args.get(name, "") for name in ("language", "audience", "part")}
    wanted["language"] = wanted["language"] or content_language()
    form = GuideForm(data={name: text for name, text in wanted.items() if text})
    form.language.choices = offered((code, tongue_name(code)) for code in version.languages)
    people = [(code, AUDIENCES.get(code, code)) for code in version.audiences]
    form.audience.choices = offered([("", _("Everybody the course is for")), *people])
    parts = [(module.slug, _named(module)) for module in outline.modules]
    form.part.choices = offered([("", _("The whole guide")), *parts])
    return form


def _named(module: ModuleLine) -> str:
    title = tongue(module.title, content_language())
    return " · ".join(part for part in (number_of(module.slug), title) if part)


@bp.get("/guides/<id:version>/read")
@requires(Action.SELF_USE, version=get_taught)
def read(version: Version) -> str:
    """Show the guide on the screen; the browser prints it too."""
    outline = outline_of(version.id)
    asked = request.args.get("lang") or content_language()
    language = asked if asked in version.languages else version.languages[0]
    part = request.args.get("part", "")
    if part:
        outline.module(part)
    book = Book(outline, language, facts_for_lessons(clock.today()), part)
    return render_template(
        "curriculum/guide/read.html", version=version, outline=outline, text=on_screen(book), language=language
    )


@bp.get("/guides/print/<code>/<any(letter, a4):paper>")
@requires(Action.SELF_USE, code=get_own)
def printed(code: Guide, paper: str) -> str | Response:
    """Say how far the printing is; then hand the file over."""
    row = _row(code, paper)
    if row is None:
        return redirect(url_for(".choose", version=code.version_id), 303)
    job = job_of(row)
    done, steps = jobs.progress_of(job) if job else (0, 0)
    return render_template(
        "curriculum/guide/printed.html",
        guide=code,
        version=code.version,
        code=spaced(code.code),
        row=row,
        size=storage.store().size(row.sha256) if row.sha256 else None,
        done=done,
        steps=steps or 1,
        problem=job.problem if job and job.state == "parked" else None,
        is_parked=job is not None and job.state == "parked",
    )


@bp.get("/guides/print/<code>/<any(letter, a4):paper>.pdf")
@requires(Action.SELF_USE, code=get_own)
def file(code: Guide, paper: str) -> Response:
    """Send the file; its name is neutral."""
    row = _row(code, paper)
    if row is None or row.sha256 is None:
        raise NotFound
    version = code.version
    name = "-".join(filter(None, [version.course.slug, row.part, str(version.number), html_lang(code.language), paper]))
    response = make_response(storage.read_bytes(row.sha256))
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _row(guide: Guide, paper: str) -> GuidePrint | None:
    made = made_of(guide.version_id, facts_for_lessons(clock.today()))
    return db.session.get(GuidePrint, (guide.id, paper, request.args.get("part", "")[:48], made))


@bp.get("/g/")
@public
def ask() -> Response:
    """Ask for the code of a guide where certificates are asked for too."""
    return redirect(url_for("checking.ask"), 303)


@bp.get("/g/<code>")
@public
def check(code: str) -> Response:
    """Say whether a guide on paper is still right: current, superseded and by what, or unknown."""
    tidy = tidy_code(code)
    if not is_guide_code(tidy):
        return redirect(url_for("checking.ask", code=code[:80]), 303)
    if tidy != code:
        return redirect(url_for(".check", code=tidy), 301)
    now, today = clock.now(), clock.today()
    found = answer_for(code, facts_for_lessons(today))
    if found.guide is None:
        db.session.rollback()
        throttle.charge({"check": throttle.here()}, now)
        db.session.commit()
    newest = found.taught if found.taught and may_print(current_actor(), found.taught, now, today) else None
    page = render_template(
        "curriculum/guide/check.html",
        found=found,
        verdict=found.verdict.value,
        code=spaced(code),
        newest=newest if found.verdict is not Verdict.CURRENT else None,
        audience=AUDIENCES.get(found.guide.audience, found.guide.audience) if found.guide else "",
        now=now,
    )
    response = make_response(page, 404 if found.verdict is Verdict.UNKNOWN else 200)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
