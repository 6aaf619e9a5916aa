"""A new scheme from the pages: defaults of its kind, who would qualify today, and what is refused."""

import pytest
from sqlalchemy import select

from lms.access.policy import Role
from lms.certification.models import Scheme
from lms.core.database import db
from lms.core.ids import id_text
from lms.learning.services.enrolments import enrol
from tests import factories
from tests.certification.test_changes import visit  # noqa: F401  (a fixture)
from tests.factories import NOW
from tests.learning.conftest import as_actor

NEW = "/manage/schemes/new"


@pytest.fixture
def form(cascade):
    return {
        "title_spa": "Atención con respeto", "title_eng": "Respectful care", "unit": id_text(cascade.agency.id),
        "kind": "plain", "course": "facilitadoras-comunitarias", "trainers": "formar-a-quien-forma",
    }  # fmt: skip


def scheme(slug):
    db.session.commit()
    return db.session.scalar(select(Scheme).where(Scheme.slug == slug))


def test_a_scheme_begins_with_the_defaults_of_its_kind(cascade, visit, form):  # noqa: F811
    browser = visit(cascade.elena)
    assert NEW in browser.get("/manage/schemes").text
    answer = browser.post(NEW, data=form)
    assert answer.status_code == 303 and answer.location.endswith("#atencion-con-respeto")
    made = scheme("atencion-con-respeto")
    assert [(one.number, one.course_slug) for one in made.levels] == [(1, "facilitadoras-comunitarias")]
    assert made.levels[0].rules["may_be_claimed"] and made.levels[0].rules["validity_months"] == 24
    assert browser.get(f"/manage/schemes/{id_text(made.levels[0].id)}").status_code == 200
    browser.post(NEW, data=form | {"kind": "cascade", "title_spa": "Redes de barrio"})
    levels = scheme("redes-de-barrio").levels
    assert [one.course_slug for one in levels] == ["formar-a-quien-forma", "facilitadoras-comunitarias", "*"]
    assert [one.rules["signed_by"] for one in levels] == [[], [1], [1, 2]]


def test_who_would_qualify_is_seen_before_anything_is_made(cascade, visit, form):  # noqa: F811
    for name, score in (("Ana Tum", 90), ("Rosa Coj", 40)):
        user = cascade.user(name)
        enrol(user.person_id, cascade.facilitators, "self", as_actor(user), NOW)
        cascade.passed(cascade.facilitators, user, score)
    browser = visit(cascade.elena)
    page = browser.post(NEW, data=form | {"look": "1"}).text
    assert "Cumpliría una de 2" in page
    assert "Ana Tum" in page and "40 %" in page
    assert scheme("atencion-con-respeto") is None
    level = cascade.level(2)
    page = browser.get(f"/manage/schemes/{id_text(level.id)}?cohort=").text
    assert "Ana Tum" in page and "40 %" in page and "Cumplirían 0 de 2" in page


def test_bad_schemes_are_refused_with_a_sentence(cascade, visit, form):  # noqa: F811
    browser = visit(cascade.elena)
    browser.post(NEW, data=form)
    again = browser.post(NEW, data=form)
    assert again.status_code == 422 and "Ya hay un esquema con este nombre" in again.text
    for wrong in ({"title_spa": ""}, {"kind": "x"}, {"course": "no-hay"}, {"unit": "x"}):
        assert browser.post(NEW, data=form | {"title_spa": "Otro"} | wrong).status_code == 422, wrong
    assert scheme("otro") is None
    rosa = factories.user("Rosa Pérez", Role.REGISTRAR)
    assert visit(rosa).get(NEW).status_code == 403
