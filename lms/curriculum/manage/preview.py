"""Read a version as a learner would, with what only editors see: facts in doubt, right answers, missing recordings."""

from typing import Any

from flask import render_template, request

from lms.access.lock import current_actor, requires
from lms.access.policy import Action, can
from lms.assessment.grading import Asked
from lms.core import clock
from lms.core.languages import content_language
from lms.curriculum.lessons import render_lesson
from lms.curriculum.manage import manage
from lms.curriculum.manage.versions import get_version
from lms.curriculum.models import Version
from lms.curriculum.queries import (
    ActivityLine,
    Outline,
    asked_of,
    every_text,
    media_of,
    module_details,
    outline_of,
    question_numbers,
)
from lms.curriculum.saying import Reader
from lms.library.queries import facts_for_lessons


def _language(outline: Outline) -> str:
    asked = request.args.get("lang") or content_language()
    return asked if asked in outline.languages else outline.languages[0]


@manage.get("/manage/versions/<id:version>/<module>")
@requires(Action.COURSE_READ, version=get_version)
def show_module(version: Version, module: str) -> str:
    """Show a module's messages, session plan, oral checks and cards."""
    outline = outline_of(version.id)
    line = outline.module(module)
    language = _language(outline)
    return render_template(
        "curriculum/module.html",
        version=version,
        outline=outline,
        module=line,
        details=module_details(version.id, module),
        language=language,
        reader=Reader(outline, language, facts_for_lessons(clock.today())),
    )


@manage.get("/manage/versions/<id:version>/<module>/<activity>")
@requires(Action.COURSE_READ, version=get_version)
def show_activity(version: Version, module: str, activity: str) -> str:
    """Show a lesson as its readers see it, or a quiz with its answers."""
    outline = outline_of(version.id)
    line = outline.at(module, activity)
    language = _language(outline)
    reader = Reader(outline, language, facts_for_lessons(clock.today()))
    common: dict[str, Any] = {
        "version": version,
        "outline": outline,
        "module": outline.module(module),
        "line": line,
        "language": language,
        "reader": reader,
        "neighbours": outline.neighbours(line.number),
        "may_read_facts": can(current_actor(), Action.FACT_READ),
    }
    if line.kind == "quiz":
        return render_template("curriculum/quiz.html", questions=_questions(outline, line), **common)
    texts = every_text(line.id)
    text = texts.get(language) or next(iter(texts.values()), None)
    lesson = render_lesson(text, outline, reader.facts, media_of(version.id)) if text else None
    return render_template("curriculum/lesson.html", text=text, texts=texts, lesson=lesson, **common)


def _questions(outline: Outline, line: ActivityLine) -> list[tuple[str, list[Asked]]]:
    """Return the questions of a quiz: those asked by name, or every bank it draws from with its questions."""
    numbers = question_numbers(outline.version_id)
    named = [name.partition("/") for name in line.settings["questions"]]
    groups = [("", [numbers[bank][slug] for bank, _, slug in named])] if named else []
    groups += [(draw["bank"], sorted(numbers[draw["bank"]].values())) for draw in line.settings["draw"]]
    return [(bank, asked_of(outline.version_id, drawn)) for bank, drawn in groups]
