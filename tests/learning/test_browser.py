"""A quiz in a real browser: saved while somebody answers, with the line down, with time running, without a script."""

import re

import pytest
from sqlalchemy import select

from lms.access.policy import Role
from lms.core.database import db
from lms.learning.models import AttemptSave
from lms.learning.quizzes import quiz_of
from lms.learning.services.attempts import open_attempt
from tests import factories
from tests.assessment.bank import RIGHT
from tests.factories import NOW
from tests.harness.browser import axe
from tests.learning.conftest import activity, attempts, sheet_of

expect = pytest.importorskip("playwright.sync_api").expect


@pytest.fixture
def visit(new_page, lucia, enrolment, sign_in):
    """Open Lucía's browser at an address: `visit("/courses", width=1280)`."""

    def come(path, **options):
        page = new_page(**options)
        sign_in(page, lucia, is_shared=False)
        page.goto(path)
        return page

    return come


@pytest.fixture
def started(course, enrolment):
    """Start a quiz; return its sheet."""

    def start(path):
        attempt_id = open_attempt(enrolment.id, quiz_of(enrolment.version_id, activity(course, path)), NOW)
        db.session.commit()
        return sheet_of(attempt_id)

    return start


def saved():
    db.session.rollback()
    query = select(AttemptSave.question_number, AttemptSave.answer).order_by(AttemptSave.sequence)
    found = dict(db.session.execute(query).all())
    db.session.rollback()
    return found


def choose(page, sheet, slug, text):
    page.locator(f"#q{sheet.number(slug)}").get_by_text(text, exact=True).click()


def test_answers_are_saved_while_they_are_given(visit, started):
    sheet = started("m2/final")
    page = visit(sheet.path)
    choose(page, sheet, "una", "Avisa a la dirección")
    expect(page.locator("#count")).to_have_text("1 de 4")
    expect(page.locator("#saved")).to_have_text(re.compile("Guardado a las"))
    page.locator(f"#q{sheet.number('numero')} input.short").fill("24")
    page.wait_for_function("document.querySelector('#count').textContent == '2 de 4'")
    with page.expect_response("**/save"):
        page.dispatch_event("body", "visibilitychange")  # a slow typist needs not wait: typing is saved after a pause
    assert saved() == {sheet.number("una"): "b", sheet.number("numero"): "24"}


def test_with_the_line_down_the_page_waits_and_saves_later(visit, started):
    sheet = started("m2/final")
    page = visit(sheet.path)
    page.context.set_offline(True)
    choose(page, sheet, "cierto", "Falso")
    expect(page.locator("#saved")).to_have_text("Sin conexión: se guardará solo.")
    page.get_by_role("button", name="Entregar").click()  # nothing is lost by trying
    expect(page.locator("h1")).to_have_text("Prueba final")
    assert saved() == {}
    page.context.set_offline(False)
    expect(page.locator("#saved")).to_have_text(re.compile("Guardado a las"))
    assert saved() == {sheet.number("cierto"): False}


def test_leaving_the_page_saves_what_was_typed(visit, started):
    sheet = started("m2/entrega")
    page = visit(sheet.path)
    page.locator("textarea").fill("Aviso a la dirección.")
    page.locator(".brand").click()
    page.wait_for_url("**/")
    rounds = (
        page.goto("/courses") for _round in range(50)
    )  # the request outlives its page: it may still be on its way
    assert any(saved() or not next(rounds) for _round in range(50))
    page.goto(sheet.path)
    expect(page.locator("textarea")).to_have_value("Aviso a la dirección.")


def test_text_that_names_somebody_is_not_saved_and_says_why(visit, started):
    sheet = started("m2/entrega")
    page = visit(sheet.path)
    page.locator("textarea").fill("Llamar al 5512 3456")
    expect(page.locator("#saved")).to_have_text(re.compile("Quite"))
    assert saved() == {}


def test_the_time_is_counted_by_the_server_and_warned_of(visit, started, clock):
    sheet = started("m2/final")
    clock.move(minutes=14)
    page = visit("/courses")
    page.clock.install(time=1)  # a phone whose clock stands in another century
    page.goto(sheet.path)
    expect(page.locator("#clock")).to_have_text("Le quedan 6 minutos")
    choose(page, sheet, "una", "Avisa a la dirección")
    page.clock.run_for(1000)
    expect(page.locator("#saved")).to_have_text(re.compile("Guardado a las"))
    clock.move(seconds=70)
    page.clock.run_for(70_000)
    expect(page.locator("#clock")).to_have_text("Le quedan 5 minutos")
    expect(page.locator("#warning")).to_have_text("Le quedan 5 minutos")
    clock.move(minutes=5)
    page.clock.run_for(300_000)
    page.wait_for_url("**/result")
    assert (attempts()[0].state, attempts()[0].score) == ("graded", 25)


def test_a_scenario_saves_with_its_button_alone(visit, started):
    sheet = started("m2/todo")
    page = visit(sheet.path)
    choose(page, sheet, "camino", "Mañana")
    choose(page, sheet, "una", "Avisa a la dirección")
    expect(page.locator("#saved")).to_have_text(re.compile("Guardado a las"))
    assert saved() == {sheet.number("una"): "b"}
    page.get_by_role("button", name="Ver qué pasa").click()
    expect(page.get_by_text("Se va despacio.")).to_be_visible()
    assert saved()[sheet.number("camino")] == [1]


