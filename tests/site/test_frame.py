"""What stands around every page: menu, language, quick exit."""

import pytest
from flask_babel import force_locale

from lms.access.policy import Actor, Held, Role
from lms.accounts.models import User
from lms.core.ids import new_id
from lms.site.menu import GROUPS, MOST_ON_TOP, foot_for, groups_for, menu_for
from tests.harness.browser import axe


def _actor(*roles: Role) -> Actor:
    return Actor(new_id(), new_id(), tuple(Held(role, "a/") for role in roles), has_second_factor=True)


def _keys(entries) -> list[str]:
    return [entry.key for entry in entries]


def test_a_visitor_may_come_in_or_ask_for_help():
    assert _keys(menu_for(Actor())) == ["home", "sign_in", "help"]


def test_a_learner_sees_courses_and_help():
    assert _keys(menu_for(_actor())) == ["home", "courses", "certificates", "help"]
    assert groups_for(_actor()) == ()


@pytest.mark.parametrize("role", Role)
def test_every_role_finds_all_its_tasks_and_few_words_on_top(role):
    actor = _actor(role)
    assert len(menu_for(actor)) <= MOST_ON_TOP + 2
    assert _keys(menu_for(actor))[-1] == "tasks"
    assert "help" in _keys(foot_for(actor))
    assert groups_for(actor)


def test_the_administrator_finds_everything():
    assert groups_for(_actor(Role.ADMINISTRATOR)) == GROUPS


def test_a_role_that_owes_its_second_step_finds_nothing_yet():
    actor = Actor(new_id(), new_id(), (Held(Role.ADMINISTRATOR, "a/"),), has_second_factor=False)
    assert groups_for(actor) == ()


def test_every_page_of_a_learner_has_the_quick_exit_first_and_staff_pages_have_none(client, somebody, sign_in):
    page = client.get("/help").text
    assert page.index('class="skip"') < page.index('class="exit"') < page.index('class="brand"')
    assert 'href="https://www.google.com/search?q=clima" rel="nofollow noreferrer"' in page
    sign_in(client, somebody("Elena", Role.ADMINISTRATOR))
    assert 'class="exit"' not in client.get("/settings/site").text
    assert 'class="exit"' in client.get("/help").text


def test_a_visitor_changes_the_language_by_a_link(client):
    assert '<html lang="es-GT">' in client.get("/help", headers={"Accept-Language": "es"}).text
    answer = client.get("/language/en", headers={"Referer": "http://localhost/help?week=3"})
    assert answer.status_code == 303
    assert answer.location == "/help?week=3"
    assert '<html lang="en">' in client.get("/help", headers={"Accept-Language": "es"}).text


def test_a_person_keeps_the_language_she_chose_wherever_she_signs_in(client, somebody, sign_in, db_session):
    marta = somebody("Marta")
    sign_in(client, marta)
    assert 'form="me" formaction="/language/en"' in client.get("/help").text
    client.post("/language/en")
    assert '<html lang="en">' in client.get("/help").text
    db_session.expire_all()
    assert db_session.get(User, marta.id).interface_locale == "en"


def test_a_get_never_writes_the_language_of_a_person(client, somebody, sign_in, db_session):
    marta = somebody("Marta")
    sign_in(client, marta)
    client.get("/language/en")
    db_session.expire_all()
    assert db_session.get(User, marta.id).interface_locale == "es_GT"


@pytest.mark.parametrize(
    "forged", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_the_language_sends_nobody_to_another_site(client, forged):
    assert client.get("/language/en", query_string={"next": forged}).location == "/"
    assert client.get("/language/en", headers={"Referer": forged}).location == "/"


def test_a_language_we_do_not_speak_is_not_found(client):
    assert client.get("/language/fr").status_code == 404


@pytest.mark.parametrize("way", ["keys", "link"])
def test_leaving_quickly_leaves_no_way_back(live_server, chromium_page, way):
    page = chromium_page(1280)
    page.route("https://www.google.com/**", lambda route: route.fulfill(body="clima", content_type="text/html"))
    page.goto(live_server + "/privacy")
    page.goto(live_server + "/help")
    page.keyboard.press("Escape")
    assert page.url.endswith("/help")
    if way == "keys":
        page.keyboard.press("Escape")
    else:
        page.get_by_role("link", name="Salir rápido").click()
    page.wait_for_url("https://www.google.com/**")
    page.go_back()
    assert page.url.endswith("/privacy")


def test_leaving_quickly_works_without_a_script(live_server, chromium_page):
    page = chromium_page(java_script_enabled=False)
    page.route("https://www.google.com/**", lambda route: route.fulfill(body="clima", content_type="text/html"))
    page.goto(live_server + "/help")
    page.get_by_role("link", name="Salir rápido").click()
    page.wait_for_url("https://www.google.com/**")


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("path", ["/", "/help", "/privacy", "/nowhere"])
def test_open_pages_are_free_of_barriers(new_page, path, language):
    page = new_page(language=language)
    page.goto(path)
    axe(page)


def test_a_text_written_in_anothers_language_changes_neither_of_the_two(app):
    sentence = app.jinja_env.from_string("{{ _('Home') }} {{ ngettext('%(num)s minute', '%(num)s minutes', 2) }}")
    with app.test_request_context(headers={"Accept-Language": "es"}):
        assert sentence.render() == "Inicio 2 minutos"
        with force_locale("en"):
            assert sentence.render() == "Home 2 minutes"
        assert sentence.render() == "Inicio 2 minutos"
