"""A learner's way through the pages, without a script."""

import gzip
import re

import pytest

from lms.core.database import db
from lms.curriculum.services import load_package
from lms.learning.models import AttemptSave
from lms.learning.quizzes import quiz_of
from lms.learning.services.attempts import open_attempt
from lms.learning.services.codes import open_code
from tests import factories
from tests.assessment.bank import RIGHT
from tests.factories import NOW, TODAY
from tests.learning.conftest import activity, attempts, publish_course
from tests.learning.package import files

MATCHED = ("una", "varias", "cierto", "numero")
ALL_RIGHT = {slug: RIGHT[slug] for slug in MATCHED}
EVERYTHING = RIGHT | {"abierta": "Aviso a la dirección y al 1503.", "opinion": [1, 2]}


@pytest.fixture
def visitor(client, lucia, sign_in):
    """Lucía's browser before she is in any course."""
    sign_in(client, lucia)
    return client


def finish(learner, *paths):
    for path in paths:
        assert learner.post(f"/courses/hilos/{path}").status_code == 303


def walk_check(learner, begin):
    """Answer the module's own test rightly, one question after the other, and hand it in."""
    sheet = begin(learner, "m1/prueba")
    for slug in sheet.numbers.values():
        if slug == "camino":
            learner.post(sheet.path, data=sheet.one(slug, [0]) | {"do": "walk:q"})
        learner.post(sheet.path, data=sheet.one(slug, EVERYTHING[slug]) | {"do": "check"})
    answer = learner.post(sheet.path, data={"do": "submit"})
    assert answer.location.endswith("/result")
    return sheet


def test_a_teacher_finds_a_course_takes_it_and_completes_it(visitor, course, begin):
    assert "Hilos que avisan" in visitor.get("/courses?q=NOTÁR").text
    assert "Tomar este curso" in visitor.get("/courses/hilos").text
    assert visitor.post("/courses/hilos/enrol").location == "/courses/hilos"
    assert "Lo que sé hoy" in visitor.get("/courses/hilos").text

    answer = visitor.post("/courses/hilos/m1/uno")
    assert answer.location == "/courses/hilos/m1/dos"
    assert visitor.post("/courses/hilos/m1/dos").location == "/courses/hilos/m1/prueba"
    sheet = walk_check(visitor, begin)
    assert "100&nbsp;%" in visitor.get(f"{sheet.path}/result").text

    sheet = begin(visitor, "m2/final")
    answer = visitor.post(sheet.path, data=sheet.form(ALL_RIGHT) | {"do": "submit"})
    result = visitor.get(answer.location).text
    assert "Aprobó" in result
    assert "rich" in result
    assert "Ha completado el curso" in result
    statement = visitor.get("/courses/hilos/completion").text
    assert "Lucía Tum" in statement
    assert "avisan" not in statement
    assert "21 de noviembre de 2026" in statement
    assert "No es la constancia" in statement
    assert "Completado" in visitor.get("/history").text


def test_the_next_step_is_offered_where_one_left(learner):
    finish(learner, "m1/uno")
    assert "Continuar: Avisar" in learner.get("/courses/hilos").text


def test_a_lesson_speaks_the_language_asked_for(learner):
    spanish, english = learner.get("/courses/hilos/m1/uno"), learner.get("/courses/hilos/m1/uno?lang=eng")
    assert "Una señal sola dice poco" in spanish.text
    assert "A sign alone says little" in english.text
    assert '<h1 lang="en">What a sign is</h1>' in english.text
    assert 'action="/courses/hilos/m1/uno?lang=eng"' in english.text
    assert learner.post("/courses/hilos/m1/uno?lang=eng").location == "/courses/hilos/m1/dos?lang=eng"
    assert "Una señal sola dice poco" in learner.get("/courses/hilos/m1/uno?lang=quc").text


def test_the_language_of_a_course_is_kept(learner):
    assert learner.post("/courses/hilos/language", data={"language": "eng"}).status_code == 303
    assert "A sign alone says little" in learner.get("/courses/hilos/m1/uno").text
    assert learner.post("/courses/hilos/language", data={"language": "xxx"}).status_code == 404


