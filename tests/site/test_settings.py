"""The agency chooses once, and every page knows."""

import pytest
from sqlalchemy import select

from lms.access.policy import Role
from lms.core.models import AuditEntry, SiteSetting
from tests.harness.browser import axe

CHOSEN = {
    "agency": "Secretaría contra la Violencia Sexual, Explotación y Trata de Personas",
    "short_name": "SVET",
    "exit_url": "https://www.insivumeh.gob.gt/",
    "support_spa": "Puede hablar con Rosa, en la oficina de su municipio.",
    "support_eng": "You may talk with Rosa, in the office of your municipality.",
    "default_locale": "en",
    "minimum_cell": "12",
}


@pytest.fixture
def elena(client, somebody, sign_in):
    """The administrator, signed in."""
    user = somebody("Elena", Role.ADMINISTRATOR)
    sign_in(client, user)
    return user


def test_what_is_chosen_is_seen_on_every_page(client, elena):
    answer = client.post("/settings/site", data=CHOSEN)
    assert answer.status_code == 303
    assert "Se guardaron los ajustes." in client.get(answer.location).text
    page = client.get("/help").text
    assert "<small>SVET</small>" in page
    assert 'href="https://www.insivumeh.gob.gt/"' in page
    assert "Puede hablar con Rosa" in page
    assert CHOSEN["agency"] in page
    assert "menos de 12 personas" in client.get("/privacy").text


def test_each_change_stands_in_the_audit_trail(client, elena, db_session):
    client.post("/settings/site", data=CHOSEN)
    client.post("/settings/site", data=CHOSEN)  # nothing is different
    entries = db_session.scalars(select(AuditEntry).where(AuditEntry.action == "settings.change")).all()
    assert {entry.object_id for entry in entries} == {
        "agency", "short_name", "exit_url", "support", "default_locale", "minimum_cell"
    }  # fmt: skip
    assert {entry.actor_id for entry in entries} == {elena.id}


def test_only_what_differs_from_the_default_is_stored(client, elena, db_session):
    client.post("/settings/site", data=CHOSEN)
    client.post("/settings/site", data=CHOSEN | {"short_name": "", "minimum_cell": "10"})
    kept = set(db_session.scalars(select(SiteSetting.key)))
    assert "short_name" not in kept
    assert "minimum_cell" not in kept
    assert "agency" in kept


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("exit_url", "http://clima.example/", "empiece con https://"),
        ("exit_url", "javascript:alert(1)", "empiece con https://"),
        ("exit_url", "https://localhost/", "dirección completa"),
        ("exit_url", "", "página inofensiva"),
        ("minimum_cell", "2", "de 3 a 100"),
        ("minimum_cell", "diez", 'id="minimum_cell-error"'),
        ("agency", "a" * 161, "160 letras"),
        ("short_name", "a" * 25, "24 letras"),
        ("support_spa", "a" * 401, "400 letras"),
        ("default_locale", "fr", 'id="default_locale-error"'),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(client, elena, db_session, field, value, said):
    answer = client.post("/settings/site", data=CHOSEN | {field: value})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'role="alert"' in answer.text
    assert db_session.scalars(select(SiteSetting)).all() == []


def test_the_page_is_free_of_barriers(new_page, somebody, sign_in):
    page = new_page(width=1280)
    sign_in(page, somebody("Elena", Role.ADMINISTRATOR))
    page.goto("/settings/site")
    axe(page)
    page.get_by_label("A dónde lleva").fill("http://clima.example/")
    page.get_by_role("button", name="Guardar los ajustes").click()
    page.get_by_role("link", name="empiece con https").click()
    assert page.evaluate("document.activeElement.id") == "exit_url"
    axe(page)
