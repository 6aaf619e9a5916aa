"""The style check names what reads badly, and leaves good texts alone."""

from lms.curriculum.package.reader import read_package
from lms.curriculum.style import sentences_of, style_problems, unexplained, word_count
from tests.curriculum.packages import ENG, SPA, body, changed, example

LONG = "Usted avisa " + "hoy y mañana " * 10 + "siempre."


def said(files) -> list[str]:
    package = read_package(files, None).package
    assert package is not None
    problems = style_problems(package, files)
    assert all(problem.is_warning for problem in problems)
    return [f"{problem.file}: {problem.sentence % problem.values}" for problem in problems]


def test_the_example_reads_well():
    assert said(example()) == []


def test_a_long_sentence_is_named():
    assert f"{SPA}: A sentence of 33 words; 30 at most: “Usted avisa hoy y mañana hoy…”" in said(body(LONG))


def test_long_sentences_of_questions_count_too():
    found = said(changed("banks/m1.toml", "Una sola señal ya es una prueba.", LONG))
    assert [one for one in found if one.startswith("banks/m1.toml: A sentence of 33 words")]


def test_an_acronym_is_explained_before_it_is_used():
    assert f"{SPA}: “SVET” is not explained: write the name in full, then (SVET)." in said(body("Llame a la SVET."))
    assert unexplained("La Secretaría contra la Violencia Sexual (SVET). La SVET y el DPI, siglo XX.") == []
    assert unexplained("Mire https://EXAMPLE.org y USAC.") == ["USAC"]


def test_a_typed_article_should_be_a_fact():
    assert [one for one in said(body("Según el artículo 202 Ter.")) if "“artículo 2” is typed here" in one]


def test_a_title_that_names_the_subject_is_seen_by_others():
    found = said(changed("course.toml", 'neutral_title.eng = "Example', 'neutral_title.eng = "Trafficking'))
    assert [one for one in found if "“neutral_title” stands in the browser's tab" in one]
    assert [one for one in said(changed("course.toml", '"ejemplo"', '"contra-la-trata"')) if "The slug stands" in one]


def test_a_translation_that_left_something_out_is_named():
    found = said(changed(ENG, "::: dont\n- Promise to keep the secret.\n:::\n", ""))
    assert f"{ENG}: “::: dont” is here 0 times, in spa 1 times." in found


def test_a_copy_is_no_translation():
    found = said(changed("banks/m1.toml", "One single sign is proof already.", "Una sola señal ya es una prueba."))
    assert "banks/m1.toml: A text in eng is the same as in spa." in found
    assert f"{ENG}: A text in eng is the same as in spa." in said(example() | {ENG: example()[SPA]})


def test_a_picture_is_described_in_more_than_a_word():
    assert f"{SPA}: This alternative text says too little: “Puerta”." in said(body("![Puerta](media/puerta.svg)"))


def test_a_lesson_says_its_objective():
    found = said(changed(SPA, 'objective = "Elegir a quién avisar cuando algo le preocupa."\n', ""))
    assert found == [f"{SPA}: The head says no “objective”."]


def test_mayan_texts_keep_their_letter():
    files = example() | {"m1/a-quien-aviso.quc.md": b'+++\ntitle = "A"\nobjective = "B"\n+++\nK\'o jun nim.\n'}
    assert [one for one in said(files) if "the glottal stop is written ʼ" in one]


def test_sentences_end_where_they_end():
    assert sentences_of("«Gracias». Diga: «No es tu culpa». ¿Y si no? Avise.") == [
        "«Gracias».", "Diga: «No es tu culpa».", "¿Y si no?", "Avise.",
    ]  # fmt: skip
    assert word_count("Llame al {fact:police-emergency} hoy.") == 6
