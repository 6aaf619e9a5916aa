"""What authors write cannot do harm, whatever they write; what they mean stays."""

import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import Markup

from lms.core.markup import block, clean, inline, parser

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&#58;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](https://far.example/x.png)",
    "![x](//far.example/x.png)",
    "[x](//far.example)",
    "[x](/\\far.example)",
    "[x](http://far.example)",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    '<a href="vbscript:x">x</a>',
    '<form action="https://far.example"><input name=x></form>',
    '<iframe srcdoc="x"></iframe>',
    '<div style="position:fixed">x</div>',
    '<p id="menu" class="x">y</p>',
    "<base href=//far.example>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<![CDATA[<script>alert(1)</script>]]>",
    '<img src="/media/../secrets/pepper">',
    '<video src="https://far.example/v.mp4" poster="javascript:x"></video>',
]
TAGS = set(
    re.findall(
        r"\w+",
        """a abbr aside audio b blockquote br caption cite code dd details div dl dt em figcaption figure h2 h3 h4 hr
        i img li ol p pre s section small source span strong sub summary sup table tbody td th thead time tr track
        ul video""",
    )
)


class Reader(HTMLParser):
    """Reads HTML as a browser would and keeps what could act."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]


def is_harmless(text: str) -> None:
    read = Reader(text)
    assert read.tags <= TAGS
    for tag, name, value in read.attributes:
        assert not name.startswith("on")
        assert name != "style"
        if name == "href":
            assert re.match(r"(https://|mailto:|tel:|/(?![/\\])|#t-|\?|[\w.][^:]*$)", value, re.I), value
        if name in ("src", "poster"):
            assert value.startswith("/media/") or (tag == "img" and value.startswith("data:image/svg+xml"))
            assert ".." not in value
        if name == "id":
            assert value.startswith("t-")


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("render", [inline, block, clean])
def test_nothing_that_acts_comes_through(render, attack):
    is_harmless(render(attack))


@given(st.lists(st.sampled_from(ATTACKS) | st.text(max_size=20), max_size=4).map("".join))
@example("<a href='\t/\\far.example'>x</a>")
def test_no_mixture_of_attacks_comes_through(text):
    for render in (inline, block, clean):
        is_harmless(render(text))


@given(st.text(max_size=200))
def test_cleaning_twice_changes_nothing(text):
    once = clean(block(text))
    assert clean(once) == once


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C", "Z", "P", "S"]), min_size=1, max_size=50))
def test_plain_words_stay_as_they_are(words):
    assert html.unescape(inline(words)) == words


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**Avise** hoy", "<strong>Avise</strong> hoy"),
        ("*calma*", "<em>calma</em>"),
        ("[Ministerio](https://mp.gob.gt/)", '<a href="https://mp.gob.gt/" rel="noreferrer nofollow">Ministerio</a>'),
        ("[mi curso](/courses/x)", '<a href="/courses/x">mi curso</a>'),
        ("[siguiente](../m2/3)", '<a href="../m2/3">siguiente</a>'),
        ("[110](tel:110)", '<a href="tel:110">110</a>'),
        ("[correo](mailto:a@b.gt)", '<a href="mailto:a@b.gt">correo</a>'),
        ("K’iche’ ẍ ʼ", "K’iche’ ẍ ʼ"),
    ],
)
def test_marks_of_one_line(text, shown):
    assert inline(text) == shown


def test_a_text_has_lists_tables_and_pictures_of_ours():
    shown = block("- a\n- b\n\n| A | B |\n|---|---|\n| 1 | 2 |\n\n![Un aula](/media/ab12/aula.svg)")
    for part in ("<li>a</li>", "<th>A</th>", "<td>2</td>", '<img src="/media/ab12/aula.svg" alt="Un aula">'):
        assert part in shown


def test_a_line_holds_neither_pictures_nor_headings():
    assert "<img" not in inline("![x](/media/a.svg)")
    assert "<h2" not in block("# x")[:4]


def test_names_inside_a_text_cannot_stand_for_parts_of_the_page():
    assert clean('<h2 id="menu">x</h2><a href="#menu">y</a>') == '<h2 id="t-menu">x</h2><a href="#t-menu">y</a>'


def test_what_rooms_build_keeps_language_classes_and_captions():
    built = '<section class="keep" lang="quc"><ol class="nums"><li>a</li></ol></section>'
    built += "<details><summary>b</summary>c</details>"
    assert clean(built) == built
    sound = (
        '<audio controls="" src="/media/ab/x.opus"><track kind="captions" src="/media/ab/x.vtt" srclang="es"></audio>'
    )
    assert clean(sound) == sound


def test_a_drawing_of_ours_may_travel_inside_the_page():
    drawing = '<img src="data:image/svg+xml,%3Csvg%3E%3C/svg%3E" alt="x">'
    assert clean(drawing) == drawing
    assert "data:" not in clean('<img src="data:text/html,x"><a href="data:image/svg+xml,x">y</a>')


def test_blocks_are_parsed_by_name():
    tokens = parser(["keep", "do"]).parse("::: keep Lo esencial\n1. Uno\n:::\n")
    assert [token.type for token in tokens][:1] == ["container_keep_open"]
    assert tokens[0].info.strip() == "keep Lo esencial"


def test_the_answer_is_safe_for_templates():
    assert isinstance(inline("x"), Markup)
    assert isinstance(block("x"), Markup)
