"""The start page shows first what comes next, to each kind of person."""

from datetime import UTC, datetime

import pytest

from lms.access.policy import Role
from lms.core.ids import new_id
from lms.curriculum.models import Activity, Course, Module, Version
from lms.learning.models import Attempt, Enrolment, Progress
from lms.library.models import Fact
from lms.organization.models import Person
from tests.harness.browser import axe

MORNING = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)  # half past eight in Guatemala


@pytest.fixture
def course(db_session, somebody):
    """Enrol somebody in a course of one module with three parts; returns the enrolment."""

    def enrol(user, done=(), state="active", **more):
        unit_id, version_id = db_session.get(Person, user.person_id).unit_id, new_id()
        course = Course(slug="escuela", unit_id=unit_id, current_version_id=version_id, created_at=MORNING)
        db_session.add(course)
        db_session.flush()
        title = {"spa": "La escuela que protege", "eng": "The school that protects"}
        db_session.add(
            Version(
                id=version_id, course_id=course.id, number=1, label="1", state="published", package_sha="0" * 64,
                languages=["spa", "eng"], title=title, neutral_title=title, summary=title, hours=4, pass_mark=70,
                enrolment="open", tags=[], audiences=[], topics={}, details={}, search="escuela", created_at=MORNING,
            )
        )  # fmt: skip
        db_session.flush()
        module = Module(
            version_id=version_id, position=1, slug="m1", title=title, objective=title, minutes=30, details={}
        )
        db_session.add(module)
        db_session.flush()
        for number, spanish in enumerate(("Mi papel", "La silla vacía", "Señales"), 1):
            db_session.add(
                Activity(
                    version_id=version_id, module_id=module.id, number=number, slug=f"l{number}", kind="lesson",
                    title={"spa": spanish}, minutes=12, settings={},
                )
            )  # fmt: skip
        enrolment = Enrolment(
            person_id=user.person_id, course_id=course.id, version_id=version_id, state=state, source="self",
            enrolled_at=MORNING, **more,
        )  # fmt: skip
        db_session.add(enrolment)
        db_session.flush()
        db_session.add_all(Progress(enrolment_id=enrolment.id, activity_number=one, done_at=MORNING) for one in done)
        db_session.commit()
        return enrolment

    return enrol


def test_a_visitor_learns_what_this_is_and_how_to_come_in(client):
    page = client.get("/", headers={"Accept-Language": "es"}).text
    assert "<h1>Aprenda, y enseñe lo aprendido</h1>" in page
    assert 'class="btn now wide" href="/sign-in"' in page


def test_a_visitor_costs_no_statement(client, statements):
    client.get("/")
    with statements() as seen:
        client.get("/")
    assert seen == []


def test_a_learner_continues_where_she_left_off(client, somebody, sign_in, course, clock, statements):
    clock.hold(MORNING)
    marta = somebody("Marta")
    course(marta, done=[1], due_on=datetime(2026, 12, 15).date())
    sign_in(client, marta)
    page = client.get("/").text
    assert "Buenos días, Marta." in page
    assert "<h1>La silla vacía</h1>" in page
    assert "parte 2 de 3" in page
    assert 'class="btn now wide" href="/courses/escuela/m1/l2"' in page
    assert "1 de 3 partes" in page
    assert "hasta el 15 de diciembre de 2026" in page
    with statements() as seen:
        client.get("/")
    assert len(seen) <= 4  # who she is, her groups, her courses, what her certificates ask


def test_a_title_without_the_readers_language_says_which_one_it_has(client, somebody, sign_in, course):
    marta = somebody("Marta")
    course(marta)
    sign_in(client, marta)
    client.post("/language/en")
    assert '<h1><span lang="es">Mi papel</span></h1>' in client.get("/").text


def test_a_finished_course_stays_on_the_list(client, somebody, sign_in, course):
    marta = somebody("Marta")
    course(marta, done=[1, 2, 3], state="completed", completed_at=MORNING)
    sign_in(client, marta)
    page = client.get("/").text
    assert "<h1>Terminó sus cursos</h1>" in page
    assert "Completado" in page
    assert "23 de noviembre de 2026" in page


def test_who_has_no_course_is_told_what_to_do(client, somebody, sign_in):
    sign_in(client, somebody("Marta"))
    page = client.get("/").text
    assert 'class="empty"' in page
    assert 'href="/groups/join"' in page
    assert "Lo que le espera" not in page


def test_staff_see_what_waits_for_them(client, somebody, sign_in, course, db_session):
    juana = somebody("Juana", Role.REGISTRAR)
    marta = somebody("Marta")
    marta.state = "invited"
    elena = somebody("Elena", Role.ASSESSOR)
    enrolment = course(marta)
    db_session.add(
        Attempt(enrolment_id=enrolment.id, activity_number=2, number=1, state="marking", started_at=MORNING, drawn=[1])
    )
    db_session.commit()
    sign_in(client, juana)
    page = client.get("/").text
    assert "Una persona invitada todavía no ha entrado" in page
    assert "por calificar" not in page
    sign_in(client, elena)
    page = client.get("/").text
    assert "Un intento con respuestas abiertas por calificar" in page
    assert "invitada" not in page


def test_an_editor_sees_facts_to_check_again(client, somebody, sign_in, db_session):
    pablo = somebody("Pablo", Role.EDITOR)
    db_session.add(Fact(key="x", kind="hotline", value={}, label={}, is_verified=False, changed_at=MORNING))
    db_session.commit()
    sign_in(client, pablo)
    assert "Un dato por revisar otra vez" in client.get("/").text


def test_a_person_may_be_learner_and_staff_at_once(client, somebody, sign_in, course):
    juana = somebody("Juana", Role.REGISTRAR)
    course(juana, done=[1])
    sign_in(client, juana)
    page = client.get("/").text
    assert "<h1>La silla vacía</h1>" in page
    assert "Lo que le espera" in page


def test_a_new_administrator_finds_the_first_steps_in_order(client, somebody, sign_in):
    otto = somebody("Otto", Role.ADMINISTRATOR, has_second_step=False)
    sign_in(client, otto, has_second_factor=False)
    page = client.get("/").text
    steps = ["Prepare su segundo paso", "Diga quiénes son", "Haga la primera oficina", "Mire un curso", "Invite"]
    places = [page.index(step) for step in steps]
    assert places == sorted(places)
    assert 'class="on"><h3><a href=' in page
    assert "0 de 5 hechos" in page


def test_the_start_page_of_staff_stays_within_its_statements(client, somebody, sign_in, course, statements):
    elena = somebody("Elena", Role.ADMINISTRATOR)
    course(elena)
    sign_in(client, elena)
    client.get("/")
    with statements() as seen:
        client.get("/")
    assert len(seen) <= 6


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("who", ["learner", "staff", "administrator"])
def test_the_start_page_is_free_of_barriers(new_page, somebody, sign_in, course, who, width):
    role = {"learner": None, "staff": Role.REGISTRAR, "administrator": Role.ADMINISTRATOR}[who]
    user = somebody("Marta", role)
    course(user, done=[1])
    page = new_page(width=width)
    sign_in(page, user)
    page.goto("/")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width
