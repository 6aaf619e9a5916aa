"""What staff do: look, enrol, print a code, mark."""

import csv
import io
import re
from datetime import timedelta

import pytest

from lms.access.policy import Role
from lms.core.database import db
from lms.core.ids import id_text
from lms.core.models import Mail
from lms.curriculum.models import Version
from lms.curriculum.services import withdraw
from lms.learning.models import Attempt, Enrolment, JoinCode, PersonMark, Progress
from lms.learning.services.enrolments import enrol
from tests import factories
from tests.assessment.bank import RIGHT
from tests.factories import NOW, TODAY
from tests.learning.conftest import as_actor, attempts

ALL_RIGHT = {slug: RIGHT[slug] for slug in ("una", "varias", "cierto", "numero")}


@pytest.fixture
def rosa(staff, course):
    """A registrar of the office of Quiché."""
    return staff(Role.REGISTRAR)


@pytest.fixture
def elsewhere(course):
    """Somebody of another office, in the same course."""
    user = factories.user("Diego Petén", over=factories.unit("Oficina de Petén"))
    enrol(user.person_id, course, "self", as_actor(user), NOW)
    db.session.commit()
    return user


def test_a_registrar_sees_only_the_people_of_her_offices(rosa, enrolment, elsewhere):
    page = rosa.get("/manage/enrolments/hilos").text
    assert "Lucía Tum" in page
    assert "Diego" not in page
    assert "Una persona" in page
    exported = rosa.get("/manage/enrolments/hilos/people.csv").text
    assert "Lucía" in exported
    assert "Diego" not in exported
    assert "Diego" not in rosa.get("/manage/enrolments/hilos/scores").text


def test_the_list_counts_filters_sorts_and_exports_the_same(rosa, course, school):
    for name, done in (("Ana Zet", 3), ("Beatriz Yat", 0), ("Carlos Xol", 1)):
        user = factories.user(name, over=school)
        mine = enrol(user.person_id, course, "staff", as_actor(user), NOW, TODAY)
        for number in range(1, done + 1):
            db.session.add(Progress(enrolment_id=mine.id, activity_number=number, done_at=NOW))
    db.session.commit()

    def names(query):
        text = rosa.get(f"/manage/enrolments/hilos/people.csv?{query}").text.removeprefix("\ufeff")
        return [row[1] for row in list(csv.reader(io.StringIO(text)))[1:]]

    assert names("sort=name") == ["Ana", "Beatriz", "Carlos"]
    assert names("sort=-name") == ["Carlos", "Beatriz", "Ana"]
    assert names("sort=done") == ["Beatriz", "Carlos", "Ana"]
    assert names("sort=-done") == ["Ana", "Carlos", "Beatriz"]
    assert names("q=XÓL") == ["Carlos"]
    assert names("q=chichi") == ["Ana", "Beatriz", "Carlos"]
    assert names("state=completed") == []
    assert names("sort=nonsense") == ["Ana", "Beatriz", "Carlos"]
    assert rosa.get("/manage/enrolments/hilos?state=overdue").status_code == 200


def test_who_is_past_the_day_is_counted(rosa, enrolment):
    enrolment.due_on = TODAY
    db.session.commit()
    assert "nadie con fecha vencida" in rosa.get("/manage/enrolments").text
    enrolment.due_on = TODAY - timedelta(days=1)
    db.session.commit()
    assert "una persona con fecha vencida" in rosa.get("/manage/enrolments").text
    assert "Lucía" in rosa.get("/manage/enrolments/hilos?state=overdue").text


def test_a_course_that_was_withdrawn_still_shows_its_people(rosa, course, enrolment):
    withdraw(db.session.get_one(Version, enrolment.version_id), None, NOW)
    db.session.commit()
    assert "Hilos" in rosa.get("/manage/enrolments").text
    assert "Lucía" in rosa.get("/manage/enrolments/hilos").text
    assert rosa.get("/manage/enrolments/hilos/codes").status_code == 200
    assert rosa.post("/manage/enrolments/hilos/add", data={"people": "ana"}).status_code == 422


