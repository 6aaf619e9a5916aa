"""A lesson becomes the house's pieces, says what is not certain, and lets nothing harmful through."""

from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser

import pytest

from lms.curriculum.files import shown
from lms.curriculum.package.pieces import split_head
from lms.curriculum.writer import Referrals, line_html, referrals_html, text_html, write_lesson
from tests.curriculum.packages import ENG, SPA, example


@dataclass
class Known:
    value: dict
    label: dict = field(default_factory=lambda: {"spa": "Policía", "eng": "Police"})
    dial: str | None = None
    is_certain: bool = True
    checked_on: date | None = None


FACTS = {
    "police-emergency": Known({"spa": "110", "eng": "110"}, dial="110", checked_on=date(2026, 11, 3)),
    "deadline": Known({"spa": "24 horas", "eng": "24 hours"}),
    "penalty": Known({"spa": "de 8 a 18 años", "eng": "8 to 18 years"}, is_certain=False),
    "web": Known({"spa": "tupista.gt", "eng": "tupista.gt"}),
    "spanish-only": Known({"spa": "artículo 2"}),
    "evil": Known({"spa": "<script>alert(1)</script>"}),
}
FILES = {
    "media/puerta.svg": shown("/media/ab/puerta.svg", "media/puerta.svg", 900, example()["media/puerta.svg"]),
    "media/big.svg": shown(
        "/media/cd/big.svg", "media/big.svg", 9000, b'<svg viewBox="0 0 64 40">' + b" " * 9000 + b"</svg>"
    ),
    "media/a.spa.opus": shown("/media/ef/a.spa.opus", "media/a.spa.opus", 310_000),
    "media/v.mp4": shown("/media/ef/v.mp4", "media/v.mp4", 3_000_000),
    "media/plan.pdf": shown("/media/aa/plan.pdf", "media/plan.pdf", 1000),
}


def lesson(source: str, language: str = "spa", **more):
    return write_lesson(source, language, FACTS, FILES, **more)


def html(source: str, language: str = "spa", **more) -> str:
    return str(lesson(source, language, **more).html)


def test_the_first_paragraph_opens_the_lesson():
    assert html("Uno.\n\nDos.") == '<p class="lead">Uno.</p>\n<p>Dos.</p>\n'


def test_a_lesson_that_begins_with_a_block_has_no_opening():
    assert "lead" not in html("::: note\nUno.\n:::\n\nDos.")


def test_a_small_drawing_travels_inside_the_page_and_keeps_its_place():
    page = html('![Una puerta](media/puerta.svg "Siempre hay una.")')
    assert '<img src="data:image/svg+xml,%3Csvg ' in page
    assert 'alt="Una puerta" width="640" height="400"' in page
    assert "<figcaption>Siempre hay una.</figcaption>" in page
    assert "/media/" not in page


def test_a_larger_one_is_linked_and_a_later_one_waits():
    page = html("![Una puerta](media/puerta.svg)\n\n![Un mapa](media/big.svg)")
    assert 'src="/media/cd/big.svg" alt="Un mapa" width="64" height="40" loading="lazy"' in page
    assert page.count("loading") == 1


def test_a_picture_that_is_missing_leaves_its_words():
    assert '<p class="note">Una puerta</p>' in html("![Una puerta](media/gone.svg)")


def test_a_certain_fact_is_said_plainly():
    assert "dentro de 24 horas." in html("El acta se levanta dentro de {fact:deadline}.")
    assert "within 24 hours." in html("It is written within {fact:deadline}.", "eng")


@pytest.mark.parametrize(
    ("language", "words"),
    [("spa", "dato por confirmar con la autoridad"), ("eng", "to be confirmed with the authority")],
)
def test_an_uncertain_fact_says_that_it_is_to_be_confirmed(language, words):
    found = lesson("La pena: {fact:penalty}.", language)
    assert f"({words})</span>" in str(found.html)
    assert found.unsure == ("penalty",)


def test_a_page_says_in_full_only_once_whom_to_ask():
    page = html("La pena: {fact:penalty}.\n\nOtra vez: {fact:penalty}. Y {fact:gone}.")
    assert page.count("con la autoridad)") == 1
    assert page.count("(por confirmar)") == 2


def test_a_fact_nobody_knows_is_not_made_up():
    found = lesson("Llame al {fact:gone}.")
    assert "Llame al <span" in str(found.html)
    assert found.unsure == ("gone",)


def test_a_fact_in_another_language_says_which():
    assert '<span lang="es">artículo 2</span>' in html("See {fact:spanish-only}.", "eng")


def test_a_fact_cannot_bring_markup_along():
    page = html("{fact:evil}")
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_facts_are_filled_in_everywhere():
    page = html(
        "## Antes de {fact:deadline}\n\n| {fact:deadline} |\n|---|\n| **{fact:deadline}** |\n\n"
        '![Reloj de {fact:deadline}](media/puerta.svg "En {fact:deadline}")\n\n::: reveal ¿{fact:deadline}?\nSí.\n:::'
    )
    assert page.count("24 horas") == 7
    assert "{fact" not in page


def test_messages_that_must_not_be_lost():
    page = html("::: keep\n1. Una **señal** no es prueba.\n2. Avise.\n:::")
    assert (
        '<section class="keep" aria-labelledby="t-keep"><div><h2 id="t-keep">Mensajes que no pueden perderse</h2>'
        in page
    )
    assert '<ol class="nums">\n<li><div>Una <strong>señal</strong> no es prueba.</div></li>' in page


