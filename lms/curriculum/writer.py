"""A lesson as its reader sees it: the author's Markdown and blocks, set in the house's pieces. Pure.

What a lesson becomes depends on its text, its language, the facts it cites and the files it shows, and on nothing else:
callers may keep the result for as long as those stay the same.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from markupsafe import Markup

from lms.core.texts import html_lang, tongue, tongue_used
from lms.curriculum.files import Shown
from lms.curriculum.package.pieces import Piece, call_keys, pieces_of
from lms.curriculum.render import FactSeen, Page, block_html, finished, inline_html
from lms.curriculum.words import day, spoken, word

_MINUTES = re.compile(r"(.*?)\s*·\s*(\d+[^·]*)$")


@dataclass(frozen=True)
class Referrals:
    """The place in a lesson where help near the reader is listed; `otherwise` is for when the list is empty."""

    heading: Markup
    otherwise: Markup


@dataclass(frozen=True)
class RenderedLesson:
    """A lesson ready to be put into a page.

    `parts` are pieces of HTML, with at most one `Referrals` among them, which the page fills in for its reader.
    """

    language: str
    parts: tuple[Markup | Referrals, ...]
    headings: tuple[tuple[str, str], ...]
    facts: tuple[str, ...]
    unsure: tuple[str, ...]  # cited facts that are not certain, or not in the library at all
    missing_recordings: tuple[str, ...]

    @property
    def html(self) -> Markup:
        """The whole lesson with the empty list of referrals."""
        return Markup("").join(part if isinstance(part, Markup) else referrals_html(part) for part in self.parts)


def write_lesson(
    source: str,
    language: str,
    facts: Mapping[str, FactSeen],
    files: Mapping[str, Shown],
    is_unfolded: bool = False,
    borrowed: str = "spa",
) -> RenderedLesson:
    """Render one language of a lesson from its source.

    :param is_unfolded: show the answers of `reveal` blocks, for paper.
    :param borrowed: the language of facts that are not known in this one.
    """
    page = Page(language, facts, files, has_opening=False, source=borrowed)
    writer = _Writer(page, is_unfolded)
    writer.write(pieces_of(source))
    unsure = tuple(key for key in page.cited if key not in facts or not facts[key].is_certain)
    return RenderedLesson(
        language=language,
        parts=tuple(_finished(part, page) for part in writer.parts),
        headings=tuple(page.headings),
        facts=tuple(page.cited),
        unsure=unsure,
        missing_recordings=tuple(writer.missing),
    )


def _finished(part: Markup | Referrals, page: Page) -> Markup | Referrals:
    if isinstance(part, Referrals):
        return Referrals(finished(part.heading, page), finished(part.otherwise, page))
    return finished(part, page)


def text_html(text: str, language: str, facts: Mapping[str, FactSeen]) -> Markup:
    """Render a text of a few paragraphs: a stem, an explanation, a note of the session plan."""
    page = Page(language, facts)
    return finished(block_html(text, page), page)


def line_html(text: str, language: str, facts: Mapping[str, FactSeen]) -> Markup:
    """Render a text of one line: an option, a core message, a title."""
    page = Page(language, facts)
    return finished(inline_html(text, page), page)


def referrals_html(slot: Referrals, places: Markup | None = None) -> Markup:
    """Set the places of help into a lesson, or what to do where none are listed."""
    return Markup('<h2 id="t-referrals">{}</h2>{}').format(slot.heading, places or slot.otherwise)


def _made(html: str) -> Markup:
    """Mark what the Markdown renderer wrote as HTML; everything passes `finished` before it leaves this room."""
    return Markup(html)  # noqa: S704


@dataclass
class _Writer:
    """Writes piece after piece; neighbouring `do` and `dont` stand side by side."""

    page: Page
    is_unfolded: bool
    parts: list[Markup | Referrals] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    is_below_heading: bool = False  # whether the last heading was one of the text's own

    def write(self, pieces: list[Piece]) -> None:
        index = 0
        while index < len(pieces):
            piece = pieces[index]
            self.page.has_opening = self.page.has_opening or bool(piece.name)  # only running text opens a lesson
            if piece.name in ("do", "dont"):
                pair = [piece]
                while index + 1 < len(pieces) and pieces[index + 1].name in ("do", "dont"):
                    index += 1
                    pair.append(pieces[index])
                self.say(self.dos(pair))
            elif piece.name in _WRITERS:
                self.say(_WRITERS[piece.name](self, piece))
            else:
                before = len(self.page.headings)
                self.say(_made(block_html(piece.source, self.page)))
                self.is_below_heading = self.is_below_heading or len(self.page.headings) > before
            index += 1

    def say(self, part: Markup | Referrals) -> None:
        if isinstance(part, Markup) and self.parts and isinstance(self.parts[-1], Markup):
            self.parts[-1] += part
        else:
            self.parts.append(part)

    @property
    def level(self) -> int:
        """The level of a block's heading: below the text's own heading, or one of the page's sections."""
        return 3 if self.is_below_heading else 2

    def heading(self, piece: Piece, text: str = "") -> Markup:
        """Write the author's heading, or the house's word in a language the house speaks."""
        if text or piece.heading:
            return _made(inline_html(text or piece.heading, self.page))
        return self.own(piece.name)

    def own(self, key: str) -> Markup:
        """Write one of the house's words, marked when it is not in the language of the lesson."""
        said = word(self.page.language, key)
        language = spoken(self.page.language)
        if language == self.page.language:
            return Markup.escape(said)
        return Markup('<span lang="{}">{}</span>').format(html_lang(language), said)

    def body(self, piece: Piece) -> Markup:
        return _made(block_html(piece.source, self.page, piece.name))

    def keep(self, piece: Piece) -> Markup:
        html = Markup('<section class="keep" aria-labelledby="keep"><div><h2 id="keep">{}</h2>{}</div></section>\n')
        html = html.format(self.heading(piece), self.body(piece))
        self.is_below_heading = False
        return html

    def dos(self, pieces: list[Piece]) -> Markup:
        columns = Markup("").join(
            Markup("<div{0}><h{1}>{2}</h{1}>{3}</div>").format(
                Markup(' class="not"') if piece.name == "dont" else "",
                self.level,
                self.heading(piece),
                self.body(piece),
            )
            for piece in pieces
        )
        return Markup('<div class="dos">{}</div>\n').format(columns)

    def calls(self, piece: Piece) -> Markup:
        rows, checked = Markup(""), list[date]()
        for _, key in call_keys(piece):
            if key is not None and (fact := self.page.fact(key)) is not None:
                rows += self.call(fact)
                checked += [fact.checked_on] if fact.checked_on else []
        said = word(self.page.language, "checked") % day(self.page.language, min(checked)) + " " if checked else ""
        spoke = spoken(self.page.language)
        lang = Markup(' lang="{}"').format(html_lang(spoke)) if spoke != self.page.language else ""
        html = Markup('<h2 id="calls">{}</h2><ul class="calls">{}</ul><p class="mute s"{}>{}{}</p>\n').format(
            self.heading(piece), rows, lang, said, word(self.page.language, "history")
        )
        self.is_below_heading = False
        return html

    def call(self, fact: FactSeen) -> Markup:
        used = tongue_used(fact.label, self.page.language, self.page.source)
        lang = Markup(' lang="{}"').format(html_lang(used)) if used != self.page.language else ""
        unsure = "" if fact.is_certain else self.own(self.page.doubt())
        doubt = Markup(' <small class="unsure">({})</small>').format(unsure) if unsure else ""
        label = Markup("<span{}>{}{}</span>").format(
            lang, tongue(fact.label, self.page.language, self.page.source), doubt
        )
        number = tongue(fact.value, self.page.language, self.page.source)
        row = Markup("<b>{}</b>{}").format(number, label)
        if not fact.dial:
            return Markup("<li><p>{}</p></li>").format(row)
        return Markup('<li><a href="tel:{}">{}</a></li>').format(fact.dial, row)

    def referrals(self, piece: Piece) -> Referrals:
        slot = Referrals(self.heading(piece), self.body(piece))
        self.is_below_heading = False
        return slot

    def note(self, piece: Piece) -> Markup:
        title = Markup("<p><b>{}</b></p>").format(self.heading(piece)) if piece.heading else ""
        return Markup('<div class="note">{}{}</div>\n').format(title, self.body(piece))

    def activity(self, piece: Piece) -> Markup:
        found = _MINUTES.match(piece.heading)
        title, minutes = (found.group(1), found.group(2)) if found else (piece.heading, "")
        label = Markup("{} · {}").format(self.own("activity"), minutes) if minutes else self.own("activity")
        return self.told("activity", label, piece, title)

    def case(self, piece: Piece) -> Markup:
        return self.told("case", self.own("case"), piece, piece.heading)

    def told(self, kind: str, label: Markup, piece: Piece, title: str) -> Markup:
        words = Markup("<small>{}</small> {}").format(label, _made(inline_html(title, self.page))) if title else label
        return Markup('<div class="{0} flow"><h{1}>{2}</h{1}>{3}</div>\n').format(
            kind, self.level, words, self.body(piece)
        )

    def reveal(self, piece: Piece) -> Markup:
        opened = Markup(" open") if self.is_unfolded else ""
        return Markup('<details class="reveal"{}><summary>{}</summary><div class="flow">{}</div></details>\n').format(
            opened, self.heading(piece), self.body(piece)
        )

    def recording(self, piece: Piece) -> Markup:
        path = piece.heading.strip()
        file = self.page.files.get(path)
        if file is None:  # nobody has recorded it yet: readers get the words, and nothing pretends to be there
            self.missing.append(path)
            return Markup('<div class="script flow"><p class="over">{}</p>{}</div>\n').format(
                self.own("script"), self.body(piece)
            )
        said = self.own("watch" if file.media_type.startswith("video/") else "listen")
        link = Markup('<a class="audio" href="{}"><b>{}</b><small>{} KB</small></a>').format(
            file.url, said, max(1, round(file.size / 1000))
        )
        return Markup('{}<details class="reveal"{}><summary>{}</summary><div class="flow">{}</div></details>\n').format(
            link, Markup(" open") if self.is_unfolded else "", self.own("transcript"), self.body(piece)
        )


_WRITERS: dict[str, Callable[[_Writer, Piece], Markup | Referrals]] = {
    "keep": _Writer.keep,
    "calls": _Writer.calls,
    "referrals": _Writer.referrals,
    "note": _Writer.note,
    "activity": _Writer.activity,
    "case": _Writer.case,
    "reveal": _Writer.reveal,
    "audio": _Writer.recording,
    "video": _Writer.recording,
}
