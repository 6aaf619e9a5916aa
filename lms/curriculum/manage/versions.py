"""The list of courses, a course, a version: look, compare, publish, withdraw, take away as files."""

import uuid

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action, can
from lms.core import clock
from lms.core.asked import page_asked, words_asked
from lms.core.database import db
from lms.core.errors import NotFound
from lms.core.languages import content_language
from lms.core.pages import Pages
from lms.curriculum.forms import EmptyForm, PublishForm
from lms.curriculum.manage import manage
from lms.curriculum.models import Course, Version
from lms.curriculum.overview import (
    PAGE,
    SORTS,
    changes_between,
    contents_of,
    courses_page,
    sizes_of,
    versions_of,
    warnings_of,
)
from lms.curriculum.people import people_in
from lms.curriculum.queries import outline_of
from lms.curriculum.services import discard_draft, export_package, publish, withdraw
from lms.curriculum.sources import zip_of
from lms.curriculum.speech import by_file
from lms.library.queries import facts_for_lessons


def get_course(slug: str) -> Course:
    """Load a course by its slug; raise NotFound."""
    course = db.session.scalar(select(Course).where(Course.slug == slug))
    if course is None:
        raise NotFound
    return course


def get_version(version: uuid.UUID) -> Version:
    """Load a version; raise NotFound."""
    found = db.session.get(Version, version)
    if found is None:
        raise NotFound
    return found


@manage.get("/manage/courses")
@requires(Action.COURSE_READ)
def courses() -> str:
    """List the courses within reach."""
    words = words_asked()
    sort = request.args.get("sort", "title")
    page = page_asked()
    rows, total = courses_page(current_actor(), words, sort if sort in SORTS else "title", page)
    if page > 1 and not rows:
        raise NotFound
    shown = [row.current or row.newest for row in rows]
    return render_template(
        "curriculum/courses.html",
        rows=rows,
        pagination=Pages(page, PAGE, total),
        words=words,
        sort=sort,
        sizes=sizes_of(shown),
        people=people_in(version.id for version in shown),
        may_load=can(current_actor(), Action.COURSE_MANAGE),
    )


@manage.get("/manage/courses/<slug>")
@requires(Action.COURSE_READ, slug=get_course)
def show_course(slug: Course) -> str:
    """List the versions of a course."""
    found = versions_of(slug)
    return render_template(
        "curriculum/course.html",
        course=slug,
        versions=found,
        newest=found[0],
        sizes=sizes_of(found),
        people=people_in(version.id for version in found),
        may_load=can(current_actor(), Action.COURSE_MANAGE, slug),
    )


@manage.get("/manage/versions/<id:version>")
@requires(Action.COURSE_READ, version=get_version)
def show_version(version: Version) -> str:
    """Show what a version holds, what could be better, and what it changes."""
    outline = outline_of(version.id)
    current_id = version.course.current_version_id
    current = db.session.get(Version, current_id) if current_id and current_id != version.id else None
    facts = facts_for_lessons(clock.today())
    cited = version.details.get("facts", [])
    return render_template(
        "curriculum/version.html",
        version=version,
        outline=outline,
        contents=contents_of(version, outline),
        current=current,
        changes=changes_between(current, version) if current and version.state == "draft" else None,
        warnings=by_file(warnings_of(version.package_sha)),
        unsure=[(key, facts.get(key)) for key in cited if key not in facts or not facts[key].is_certain],
        people=people_in([version.id]).get(version.id, 0),
        may_publish=can(current_actor(), Action.COURSE_PUBLISH, version),
        may_load=can(current_actor(), Action.COURSE_MANAGE, version),
        may_read_facts=can(current_actor(), Action.FACT_READ),
        language=content_language(),
        minutes=outline_of(version.bridge_id).minutes if version.bridge_id else 0,
        may_see_people=can(current_actor(), Action.CREDENTIAL_READ),
    )


@manage.route("/manage/versions/<id:version>/publish", methods=["GET", "POST"])
@requires(Action.COURSE_PUBLISH, version=get_version)
def publish_version(version: Version) -> str | Response:
    """Ask, then make a version the one people are enrolled in."""
    form = PublishForm(data={"is_material": version.is_material})
    if form.validate_on_submit():
        asks = form.is_material.data if version.bridge_id and version.state == "draft" else None
        publish(version, current_actor(), clock.now(), asks)
        db.session.commit()
        flash(_("Version %(number)s is published.", number=version.number))
        return redirect(url_for(".show_version", version=version.id), 303)
    current_id = version.course.current_version_id
    current = db.session.get(Version, current_id) if current_id else None
    return render_template(
        "curriculum/publish.html",
        version=version,
        current=current,
        people=people_in([current.id]).get(current.id, 0) if current else 0,
        form=form,
        minutes=outline_of(version.bridge_id).minutes if version.bridge_id else 0,
    )


@manage.route("/manage/versions/<id:version>/withdraw", methods=["GET", "POST"])
@requires(Action.COURSE_PUBLISH, version=get_version)
def withdraw_version(version: Version) -> str | Response:
    """Ask, then take a published version back."""
    if EmptyForm().validate_on_submit():
        withdraw(version, current_actor(), clock.now())
        db.session.commit()
        flash(_("Version %(number)s is withdrawn.", number=version.number))
        return redirect(url_for(".show_course", slug=version.course.slug), 303)
    return render_template(
        "curriculum/withdraw.html", version=version, people=people_in([version.id]).get(version.id, 0)
    )


@manage.route("/manage/versions/<id:version>/discard", methods=["GET", "POST"])
@requires(Action.COURSE_MANAGE, version=get_version)
def discard_version(version: Version) -> str | Response:
    """Ask, then throw a draft away."""
    if EmptyForm().validate_on_submit():
        discard_draft(version, current_actor(), clock.now())
        db.session.commit()
        flash(_("The draft is gone."))
        return redirect(url_for(".courses"), 303)
    return render_template("curriculum/discard.html", version=version)


@manage.get("/manage/versions/<id:version>/package.zip")
@requires(Action.COURSE_READ, version=get_version)
def export(version: Version) -> Response:
    """Give a version away as the zip of its folder, with the facts it cites."""
    slug = version.course.slug
    return FlaskResponse(
        zip_of(export_package(version), slug),
        mimetype="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{slug}-{version.number}.zip"'},
    )
