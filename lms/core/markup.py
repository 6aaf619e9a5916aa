"""Markdown to HTML that cannot do harm: markdown-it without HTML, then nh3 with a list of our own.

What a room renders from its own blocks passes `clean` too: a slip in a renderer must not become a hole.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup
from mdit_py_plugins.container import container_plugin

MEDIA_PATH = "/media/"  # pictures and sound come from here and from nowhere else
ID_PREFIX = "t-"  # a text must not name things after parts of the page around it
REL = "noreferrer nofollow"

_IN_A_LINE = "a abbr b br code em i s small span strong sub sup"
_IN_A_TEXT = (
    "aside audio blockquote caption cite dd details div dl dt figcaption figure h2 h3 h4 hr img li ol p pre section"
    " source summary table tbody td th thead time tr track ul video"
)
_INLINE = frozenset(_IN_A_LINE.split())
_BLOCK = _INLINE | frozenset(_IN_A_TEXT.split())
_EVERYWHERE = frozenset({"class", "dir", "id", "lang"})
_ATTRIBUTES = {
    "*": _EVERYWHERE,
    "a": {"href"},
    "audio": {"controls", "preload", "src"},
    "details": {"open"},
    "img": {"alt", "height", "loading", "src", "width"},
    "ol": {"start"},
    "section": {"aria-label", "aria-labelledby"},
    "source": {"src", "type"},
    "table": {"role"},
    "td": {"colspan", "role", "rowspan"},
    "th": {"colspan", "role", "rowspan", "scope"},
    "time": {"datetime"},
    "tr": {"role"},
    "track": {"default", "kind", "label", "src", "srclang"},
    "video": {"controls", "height", "poster", "preload", "src", "width"},
}
_SCHEMES = {"https", "mailto", "tel"}

_LINK = re.compile(
    r"(?:https://[^\s/\\]|mailto:|tel:\+?[0-9]|/(?![/\\])|\?)[^\s\\]*"  # outside, to a person, from our root
    r"|[\w.][\w./?=&#%~+-]*",  # relative to the page: without a colon it cannot name another host
    re.IGNORECASE,
)
_MEDIA = re.compile(re.escape(MEDIA_PATH) + r"[\w./-]+(?:\?[\w=&.-]*)?")
_DRAWING = re.compile(
    r"data:image/svg\+xml(?:;base64,[A-Za-z0-9+/=]+|[;,][^\s\"'<>]+)"
)  # as an image it runs no script
_NAMES = re.compile(r"[A-Za-z0-9 _-]{1,120}")
_CLEANED_LINK = re.compile(r'<a((?: [\w-]+="[^"]*")*)>')


def parser(blocks: Iterable[str] = ()) -> MarkdownIt:
    """Make a parser with tables and the `::: name` blocks given; it never passes HTML through.

    A block `name` yields the tokens container_NAME_open and container_NAME_close; what stands after the name is in
    `token.info`. Give it a look with `parser.add_render_rule`.
    """
    made = MarkdownIt("js-default", {"html": False, "linkify": False, "maxNesting": 20})
    for name in blocks:
        made.use(container_plugin, name)
    return made


def clean(html: str) -> Markup:
    """Keep what a text may hold and drop the rest; links that lead outside tell nobody where they come from."""
    return _marked(_BLOCK_CLEANER.clean(html))


def inline(text: str) -> Markup:
    """Render the inline marks of one line: strong, emphasis, code, links.

    >>> print(inline("**Avise** hoy <script>"))
    <strong>Avise</strong> hoy &lt;script&gt;
    """
    return _inline(text)


def block(text: str) -> Markup:
    """Render paragraphs, lists, tables and quotes."""
    return _block(text)


@lru_cache(maxsize=2048)
def _inline(text: str) -> Markup:
    return _marked(_INLINE_CLEANER.clean(_PLAIN.renderInline(text)))


@lru_cache(maxsize=512)
def _block(text: str) -> Markup:
    return clean(_PLAIN.render(text))


def _kept(tag: str, name: str, value: str) -> str | None:
    """Decide over one attribute that is on the list; None drops it."""
    if name == "href":
        if value.startswith("#"):
            return "#" + _prefixed(value[1:])
        return value if _LINK.fullmatch(value) else None
    if name in ("src", "poster"):
        is_kept = _MEDIA.fullmatch(value) and ".." not in value
        return value if is_kept or (tag == "img" and _DRAWING.fullmatch(value)) else None
    if name in ("class", "id", "aria-labelledby"):
        if not _NAMES.fullmatch(value):
            return None
        return value if name == "class" else _prefixed(value)
    return value


def _prefixed(name: str) -> str:
    return name if name.startswith(ID_PREFIX) or not name else ID_PREFIX + name


def _marked(html: str) -> Markup:
    """Give links outside their `rel`; nh3 has just written the tags, so their shape is known."""

    def outside(match: re.Match[str]) -> str:
        attributes = match.group(1)
        return f'<a{attributes} rel="{REL}">' if re.search(r' href="https:', attributes, re.I) else match.group(0)

    return Markup(_CLEANED_LINK.sub(outside, html))  # noqa: S704  (cleaned)


def _cleaner(tags: frozenset[str]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(tags),
        clean_content_tags={"script", "style"},
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items() if tag == "*" or tag in tags},
        attribute_filter=_kept,
        url_schemes=_SCHEMES | {"data"},  # `_kept` looks closer
        link_rel=None,
        id_prefix=ID_PREFIX,
    )


_PLAIN = parser()
_INLINE_CLEANER = _cleaner(_INLINE)
_BLOCK_CLEANER = _cleaner(_BLOCK)
