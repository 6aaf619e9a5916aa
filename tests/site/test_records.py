"""Who did what, and what the site is working on."""

from datetime import UTC, datetime

import pytest

from lms.access.policy import Role
from lms.core import audit
from lms.core.ids import id_text
from lms.core.models import Job
from tests import factories
from tests.harness.browser import axe

NOON = datetime(2026, 11, 20, 18, tzinfo=UTC)


@pytest.fixture
def job(db_session):
    """Write a job down."""

    def write(user=None, state="waiting", **values):
        values = {"name": "core.deliver_mail", "arguments": {}, "created_at": NOON, "due_at": NOON} | values
        made = Job(state=state, requested_by=user.id if user else None, **values)
        db_session.add(made)
        db_session.commit()
        return made

    return write


@pytest.fixture
def olga(somebody, client, sign_in):
    """The auditor, signed in."""
    user = somebody("Olga", Role.AUDITOR)
    sign_in(client, user)
    return user


def test_an_act_is_told_in_words_with_who_and_when(client, olga, db_session, clock):
    clock.hold(NOON)
    audit.record(olga.id, "grant.appoint", "grant", olga.id, NOON, note="registrar")
    audit.record(None, "new.act", "thing", "x", NOON)
    db_session.commit()
    page = client.get("/audit").text
    assert "dio una función" in page
    assert "Olga" in page
    assert "20/11/2026 12:00" in page
    assert "<code>new.act</code>" in page
    assert "el sitio mismo" in page


def test_acts_are_chosen_by_kind_and_day(client, olga, db_session, clock):
    clock.hold(NOON)
    audit.record(olga.id, "grant.appoint", "grant", olga.id, NOON)
    audit.record(olga.id, "unit.create", "unit", olga.id, NOON)
    db_session.commit()
    only_roles = client.get("/audit?kind=grant").text
    assert "dio una función" in only_roles
    assert "hizo una oficina" not in only_roles
    assert "En estos días no se hizo nada" in client.get("/audit?from=2026-01-01&until=2026-01-31").text


@pytest.mark.parametrize("query", ["kind=nothing", "from=yesterday", "page=x", "page=-3", "page=999", "as=exe"])
def test_a_question_nobody_understands_is_not_a_failure(client, olga, query):
    assert client.get(f"/audit?{query}").status_code == 200


def test_the_trail_is_exported(client, olga, db_session, clock):
    clock.hold(NOON)
    audit.record(olga.id, "grant.appoint", "grant", olga.id, NOON)
    db_session.commit()
    csv = client.get("/audit?as=csv")
    assert csv.mimetype == "text/csv"
    assert '"2026-11-20 12:00","grant.appoint"' in csv.data.decode("utf-8-sig")
    assert client.get("/audit?as=xlsx").data.startswith(b"PK")


def test_an_auditor_of_one_office_does_not_read_the_trail_of_all(client, db_session, sign_in):
    user = factories.user("Olga", Role.AUDITOR, factories.unit("Quiché"))
    db_session.commit()
    sign_in(client, user)
    assert client.get("/audit").status_code == 403


def test_the_trail_stays_within_its_statements(client, olga, db_session, statements):
    for _number in range(60):
        audit.record(olga.id, "unit.change", "unit", olga.id, NOON)
    db_session.commit()
    client.get("/audit?from=2026-11-01&until=2026-11-30")
    with statements() as seen:
        page = client.get("/audit?from=2026-11-01&until=2026-11-30").text
    assert "Página 1 de 2" in page
    assert len(seen) <= 4


def test_a_registrar_sees_her_own_work_and_nobody_elses(client, somebody, sign_in, job):
    rosa, marta = somebody("Rosa", Role.REGISTRAR), somebody("Marta", Role.REGISTRAR)
    job(rosa, "running", name="organization.plan_list", done_steps=40, all_steps=100)
    job(marta, "parked", problem="La fila 7 no tiene nombre.")
    sign_in(client, rosa)
    page = client.get("/work").text
    assert "Revisión de una lista" in page
    assert "40 de 100" in page
    assert "La fila 7" not in page
    assert "Un trabajo en curso" in client.get("/").text


def test_the_administrator_lets_stopped_work_try_again(client, somebody, sign_in, job, db_session):
    stopped = job(state="parked", problem="no answer", tries=10)
    sign_in(client, somebody("Elena", Role.ADMINISTRATOR))
    assert "Intentar de nuevo" in client.get("/work").text
    answer = client.post(f"/work/{id_text(stopped.id)}/retry")
    assert answer.location == "/work"
    db_session.expire_all()
    assert db_session.get(Job, stopped.id).tries == 0
    assert client.post(f"/work/{id_text(stopped.id)}/retry").status_code in (303, 404)


@pytest.mark.parametrize("path", ["/work", "/audit"])
@pytest.mark.parametrize("width", [360, 1280])
def test_both_lists_are_free_of_barriers(new_page, somebody, sign_in, job, db_session, path, width):
    elena = somebody("Elena", Role.ADMINISTRATOR)
    job(elena, "parked", problem="La fila 7 no tiene nombre.")
    page = new_page(width=width)
    sign_in(page, elena)
    audit.record(elena.id, "unit.change", "unit", elena.id, NOON)
    db_session.commit()
    page.goto(path + "?from=2026-11-01&until=2026-11-30")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width