def test_each_line_of_a_list_is_answered(rosa, course, school, lucia, elsewhere):
    other = factories.user("Ana Us", over=school)
    other.email = "ana@example.org"
    enrol(lucia.person_id, course, "self", as_actor(lucia), NOW)
    db.session.commit()
    lines = f"{lucia.username}\n\nANA@example.org \n{elsewhere.username}\nnadie\n{other.username}"
    page = rosa.post("/manage/enrolments/hilos/add", data={"people": lines, "due_on": "2026-12-15"}).text
    rows = re.findall(r'<th scope="row" role="rowheader">([^<]+)</th>.*?<span class="state ?([a-z]*)">', page)
    assert dict(rows) == {
        lucia.username: "none", "ANA@example.org": "", elsewhere.username: "stop", "nadie": "stop", other.username: "",
    }  # fmt: skip
    assert "Diego" not in page
    mine = db.session.query(Enrolment).filter_by(person_id=other.person_id).one()
    assert (mine.source, str(mine.due_on)) == ("staff", "2026-12-15")
    assert db.session.query(Enrolment).count() == 3


@pytest.mark.parametrize("data", [{}, {"people": "  "}, {"people": "x", "due_on": "mañana"}, {"people": "x\n" * 9}])
def test_a_bad_list_enrols_nobody(rosa, data):
    assert rosa.post("/manage/enrolments/hilos/add", data=data).status_code in (200, 422)
    assert db.session.query(Enrolment).count() == 0


def test_a_list_that_is_too_long_is_refused_whole(rosa):
    lines = "\n".join(f"persona{index}" for index in range(2001))
    assert rosa.post("/manage/enrolments/hilos/add", data={"people": lines}).status_code == 422


def test_the_people_of_an_office_are_enrolled_with_those_below(rosa, course, school, lucia, elsewhere):
    unit = id_text(school.parent_id)
    assert "Escuela de Chichicastenango" in rosa.get("/manage/enrolments/hilos/office?q=chichi").text
    assert "Petén" not in rosa.get("/manage/enrolments/hilos/office?q=oficina").text
    assert "2 con las oficinas" in rosa.get(f"/manage/enrolments/hilos/office?unit={unit}").text
    rosa.post(f"/manage/enrolments/hilos/office?unit={unit}", data={"with_below": "y"})
    assert {one.person_id for one in db.session.query(Enrolment)} >= {lucia.person_id}
    assert db.session.query(Enrolment).count() == 3
    answer = rosa.post(f"/manage/enrolments/hilos/office?unit={unit}", data={"due_on": ""}, follow_redirects=True)
    assert "Una ya estaba en el curso" in answer.text


def test_an_office_beyond_reach_is_not_offered(rosa, elsewhere):
    unit = id_text(db.session.query(factories.Unit).filter_by(name="Oficina de Petén").one().id)
    rosa.post(f"/manage/enrolments/hilos/office?unit={unit}", data={"with_below": "y"})
    assert db.session.query(Enrolment).count() == 1


def test_a_code_is_made_printed_and_ended(rosa, school, client, lucia, sign_in):
    unit = id_text(school.parent_id)
    assert rosa.post(
        "/manage/enrolments/hilos/codes", data={"unit": unit, "places": "3", "expires_on": "2026-11-01"}
    ).status_code == 422  # fmt: skip
    answer = rosa.post("/manage/enrolments/hilos/codes", data={"unit": unit, "places": "3", "expires_on": "2026-12-01"})
    code = answer.location.rpartition("/")[2]
    sheet = rosa.get(answer.location).text
    assert f"{code[:4]}-{code[4:]}" in sheet
    assert "<svg" in sheet
    assert "avisan" not in sheet
    sign_in(client, lucia)
    assert client.post("/join", data={"code": code}).status_code == 303
    assert "1 de 3" in rosa.get("/manage/enrolments/hilos/codes").text
    rosa.post(f"/manage/codes/{code}/end")
    db.session.rollback()
    assert db.session.get_one(JoinCode, code).expires_on < TODAY
    assert client.get("/courses/hilos/m1/uno").status_code == 200


