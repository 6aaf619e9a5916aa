"""Every sentence the reader can say is said for the mistake it names, at the file and line where it stands."""

import ast
import io
from pathlib import Path

import pytest
from PIL import Image

from lms.curriculum import package as package_room
from lms.curriculum.package.reader import read_package
from tests.curriculum.packages import CHANGE, ENG, SPA, added, body, changed, example, read, with_unit, without

MODULE, COURSE, BANK = "m1/module.toml", "course.toml", "banks/m1.toml"
END = len(example()[SPA].splitlines()) + 2  # where `body` writes
QUIZ_TABLE = '[[activity]]\nslug = "prueba"'
QUIZ = 'draw = [{ bank = "m1", count = 1 }]'


def svg(inside: str, attributes: str = 'viewBox="0 0 9 9"') -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{inside}</svg>'


def picture(width: int = 9, height: int = 9, place: bool = False, form: str = "JPEG") -> bytes:
    out, image = io.BytesIO(), Image.new("1" if width > 5000 else "RGB", (width, height))
    exif = Image.Exif()
    if place:
        exif.get_ifd(0x8825)[1] = "N"
    image.save(out, form, **({"exif": exif} if place else {}))
    return out.getvalue()


def shown(path: str) -> str:
    return f"![Una puerta abierta con luz]({path})\n"


def with_picture(path: str, data: str | bytes) -> dict[str, bytes]:
    return body(shown(path)) | {path: data.encode() if isinstance(data, str) else data}


