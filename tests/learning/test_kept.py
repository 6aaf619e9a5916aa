"""Pages around lessons are kept, and nobody reads what belongs to somebody else's page."""

import gzip
import re

import pytest
from flask import current_app

from lms.core import clock as time
from lms.core.database import db
from lms.curriculum.queries import outline_of
from lms.learning.models import Progress
from lms.learning.services.enrolments import enrol
from lms.site.look import COOKIE, LOOK, assets
from tests import factories
from tests.learning.conftest import as_actor


@pytest.fixture(autouse=True)
def _empty_shelf(db_session):
    """One application serves many tests."""
    shelf().clear()


def reader(app, sign_in, course, name, locale="es_GT"):
    user = factories.user(name)
    user.interface_locale = locale
    enrolment = enrol(user.person_id, course, "staff", as_actor(user), time.now())
    db.session.commit()
    client = app.test_client()
    client.set_cookie(COOKIE, assets().tag(LOOK))
    sign_in(client, user)
    return client, enrolment


def read(client, path):
    answer = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    return gzip.decompress(answer.get_data()).decode()


def first_lesson(course):
    outline = outline_of(course.current_version_id)
    line = next(one for one in outline.activities if one.kind == "lesson")
    return f"/courses/{course.slug}/{line.module_slug}/{line.slug}", line


def shelf():
    return current_app.extensions["lesson_pages"]


def token(page):
    return re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)


def without_token(page):
    return page.replace(token(page), "")


def test_two_people_at_the_same_step_share_a_page_but_not_its_token(app, sign_in, course):
    path, _line = first_lesson(course)
    lucia, _ = reader(app, sign_in, course, "Lucía Tum")
    diego, _ = reader(app, sign_in, course, "Diego Tzoc")
    app.config["WTF_CSRF_ENABLED"] = True
    one, other = read(lucia, path), read(diego, path)
    assert len(shelf()) == 1
    assert token(one) != token(other)
    assert without_token(one) == without_token(other)


def test_somebody_further_on_reads_another_page(app, sign_in, course):
    path, line = first_lesson(course)
    lucia, _ = reader(app, sign_in, course, "Lucía Tum")
    diego, his = reader(app, sign_in, course, "Diego Tzoc")
    db.session.add(Progress(enrolment_id=his.id, activity_number=line.number, done_at=time.now()))
    db.session.commit()
    assert "csrf_token" in read(lucia, path)
    assert f'action="{path}"' not in read(diego, path)


def test_languages_of_the_interface_do_not_mix(app, sign_in, course):
    path, _line = first_lesson(course)
    lucia, _ = reader(app, sign_in, course, "Lucía Tum")
    anne, _ = reader(app, sign_in, course, "Anne Reed", "en")
    assert "Salir rápido" in read(lucia, path)
    assert "Leave quickly" in read(anne, path)


def test_a_message_shown_once_is_not_kept(app, sign_in, course):
    path, _line = first_lesson(course)
    lucia, _ = reader(app, sign_in, course, "Lucía Tum")
    with lucia.session_transaction() as session:
        session["_flashes"] = [("message", "Guardado para usted")]
    assert "Guardado para usted" in read(lucia, path)
    assert "Guardado para usted" not in read(lucia, path)


def test_a_first_visit_brings_its_stylesheet_and_is_not_kept(app, sign_in, course):
    path, _line = first_lesson(course)
    lucia, _ = reader(app, sign_in, course, "Lucía Tum")
    lucia.delete_cookie(COOKIE)
    answer = lucia.get(path, headers={"Accept-Encoding": "gzip"})
    assert "sha256-" in answer.headers["Content-Security-Policy"]
    assert not shelf()
