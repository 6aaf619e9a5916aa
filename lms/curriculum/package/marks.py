"""What Markdown may hold in a lesson, and the two parsers: one that refuses nothing, to check; one to render."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from lms.core.problems import N_

FACT = re.compile(r"\{fact:([a-z0-9]+(?:-[a-z0-9]+)*)\}")
LOOSE_FACT = re.compile(r"\{\s*(?:fact|dato|hecho)\b[^}\n]*\}?", re.IGNORECASE)
ACTIVITY_LINK = re.compile(r"activity:([a-z0-9-]+)/([a-z0-9-]+)")

Report = Callable[..., None]  # (line, sentence, **values)


@dataclass(frozen=True)
class Used:
    """Something the text refers to: an "image", "link" or "heading", with its line."""

    what: str
    target: str
    line: int
    text: str = ""


def markdown(is_html_seen: bool = False) -> MarkdownIt:
    """Make a parser: raw HTML stays text, no typographic magic, no automatic links."""
    parser = MarkdownIt("js-default", {"html": is_html_seen, "linkify": False, "typographer": False})
    return parser.disable(["lheading", "strikethrough"]).enable("table")


# The checker's parser sees everything, also what the renderer's would quietly turn into text.
_SEEING = markdown(is_html_seen=True)
_SEEING.validateLink = lambda url: True  # type: ignore[method-assign]

_BLOCKS = {
    "html_block": N_("HTML is not part of a lesson: write Markdown."),
    "fence": N_("Code blocks are not part of a lesson."),
    "code_block": N_("A line set in by four blanks turns into code: take the blanks away."),
    "hr": N_("A line across the page is not part of a lesson: use a heading."),
}
_INLINE = {
    "html_inline": N_("HTML is not part of a lesson: write Markdown."),
    "code_inline": N_("The mark ` is not part of a lesson: use **strong** or quotation marks."),
}


def check_marks(text: str, first_line: int, report: Report) -> list[Used]:
    """Report everything a text may not hold; return what it refers to, in order."""
    tokens = _SEEING.parse(text)
    used: list[Used] = []
    for index, token in enumerate(tokens):
        line = first_line + (token.map[0] if token.map else 0)
        if token.type in _BLOCKS:
            report(line, _BLOCKS[token.type])
        elif token.type == "heading_open":
            words = tokens[index + 1].content
            if token.tag not in ("h2", "h3"):
                report(line, N_("Headings are written ## or ###; the title stands in the head."))
            if not words.strip():
                report(line, N_("This heading is empty."))
            used.append(Used("heading", token.tag, line, words))
        elif token.type == "inline":
            used.extend(_check_inline(token, line, report, is_alone=_is_alone(tokens, index)))
    return used


def _is_alone(tokens: list[Token], index: int) -> bool:
    children = tokens[index].children or []
    return tokens[index - 1].type == "paragraph_open" and tokens[index - 1].level == 0 and len(children) == 1


def _check_inline(inline: Token, first_line: int, report: Report, is_alone: bool) -> Iterator[Used]:
    line = first_line
    for token in inline.children or []:
        if token.type in _INLINE:
            report(line, _INLINE[token.type])
        elif token.type == "image":
            source, alt = str(token.attrs["src"]), token.content.strip()
            if not alt:
                report(line, N_("The picture %(path)s has no alternative text between [ ]."), path=source)
            if not is_alone:
                report(line, N_("A picture stands alone, with an empty line before and after it."))
            yield Used("image", source, line, alt)
        elif token.type == "link_open":
            yield Used("link", str(token.attrs["href"]), line)
        elif token.type in ("softbreak", "hardbreak"):
            line += 1
        # A picture's or link's words may run over several lines; the parser counts them only as breaks.


def check_link(target: str, line: int, report: Report) -> None:
    """Report an address that a lesson may not link to (files and activities are looked up elsewhere)."""
    scheme, found, rest = target.partition(":")
    if not found or not rest:
        report(
            line,
            N_("A link starts with https:, mailto:, tel:, activity: or media/. This one is “%(link)s”."),
            link=target,
        )
    elif scheme == "http":
        report(line, N_("“%(link)s” should start with https:, so that nobody can read along."), link=target)
    elif scheme not in ("https", "mailto", "tel", "activity"):
        report(
            line,
            N_("A link starts with https:, mailto:, tel:, activity: or media/. This one is “%(link)s”."),
            link=target,
        )


def facts_in(text: str) -> Iterator[tuple[int, str | None, str]]:
    """Yield (line from 0, key or None when it is written wrongly, what stands there) for each citation of a fact.

    >>> list(facts_in("Llame al {fact:police-emergency}.\\nO {fact: 110}."))
    [(0, 'police-emergency', '{fact:police-emergency}'), (1, None, '{fact: 110}')]
    """
    for number, line in enumerate(text.split("\n")):
        for found in LOOSE_FACT.finditer(line):
            exact = FACT.fullmatch(found.group())
            yield number, exact.group(1) if exact else None, found.group()
