"""The first administrator, and those whom the command line lets in later."""

import json

import pytest
from sqlalchemy import select

from lms.access.policy import Role
from lms.accounts.models import User
from lms.accounts.services.grants import roles_of
from lms.core.choices import choices
from lms.core.ids import id_text
from lms.core.models import AuditEntry
from lms.organization.models import Unit
from tests.accounts.conftest import link_in
from tests.factories import NOW

CHOICE = {
    "given_names": "Elena",
    "family_names": "Cojtí",
    "agency": "Secretaría contra la Violencia Sexual, Explotación y Trata de Personas",
    "short_name": "SVET",
    "username": "elena.cojti",
    "secret": "la marimba de mi tío",
    "interface_locale": "es_GT",
    "content_language": "spa",
}


@pytest.fixture
def link(runner):
    """Ask the command line for a link."""

    def ask(*words):
        answer = runner.invoke(args=["create-admin", *words])
        assert answer.exit_code == 0, answer.output
        return link_in(answer.output)

    return ask


def test_the_first_link_leads_to_a_site_of_ones_own(app, client, link, db_session):
    path = link()
    assert "Preparemos su sitio" in client.get(path).get_data(as_text=True)
    answer = client.post(path, data=CHOICE)
    assert (answer.status_code, answer.location) == (303, "/me/second-step")
    root = db_session.scalars(select(Unit)).one()
    assert (root.name, root.short_name, root.kind) == (CHOICE["agency"], "SVET", "agency")
    assert choices().agency == CHOICE["agency"]
    elena = db_session.scalars(select(User)).one()
    assert (elena.username, elena.person.name, elena.state) == ("elena.cojti", "Elena Cojtí", "active")
    assert client.get("/roles").location.startswith("/me/second-step")


def test_the_first_page_says_what_is_missing(client, link):
    answer = client.post(link(), data={"username": "x", "secret": "corta"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Escriba sus nombres" in page
    assert "Escriba el nombre de la institución" in page


def test_asking_again_gives_a_new_link_and_ends_the_old_one(client, link, db_session):
    first, second = link(), link()
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    assert len(db_session.scalars(select(User)).all()) == 1


def test_the_link_works_for_an_hour(client, link, clock):
    clock.hold(NOW)
    path = link()
    clock.move(minutes=59)
    assert client.get(path).status_code == 200
    clock.move(minutes=1)
    assert client.get(path).status_code == 404


def test_it_is_shown_at_each_start_until_somebody_administers(runner, client, link):
    path = link("--if-none")
    assert link("--if-none") != path
    client.post(link("--if-none"), data=CHOICE)
    assert runner.invoke(args=["create-admin", "--if-none"]).output == ""


def test_scripts_read_it_as_json(runner):
    told = json.loads(runner.invoke(args=["create-admin", "--json"]).output)
    assert set(told) == {"username", "link", "minutes"}


def test_a_further_administrator_is_not_asked_for_the_agency(app, client, link, db_session):
    client.post(link(), data=CHOICE)
    path = link("--name", "Olga", "--email", "olga@svet.gob.gt")
    stranger = app.test_client()
    assert "Nombre de la institución" not in stranger.get(path).get_data(as_text=True)
    told = {name: CHOICE[name] for name in ("family_names", "secret", "interface_locale", "content_language")}
    answer = stranger.post(path, data=told | {"given_names": "Olga", "username": "olga"})
    assert answer.status_code == 303
    db_session.rollback()
    assert len(db_session.scalars(select(User)).all()) == 2


def test_an_administrator_who_lost_everything_comes_back(app, account, link, reread, come_in):
    elena = account("Elena", Role.ADMINISTRATOR, email="elena@svet.gob.gt", has_second_step=True)
    path = link("--email", "Elena@svet.gob.gt")
    client = app.test_client()
    told = {name: CHOICE[name] for name in ("secret", "interface_locale", "content_language")}
    assert client.post(path, data=told | {"username": "elena"}).location == "/me/second-step"
    assert reread(elena).totp_sealed is None


def test_somebody_who_learns_here_is_made_administrator(account, link, db_session, reread):
    lucia = account("Lucía", email="lucia@salud.gob.gt")
    link("--email", "lucia@salud.gob.gt")
    assert roles_of(reread(lucia).id) == {Role.ADMINISTRATOR}


def test_the_trail_says_that_a_link_was_made(link, db_session):
    link()
    entry = db_session.scalars(select(AuditEntry).where(AuditEntry.action == "admin.link")).one()
    user = db_session.scalars(select(User)).one()
    assert (entry.actor_id, entry.object_id) == (None, id_text(user.id))
