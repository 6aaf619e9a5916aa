"""How texts of questions reach the page: in the reader's language, with facts put in, marks rendered, safely."""

import uuid
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from lms.core.languages import interface_lang
from lms.core.texts import Texts, html_lang, tongue, tongue_used
from lms.curriculum.files import media_url
from lms.curriculum.lessons import line_html, text_html
from lms.curriculum.queries import Outline, media_of
from lms.curriculum.render import Page, plain
from lms.library.queries import FactView


class Speaker:
    """Speaks one language of one course version; its methods are what `assessment/question.html` asks for."""

    def __init__(self, outline: Outline, language: str, facts: Mapping[str, FactView]) -> None:
        self.outline, self.facts = outline, facts
        self.source = outline.languages[0]
        self.language = language if language in outline.languages else self.source
        self._around = interface_lang()

    def say(self, texts: Texts | None) -> Markup:
        """Render a text of one line; one in another language than the page around it is marked so."""
        return self._marked(texts, self._line)

    def head(self, texts: Texts | None) -> Markup:
        """Render the first paragraph of a text: what a heading can hold."""
        return self._marked(texts, lambda text, used: self._line(text.partition("\n\n")[0], used))

    def rest(self, texts: Texts | None) -> Markup:
        """Render the paragraphs after the first."""
        return self._marked(texts, lambda text, used: self._block(text.partition("\n\n")[2], used), "div")

    def tell(self, texts: Texts | None) -> Markup:
        """Render a text of some paragraphs."""
        return self._marked(texts, self._block, "div")

    def plain(self, texts: Texts | None) -> str:
        """Return a text without marks, for attributes and the lines of a list to choose from."""
        used = tongue_used(texts, self.language, self.source)
        text = plain(tongue(texts, self.language, self.source), Page(used, self.facts))
        return text.replace("**", "").replace("*", "")

    def piece(self, text: str) -> Markup:
        """Render a piece of a text with gaps, the spaces around it kept."""
        inner = text.strip()
        if not inner:
            return escape(text)
        before, _, after = text.partition(inner)
        return Markup("{}{}{}").format(before, self._line(inner, self.language), after)

    def media(self, path: str) -> str:
        """Return the address of a file of the course."""
        return media_url(media_of(self.outline.version_id).get(path, "0"), path)

    def sound(self, audio: Mapping[str, str]) -> str | None:
        """Return the address of the recording in the reader's language, or None."""
        path = audio.get(self.language) or audio.get(self.source)
        return self.media(path) if path and path in media_of(self.outline.version_id) else None

    def listed(self, lists: Mapping[str, Sequence[str]]) -> Sequence[str]:
        """Return the list in the reader's language: pieces of a text with gaps, steps of a scale."""
        return lists.get(self.language) or lists.get(self.source) or next(iter(lists.values()), ())

    def helpers(self) -> dict[str, Any]:
        """Return what a template needs to ask and answer questions."""
        names = ("say", "head", "rest", "tell", "plain", "piece", "media", "sound", "listed")
        return {name: getattr(self, name) for name in names}

    def _line(self, text: str, language: str) -> Markup:
        return line_html(text, language, self.facts) if "{" in text else _still_line(text, language)

    def _block(self, text: str, language: str) -> Markup:
        return text_html(text, language, self.facts) if "{" in text else _still_block(text, language)

    def _marked(self, texts: Texts | None, render: Any, tag: str = "span") -> Markup:
        if not texts:
            return Markup()
        used = tongue_used(texts, self.language, self.source)
        html: Markup = render(tongue(texts, self.language, self.source), used)
        if not html or html_lang(used) == self._around:
            return html
        return Markup('<{0} lang="{1}">{2}</{0}>').format(tag, html_lang(used), html)


# Texts that cite no fact never change: one page holds a hundred of them.
@lru_cache(maxsize=4096)
def _still_line(text: str, language: str) -> Markup:
    return line_html(text, language, {})


@lru_cache(maxsize=1024)
def _still_block(text: str, language: str) -> Markup:
    return text_html(text, language, {})


def guise_seed(pepper: str, attempt_id: uuid.UUID) -> bytes:
    """Return the secret of one attempt: with it option ids are disguised, without storing anything."""
    return f"{pepper}:{attempt_id}".encode()