PROBLEMS = [
    # the short unit on a change
    (with_unit("", "", ""), COURSE, 1, "The folder bridge/ carries a short unit: say in [change]"),
    (
        with_unit(CHANGE, '"ejemplo-cambio"', '"ejemplo"'),
        "bridge/course.toml",
        1,
        "The short unit has a slug of its own",
    ),
    (
        with_unit(CHANGE, "[topics.ruta]", f"{CHANGE}[topics.ruta]"),
        "bridge/course.toml",
        "[change]",
        "The short unit itself has no [change].",
    ),
    (with_unit(CHANGE, "pass_mark = 60", "pass_mark = 160"), "bridge/course.toml", 6, "is a per cent between"),
    (
        added(COURSE, example()[COURSE].decode() + CHANGE + "material = true\n"),
        COURSE,
        "[change]",
        "A change that certificates rest on brings a short unit",
    ),
    (
        added(COURSE, example()[COURSE].decode() + CHANGE.replace("2026-09-01", "2026-09-01T10:00:00")),
        COURSE,
        "on = 2026-09",
        "“on” is a day",
    ),
    # course.toml
    (changed(COURSE, 'slug = "ejemplo"', 'slug = "Ejemplo"'), COURSE, 2, "“Ejemplo” should be lower-case letters"),
    (changed(COURSE, "pass_mark = 60", "pass_mark = 160"), COURSE, 6, "“pass_mark” is a per cent between 0 and 100."),
    (changed(COURSE, '"quc"', '"k\'"'), COURSE, 4, "“k'” should be a code of three letters (ISO 639-3)"),
    (changed(COURSE, '"quc"', '"spa"'), COURSE, 4, "“languages” names a language twice."),
    (changed(COURSE, '["spa", "eng", "quc"]', "[]"), COURSE, 4, "“languages” names at least one language"),
    (changed(COURSE, 'version = "1"', f'version = "{"1" * 41}"'), COURSE, 3, "“version” has at most 40 letters."),
    (changed(COURSE, "hours = 0.5", "hours = 0"), COURSE, 5, "“hours” is a number more than 0."),
    (changed(COURSE, '"open"', '"anybody"'), COURSE, 9, "“enrolment” is one of: open, code, invited."),
    (changed(COURSE, '["prevention"]', '["peace"]'), COURSE, 7, "“peace” is not a tag."),
    (
        changed(COURSE, "[topics.ruta]", '[topics]\nsola = "x"\n[topics.ruta]'),
        COURSE,
        21,
        "A topic is written [topics.",
    ),
    (changed(COURSE, 'outline = ["m1"]', "outline = []"), COURSE, 11, "“outline” lists the module folders"),
    (changed(COURSE, '["m1"]', '["m1", "m1"]'), COURSE, 11, "“outline” names the module “m1” twice."),
    (changed(COURSE, '["m1"]', '["m1", "m2"]'), "m2/module.toml", 1, "The file m2/module.toml is missing."),
    (added("m2/module.toml", ""), "m2/module.toml", 1, "“outline” in course.toml does not list the module “m2”."),
    (changed(COURSE, '["teachers"]', "[1]"), COURSE, 8, "“audiences” should be a list of texts."),
    # module.toml
    (changed(MODULE, 'kind = "lesson"', 'kind = "talk"'), MODULE, "talk", "“kind” is one of: lesson, practice"),
    (
        changed(MODULE, 'status.quc = "draft"', 'status.quc = "perfect"'),
        MODULE,
        7,
        "“status” is one of: draft, reviewed",
    ),
    (
        changed(MODULE, 'slug = "encuentro"', 'slug = "prueba"'),
        MODULE,
        'slug = "prueba"\nkind = "session"',
        "Two activities of this module have the slug",
    ),
    (changed(MODULE, QUIZ, "draw = [5]"), MODULE, "draw = ", "“draw” is written [{ bank = "),
    (changed(MODULE, "count = 1 }", "count = 0 }"), MODULE, "draw = ", "“count” says how many questions are drawn"),
    (
        changed(MODULE, QUIZ, QUIZ[:-1] + ', { bank = "m1", count = 1 }]'),
        MODULE,
        "draw = ",
        "“draw” names the bank “m1” twice.",
    ),
    (changed(MODULE, QUIZ, QUIZ + '\nquestions = ["m1/una-senal"]'), MODULE, "draw = ", "either “questions” or “draw”"),
    (changed(MODULE, QUIZ + "\n", ""), MODULE, QUIZ_TABLE, "This quiz has no questions: write “questions” or “draw”."),
    (changed(MODULE, "attempts = 0", "attempts = -1"), MODULE, "attempts", "“attempts” is a whole number, 0 or more."),
    (
        changed(MODULE, "count = 1 }", "count = 3 }"),
        MODULE,
        QUIZ_TABLE,
        "The quiz draws 3 questions from “m1”, which has 2.",
    ),
    (changed(MODULE, '"m1", count', '"m9", count'), MODULE, QUIZ_TABLE, "There is no bank “m9”."),
    (changed(MODULE, QUIZ, 'questions = ["m1/gone"]'), MODULE, QUIZ_TABLE, "There is no question “m1/gone”."),
    (
        changed(MODULE, QUIZ, 'questions = ["m1/una-senal", "m1/una-senal"]'),
        MODULE,
        QUIZ_TABLE,
        "asks “m1/una-senal” twice",
    ),
    (
        changed(MODULE, "media/puerta.svg", "media/gone.svg"),
        MODULE,
        "image = ",
        "The file media/gone.svg is not in the package.",
    ),
    (
        changed(MODULE, "media/puerta.svg", "puerta.svg"),
        MODULE,
        "image = ",
        "“puerta.svg” should be a file of the folder media/.",
    ),
    # lessons: head and text
    (without(ENG), MODULE, "a-quien-aviso", "The file m1/a-quien-aviso.eng.md is missing."),
    (changed(SPA, "+++\n", ""), SPA, 1, "A lesson begins with its head between two lines of +++."),
    (added(SPA, '+++\ntitle = "A"\n+++\n'), SPA, 4, "This lesson has no text."),
    (changed(SPA, "- Escuche con calma.\n", ""), SPA, "::: do", "The block “do” is empty."),
    (
        body("[el plan](media/puerta.zip)") | {"media/puerta.zip": b"PK"},
        SPA,
        END,
        "“media/puerta.zip” is not a file to link",
    ),
    (body(shown("media/a.pdf")) | {"media/a.pdf": b"%PDF-1.7"}, SPA, END, "“media/a.pdf” is not a picture."),
    (body("[otra](activity:m1)"), SPA, END, "A link to an activity is written activity:module/activity."),
    (body("[otra](activity:m1/gone)"), SPA, END, "The course has no activity m1/gone to link to."),
    (body("[sitio](http://example.org)"), SPA, END, "“http://example.org” should start with https:"),
    (body("[sitio](javascript:alert(1))"), SPA, END, "A link starts with https:, mailto:, tel:, activity: or media/."),
    (body("[sitio](otra-pagina)"), SPA, END, "A link starts with https:, mailto:, tel:, activity: or media/."),
    (body("::: note\n## Título\n:::"), SPA, END + 1, "Inside a block there are no headings"),
    (changed(SPA, "## Junte", "### Junte"), SPA, 10, "A heading ### stands below a heading ##."),
    (body("::: keep\n1. Uno\n:::"), SPA, END, "A lesson has one block “keep”; this is the second."),
    (
        changed(SPA, "1. Una señal no es prueba.\n2. Aviso", "- Aviso"),
        SPA,
        "::: keep",
        "The block “keep” holds a numbered list",
    ),
    (
        changed(SPA, "- Escuche con calma.", "Escuche con calma."),
        SPA,
        "::: do",
        "The block “do” holds a list with hyphens.",
    ),
    (
        changed(SPA, "- police-emergency", "110"),
        SPA,
        "\n110\n",
        "In “calls” each line is a hyphen and the key of a fact",
    ),
    (body("::: reveal\nSí.\n:::"), SPA, END, "The block “reveal” has its question after the name"),
    (body("::: referrals\nNada.\n:::"), SPA, END, "A lesson has one block “referrals”; this is the second."),
    (body("::: video Mire\nNada.\n:::"), SPA, END, "The block “video” names its recording: ::: video media/"),
    (body("<b>Alto</b>"), SPA, END, "HTML is not part of a lesson: write Markdown."),
    (body("<script>alert(1)</script>"), SPA, END, "HTML is not part of a lesson: write Markdown."),
    (body("```\nx\n```"), SPA, END, "Code blocks are not part of a lesson."),
    (body("    x"), SPA, END, "A line set in by four blanks turns into code"),
    (body("---"), SPA, END, "A line across the page is not part of a lesson"),
    (body("Escriba `x`."), SPA, END, "The mark ` is not part of a lesson"),
    (body("# Título"), SPA, END, "Headings are written ## or ###"),
    (body("## "), SPA, END, "This heading is empty."),
    (body("![](media/puerta.svg)"), SPA, END, "The picture media/puerta.svg has no alternative text between [ ]."),
    (body("Mire ![una puerta](media/puerta.svg) aquí."), SPA, END, "A picture stands alone"),
    (body(":::: note"), SPA, END, "A block begins with ::: and its name"),
    (body(":::"), SPA, END, "This ::: closes a block, but none is open."),
    (body("::: note\nUno\n::: case\nDos\n:::"), SPA, END + 2, f"The block “note” of line {END} is still open."),
    (body("::: poem\nUno\n:::"), SPA, END, "“poem” is not a block. Blocks: keep, do, dont"),
    (body("::: note\nUno"), SPA, END, "The block “note” is never closed with :::."),
    (body("Llame al {fact:gone}."), SPA, END, "The library has no fact “gone”."),
    (changed(SPA, "- police-emergency", "- gone"), SPA, "- gone", "The library has no fact “gone”."),
    (body("Llame al {fact: 110}."), SPA, END, "A fact is cited as {fact:key}, not “{fact: 110}”."),
    (changed(SPA, 'title = "¿A quién aviso?"', f'title = "{"a" * 201}"'), SPA, 2, "“title” has at most 200 letters."),
    (
        changed(SPA, "+++\ntitle", '+++\nstatus = "perfect"\ntitle'),
        SPA,
        2,
        "“status” is one of: draft, reviewed, approved.",
    ),
    # files
    (added("m1/otra.spa.md", "hola"), "m1/otra.spa.md", 1, "Nothing refers to this file."),
    (added("notes.txt", "hola"), "notes.txt", 1, "Nothing refers to this file."),
    (added(SPA, b"+++\ntitle = 'A'\n\xff"), SPA, 3, "This line is not UTF-8 text."),
    (added(BANK, f"#{'a' * 300_000}\n"), BANK, 1, "This file is larger than 300 KB."),
    (added(SPA, "a" * 40_001), SPA, 1, "This file is larger than 40 KB."),
    (added(SPA, "a\n\x00"), SPA, 2, "This line is not UTF-8 text."),
    # what only a stranger's tool writes
    (added(BANK, f"\nmany = {'[' * 900}"), BANK, 1, "There are too many brackets inside brackets here."),
    (added(BANK, f"\nmany = {'{a=' * 900}"), BANK, 1, "There are too many brackets inside brackets here."),
    (added(BANK, f"\n{'.'.join('a' * 90_000)} = 1"), BANK, 2, "This name has too many parts."),
    (added(BANK, "\n[" + ".".join(["'a'"] * 50_000) + "]"), BANK, 2, "This name has too many parts."),
    (changed(COURSE, "pass_mark = 60", f"pass_mark = {'9' * 5000}"), COURSE, 1, "This is not valid TOML"),
    (changed(COURSE, "pass_mark = 60", f"pass_mark = 0x{'f' * 5000}"), COURSE, 6, "“pass_mark” is no number that we"),
    (changed(COURSE, "hours = 0.5", "hours = inf"), COURSE, 5, "“hours” is no number that we count up to."),
    (changed(COURSE, "hours = 0.5", "hours = nan"), COURSE, 5, "“hours” is no number that we count up to."),
    (changed(COURSE, 'version = "1"', 'version = "\\u0000"'), COURSE, 1, "A text here holds the sign"),
    (added("media/Aula 1.svg", svg("")), "media/Aula 1.svg", 1, "Names of files hold lower-case letters"),
    (added("banks/M 1.toml", ""), "banks/M 1.toml", 1, "Names of files hold lower-case letters"),
    (added(f"media/{'a' * 200}.svg", svg("")), f"media/{'a' * 200}.svg", 1, "The name of this file is too long."),
    (added("media/a.exe", "MZ"), "media/a.exe", 1, "Files that end in “.exe” cannot be part of a course."),
    (added("media/a.mp3", b"\0" * 60_000_001), "media/a.mp3", 1, "This file is larger than 60 MB."),
    (added("media/a.mp3", b""), "media/a.mp3", 1, "This file is empty."),
    (added("media/a.pdf", "hola"), "media/a.pdf", 1, "This file says it is a PDF, but it is not."),
    (
        example() | {f"media/a{n}.mp3": b"x" for n in range(2000)},
        COURSE,
        1,
        "The package has 2009 files; 2000 at most.",
    ),
    (example() | {f"media/a{n}.mp3": b"\0" * 59_000_000 for n in range(6)}, COURSE, 1, "larger than 300 MB"),
    # pictures
    (with_picture("media/a.svg", "<html/>"), "media/a.svg", 1, "A drawing starts with <svg>."),
    (with_picture("media/a.svg", svg("<script/>")), "media/a.svg", 1, "<script> cannot be part of a drawing."),
    (with_picture("media/a.svg", svg("\n<foreignObject/>")), "media/a.svg", 2, "<foreignObject> cannot be part"),
    (with_picture("media/a.svg", svg("<style>*{}</style>")), "media/a.svg", 1, "<style> cannot be part of a drawing."),
    (with_picture("media/a.svg", svg("<x:g/>", 'xmlns:x="y" viewBox="0 0 9 9"')), "media/a.svg", 1, "<x:g> cannot be"),
    (with_picture("media/a.svg", svg('<g onclick="a()"/>')), "media/a.svg", 1, "cannot react to events (“onclick”)"),
    (with_picture("media/a.svg", svg('<use href="http://x/#a"/>')), "media/a.svg", 1, "cannot point outside itself"),
    (with_picture("media/a.svg", svg('<g fill="url(http://x)"/>')), "media/a.svg", 1, "outside itself (“fill”)"),
    (with_picture("media/a.svg", svg('<g style="fill:red"/>')), "media/a.svg", 1, "Write colours as attributes"),
    (with_picture("media/a.svg", '<!DOCTYPE svg [<!ENTITY a "b">]>' + svg("&a;")), "media/a.svg", 1, "DOCTYPE"),
    (with_picture("media/a.svg", "<svg>\n<g>"), "media/a.svg", 2, "This drawing is not well-formed XML."),
    (with_picture("media/a.svg", svg("", "")), "media/a.svg", 1, "The drawing needs a viewBox"),
    (with_picture("media/a.svg", '<svg viewBox="0 0 9 9"/>'), "media/a.svg", 1, 'The drawing needs xmlns="http'),
    (with_picture("media/a.png", picture()), "media/a.png", 1, "This picture cannot be read as PNG."),
    (with_picture("media/a.png", picture(9000, 5000, form="PNG")), "media/a.png", 1, "9000 × 5000 points, too many."),
    (with_picture("media/a.jpg", picture(place=True)), "media/a.jpg", 1, "says where it was taken"),
]
WARNINGS = [
    (
        with_unit(CHANGE, 'purpose = "check"', 'purpose = "practice"', MODULE),
        "bridge/course.toml",
        "The short unit has no test",
    ),
    (
        with_unit() | {COURSE: with_unit()[COURSE].replace(b'"quc"]', b'"quc", "mam"]')},
        "bridge/course.toml",
        "The course is taught in mam, and the short unit is not.",
    ),
    (added("media/a.svg", svg("")), "media/a.svg", "Nothing refers to this file."),
    (added("banks/m2.toml", example()[BANK]), "banks/m2.toml", "No quiz asks a question of this bank."),
    (with_picture("media/a.svg", svg(" " * 31_000)), "media/a.svg", "This drawing weighs 31 KB"),
    (with_picture("media/a.jpg", picture() + b"\0" * 150_000), "media/a.jpg", "This picture weighs 150 KB"),
    (
        changed(
            MODULE,
            '[[activity]]\nslug = "encuentro"',
            "".join(
                f'[[activity]]\nslug = "{purpose}"\nkind = "quiz"\npurpose = "{purpose}"\n'
                f'questions = ["m1/{question}"]\ntitle.spa = "A"\ntitle.eng = "B"\n\n'
                for purpose, question in (("pretest", "una-senal"), ("final", "avisar-primero"))
            )
            + '[[activity]]\nslug = "encuentro"',
        ),
        MODULE,
        "The first and the final test share no questions",
    ),
]


