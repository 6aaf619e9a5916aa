"""Who may open which door of this room."""

import pytest

from lms.access.policy import Role
from lms.core.database import db
from lms.core.ids import id_text
from lms.learning.services.codes import open_code
from tests import factories
from tests.factories import NOW, TODAY

MANAGERS = {Role.ADMINISTRATOR, Role.UNIT_MANAGER, Role.REGISTRAR}
READERS = MANAGERS | {Role.ASSESSOR}
MARKERS = {Role.ADMINISTRATOR, Role.UNIT_MANAGER, Role.ASSESSOR}

OWN = [
    ("get", "/courses"), ("get", "/courses/hilos"), ("get", "/courses/hilos/m1/uno"), ("post", "/courses/hilos/m1/uno"),
    ("get", "/courses/hilos/m2/final"), ("post", "/courses/hilos/m2/final"), ("get", "/courses/hilos/m1/print"),
    ("get", "/courses/hilos/leave"), ("post", "/courses/hilos/leave"), ("post", "/courses/hilos/enrol"),
    ("post", "/courses/hilos/language"), ("get", "/courses/hilos/completion"), ("get", "/join"), ("post", "/join"),
    ("get", "/history"), ("get", "/attempts/" + "0" * 26), ("post", "/attempts/" + "0" * 26),
    ("get", "/attempts/" + "0" * 26 + "/hand-in"), ("get", "/attempts/" + "0" * 26 + "/result"),
    ("post", "/attempts/" + "0" * 26 + "/save"),
]  # fmt: skip

# Doors of staff that show what lies within the reach of whoever comes: (method, path, who may, what they get).
STAFF = [
    ("get", "/manage/enrolments", READERS, 200),
    ("get", "/manage/enrolments/hilos", READERS, 200),
    ("get", "/manage/enrolments/hilos/people.csv", READERS, 200),
    ("get", "/manage/enrolments/hilos/people.xlsx", READERS, 200),
    ("get", "/manage/enrolments/hilos/scores", READERS, 200),
    ("get", "/manage/enrolments/hilos/scores.csv", READERS, 200),
    ("get", "/manage/enrolments/hilos/add", MANAGERS, 200),
    ("post", "/manage/enrolments/hilos/add", MANAGERS, 422),
    ("get", "/manage/enrolments/hilos/office", MANAGERS, 200),
    ("post", "/manage/enrolments/hilos/office", MANAGERS, 200),
    ("get", "/manage/enrolments/hilos/codes", MANAGERS, 200),
    ("post", "/manage/enrolments/hilos/codes", MANAGERS, 422),
    ("get", "/manage/marking", MARKERS, 200),
]

# Doors of one thing: beyond reach it does not exist.
THINGS = [
    ("get", "/manage/enrolment/{enrolment}", MANAGERS, 200),
    ("post", "/manage/enrolment/{enrolment}", MANAGERS, 303),
    ("get", "/manage/codes/{code}", MANAGERS, 200),
    ("post", "/manage/codes/{code}/end", MANAGERS, 303),
    ("get", "/people/{person}/learning", READERS, 200),
    ("get", "/manage/marking/{attempt}", MARKERS, 200),
    ("post", "/manage/marking/{attempt}", MARKERS, 422),
]


@pytest.fixture
def things(course, school, lucia, enrolment, learner, begin):
    """One of each thing, in the school."""
    sheet = begin(learner, "m2/entrega")
    learner.post(sheet.path, data=sheet.form({"abierta": "Aviso.", "opinion": [0, 0]}) | {"do": "submit"})
    code = open_code(course, school, 5, TODAY, None, factories.actor(), NOW).code
    db.session.commit()
    return {
        "enrolment": id_text(enrolment.id), "code": code, "person": id_text(lucia.person_id), "attempt": sheet.path[10:]
    }  # fmt: skip


def ask(browser, method, path):
    return getattr(browser, method)(path).status_code


@pytest.mark.parametrize(("method", "path"), OWN + [door[:2] for door in STAFF])
def test_a_visitor_is_led_to_the_sign_in(client, course, method, path):
    answer = getattr(client, method)(path)
    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in")


@pytest.mark.parametrize(("method", "path"), OWN)
def test_a_person_opens_what_is_her_own(learner, method, path):
    assert ask(learner, method, path) not in (401, 403)


@pytest.mark.parametrize(("method", "path", "who", "status"), STAFF)
def test_doors_of_staff_open_to_their_roles(learner, staff, course, method, path, who, status):
    assert ask(learner, method, path) == 403
    for role in Role:
        expected = status if role in who else 403
        assert ask(staff(role), method, path) == expected, role


@pytest.mark.parametrize(("method", "path", "who", "status"), THINGS)
def test_a_thing_is_found_within_reach_alone(app, things, staff, school, sign_in, method, path, who, status):
    path = path.format(**things)
    elsewhere = factories.unit("Oficina de Petén")
    for role in Role:
        assert ask(staff(role, elsewhere), method, path) == 404, role
    stranger = app.test_client()
    sign_in(stranger, factories.user("Pedro Us", over=school))
    assert ask(stranger, method, path) == 404
    db.session.commit()
    for role in Role:
        expected = status if role in who else 404
        assert ask(staff(role), method, path) == expected, role


def test_a_person_sees_her_own_learning_the_way_staff_do(learner, things):
    assert ask(learner, "get", f"/people/{things['person']}/learning") == 200


def test_a_role_that_owes_its_second_step_opens_nothing(app, course, school, sign_in):
    marta = factories.user("Marta Ixcoy", Role.UNIT_MANAGER, school.parent)
    marta.totp_sealed = None
    browser = app.test_client()
    sign_in(browser, marta, has_second_factor=False)
    assert browser.get("/manage/enrolments").status_code in (303, 403)
    assert browser.get("/courses").status_code == 200
