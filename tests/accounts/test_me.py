"""One's own settings."""

import pytest
from sqlalchemy import select

from lms.accounts.models import User
from lms.core.models import AuditEntry
from lms.organization.models import PersonTraits
from tests.accounts.conftest import PASSWORD, PIN


@pytest.fixture
def lucia(client, account, sign_in):
    made = account("Lucía Tum")
    sign_in(client, made, has_second_factor=False)
    return made


def test_buttons_and_lessons_are_two_languages(client, lucia, reread):
    form = {"interface_locale": "en", "content_language": "quc"}
    assert client.post("/me/languages", data=form).status_code == 303
    assert reread(lucia).interface_locale == "en"
    assert lucia.person.content_language == "quc"
    page = client.get("/me").get_data(as_text=True)
    assert "My account" in page
    assert "Your changes are kept." in page


def test_a_language_nobody_knows_is_refused(client, lucia):
    for form in (
        {"interface_locale": "xx", "content_language": "spa"},
        {"interface_locale": "en", "content_language": ""},
    ):
        assert client.post("/me/languages", data=form).status_code == 422


def test_languages_stand_under_their_own_names(client, lucia):
    page = client.get("/me/languages").get_data(as_text=True)
    assert "Kʼicheʼ" in page or "Kʼiche" in page


def test_names_and_the_name_others_see(client, lucia, reread):
    form = {"given_names": "Lucía María", "family_names": "Tum Us", "public_name": "L. Tum"}
    assert client.post("/me/names", data=form).status_code == 303
    person = reread(lucia).person
    assert (person.name, person.public_name, person.name_folded) == (
        "Lucía María Tum Us",
        "L. Tum",
        "lucia maria tum us",
    )
    assert client.post("/me/names", data={"given_names": " "}).status_code == 422


def test_what_one_tells_of_oneself_is_optional_and_can_be_taken_back(client, lucia, db_session):
    person_id = lucia.person_id
    assert client.post("/me/about", data={"sex": "female", "people": "maya", "birth_year": "1985"}).status_code == 303
    db_session.rollback()
    traits = db_session.get(PersonTraits, person_id)
    assert (traits.sex, traits.people, traits.birth_year, traits.disability) == ("female", "maya", 1985, None)
    assert "1985" in client.get("/me/about").get_data(as_text=True)
    assert client.post("/me/about/remove").status_code == 303
    db_session.rollback()
    assert db_session.get(PersonTraits, person_id) is None


def test_nothing_told_is_nothing_kept(client, lucia, db_session):
    assert client.post("/me/about", data={}).status_code == 303
    assert db_session.scalars(select(PersonTraits)).all() == []


@pytest.mark.parametrize("form", [{"sex": "x"}, {"birth_year": "85"}, {"birth_year": "3000"}, {"birth_year": "mil"}])
def test_what_cannot_be_is_not_kept(client, lucia, db_session, form):
    assert client.post("/me/about", data=form).status_code == 422
    assert db_session.scalars(select(PersonTraits)).all() == []


def test_the_trail_never_says_what_was_told(client, lucia, db_session):
    client.post("/me/about", data={"sex": "female", "people": "maya"})
    db_session.rollback()
    entry = db_session.scalars(select(AuditEntry).where(AuditEntry.action == "person.traits")).one()
    assert (entry.before_hash, entry.after_hash, entry.note) == (None, None, "")


def test_the_old_password_is_asked_for(client, lucia):
    form = {"old": "otra cosa", "secret": "la marimba de mi tío"}
    assert "no es su contraseña" in client.post("/me/secret", data=form).get_data(as_text=True)
    assert client.post("/me/secret", data={"old": PASSWORD, "secret": PASSWORD}).status_code == 422


def test_guessing_the_old_password_is_slowed_down(client, lucia):
    form = {"old": "otra cosa", "secret": "la marimba de mi tío"}
    assert [client.post("/me/secret", data=form).status_code for _ in range(6)] == [422] * 5 + [429]


def test_a_pin_becomes_a_password_and_the_pin_opens_nothing_more(app, client, account, come_in, db_session):
    account("Petrona", pin=PIN)
    come_in(client, "petrona", PIN)
    assert client.post("/me/secret", data={"old": PIN, "secret": PASSWORD}).status_code == 303
    assert come_in(app.test_client(), "petrona", PIN).status_code == 422
    assert come_in(app.test_client(), "petrona").status_code == 303
    petrona = db_session.scalars(select(User)).one()
    assert petrona.pin_hash is None


def test_no_page_of_ones_own_asks_more_than_twelve_times(client, lucia, statements):
    for path in ("/me", "/me/names", "/me/languages", "/me/secret", "/me/sign-ins", "/me/about", "/me/second-step"):
        with statements() as seen:
            assert client.get(path).status_code == 200
        assert len(seen) <= 12, (path, seen)