@pytest.mark.parametrize(("files", "file", "line", "sentence"), PROBLEMS, ids=lambda value: None)
def test_a_mistake_is_named_where_it_stands(files, file, line, sentence):
    problems = read(files).problems
    found = [problem for problem in problems.errors if sentence in problem.sentence % problem.values]
    assert found, [str(problem) for problem in problems]
    if isinstance(line, str):
        text = files[file].decode()
        start = text.index(line)
        line = text.count("\n", 0, start) + 1 + line.startswith("\n")
    assert (file, line) in [(problem.file, problem.line) for problem in found]


@pytest.mark.parametrize(("files", "file", "sentence"), WARNINGS, ids=lambda value: None)
def test_what_could_be_better_does_not_stop_a_package(files, file, sentence):
    reading = read(files)
    assert reading.is_sound, [str(problem) for problem in reading.problems]
    assert [one for one in reading.problems if one.file == file and sentence in one.sentence % one.values]


def test_every_sentence_of_the_reader_is_tried():
    folder = Path(package_room.__file__).parent
    said = {
        node.args[0].value
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "N_"
        and isinstance(node.args[0], ast.Constant)
    }
    heard = {one.sentence for case in (*PROBLEMS, *WARNINGS) for one in read(case[0]).problems}
    elsewhere = {"“%(key)s” has the language %(code)s, which course.toml does not list."}  # of core, tried below
    assert said - heard - elsewhere == set()