def test_a_lesson_reads_the_same_compressed_and_plain(learner):
    packed = learner.get("/courses/hilos/m1/uno", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    plain = learner.get("/courses/hilos/m1/uno").data
    without_token = re.compile(rb'name="csrf_token" value="[^"]*"')
    assert without_token.sub(b"", gzip.decompress(packed.data)) == without_token.sub(b"", plain)
    assert b"\x00" not in plain


def test_a_lesson_warns_before_and_cites_the_checked_number(learner):
    page = learner.get("/courses/hilos/m1/uno").text
    assert "sin escenas" in page
    assert 'href="tel:110"' in page
    assert "<title>Lección 2 · Cascada</title>" in page


def test_a_session_says_that_it_happens_face_to_face(learner):
    page = learner.get("/courses/hilos/m1/encuentro").text
    assert "con su grupo" in page
    assert learner.post("/courses/hilos/m1/encuentro").status_code == 405


def test_a_module_can_be_printed_with_everything_unfolded(learner):
    page = learner.get("/courses/hilos/m1/print").text
    assert "Qué es una señal" in page
    assert "Avise hoy." in page
    assert learner.get("/courses/hilos/m2/print").status_code == 200


def test_the_opening_questions_bar_nobody(learner, begin):
    cover = learner.get("/courses/hilos/inicio/antes").text
    assert "Seguir sin contestar" in cover
    assert learner.get("/courses/hilos/m1/uno").status_code == 200
    sheet = begin(learner, "inicio/antes")
    learner.post(sheet.path, data={"do": "submit", "sure": "1"})
    result = learner.get(f"{sheet.path}/result").text
    assert "&nbsp;%" not in result
    assert "PORQUE" not in result
    assert learner.post("/courses/hilos/inicio/antes").status_code == 422


def test_before_and_after_are_shown_together(learner, begin):
    sheet = begin(learner, "inicio/antes")
    learner.post(sheet.path, data=sheet.form({"cierto": False}) | {"do": "submit", "sure": "1"})
    sheet = begin(learner, "m2/final")
    answer = learner.post(sheet.path, data=sheet.form(ALL_RIGHT) | {"do": "submit"})
    page = learner.get(answer.location).text
    assert "Antes del curso 25 por ciento, después 100 por ciento" in page


def test_handing_in_asks_first_when_something_is_open(learner, begin):
    sheet = begin(learner, "m2/final")
    answer = learner.post(sheet.path, data=sheet.form({"una": "b"}) | {"do": "submit"})
    assert answer.location == f"{sheet.path}/hand-in"
    page = learner.get(answer.location).text
    assert "3 preguntas" in page
    assert attempts()[0].state == "open"
    learner.post(sheet.path, data={"do": "submit", "sure": "1"})
    assert attempts()[0].state == "graded"
    assert attempts()[0].score == 25


def test_saving_brings_one_back_to_the_same_page_with_the_answers(learner, begin):
    sheet = begin(learner, "m2/final")
    answer = learner.post(sheet.path, data=sheet.form({"una": "b", "numero": "24"}), follow_redirects=True)
    assert "Guardado" in answer.text
    assert 'value="24"' in answer.text
    assert answer.text.count(" checked") == 1


def test_a_page_left_open_does_not_wipe_out_what_another_filled_in(learner, begin):
    sheet = begin(learner, "m2/final")
    learner.post(sheet.path, data=sheet.form(ALL_RIGHT))
    old_page = sheet.form({}) | {"had": "", "do": "save"}
    learner.post(sheet.path, data=old_page)
    learner.post(sheet.path, data={"do": "submit"})
    assert attempts()[0].score == 100


def test_an_answer_that_was_there_can_be_taken_out(learner, begin):
    sheet = begin(learner, "m2/final")
    learner.post(sheet.path, data=sheet.form({"numero": "24"}))
    learner.post(sheet.path, data=sheet.form({}) | {"had": str(sheet.number("numero"))})
    assert 'value="24"' not in learner.get(sheet.path).text


def test_time_that_ran_out_while_away_is_told_and_what_was_saved_counts(learner, begin, clock):
    sheet = begin(learner, "m2/final")
    learner.post(sheet.path, data=sheet.form({"una": "b"}))
    clock.move(minutes=30)
    assert "El tiempo terminó" in learner.get(sheet.path).text
    assert attempts()[0].state == "open"  # looking changes nothing
    learner.post(sheet.path, data=sheet.form(ALL_RIGHT) | {"do": "save"})
    assert (attempts()[0].state, attempts()[0].score) == ("graded", 25)


def test_between_attempts_the_page_says_from_when(learner, begin, clock):
    sheet = begin(learner, "m2/final")
    learner.post(sheet.path, data={"do": "submit", "sure": "1"})
    page = learner.get("/courses/hilos/m2/final").text
    assert "22 de noviembre de 2026, 09:00" in page
    assert learner.post("/courses/hilos/m2/final").status_code == 422
    clock.move(hours=25)
    assert "1 de 2" in learner.get("/courses/hilos/m2/final").text
    assert learner.post("/courses/hilos/m2/final").status_code == 303


def test_what_had_to_be_right_is_named_with_where_to_read_it(learner, begin):
    sheet = begin(learner, "m2/final")
    answer = learner.post(sheet.path, data=sheet.form(ALL_RIGHT | {"una": "a"}) | {"do": "submit"})
    page = learner.get(answer.location).text
    assert "75&nbsp;%" in page
    assert "¿Qué hace <strong>primero</strong>?" in page
    assert 'href="/courses/hilos/m1/uno"' in page
    assert "Felicidades" not in page


def test_step_by_step_the_explanation_comes_after_the_answer(learner, begin):
    sheet = begin(learner, "m1/prueba")
    assert "PORQUE" not in learner.get(sheet.path).text
    answer = learner.post(sheet.path, data=sheet.one("una", "a") | {"do": "check"}, follow_redirects=True)
    assert "PORQUE no: puede ser peligroso." in answer.text
    assert "PORQUE sí: es la ruta." in answer.text
    second = learner.get(f"{sheet.path}?n=2").text
    assert "PORQUE" not in second
    assert "¿Cuáles señales" in second


def test_step_by_step_an_empty_answer_is_asked_for_again(learner, begin):
    sheet = begin(learner, "m1/prueba")
    answer = learner.post(sheet.path, data={"asked": str(sheet.number("una")), "do": "check"}, follow_redirects=True)
    assert "primero" in answer.text
    assert "PORQUE" not in answer.text
    answer = learner.post(sheet.path, data=sheet.one("orden", [1, 2, 3, 4]) | {"do": "check"}, follow_redirects=True)
    assert "Pregunta 5" in answer.text


def test_a_scenario_is_walked_step_by_step(learner, begin):
    sheet = begin(learner, "m2/practica")
    first = learner.get(sheet.path).text
    assert "Una alumna le pide" in first
    assert "Se va despacio" not in first
    second = learner.post(sheet.path, data=sheet.one("camino", [1]) | {"do": "walk:q"}, follow_redirects=True).text
    assert "Se va despacio" in second
    assert "Le cuenta algo grave" not in second
    assert "PORQUE" not in second
    over = learner.post(sheet.path, data=sheet.one("camino", [1, 1]) | {"do": "walk:q"}, follow_redirects=True).text
    assert "PORQUE puede no volver." in over
    assert "Ver el resultado" in over


def test_an_open_answer_waits_for_a_person_and_the_page_says_so(learner, begin):
    sheet = begin(learner, "m2/entrega")
    answer = learner.post(sheet.path, data=sheet.form({"abierta": "Aviso hoy.", "opinion": [0, 2]}) | {"do": "submit"})
    page = learner.get(answer.location).text
    assert "Una persona leerá" in page
    assert "Aviso hoy." in page
    assert "en revisión" in learner.get("/history").text


@pytest.mark.parametrize(
    "text", ["Su CUI es 2599134800101", "Llámela al 5512 3456", "ana@example.org", "14.9432, -91.1134"]
)
def test_an_answer_that_names_or_locates_somebody_is_not_kept(learner, begin, text):
    sheet = begin(learner, "m2/entrega")
    answer = learner.post(sheet.path, data=sheet.form({"abierta": text, "opinion": [0, 1]}) | {"do": "submit"})
    assert answer.status_code == 422
    assert text in answer.text  # it comes back to be corrected
    assert "Quite" in answer.text
    assert attempts()[0].state == "open"
    saved = [save.answer for save in db.session.query(AttemptSave)]
    assert saved == [[0, 1]]
    again = learner.post(f"{sheet.path}/save", data=sheet.one("abierta", text), headers={"Accept": "application/json"})
    assert again.status_code == 422
    assert "110" in again.json["problem"]


def test_no_page_before_handing_in_holds_a_key(learner, begin):
    for path in ("inicio/antes", "m1/prueba", "m2/practica", "m2/entrega", "m2/todo", "m2/final"):
        pages = [learner.get(f"/courses/hilos/{path}").text]
        sheet = begin(learner, path)
        pages += [learner.get(f"{sheet.path}{more}").text for more in ("", "?n=2", "?lang=eng", "/hand-in")]
        pages.append(learner.post(sheet.path, data=sheet.form({}) | {"do": "save"}, follow_redirects=True).text)
        saved = learner.post(f"{sheet.path}/save", data=sheet.form({}))
        pages.append(saved.text)
        for page in pages:
            assert "PORQUE" not in page, path
            assert not re.search(r"correct|\bkey\b|\bpoints\b", page.partition("<main")[2]), path
    assert "PORQUE" not in learner.get("/courses/hilos").text


def test_the_names_of_options_differ_from_attempt_to_attempt(learner, begin):
    def tokens(page):
        return set(re.findall(r'value="([0-9a-f]{10})"', page))

    first = begin(learner, "m2/practica")
    one = tokens(learner.get(first.path).text)
    learner.post(first.path, data={"do": "submit", "sure": "1"})
    second = begin(learner, "m2/practica")
    assert one
    assert not one & tokens(learner.get(second.path).text)


def test_saving_by_itself_answers_with_the_hour_and_keeps_the_later_number(learner, begin):
    sheet = begin(learner, "m2/final")
    for sequence, answer in ((20, "b"), (10, "a")):
        said = learner.post(f"{sheet.path}/save", data=sheet.one("una", answer) | {"sequence": sequence})
        assert said.status_code == 200
        assert "Guardado a las 09:00" in said.json["saved"]
        assert said.json["left"] == 1200
    learner.post(sheet.path, data={"do": "submit", "sure": "1"})
    assert attempts()[0].score == 25
    assert learner.post(f"{sheet.path}/save", data=sheet.one("una", "a")).json == {"is_closed": True}


@pytest.mark.parametrize("sequence", ["", "-1", "x", "²", "9" * 40, "1.5"])
def test_a_number_nobody_would_send_breaks_nothing(learner, begin, sequence):
    sheet = begin(learner, "m2/final")
    said = learner.post(f"{sheet.path}/save", data=sheet.one("una", "b") | {"sequence": sequence})
    assert said.status_code == 200
    assert db.session.query(AttemptSave).count() == 1


def test_handing_in_twice_shows_the_same_result(learner, begin):
    sheet = begin(learner, "m2/final")
    first = learner.post(sheet.path, data=sheet.form(ALL_RIGHT) | {"do": "submit"})
    second = learner.post(sheet.path, data=sheet.form({"una": "a"}) | {"do": "submit", "sure": "1"})
    assert first.location == second.location == f"{sheet.path}/result"
    assert attempts()[0].score == 100
    assert learner.get(sheet.path).location == f"{sheet.path}/result"
    assert learner.get(f"{sheet.path}/hand-in").location == f"{sheet.path}/result"


def test_nobody_sees_or_answers_another_person_s_attempt(learner, begin, app, school, sign_in):
    sheet = begin(learner, "m2/final")
    other = app.test_client()
    sign_in(other, factories.user("Diego Us", over=school))
    for path in ("", "/result", "/hand-in"):
        assert other.get(sheet.path + path).status_code == 404
    for path in ("", "/save"):
        assert other.post(sheet.path + path, data=sheet.form(ALL_RIGHT) | {"do": "submit"}).status_code == 404
    assert attempts()[0].state == "open"


def test_leaving_and_coming_back(learner):
    finish(learner, "m1/uno")
    assert "¿Salir de este curso?" in learner.get("/courses/hilos/leave").text
    assert learner.post("/courses/hilos/leave").location == "/courses"
    assert learner.get("/courses/hilos/m1/uno").status_code == 404
    learner.post("/courses/hilos/enrol")
    assert "1 de 9" in learner.get("/courses/hilos").text


def test_joining_with_a_code(visitor, course, school):
    code = open_code(course, school, 5, TODAY, None, factories.actor(), NOW).code
    db.session.commit()
    assert f'value="{code}"' in visitor.get(f"/join?code={code}").text
    assert visitor.post("/join", data={"code": ""}).status_code == 422
    assert visitor.post("/join", data={"code": "NADA2345"}).status_code == 422
    assert visitor.post("/join", data={"code": code.lower()}).location == "/courses/hilos"


def test_a_course_by_invitation_is_not_in_the_catalogue(visitor, clock, db_session):
    clock.hold(NOW)
    publish_course(files(enrolment="invited"))
    assert "Hilos" not in visitor.get("/courses").text
    assert visitor.get("/courses/hilos").status_code == 404
    assert visitor.post("/courses/hilos/enrol").status_code == 422


def test_a_draft_is_nobody_s_course_yet(visitor, db_session):
    load_package(files(), factories.agency(), None, NOW)
    db.session.commit()
    assert visitor.get("/courses/hilos").status_code == 404
    assert "Hilos" not in visitor.get("/courses").text


def test_empty_pages_say_what_to_do_next(visitor, db_session):
    assert "Todavía no hay un curso abierto" in visitor.get("/courses").text
    assert "Ningún curso" in visitor.get("/courses?q=zzz").text
    assert "Todavía no ha empezado" in visitor.get("/history").text


@pytest.mark.parametrize(
    "path",
    [
        "/courses/none", "/courses/hilos/m1/none", "/courses/hilos/none/uno", "/courses/hilos/m9/print",
        "/courses/hilos/completion", "/courses?page=7", "/attempts/" + "0" * 26, "/attempts/none",
        "/courses/none/leave", "/courses/%00", "/courses/hilos/m1/%C3%B1",
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(learner, path):
    assert learner.get(path).status_code == 404


@pytest.mark.parametrize(
    "path", ["/courses?page=x", "/courses?q=%00%7F", "/courses?page=-3", "/courses?q=%25%5F%27", "/history?page=999"]
)
def test_odd_questions_get_an_answer(learner, path):
    assert learner.get(path).status_code in (200, 404)


def test_a_form_full_of_nonsense_is_answered_calmly(learner, begin):
    sheet = begin(learner, "m2/todo")
    nonsense = {
        "asked": ["x", "-1", "99999999999999999999", "²", *map(str, sheet.numbers)],
        "do": "dance",
        "had": "\x00",
    }
    nonsense |= {f"q{number}": ["ñ", "\x00", "x" * 9000] for number in sheet.numbers}
    assert learner.post(sheet.path, data=nonsense).status_code == 303
    assert learner.get(f"{sheet.path}?n=999&lang=xxx").status_code == 200
    assert learner.get(f"{sheet.path}?n=x").status_code == 200


def test_the_reading_pages_ask_little_of_the_database(learner, begin, statements):
    sheet = begin(learner, "m2/todo")
    learner.post(sheet.path, data=sheet.form(RIGHT))
    for path, most in (("/courses/hilos/m1/uno", 2), (sheet.path, 3), ("/courses/hilos", 5), ("/courses", 4),
                       ("/history", 6), ("/courses/hilos/m2/todo", 4)):  # fmt: skip
        learner.get(path)
        with statements() as seen:
            assert learner.get(path).status_code == 200
        assert len(seen) <= most, f"{path}\n" + "\n".join(seen)


def test_answering_asks_little_of_the_database(learner, begin, statements):
    learner.get("/courses")
    sheet = begin(learner, "m2/final")
    with statements() as seen:
        learner.post(f"{sheet.path}/save", data=sheet.one("una", "a") | {"sequence": 5})
    assert len(seen) <= 4, "\n".join(seen)
    finish(learner, "m1/uno")
    with statements() as seen:
        answer = learner.post(sheet.path, data=sheet.form(ALL_RIGHT) | {"do": "submit"})
    assert answer.location.endswith("/result")
    assert len(seen) <= 8, "\n".join(seen)
    with statements() as seen:
        learner.get(answer.location)
    assert len(seen) <= 5, "\n".join(seen)


def test_looking_writes_nothing(learner, begin, statements):
    sheet = begin(learner, "m2/final")
    with statements() as seen:
        for path in ("", "/m1/uno", "/m2/final", "/leave", "/m1/print"):
            assert learner.get(f"/courses/hilos{path}").status_code == 200, path
        for path in ("/courses", "/history", sheet.path, f"{sheet.path}/hand-in"):
            assert learner.get(path).status_code == 200, path
    assert not [one for one in seen if not one.lstrip().upper().startswith("SELECT")]


def test_weight_of_the_pages(learner, begin):
    learner.set_cookie("look", re.search(r"/static/([0-9a-f]{10})/css", learner.get("/help").text).group(1))
    sheet = begin(learner, "m2/todo")
    for path, most in (("/courses/hilos/m1/uno", 4000), (sheet.path, 8000), ("/courses/hilos", 4000)):
        packed = learner.get(path, headers={"Accept-Encoding": "gzip"})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert len(packed.data) <= most, path


def test_what_somebody_writes_down_for_her_is_not_filled_in_by_herself(learner, course, enrolment):
    quiz = quiz_of(enrolment.version_id, activity(course, "m2/final"))
    attempt_id = open_attempt(enrolment.id, quiz, NOW, entered_by=factories.actor().user_id)
    db.session.commit()
    path = f"/attempts/{factories.id_text(attempt_id)}"
    assert learner.get(path).location == "/courses/hilos/m2/final"
    assert "está anotando sus respuestas" in learner.get("/courses/hilos/m2/final").text
    assert learner.post(path, data={"do": "submit", "sure": "1"}).status_code == 404
