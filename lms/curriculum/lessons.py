"""Lessons of stored versions: the pure writer, handed what it needs from storage.

What comes out depends on the text, the facts and the version's files alone, so callers may keep it: texts and files
of a version never change, and `facts_for_lessons` returns the very same mapping as long as no fact does.
"""

from collections.abc import Iterator, Mapping

from lms.core import storage
from lms.curriculum.files import Shown, is_picture, media_url, shown
from lms.curriculum.queries import LessonText, Outline
from lms.curriculum.render import FactSeen
from lms.curriculum.writer import Referrals, RenderedLesson, line_html, referrals_html, text_html, write_lesson

__all__ = ["Referrals", "RenderedLesson", "VersionFiles", "line_html", "referrals_html", "render_lesson", "text_html"]


class VersionFiles(Mapping[str, Shown]):
    """The files of a version by path; a picture's bytes are read when a page asks for it."""

    def __init__(self, media: Mapping[str, str]) -> None:
        self._media = media

    def __getitem__(self, path: str) -> Shown:
        sha = self._media[path]
        if is_picture(path):
            data = storage.read_bytes(sha)
            return shown(media_url(sha, path), path, len(data), data)
        return shown(media_url(sha, path), path, storage.store().size(sha) or 0)

    def __iter__(self) -> Iterator[str]:
        return iter(self._media)

    def __len__(self) -> int:
        return len(self._media)


def render_lesson(
    text: LessonText,
    outline: Outline,
    facts: Mapping[str, FactSeen],
    media: Mapping[str, str],
    is_unfolded: bool = False,
) -> RenderedLesson:
    """Render one language of a lesson of a version.

    :param media: the version's files, path to SHA-256, as `media_of` gives them.
    :param is_unfolded: show the answers of `reveal` blocks, for paper.
    """
    return write_lesson(text.source, text.language, facts, VersionFiles(media), is_unfolded, outline.languages[0])