def test_the_example_has_no_problem():
    assert read(example()).problems == []


def test_all_problems_come_at_once():
    files = changed(COURSE, "hours = 0.5", "hours = 0") | {BANK: b'[[question]]\nid = "A b"\nkind = "poem"\n'}
    files[SPA] = changed(SPA, "::: do", "::: done")[SPA]
    assert {problem.file for problem in read(files).problems.errors} >= {COURSE, BANK, SPA}


def test_a_broken_toml_is_named_with_its_line():
    problems = read(changed(MODULE, "minutes = 20", "minutes = twenty")).problems
    assert (MODULE, 6) in [(one.file, one.line) for one in problems if "not valid TOML" in one.sentence]


def test_unknown_and_missing_fields_are_slips_of_the_pen():
    problems = read(changed(COURSE, "summary.eng", "sumary.eng")).problems.errors
    said = {str(one) for one in problems}
    assert "course.toml:17: “sumary” is not a known field here." in said
    assert "course.toml:16: “summary” has no text in eng." in said


def test_a_language_that_the_course_does_not_list_is_named():
    problems = read(changed(MODULE, "status.quc", "status.mam")).problems.errors
    assert [one.line for one in problems if one.values.get("code") == "mam"] == [7]


def test_the_fields_of_a_quiz_belong_to_a_quiz():
    problems = read(changed(MODULE, 'kind = "lesson"', 'kind = "lesson"\nattempts = 3')).problems.errors
    assert [str(one) for one in problems] == ["m1/module.toml:14: “attempts” is not a known field here."]


def test_a_package_without_course_toml_is_no_package():
    reading = read(without(COURSE))
    assert reading.package is None
    assert [str(one) for one in reading.problems] == ["course.toml:1: The file course.toml is missing."]


def test_without_a_library_citations_are_not_checked():
    files = without("facts.toml")
    assert read(files).problems.errors
    assert not read_package(files, None).problems


def test_windows_files_are_read_too():
    files = {path: data.replace(b"\n", b"\r\n") if path.endswith((".md", ".toml")) else data
             for path, data in example().items()}  # fmt: skip
    files[COURSE] = b"\xef\xbb\xbf" + files[COURSE]
    assert read(files).problems == []
