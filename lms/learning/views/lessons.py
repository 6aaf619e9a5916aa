"""A lesson on the page. The hottest door of the house: one statement, the actor's with it; the text compressed once."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache

from flask import abort, g, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from lms.access.lock import requires
from lms.access.policy import Action
from lms.accounts.sessions import brings_along
from lms.core import clock, weave
from lms.core.database import db
from lms.core.languages import content_language, interface_lang
from lms.core.texts import html_lang
from lms.curriculum.lessons import Referrals, RenderedLesson, referrals_html, render_lesson
from lms.curriculum.queries import (
    ActivityLine,
    LessonText,
    Outline,
    lesson_languages,
    lesson_text,
    media_of,
    outline_of,
)
from lms.learning.queries.attempts import as_tried, attempts_at
from lms.learning.queries.courses import WITH_WHO_ASKS, Standing, standing, standing_in
from lms.learning.quizzes import module_numbers, quiz_of
from lms.learning.rules import may_try, next_step
from lms.learning.services.attempts import open_attempt, refusal_sentence
from lms.learning.services.progress import hold, mark_done, steps_of
from lms.learning.views import bp
from lms.learning.views.kept import around
from lms.learning.views.who import my_id
from lms.library.queries import facts_for_lessons, referrals_for
from lms.library.words import HELP

brings_along("learning.show_activity", WITH_WHO_ASKS)

_CUT = "\x00"  # where the lesson goes; no template and no text can hold it


@bp.get("/courses/<slug>/<module>/<activity>")
@requires(Action.SELF_USE)
def show_activity(slug: str, module: str, activity: str) -> str | Response:
    place = standing_in(g.along)
    line = place.outline.at(module, activity)
    if line.kind == "quiz":
        return _quiz_cover(place, line)
    if not lesson_languages(line, place.outline):
        return render_template(
            "learning/session.html", **_frame(place.outline, line, place.done), language=_chosen_language(place)
        )
    return _lesson(place, line)


def _chosen_language(place: Standing) -> str:
    """Return the language asked for in the address, else this course's, else the reader's own."""
    return request.args.get("lang") or place.language or content_language()


def _frame(outline: Outline, line: ActivityLine, done: frozenset[int]) -> Mapping[str, object]:
    """Return what every activity's page knows: module, neighbours, what is done."""
    before, after = outline.neighbours(line.number)
    module = outline.module(line.module_slug)
    return {
        "outline": outline,
        "module": module,
        "module_number": module_numbers(outline.version_id).get(module.slug),
        "position": module.activities.index(line) + 1,
        "line": line,
        "done": done,
        "before": before,
        "after": after,
        "lang_asked": request.args.get("lang"),
        "here": "courses",
    }


def _lesson(place: Standing, line: ActivityLine) -> Response:
    outline = place.outline
    text = lesson_text(line, outline, _chosen_language(place))
    body = _woven(outline.version_id, line.number, text.language, place.facts_at, clock.today())
    module = outline.module(line.module_slug)
    done_here = frozenset(one.number for one in module.activities if one.number in place.done)
    what = (outline.version_id, line.number, text.language, request.args.get("lang"), done_here)
    head, tail = around(what, lambda: _drawn(outline, line, text, place.done))
    return weave.respond([*head, *(_for_reader(part, place) for part in body), *tail])


def _for_reader(part: weave.Piece | Referrals, place: Standing) -> weave.Piece:
    """Set the places of help near the reader into the one gap a lesson may have for them."""
    if isinstance(part, weave.Piece):
        return part
    rows = referrals_for(place.place_code, clock.today())
    nearby = Markup(render_template("learning/help_nearby.html", rows=rows, kinds=HELP)) if rows else None  # noqa: S704
    return weave.Piece.of(referrals_html(part, nearby).encode())


