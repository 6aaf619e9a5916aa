"""Whole ways in, as people walk them: a real browser, a phone of 360 px, the keyboard, both languages."""

import re

import pyotp
import pytest

from lms.access.policy import Role
from lms.accounts.services import give_account, invite
from lms.core import clock as time
from lms.core.ids import id_text
from tests import factories
from tests.accounts.conftest import PASSWORD, PIN, link_in

NEW = "la marimba de mi tío"


def test_the_first_administrator_from_the_link_to_her_papers(new_page, live_server, runner, axe):
    page = new_page(width=1280)
    page.goto(live_server + link_in(runner.invoke(args=["create-admin"]).output))
    axe(page)
    page.get_by_label("Nombres", exact=True).fill("Elena")
    page.get_by_label("Apellidos").fill("Cojtí")
    page.get_by_label("Nombre de la institución").fill("Secretaría")
    page.get_by_label("Nombre corto").fill("SVET")
    page.get_by_label("Contraseña").fill(NEW)
    page.get_by_role("button", name="Continuar").click()
    axe(page)
    secret = re.sub(r"\s", "", page.locator(".key-text").inner_text())
    page.get_by_label("Código").fill(pyotp.TOTP(secret).now())
    with page.expect_navigation():
        page.get_by_role("button", name="Activarlo").click()
    assert page.locator(".codes li").count() == 10
    axe(page)
    page.get_by_role("link", name="Ya los tengo").click()
    page.goto(live_server + "/roles")
    assert page.get_by_role("heading", name="Funciones", exact=True).is_visible()


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_teacher_accepts_on_a_cheap_phone_without_scripts(new_page, live_server, db_session, mailed, language):
    user = give_account(factories.person("Lucía Tum"), None, "lucia@salud.gob.gt", time.now())
    invite(user, None, time.now())
    db_session.commit()
    page = new_page(language=language, javascript=False)
    page.goto(live_server + link_in(mailed()[0].body))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator("#secret").fill(NEW)
    page.locator("main button").click()
    assert page.url == live_server + "/"
    page.goto(live_server + "/me")
    page.locator("main form button").last.click()
    assert page.url == live_server + "/sign-in"
    page.locator("#login").fill("lucia.tum")
    page.locator("#secret").fill(NEW)
    page.keyboard.press("Enter")
    page.wait_for_url(live_server + "/")


def test_a_registrar_prints_a_slip_and_somebody_comes_in_with_it(new_page, live_server, account, sign_in, db_session):
    catarina = factories.person("Catarina Ajú")
    desk, phone = new_page(width=1280), new_page(javascript=False)
    sign_in(desk, account("Rosa", Role.REGISTRAR))
    path = f"/people/{id_text(catarina.id)}/account"
    db_session.commit()
    desk.goto(live_server + path)
    desk.get_by_role("link", name="Imprimir la hoja").click()
    desk.get_by_role("button", name="Hacer la hoja").click()
    pin = desk.locator(".big-code").inner_text().replace(" ", "")
    desk.emulate_media(media="print")
    assert not desk.locator("header").is_visible()
    assert desk.locator(".slip").is_visible()
    phone.goto(live_server + "/sign-in?user=catarina.aju")
    assert phone.locator("#login").input_value() == "catarina.aju"
    phone.locator("#secret").fill(pin)
    phone.get_by_role("button", name="Entrar").click()
    assert phone.url == live_server + "/"


def test_the_keyboard_alone_signs_in(page, live_server, account):
    account("Lucía", pin=PIN)
    page.goto(live_server + "/sign-in")
    page.locator("#login").focus()
    page.keyboard.type("lucia")
    page.keyboard.press("Tab")
    page.keyboard.type(PIN)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # this phone is mine alone
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(live_server + "/")


OPEN = ["/sign-in", "/forgotten", "/invitation"]
OWN = ["/me", "/me/names", "/me/languages", "/me/secret", "/me/sign-ins", "/me/about", "/me/confirm"]
STAFF = ["/accounts/emails", "/accounts?show=none", "/accounts?show=active", "/roles"]


@pytest.mark.parametrize(("language", "dark"), [("es", False), ("en", True)])
def test_no_page_has_a_barrier(new_page, live_server, account, sign_in, axe, db_session, language, dark):
    elena = account("Elena Us", Role.ADMINISTRATOR, has_second_step=True)
    elena.interface_locale = {"es": "es_GT", "en": "en"}[language]
    lucia, somebody = account("Lucía Tum", pin=PIN), factories.person("Catarina Ajú")
    people = [f"/people/{id_text(lucia.person_id)}/{door}" for door in ("account", "slip", "roles")]
    people.append(f"/people/{id_text(somebody.id)}/account")
    db_session.commit()
    page = new_page(language=language, dark=dark)
    for url in OPEN:
        page.goto(live_server + url)
        axe(page)
    with page.expect_navigation():
        page.locator("main button").first.click()  # with its errors
    axe(page)
    sign_in(page, elena)
    for url in (*OWN, *STAFF, *people):
        page.goto(live_server + url)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, url
        axe(page)
    page.goto(live_server + people[1])
    with page.expect_navigation():
        page.locator("main button").click()
    assert page.locator(".slip").count() == 1
    axe(page)
    assert PASSWORD not in page.content()


def test_no_list_asks_more_than_twelve_times(client, account, sign_in, statements, db_session):
    elena = account("Elena Us", Role.ADMINISTRATOR, has_second_step=True)
    for number in range(60):
        factories.user(f"Alumna{number} Us", Role.DIRECTOR if number % 2 else None)
    lucia = account("Lucía Tum")
    sign_in(client, elena)
    person = id_text(lucia.person_id)
    for url in (*STAFF, "/accounts?show=active&page=2", f"/people/{person}/account", f"/people/{person}/roles"):
        with statements() as seen:
            assert client.get(url).status_code == 200
        assert len(seen) <= 12, (url, len(seen))
