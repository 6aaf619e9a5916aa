"""Every piece of the pages, as people meet it."""

import pytest

from tests.harness.browser import axe


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_every_piece_is_free_of_barriers_and_fits_its_screen(pieces_address, chromium_page, width, dark):
    page = chromium_page(width, dark)
    page.goto(pieces_address + "/pieces")
    page.get_by_role("button", name="Guardar").click()
    page.wait_for_load_state()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_summary_of_errors_links_to_each_field(pieces_address, chromium_page):
    page = chromium_page()
    page.goto(pieces_address + "/pieces")
    page.get_by_role("button", name="Guardar").click()
    summary = page.get_by_role("alert")
    assert "3 cosas" in summary.inner_text()
    for link in summary.get_by_role("link").all():
        assert page.locator(link.get_attribute("href")).count() == 1


def test_errors_and_hints_are_tied_to_their_field(pieces_app):
    text = pieces_app.test_client().post("/pieces").text
    assert 'aria-describedby="name-hint name-error" aria-invalid="true"' in text
    assert '<p class="error" id="name-error">Escriba el nombre.</p>' in text
    assert 'aria-describedby="turn-hint turn-error"' in text


def test_the_pager_and_the_sorted_head_keep_the_other_choices(pieces_app):
    text = pieces_app.test_client().get("/pieces?q=Us&page=2").text
    assert "/pieces?q=Us&amp;page=3" in text
    assert '<a href="/pieces?q=Us&amp;sort=-name">' in text
    assert 'aria-sort="ascending"' in text


def test_pieces_work_without_a_script(pieces_address, chromium_page):
    page = chromium_page(java_script_enabled=False)
    page.goto(pieces_address + "/pieces")
    assert page.get_by_role("link", name="Salir rápido").get_attribute("rel") == "nofollow noreferrer"
    assert page.get_by_role("heading", name="Formulario").is_visible()
