"""A facilitator with her phone: no script, thumbs and keyboard, both languages, no barrier."""

import pytest
from sqlalchemy import select

from lms.cohorts.models import Attendance, Observation
from lms.core.database import db
from lms.core.ids import id_text
from tests.cohorts.conftest import meeting, path


@pytest.fixture
def phone(new_page, sign_in):
    """Open somebody's phone: `phone(catarina)`."""

    def come(user, **options):
        db.session.commit()
        page = new_page(**options)
        sign_in(page, user, is_shared=False)
        db.session.rollback()  # nothing of ours is in the way of what the browser writes
        return page

    return come


def test_the_roll_is_called_without_a_script(group, enter, catarina, phone, live_server):
    people = [enter(name) for name in ("Diego Tzoc", "Lucía Zacarías")]
    rows = [f"#p-{id_text(user.person_id)}" for user in people]
    address = f"{live_server}/sessions/{id_text(meeting(group).id)}"
    page = phone(catarina, javascript=False)
    page.goto(address)
    for row, word in zip(rows, ("Asistió", "Llegó tarde"), strict=True):
        page.locator(row).get_by_text(word, exact=True).click()
    page.get_by_label("Mujeres").fill("3")
    page.get_by_role("button", name="Guardar la sesión").click()
    page.get_by_text("Guardado: asistieron 2 personas.").wait_for()
    db.session.rollback()
    assert sorted(db.session.scalars(select(Attendance.state))) == ["late", "present"]


def test_practice_is_scored_with_the_keyboard_and_signed_by_both(group, diego, catarina, phone, live_server):
    address, own = path(group, "people", id_text(diego.person_id), "observe"), path(group, "mine")
    page, his = phone(catarina, javascript=False), phone(diego, javascript=False)
    db.session.rollback()
    page.goto(live_server + address)
    for row in ("preparar", "sin-casos", "cierre"):
        page.locator(f"[name=r-{row}]").first.focus()
        for _step in range(3):
            page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Guardar y firmar").press("Enter")
    page.get_by_text("en espera").wait_for()
    his.goto(live_server + own)
    his.get_by_role("link", name="Lo cuenta con sus palabras").click()
    his.get_by_role("button", name="La leí y la firmo").click()
    his.get_by_text("Firmada. Ya cuenta.").wait_for()
    db.session.rollback()
    assert db.session.scalars(select(Observation)).one().person_signed_at is not None


@pytest.mark.parametrize(("language", "dark", "width"), [("es", False, 360), ("en", True, 1280)])
def test_the_pages_of_a_group_have_no_barrier(group, diego, catarina, phone, live_server, axe, language, dark, width):
    catarina.interface_locale = diego.interface_locale = {"es": "es_GT", "en": "en"}[language]
    one = meeting(group)
    hers = phone(catarina, language=language, dark=dark, width=width)
    member = ("people", id_text(diego.person_id))
    pages = [
        "/groups", path(group), path(group, "add"), path(group, "new-person"), path(group, "change"),
        path(group, "messages"), path(group, "code"), path(group, "people", "print"), path(group, *member),
        path(group, *member, "observe"), path(group, *member, "read-aloud"), path(group, "sessions", "plan"),
        f"/sessions/{id_text(one.id)}", f"/sessions/{id_text(one.id)}/sheet",
    ]  # fmt: skip
    for url in pages:
        hers.goto(live_server + url)
        assert not hers.evaluate("document.documentElement.scrollWidth > innerWidth"), url
        axe(hers)
    his = phone(diego, language=language, dark=dark, width=width)
    for url in ("/", "/groups/join", path(group, "mine")):
        his.goto(live_server + url)
        axe(his)
