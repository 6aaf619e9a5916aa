"""Markdown of lessons and questions to HTML, with facts, pictures and links of the course filled in. Pure."""

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup, escape

from lms.core.markup import ID_PREFIX, clean
from lms.core.texts import Texts, html_lang, tongue, tongue_used
from lms.curriculum.files import Shown
from lms.curriculum.package.marks import ACTIVITY_LINK, FACT, markdown
from lms.curriculum.words import word

Env = MutableMapping[str, Any]


class FactSeen(Protocol):
    """What a lesson needs of a fact of the library."""

    @property
    def value(self) -> Texts: ...
    @property
    def label(self) -> Texts: ...
    @property
    def dial(self) -> str | None: ...
    @property
    def is_certain(self) -> bool: ...
    @property
    def checked_on(self) -> date | None: ...


@dataclass
class Page:
    """One page being written: the language, what may be filled in, and what was met on the way."""

    language: str
    facts: Mapping[str, FactSeen]
    files: Mapping[str, Shown] = field(default_factory=dict)
    cited: dict[str, None] = field(default_factory=dict)
    headings: list[tuple[str, str]] = field(default_factory=list)
    inlined: dict[str, str] = field(default_factory=dict)
    source: str = "spa"  # the language to borrow from where a fact has none in this one
    has_opening: bool = True  # whether the first paragraph has been set larger already
    pictures: int = 0
    has_doubt: bool = False  # whether the page has said in full that a fact is to be confirmed

    def fact(self, key: str) -> FactSeen | None:
        """Look a fact up and note that it is cited."""
        self.cited[key] = None
        return self.facts.get(key)

    def doubt(self) -> str:
        """Name the word for a fact to be confirmed: in full the first time on a page, short after that."""
        had_doubt, self.has_doubt = self.has_doubt, True
        return "unsure_again" if had_doubt else "unsure"


def fact_html(page: Page, key: str) -> Markup:
    """Write a fact into running text; one that is not certain says so, in full the first time on a page."""
    fact = page.fact(key)
    unsure = "" if fact and fact.is_certain else word(page.language, page.doubt())
    if fact is None:
        return Markup('<span class="unsure">({})</span>').format(unsure)
    value = escape(tongue(fact.value, page.language, page.source))
    used = tongue_used(fact.value, page.language, page.source)
    if used != page.language and any(letter.isalpha() for letter in value):
        value = Markup('<span lang="{}">{}</span>').format(html_lang(used), value)
    return value if fact.is_certain else Markup('<span class="unsure">{} ({})</span>').format(value, unsure)


def fact_words(page: Page, key: str) -> str:
    """Write a fact into plain text: alternative texts, captions, tab titles."""
    fact = page.fact(key)
    unsure = word(page.language, "unsure")
    if fact is None:
        return f"({unsure})"
    value = tongue(fact.value, page.language, page.source)
    return value if fact.is_certain else f"{value} ({unsure})"


def plain(text: str, page: Page) -> str:
    """Fill the facts of a text that has no marks."""
    return FACT.sub(lambda found: fact_words(page, found.group(1)), text)


def inline_html(text: str, page: Page) -> str:
    """Render one line: headings, list items, options. What comes out has yet to pass `finished`."""
    return _MARKS.renderInline(text, {"page": page})


def block_html(text: str, page: Page, kind: str = "") -> str:
    """Render running text, likewise. In a block of kind "keep" the list is numbered in the house's way."""
    tokens = _MARKS.parse(text, {"page": page})
    if kind == "keep":
        for token in tokens:
            if token.type == "ordered_list_open" and token.level == 0:
                token.attrSet("class", "nums")
    return _MARKS.renderer.render(_figures(tokens), _MARKS.options, {"page": page, "kind": kind})


def finished(html: str, page: Page) -> Markup:
    """Clean what was rendered; then add what only we may add: drawings inside the page, tables one can scroll to."""
    safe = str(clean(html)).replace('<section class="scroll"', '<section class="scroll" tabindex="0"')
    for url, inlined in page.inlined.items():
        safe = safe.replace(f'src="{url}"', f'src="{inlined}"')
    return Markup(safe)  # noqa: S704  (cleaned above)