WORDS = {
    "es": ("Terminé, seguir", "Empezar", "Comprobar", "Pregunta siguiente", "Ver el resultado", "Entregar"),
    "en": ("I have finished, go on", "Start", "Check", "Next question", "See the result", "Hand in"),
}


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_whole_way_without_a_script(visit, lucia, language):
    lucia.interface_locale = {"es": "es_GT", "en": "en"}[language]
    lucia.person.content_language = {"es": "spa", "en": "eng"}[language]
    db.session.commit()
    go_on, start, check, following, see, hand_in = WORDS[language]
    page = visit("/courses/hilos/m1/uno", language=language, javascript=False)
    page.get_by_role("button", name=go_on).click()
    page.get_by_role("button", name=go_on).click()
    page.get_by_role("button", name=start).click()
    sheet = sheet_of(attempts()[0].id)
    for place, slug in enumerate(sheet.numbers.values()):
        fill_in(page, sheet, slug, language)
        if slug != "camino":
            page.get_by_role("button", name=check).last.click()
        page.get_by_role("button", name=see).or_(page.get_by_role("link", name=following)).first.click()
        assert place < len(sheet.numbers)
    expect(page.locator(".big")).to_have_text(re.compile(r"100\s%"))
    page.goto("/courses/hilos/m2/final")
    page.get_by_role("button", name=start).click()
    page.get_by_role("button", name=hand_in).click()
    expect(page.locator("h1")).to_have_text(re.compile("4 preguntas" if language == "es" else "4 questions"))


def fill_in(page, sheet, slug, language):
    """Answer a question rightly with what the page offers."""
    number, answer = sheet.number(slug), RIGHT.get(slug)
    form = page.locator(f"#q{number}")
    one = {"es": "spa", "en": "eng"}[language]
    texts = {
        "una": {"spa": ["Avisa a la dirección"], "eng": ["Tells the head teacher"]},
        "varias": {"spa": ["Se duerme en clase", "Otra persona cobra por él"],
                   "eng": ["Falls asleep in class", "Somebody else is paid for him"]},
        "cierto": {"spa": ["Falso"], "eng": ["False"]},
        "opinion": {"spa": ["Mucho"], "eng": ["Very much"]},
    }  # fmt: skip
    if slug == "opinion":
        for place in range(2):
            form.get_by_text(texts[slug][one][0], exact=True).nth(place).click()
    elif slug in texts:
        for text in texts[slug][one]:
            form.get_by_text(text, exact=True).click()
    elif slug in ("parejas", "orden", "huecos"):
        for name, values in sheet.one(slug, answer).items():
            if name != "asked":
                field = form.locator(f"[name='{name}']")
                tag = field.evaluate("field => field.tagName")
                field.select_option(values[0]) if tag == "SELECT" else field.fill(values[0])
    elif slug == "camino":
        for text in {"spa": ("La escucho", "Aviso hoy"), "eng": ("I listen", "I report today")}[one]:
            page.get_by_text(text, exact=True).click()
            page.get_by_role("button", name={"es": "Ver qué pasa", "en": "See what happens"}[language]).click()
    else:
        form.locator("input:not([type=hidden])").fill(answer)


def test_a_quiz_can_be_answered_with_the_keyboard_alone(visit, started):
    sheet = started("m2/final")
    page = visit(sheet.path)
    page.locator(f"#q{sheet.number('una')} input[type=radio]").first.focus()
    page.keyboard.press("ArrowDown")
    page.locator(f"#q{sheet.number('numero')} input.short").focus()
    page.keyboard.type("24")
    page.keyboard.press("Enter")  # saves, and does not hand in
    page.wait_for_load_state()
    expect(page.get_by_text("Guardado. Puede seguir")).to_be_visible()
    assert attempts()[0].state == "open"
    assert saved()[sheet.number("numero")] == "24"


LEARNER = ["/courses", "/join", "/history", "/courses/hilos"]
IN_COURSE = ("m1/uno", "m1/encuentro", "m2/final", "inicio/antes", "m1/print", "leave")
LEARNER += [f"/courses/hilos/{path}" for path in IN_COURSE]


@pytest.mark.parametrize(("width", "dark", "language"), [(360, False, "es"), (1280, True, "en")])
def test_no_page_of_a_learner_has_a_barrier(visit, started, learner, begin, lucia, width, dark, language):
    lucia.interface_locale = {"es": "es_GT", "en": "en"}[language]
    db.session.commit()
    page = visit("/help", width=width, dark=dark, language=language)
    sheet = started("m2/todo")
    step = started("m1/prueba")
    paths = [*LEARNER, sheet.path, f"{sheet.path}/hand-in", step.path]
    for path in paths:
        page.goto(path)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    learner.post(sheet.path, data=sheet.form(RIGHT | {"abierta": "Aviso.", "opinion": [0, 1]}) | {"do": "submit"})
    learner.post(step.path, data=step.one("una", "a") | {"do": "check"})
    for path in (f"{sheet.path}/result", f"{step.path}?n=1"):
        page.goto(path)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.parametrize("width", [360, 1280])
def test_no_page_of_staff_has_a_barrier(new_page, school, sign_in, course, learner, begin, lucia, width):
    marta = factories.user("Marta Ixcoy", Role.UNIT_MANAGER, school.parent)
    db.session.commit()
    sheet = begin(learner, "m2/entrega")
    learner.post(sheet.path, data=sheet.form({"abierta": "Aviso hoy.", "opinion": [0, 0]}) | {"do": "submit"})
    page = new_page(width=width)
    sign_in(page, marta)
    unit, person = factories.id_text(school.parent_id), factories.id_text(lucia.person_id)
    of_course = ("", "?q=zzz", "/scores", "/add", "/office", f"/office?unit={unit}", "/codes")
    paths = ["/manage/enrolments", *(f"/manage/enrolments/hilos{path}" for path in of_course)]
    paths += [f"/people/{person}/learning", "/manage/marking", f"/manage/marking/{sheet.path[10:]}"]
    for path in paths:
        page.goto(path)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
