"""Read a version as a learner would, with what only editors see: facts in doubt, right answers, missing recordings."""

from collections.abc import Mapping
from typing import Any

from flask import render_template, request
from markupsafe import Markup

from lms.access.lock import current_actor, requires
from lms.access.policy import Action, can
from lms.assessment.grading import Asked
from lms.core import clock
from lms.core.languages import content_language
from lms.core.texts import Texts, html_lang, tongue, tongue_used
from lms.curriculum.lessons import line_html, render_lesson, text_html
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
from lms.curriculum.render import FactSeen
from lms.library.queries import facts_for_lessons


class Reader:
    """Says texts in one language of a version, with its facts filled in."""

    def __init__(self, outline: Outline, language: str, facts: Mapping[str, FactSeen]) -> None:
        self.outline, self.language, self.facts = outline, language, facts

    def line(self, texts: Texts | None) -> Markup:
        """Say a text of one line."""
        return self._said(texts, is_block=False)

    def text(self, texts: Texts | None) -> Markup:
        """Say a text that may have paragraphs."""
        return self._said(texts, is_block=True)

    def items(self, lists: Mapping[str, list[str]] | None) -> list[Markup]:
        """Say the items of a list."""
        if not lists:
            return []
        language = self.language if lists.get(self.language) else self.outline.languages[0]
        return [line_html(item, language, self.facts) for item in lists.get(language, ())]

    def media(self, path: str) -> str:
        """Return the SHA-256 of a file, for its address."""
        return media_of(self.outline.version_id).get(path, "")

    def _said(self, texts: Texts | None, is_block: bool) -> Markup:
        source = self.outline.languages[0]
        text, used = tongue(texts, self.language, source), tongue_used(texts, self.language, source)
        html = (text_html if is_block else line_html)(text, used, self.facts)
        if not text or html_lang(used) == html_lang(self.language):
            return html
        return Markup('<{0} lang="{1}">{2}</{0}>').format("div" if is_block else "span", html_lang(used), html)


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
