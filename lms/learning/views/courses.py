"""Catalogue, a course's own page, joining and leaving."""

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action
from lms.accounts import throttle
from lms.core import clock
from lms.core.asked import page_asked, words_asked
from lms.core.database import db
from lms.core.errors import NotFound
from lms.core.languages import content_language
from lms.core.pages import Pages
from lms.core.texts import folded
from lms.curriculum.models import Course, Version
from lms.curriculum.queries import outline_of
from lms.learning.forms import JoinForm
from lms.learning.models import Enrolment
from lms.learning.queries.attempts import best_scores
from lms.learning.queries.courses import catalogue, done_last, find_standing, standing
from lms.learning.quizzes import module_numbers, quiz_of
from lms.learning.rules import Purpose, next_step
from lms.learning.services import codes, enrolments
from lms.learning.services.progress import steps_of
from lms.learning.views import bp
from lms.learning.views.who import my_id

_SIZE = 20


def course_at(slug: str) -> Course:
    """Load a course by its slug; raise NotFound."""
    course = None if "\x00" in slug else db.session.scalar(select(Course).where(Course.slug == slug))
    if course is None or course.archived_at:
        raise NotFound
    return course


@bp.get("/courses")
@requires(Action.SELF_USE)
def list_courses() -> str:
    words = words_asked()
    page = page_asked()
    rows, total = catalogue(my_id(), folded(words), page, _SIZE)
    if page > 1 and not rows:
        abort(404)
    return render_template(
        "learning/courses.html",
        courses=[(outline_of(row.id), row.enrolment, row.state) for row in rows],
        pagination=Pages(page, _SIZE, total),
        words=words,
        here="courses",
    )


@bp.get("/courses/<slug>")
@requires(Action.SELF_USE)
def show_course(slug: str) -> str:
    place = find_standing(my_id(), slug)
    if place is None:
        course = course_at(slug)
        version = course.current_version_id and db.session.get(Version, course.current_version_id)
        if not version or version.enrolment == "invited":
            raise NotFound
        return render_template(
            "learning/course.html",
            outline=outline_of(version.id),
            place=None,
            enrolment=version.enrolment,
            done=frozenset(),
            following=None,
            best={},
            numbers=module_numbers(version.id),
            language=content_language(),
            here="courses",
        )
    done = dict.fromkeys(place.done, clock.now())
    number = next_step(steps_of(place.outline), done, done_last(place.enrolment_id) if done else None)
    return render_template(
        "learning/course.html",
        outline=place.outline,
        place=place,
        enrolment=None,
        done=place.done,
        following=place.outline.activity(number) if number is not None else None,
        best=best_scores(place.enrolment_id),
        numbers=module_numbers(place.outline.version_id),
        language=place.language or content_language(),
        here="courses",
    )


@bp.post("/courses/<slug>/enrol")
@requires(Action.SELF_USE)
def enrol(slug: str) -> Response:
    enrolments.enrol_oneself(my_id(), course_at(slug), current_actor(), clock.now())
    db.session.commit()
    return redirect(url_for("learning.show_course", slug=slug), 303)


@bp.route("/join", methods=["GET", "POST"])
@requires(Action.SELF_USE)
def join() -> str | Response | tuple[str, int]:
    form, is_valid = JoinForm.posted(code=request.args.get("code", "")[:20])
    if is_valid:
        now, bucket = clock.now(), {"join": str(my_id())}
        throttle.charge(bucket, now)
        db.session.commit()  # the try counts, whatever comes of it
        enrolment = codes.enrol_by_code(my_id(), form.code.data, current_actor(), now, clock.today())
        throttle.forget(bucket)
        slug = enrolment.course.slug
        db.session.commit()
        return redirect(url_for("learning.show_course", slug=slug), 303)
    return render_template("learning/join.html", form=form, here="courses"), 422 if form.errors else 200


def own_enrolment(slug: str) -> Enrolment:
    """Load one's own enrolment in a course; raise NotFound."""
    return db.session.get_one(Enrolment, standing(my_id(), slug).enrolment_id)


@bp.route("/courses/<slug>/leave", methods=["GET", "POST"])
@requires(Action.SELF_USE)
def leave(slug: str) -> str | Response:
    enrolment = own_enrolment(slug)
    if request.method == "GET":
        return render_template("learning/leave.html", outline=outline_of(enrolment.version_id), here="courses")
    enrolments.leave(enrolment, current_actor(), clock.now())
    db.session.commit()
    flash(_("You left the course. Your progress is kept: you can come back."))
    return redirect(url_for("learning.list_courses"), 303)


@bp.post("/courses/<slug>/language")
@requires(Action.SELF_USE)
def choose_language(slug: str) -> Response:
    enrolments.set_language(own_enrolment(slug), request.form.get("language", ""))
    db.session.commit()
    return redirect(url_for("learning.show_course", slug=slug), 303)


@bp.get("/courses/<slug>/completion")
@requires(Action.SELF_USE)
def completion(slug: str) -> str:
    place = standing(my_id(), slug)
    if place.completed_at is None:
        raise NotFound(_("This statement appears when the course is complete."))
    best = best_scores(place.enrolment_id)
    version_id = place.outline.version_id
    finals = [number for number in best if quiz_of(version_id, number).purpose == Purpose.FINAL]
    return render_template(
        "learning/completion.html",
        outline=place.outline,
        place=place,
        final=best[finals[0]] if finals else None,
        name=g.user.name,
        language=place.language or content_language(),
        here="courses",
    )
