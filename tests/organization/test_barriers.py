"""No page of organization and library has a barrier: axe looks, on a phone, in both languages."""

import pytest

from lms.access.policy import Role
from lms.core import jobs
from lms.core.database import db
from lms.core.ids import id_text
from lms.core.tabular import csv_bytes
from lms.library.rules.help import ReferralDraft
from lms.library.services import load_facts
from lms.library.services.referrals import save_referral
from lms.organization.services import lists
from tests.factories import NOW, TODAY, actor, agency, holding, person, post, unit, user
from tests.library.test_facts import HELP

PAGES = [
    "/units",
    "/units/{unit}",
    "/units/{unit}/new",
    "/units/{unit}/close",
    "/people",
    "/people/{person}",
    "/people/{person}/change",
    "/posts",
    "/posts/{post}",
    "/places/1406",
    "/projects",
    "/lists/{brought}",
    "/units/{unit}/list",
    "/facts",
    "/facts/help",
    "/facts/help/change",
    "/referrals",
    "/units/{unit}/referrals/new",
    "/who-to-call",
    "/places-of-help",
]


@pytest.mark.parametrize("language", ["es", "en"])
def test_no_page_has_a_barrier_or_is_wider_than_a_phone(new_page, axe, sign_in, db_session, language):
    office = unit("Sede Quiché", agency(), place_code="1406")
    ana = person("Ana Us", office)
    held = post(office)
    holding(held, ana)
    post(office, "lawyer")
    load_facts(HELP, "facts.toml", NOW)
    draft = ReferralDraft("health", "Centro de salud", TODAY, "Rosa", TODAY, "1406", "7755 1234", "Pregunte", "Todos")
    save_referral(actor(), None, office, draft, TODAY, NOW)
    brought = lists.bring(
        actor(), office, "x.csv", csv_bytes(["Nombres", "Apellidos"], [["Eva", "Xol"], ["Ana", "Us"]]), NOW
    )
    jobs.drain()
    elena = user("Elena", Role.ADMINISTRATOR)
    elena.interface_locale = "es_GT" if language == "es" else "en"
    db.session.commit()
    ids = {name: id_text(one.id) for name, one in (("unit", office), ("person", ana), ("post", held))}
    page = new_page(language=language)
    sign_in(page, elena)
    for address in PAGES:
        page.goto(address.format(**ids, brought=id_text(brought.id)))
        axe(page)
        fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert page.evaluate(fits), f"{address} is wider than the phone"