@pytest.mark.parametrize(
    "wrong", [{"places": "0"}, {"places": "x"}, {"unit": "0" * 26}, {"expires_on": ""}, {"due_on": "2026-01-01"}]
)
def test_a_code_with_a_mistake_is_not_made(rosa, school, wrong):
    form = {"unit": id_text(school.parent_id), "places": "3", "expires_on": "2026-12-01"} | wrong
    assert rosa.post("/manage/enrolments/hilos/codes", data=form).status_code == 422
    assert db.session.query(JoinCode).count() == 0


def test_the_day_of_one_person_is_changed_and_she_is_taken_out(rosa, enrolment):
    path = f"/manage/enrolment/{id_text(enrolment.id)}"
    rosa.post(path, data={"do": "due", "due_on": "2026-12-24"})
    db.session.expire_all()
    assert str(db.session.get_one(Enrolment, enrolment.id).due_on) == "2026-12-24"
    rosa.post(path, data={"do": "leave"})
    db.session.expire_all()
    assert db.session.get_one(Enrolment, enrolment.id).state == "withdrawn"


def test_the_scores_show_the_best_of_each(staff, learner, begin, clock):
    for answers in ({}, ALL_RIGHT):
        sheet = begin(learner, "m2/final")
        learner.post(sheet.path, data=sheet.form(answers) | {"do": "submit", "sure": "1"})
        clock.move(hours=25)
    rosa = staff(Role.REGISTRAR)
    page = rosa.get("/manage/enrolments/hilos/scores").text
    assert "Prueba final" in page
    assert "100&nbsp;%" in page
    text = rosa.get("/manage/enrolments/hilos/scores.csv").text
    assert "100" in text.splitlines()[1]
    assert rosa.get("/manage/enrolments/hilos/scores?version=9").status_code == 404
    assert rosa.get("/manage/enrolments/hilos/scores.xlsx").data[:2] == b"PK"
    assert "100&nbsp;%" in rosa.get("/manage/enrolments/hilos").text


def test_a_person_s_page_shows_scores_and_no_answers(rosa, learner, begin, lucia):
    sheet = begin(learner, "m2/entrega")
    learner.post(sheet.path, data=sheet.form({"abierta": "Mi plan secreto.", "opinion": [0, 0]}) | {"do": "submit"})
    page = rosa.get(f"/people/{id_text(lucia.person_id)}/learning").text
    assert "en revisión" in page
    assert "secreto" not in page


# Marking


@pytest.fixture
def handed_in(learner, begin):
    """An open answer of Lucía's that waits."""
    sheet = begin(learner, "m2/entrega")
    learner.post(
        sheet.path, data=sheet.form({"abierta": "Aviso a la dirección.", "opinion": [0, 0]}) | {"do": "submit"}
    )
    return sheet


@pytest.fixture
def ana(staff):
    """An assessor of the office of Quiché."""
    return staff(Role.ASSESSOR, name="Ana Coc")


def marks(handed_in, *points, comment="Bien. Falta el cuándo."):
    return {"question": handed_in.number("abierta"), "comment": comment} | {
        f"c{index}": point for index, point in enumerate(points)
    }


def test_an_assessor_marks_and_the_learner_reads_it(ana, learner, handed_in, lucia):
    lucia.email = "lucia@example.org"
    db.session.commit()
    assert "Lucía Tum" in ana.get("/manage/marking").text
    path = f"/manage/marking/{handed_in.path[10:]}"
    page = ana.get(path).text
    assert "Aviso a la dirección." in page
    assert "lucia" not in page.replace("Lucía", "")
    assert ana.post(path, data=marks(handed_in, 2, 0)).location == "/manage/marking"
    assert "Nada por calificar" in ana.get("/manage/marking").text
    found = attempts()[0]
    assert (found.state, round(found.score)) == ("graded", 67)
    result = learner.get(f"{handed_in.path}/result").text
    assert "2 de 2" in result
    assert "Falta el cuándo." in result
    mail = db.session.query(Mail).one()
    assert "Hilos" in mail.body
    assert "dirección" not in mail.body