def _figures(tokens: list[Token]) -> list[Token]:
    """Turn paragraphs that hold nothing but a picture into figures."""
    out: list[Token] = []
    for index, token in enumerate(tokens):
        if token.type in ("paragraph_open", "paragraph_close"):
            inline = tokens[index + 1 if token.nesting == 1 else index - 1]
            children = inline.children or []
            if len(children) == 1 and children[0].type == "image":
                continue
        out.append(token)
    return out


def _fact_rule(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "{" or (found := FACT.match(state.src, state.pos)) is None:
        return False
    if not silent:
        state.push("fact", "", 0).content = found.group(1)
    state.pos = found.end()
    return True


def _render_fact(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    return str(fact_html(env["page"], tokens[index].content))


def _render_image(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    page: Page = env["page"]
    token = tokens[index]
    alt, caption = plain(token.content, page), plain(str(token.attrs.get("title") or ""), page)
    file = page.files.get(str(token.attrs["src"]))
    if file is None:
        return str(Markup('<p class="note">{}</p>').format(alt))  # no picture: its words
    if file.inlined:
        page.inlined[file.url] = file.inlined
    page.pictures += 1
    picture = Markup('<img src="{}" alt="{}" width="{}" height="{}"{}>').format(
        file.url, alt, file.width, file.height, Markup(' loading="lazy"') if page.pictures > 1 else ""
    )
    words = Markup("<figcaption>{}</figcaption>").format(caption) if caption else ""
    return str(Markup('<figure><div class="plate">{}</div>{}</figure>\n').format(picture, words))


def _render_link(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    page: Page = env["page"]
    target = str(tokens[index].attrs["href"])
    if found := ACTIVITY_LINK.fullmatch(target):
        # Every page of a lesson, a learner's or an editor's, has an address that ends in /module/activity.
        target = f"../{found.group(1)}/{found.group(2)}"
    elif target.startswith("media/"):
        file = page.files.get(target)
        target = file.url if file else ""
    return str(Markup('<a href="{}">').format(target))


def _render_heading(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    page: Page = env["page"]
    name = f"{ID_PREFIX}s{len(page.headings) + 1}"
    page.headings.append((name, plain(tokens[index + 1].content.replace("*", ""), page)))
    return f'<{tokens[index].tag} id="{name}">'


def _render_paragraph(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    page: Page = env["page"]
    if tokens[index].hidden:
        return ""
    if page.has_opening or tokens[index].level:
        return "<p>"
    page.has_opening = True
    return '<p class="lead">'


def _render_table(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    page: Page = env["page"]
    cells = []
    for token in tokens[index:]:
        if token.type == "thead_close":
            break
        if token.type == "inline":
            cells.append(plain(token.content.replace("*", ""), page))
    label = ", ".join(cell for cell in cells if cell) or word(page.language, "table")
    return str(Markup('<section class="scroll" aria-label="{}"><table>\n').format(label))


def _render_table_end(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    return "</table></section>\n"


def _render_th(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    return '<th scope="col">'


def _render_td(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    return "<td>"


def _render_item(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    is_numbered = env.get("kind") == "keep" and tokens[index].level == 1
    if tokens[index].nesting == 1:
        return "<li><div>" if is_numbered else "<li>"
    return "</div></li>\n" if is_numbered else "</li>\n"


def _parser() -> MarkdownIt:
    parser = markdown()
    parser.inline.ruler.before("emphasis", "fact", _fact_rule)
    for name, rule in {
        "fact": _render_fact,
        "image": _render_image,
        "link_open": _render_link,
        "heading_open": _render_heading,
        "paragraph_open": _render_paragraph,
        "table_open": _render_table,
        "table_close": _render_table_end,
        "th_open": _render_th,
        "td_open": _render_td,
        "list_item_open": _render_item,
        "list_item_close": _render_item,
    }.items():
        parser.add_render_rule(name, rule)
    return parser


_MARKS = _parser()