def _drawn(outline: Outline, line: ActivityLine, text: LessonText, done: frozenset[int]) -> tuple[str, str]:
    """Draw the page around a lesson; return what stands before and after its text."""
    page = render_template(
        "learning/lesson.html",
        **_frame(outline, line, done),
        body=_CUT,
        text=text,
        language=text.language,
        lang="" if html_lang(text.language) == interface_lang() else html_lang(text.language),
        languages=lesson_languages(line, outline),
    )
    head, tail = page.split(_CUT)
    return head, tail


# Keyed by all that can change the page: the text never does, the facts it cites may.
@lru_cache(maxsize=1024)
def _woven(
    version_id: uuid.UUID, number: int, language: str, facts_at: datetime | None, today: date
) -> tuple[weave.Piece | Referrals, ...]:
    rendered = _rendered(version_id, number, language, facts_at, today)
    return tuple(part if isinstance(part, Referrals) else weave.Piece.of(part.encode()) for part in rendered.parts)


def _rendered(
    version_id: uuid.UUID,
    number: int,
    language: str,
    facts_at: datetime | None,
    today: date,
    is_unfolded: bool = False,
) -> RenderedLesson:
    outline = outline_of(version_id)
    text = lesson_text(outline.activity(number), outline, language)
    return render_lesson(text, outline, facts_for_lessons(today, facts_at), media_of(version_id), is_unfolded)


def _quiz_cover(place: Standing, line: ActivityLine) -> str:
    quiz = quiz_of(place.outline.version_id, line.number)
    attempts = attempts_at(place.enrolment_id, line.number)
    verdict = may_try(quiz.purpose, quiz.attempts, quiz.cool_down_hours, as_tried(attempts), clock.now())
    return render_template(
        "learning/quiz.html",
        **_frame(place.outline, line, place.done),
        quiz=quiz,
        attempts=attempts,
        verdict=verdict,
        refusal=refusal_sentence(verdict.refused),
        language=_chosen_language(place),
    )


@bp.post("/courses/<slug>/<module>/<activity>")
@requires(Action.SELF_USE)
def go_on(slug: str, module: str, activity: str) -> Response:
    """Mark a lesson done and go to the next step; open an attempt of a quiz."""
    place = standing(my_id(), slug)
    outline, line = place.outline, place.outline.at(module, activity)
    lang, now = request.args.get("lang"), clock.now()
    if line.kind == "quiz":
        attempt_id = open_attempt(place.enrolment_id, quiz_of(outline.version_id, line.number), now)
        db.session.commit()
        return redirect(url_for("learning.show_attempt", attempt=attempt_id, lang=lang), 303)
    if line.kind == "session":
        abort(405)
    hold(place.enrolment_id)
    is_complete = mark_done(place.enrolment_id, outline, line.number, now)
    db.session.commit()
    if is_complete and place.completed_at is None:
        return redirect(url_for("learning.completion", slug=slug), 303)
    number = next_step(steps_of(outline), dict.fromkeys(place.done | {line.number}, now), line.number)
    if number is None:
        return redirect(url_for("learning.show_course", slug=slug), 303)
    following = outline.activity(number)
    address = url_for(
        "learning.show_activity", slug=slug, module=following.module_slug, activity=following.slug, lang=lang
    )
    return redirect(address, 303)


@bp.get("/courses/<slug>/<module>/print")
@requires(Action.SELF_USE)
def print_module(slug: str, module: str) -> str:
    """Set all lessons of a module on one page, for paper or for reading without a line."""
    place = standing(my_id(), slug)
    outline, part = place.outline, place.outline.module(module)
    lessons = []
    for line in part.activities:
        if lesson_languages(line, outline):
            text = lesson_text(line, outline, _chosen_language(place))
            rendered = _rendered(
                outline.version_id, line.number, text.language, place.facts_at, clock.today(), is_unfolded=True
            )
            lessons.append((text, rendered.html))
    return render_template(
        "learning/print.html",
        outline=outline,
        module=part,
        lessons=lessons,
        language=_chosen_language(place),
        here="courses",
    )
