"""Who may open which door of this room."""

import pytest

from lms.access.policy import Role
from lms.core.ids import id_text, new_id
from tests import factories
from tests.curriculum.packages import body

READERS = {Role.ADMINISTRATOR, Role.EDITOR, Role.UNIT_MANAGER, Role.ASSESSOR, Role.DIRECTOR, Role.AUDITOR}
KEEPERS = {Role.ADMINISTRATOR, Role.EDITOR}
DOORS = [
    ("get", "/manage/courses", READERS),
    ("get", "/manage/courses/ejemplo", READERS),
    ("get", "/manage/versions/{version}", READERS),
    ("get", "/manage/versions/{version}/m1", READERS),
    ("get", "/manage/versions/{version}/m1/a-quien-aviso", READERS),
    ("get", "/manage/versions/{version}/m1/prueba", READERS),
    ("get", "/manage/versions/{version}/m1/encuentro", READERS),
    ("get", "/manage/versions/{version}/package.zip", READERS),
    ("get", "/manage/courses/upload", KEEPERS),
    ("post", "/manage/courses/upload", KEEPERS),
    ("get", "/manage/versions/{version}/publish", KEEPERS),
    ("get", "/manage/versions/{version}/withdraw", KEEPERS),
    ("get", "/manage/versions/{version}/discard", KEEPERS),
]
ALL = [*Role, None]


def answer_of(client, door, version):
    method, url, _roles = door
    return getattr(client, method)(url.format(version=id_text(version.id)))


@pytest.mark.parametrize("door", DOORS, ids=lambda door: f"{door[0]} {door[1]}")
@pytest.mark.parametrize("role", ALL, ids=str)
def test_a_door_opens_for_those_who_may(client, load, sign_in, db_session, door, role):
    version = load()
    sign_in(client, factories.user("Inés Pérez", role))
    status = answer_of(client, door, version).status_code
    if role in door[2]:
        assert status == (422 if door[0] == "post" else 200)
    else:
        assert status in (403, 404)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: f"{door[0]} {door[1]}")
def test_a_visitor_is_led_to_the_sign_in(client, load, door):
    answer = answer_of(client, door, load())
    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in")


@pytest.mark.parametrize("door", [door for door in DOORS if "version" in door[1]], ids=lambda door: door[1])
def test_outside_reach_there_is_nothing(client, load, sign_in, db_session, door):
    version = load()
    elsewhere = factories.unit("World Vision", kind="ngo")
    sign_in(client, factories.user("Inés Pérez", Role.ADMINISTRATOR, elsewhere))
    assert answer_of(client, door, version).status_code == 404
    assert client.get("/manage/courses/ejemplo").status_code == 404
    assert "ejemplo" not in client.get("/manage/courses").text


def test_an_institution_keeps_its_own_courses(client, load, sign_in, db_session):
    own = factories.unit("World Vision", kind="ngo")
    version = load(unit=own)
    sign_in(client, factories.user("Inés Pérez", Role.EDITOR, own))
    assert client.post(f"/manage/versions/{id_text(version.id)}/publish").status_code == 303


@pytest.mark.parametrize("action", ["publish", "withdraw", "discard"])
@pytest.mark.parametrize("role", [role for role in Role if role not in KEEPERS], ids=str)
def test_nobody_else_changes_what_is_published(client, load, sign_in, db_session, action, role):
    version = load(is_published=action == "withdraw")
    sign_in(client, factories.user("Rosa Xol", role))
    assert client.post(f"/manage/versions/{id_text(version.id)}/{action}").status_code in (403, 404)


@pytest.mark.parametrize(
    "url",
    [
        "/manage/courses/nada",
        "/manage/courses?page=9",
        "/manage/courses/upload/{unknown}",
        "/manage/versions/{unknown}",
        "/manage/versions/nada",
        "/manage/versions/{version}/m9",
        "/manage/versions/{version}/m1/nada",
        "/media/nada/puerta.svg",
    ],
)
def test_what_does_not_exist_is_not_found(client, load, sign_in, elena, url):
    version = load()
    sign_in(client, elena)
    assert client.get(url.format(version=id_text(version.id), unknown=id_text(new_id()))).status_code == 404


def test_somebody_elses_upload_is_not_found(client, app, load, sign_in, elena):
    load(body("Uno."))
    sign_in(client, elena)
    assert client.get(f"/manage/courses/upload/{id_text(new_id())}").status_code == 404