def test_do_and_do_not_stand_side_by_side():
    page = html("## Si le cuenta\n\n::: do\n- Escuche.\n:::\n\n::: dont Evite\n- Interrogar.\n:::")
    assert '<div class="dos"><div><h3>Haga</h3>' in page
    assert '<div class="not"><h3>Evite</h3>' in page
    assert page.count('class="dos"') == 1


def test_headings_never_skip_a_level():
    assert "<h2>Haga</h2>" in html("Uno.\n\n::: do\n- Escuche.\n:::")
    assert "<h2>Do</h2>" in html("## One\n\n::: keep\n1. A\n:::\n\n::: do\n- Listen.\n:::", "eng")


def test_rows_of_numbers_dial():
    page = html("::: calls\n- police-emergency\n- web\n- penalty\n- gone\n:::")
    assert '<li><a href="tel:110"><b>110</b><span>Policía</span></a></li>' in page
    assert "<li><p><b>tupista.gt</b>" in page
    assert page.count("<li>") == 3
    assert "Números revisados el 3 de noviembre de 2026. La llamada queda en el historial de su teléfono." in page
    assert "dato por confirmar" in page


def test_an_activity_has_its_minutes_and_a_story_its_label():
    page = html("::: activity Detective · 10 minutos\nBusque.\n:::\n\n::: case La silla\nFaltó.\n:::")
    assert '<div class="activity flow"><h2><small>Actividad · 10 minutos</small> Detective</h2>' in page
    assert '<div class="case flow"><h2><small>Historia</small> La silla</h2>' in page


def test_an_answer_is_folded_and_opens_on_paper():
    source = "::: reveal ¿Por qué?\nPorque sí.\n:::"
    assert '<details class="reveal"><summary>¿Por qué?</summary>' in html(source)
    assert "<details" in html(source, is_unfolded=True)
    assert " open" in html(source, is_unfolded=True)


def test_a_recording_is_offered_with_its_words():
    page = html("::: audio media/a.spa.opus\nHola.\n:::\n\n::: video media/v.mp4\nHola.\n:::")
    assert '<a class="audio" href="/media/ef/a.spa.opus"><b>Escuchar</b><small>310 KB</small></a>' in page
    assert "<b>Ver el video</b>" in page
    assert "<summary>Leer lo que se dice</summary>" in page


def test_nothing_pretends_to_be_recorded():
    found = lesson("::: audio media/gone.opus\nHola.\n:::")
    assert "<a" not in found.html
    assert "Hola." in found.html
    assert found.missing_recordings == ("media/gone.opus",)


def test_help_near_the_reader_is_left_to_the_page():
    found = lesson("Antes.\n\n::: referrals\nPregunte en la municipalidad.\n:::\n\nDespués.")
    before, slot, after = found.parts
    assert isinstance(slot, Referrals)
    assert "Antes" in before
    assert "Después" in after
    assert "Pregunte en la municipalidad." in found.html
    assert "municipalidad" not in referrals_html(slot, places="<ul></ul>")


def test_links_lead_to_activities_files_and_outside():
    page = html("[a](activity:m1/prueba) [b](media/plan.pdf) [c](https://svet.gob.gt) [d](tel:110)")
    assert '<a href="../m1/prueba">a</a>' in page
    assert '<a href="/media/aa/plan.pdf">b</a>' in page
    assert '<a href="https://svet.gob.gt" rel="noreferrer nofollow">c</a>' in page
    assert '<a href="tel:110">d</a>' in page


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "![x](https://evil.example/x.png)",
        "::: note <img src=x onerror=alert(1)>\nx\n:::",
        "::: reveal <script>alert(1)</script>\nx\n:::",
        '![x" onload="alert(1)](media/puerta.svg "x\\" onload=\\"alert(1)")',
        "[x](//evil.example)",
    ],
)
def test_whatever_an_author_writes_it_does_no_harm(source):
    seen = Seen()
    seen.feed(html(source))
    assert not seen.tags & {"script", "iframe", "object", "style"}
    assert not [name for name, _value in seen.attributes if name.startswith("on")]
    for name, value in seen.attributes:
        if name in ("href", "src"):
            assert value.startswith(("data:image/svg+xml,", "/media/")), value


class Seen(HTMLParser):
    """What a browser makes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def test_a_table_can_be_scrolled_with_the_keyboard():
    page = html("| Me toca | No me toca |\n|---|---|\n| Avisar | Investigar |")
    assert '<section class="scroll" tabindex="0" aria-label="Me toca, No me toca"><table>' in page
    assert '<th scope="col">Me toca</th>' in page


def test_a_language_without_words_of_its_own_borrows_spanish_and_says_so():
    assert '<h2><span lang="es">Haga</span></h2>' in html("::: do\n- Kʼo.\n:::", "quc")


def test_the_example_reads_in_both_languages():
    for path, language in ((SPA, "spa"), (ENG, "eng")):
        _head, body, _line = split_head(example()[path].decode())
        found = lesson(body, language)
        assert found.facts == ("police-emergency",)
        assert [name for name, _title in found.headings] == ["t-s1"]
        assert len(found.parts) == 3


def test_texts_of_questions_speak_the_same_way():
    assert line_html("**Avise** en {fact:deadline}", "spa", FACTS) == "<strong>Avise</strong> en 24 horas"
    assert text_html("Uno.\n\nDos.", "spa", FACTS) == "<p>Uno.</p>\n<p>Dos.</p>\n"