def test_what_must_not_be_missing_gives_nothing_when_it_is(ana, handed_in):
    ana.post(f"/manage/marking/{handed_in.path[10:]}", data=marks(handed_in, 0, 1))
    assert attempts()[0].score == 0


def test_marks_can_be_corrected(ana, handed_in):
    path = f"/manage/marking/{handed_in.path[10:]}"
    ana.post(path, data=marks(handed_in, 0, 1))
    assert "checked" in ana.get(path).text
    ana.post(path, data=marks(handed_in, 2, 1))
    assert attempts()[0].score == 100
    assert db.session.query(PersonMark).count() == 1


@pytest.mark.parametrize("points", [(), (2,), (3, 1), (-1, 1), ("x", 1), ("²", 1), (2, "9" * 30)])
def test_points_that_do_not_fit_are_asked_for_again(ana, handed_in, points):
    answer = ana.post(f"/manage/marking/{handed_in.path[10:]}", data=marks(handed_in, *points))
    assert answer.status_code == 422
    assert "Ponga puntos en cada criterio." in answer.text
    assert attempts()[0].state == "marking"


def test_a_comment_names_nobody(ana, handed_in):
    answer = ana.post(
        f"/manage/marking/{handed_in.path[10:]}", data=marks(handed_in, 2, 1, comment="Llame al 55123456")
    )
    assert answer.status_code == 422
    assert attempts()[0].state == "marking"


def test_nobody_marks_their_own_answers(app, course, school, sign_in, begin):
    ana = factories.user("Ana Coc", Role.ASSESSOR, school.parent)
    enrol(ana.person_id, course, "self", as_actor(ana), NOW)
    db.session.commit()
    browser = app.test_client()
    sign_in(browser, ana)
    sheet = begin(browser, "m2/entrega")
    browser.post(sheet.path, data=sheet.form({"abierta": "Lo mío.", "opinion": [0, 0]}) | {"do": "submit"})
    assert "Ana Coc" not in browser.get("/manage/marking").text
    path = f"/manage/marking/{sheet.path[10:]}"
    assert browser.get(path).status_code == 404
    assert browser.post(path, data=marks(sheet, 2, 1)).status_code == 404
    assert attempts()[0].state == "marking"


def test_an_attempt_that_is_still_open_is_not_marked(ana, learner, begin):
    sheet = begin(learner, "m2/entrega")
    assert ana.get(f"/manage/marking/{sheet.path[10:]}").status_code == 404


def test_an_attempt_without_open_answers_is_not_marked(ana, learner, begin):
    sheet = begin(learner, "m2/final")
    learner.post(sheet.path, data=sheet.form(ALL_RIGHT) | {"do": "submit"})
    assert ana.get(f"/manage/marking/{sheet.path[10:]}").status_code == 404


def test_pages_of_staff_stay_small_in_statements_however_many_people(rosa, course, school, statements):
    for index in range(120):
        user = factories.user(f"Persona {index:03}", over=school)
        mine = enrol(user.person_id, course, "staff", as_actor(user), NOW)
        db.session.add(
            Attempt(enrolment_id=mine.id, activity_number=9, number=1, state="graded", started_at=NOW,
                    submitted_at=NOW, drawn=[1], answers=[], score=index % 100, is_passed=False)
        )  # fmt: skip
    db.session.commit()
    paths = ("/manage/enrolments", "/manage/enrolments/hilos", "/manage/enrolments/hilos?page=3&sort=-best",
             "/manage/enrolments/hilos/scores?page=2", "/manage/enrolments/hilos/codes",
             "/manage/enrolments/hilos/office", "/manage/enrolments/hilos/people.csv")  # fmt: skip
    for path in paths:
        rosa.get(path)
        with statements() as seen:
            assert rosa.get(path).status_code == 200, path
        assert len(seen) <= 12, f"{path}: {len(seen)}\n" + "\n".join(seen)
    assert "Página 2 de 3" in rosa.get("/manage/enrolments/hilos?page=2").text
    assert rosa.get("/manage/enrolments/hilos?page=9").status_code == 404
