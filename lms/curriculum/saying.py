"""Say the texts of a version in one language: what is missing in it is said in the source language, and marked so."""

from collections.abc import Mapping

from markupsafe import Markup

from lms.core.texts import Texts, html_lang, tongue, tongue_used
from lms.curriculum.lessons import line_html, text_html
from lms.curriculum.queries import Outline, media_of
from lms.curriculum.render import FactSeen


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
