"""The pages of the library: they open, ask little of the database, and say when something is not certain."""

import io
from datetime import date

import pytest

from lms.access.policy import Role
from lms.core.ids import id_text
from lms.core.tabular import csv_bytes
from lms.library.models import Fact, FactChange, Referral
from lms.library.queries import facts_for_lessons, facts_to_review, referrals_for
from lms.library.rules.help import ReferralDraft
from lms.library.services import load_facts
from lms.library.services.referrals import save_referral
from tests.factories import NOW, TODAY, actor, agency, unit, user
from tests.library.test_facts import HELP

MOST_STATEMENTS = 12
STALE = HELP.replace('key = "help"', 'key = "old"').replace("2027-05-01", "2026-05-01")
DOUBTED = HELP.replace('key = "help"', 'key = "doubted"').replace('"verified"', '"unverified"')


def draft(name: str, place: str | None = None, **values) -> ReferralDraft:
    usual = {"kind": "health", "checked_on": TODAY, "checked_by": "Rosa", "review_by": date(2027, 5, 1)}
    return ReferralDraft(name=name, place_code=place, **(usual | values))


@pytest.fixture
def clinic(db_session, clock, client, sign_in) -> Referral:
    """A library with three telephones and one service; Elena, who administers, is at the door."""
    clock.hold(NOW)
    load_facts(HELP + STALE + DOUBTED, "facts.toml", NOW)
    made = save_referral(actor(), None, agency(), draft("Centro de salud", "1406"), TODAY, NOW)
    elena = user("Elena", Role.ADMINISTRATOR)
    db_session.commit()
    sign_in(client, elena)
    return made


PAGES = [
    "/facts", "/facts?q=policia&kind=hotline&show=review", "/facts/help", "/facts/help/change", "/facts/new",
    "/facts/facts.csv", "/facts/facts.xlsx", "/facts/facts.toml", "/who-to-call", "/places-of-help",
    "/places-of-help?place=Cuilco&kind=health", "/places-of-help?place=San+Jos%C3%A9", "/places-of-help?place=Atlantis",
    "/referrals", "/referrals?show=stale", "/referrals?place=Quich%C3%A9&kind=health&q=salud", "/referrals/{referral}",
    "/referrals/referrals.csv", "/referrals/referrals.xlsx", "/referrals/template.csv", "/referrals/template.xlsx",
    "/units/{unit}/referrals/new", "/units/{unit}/referrals/list",
]  # fmt: skip


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_page_opens_and_asks_little(clinic, client, statements, language):
    ids = {"referral": id_text(clinic.id), "unit": id_text(clinic.unit_id)}
    for address in PAGES:
        with statements() as seen:
            answer = client.get(address.format(**ids), headers={"Accept-Language": language})
        assert answer.status_code == 200, (address, answer.status_code)
        assert len(seen) <= MOST_STATEMENTS, (address, *seen)


def test_facts_that_wait_are_counted(clinic, db_session):
    assert facts_to_review(TODAY) == (3, 1, 1)


def test_one_tap_confirms_a_fact_as_of_today_and_keeps_what_it_said(clinic, client, db_session):
    assert not facts_for_lessons(TODAY)["old"].is_certain
    assert client.post("/facts/old/confirm").status_code == 303
    fact = db_session.get_one(Fact, "old")
    assert (fact.checked_on, fact.checked_by, fact.review_by) == (TODAY, "Elena", date(2027, 5, 21))
    assert facts_for_lessons(TODAY)["old"].is_certain
    assert db_session.query(FactChange).one().review_by == date(2026, 5, 1)


def test_what_was_never_verified_is_not_confirmed_by_a_tap(clinic, client):
    answer = client.post("/facts/doubted/confirm")
    assert answer.status_code == 422
    assert not facts_for_lessons(TODAY)["doubted"].is_certain


def form_of(**changes: str) -> dict[str, str]:
    return {
        "kind": "hotline", "value_spa": "120", "value_eng": "120", "dial": "120", "label_spa": "Policía",
        "label_eng": "Police", "source": "PNC", "checked_on": "2026-11-20", "checked_by": "Inés", "is_verified": "y",
    } | changes  # fmt: skip


def test_a_corrected_fact_is_shown_at_once_and_its_history_tells_what_it_said(clinic, client):
    assert client.post("/facts/help/change", data=form_of()).status_code == 303
    assert facts_for_lessons(TODAY)["help"].dial == "120"
    page = client.get("/facts/help").get_data(as_text=True)
    assert "110" in page


@pytest.mark.parametrize(
    "changes",
    [
        {"dial": "call us"},
        {"dial": ""},
        {"source": ""},
        {"checked_on": "2026-12-01"},
        {"value_spa": " "},
        {"kind": "x"},
    ],
)
def test_a_fact_that_cannot_stand_is_refused(clinic, client, changes):
    assert client.post("/facts/help/change", data=form_of(**changes)).status_code == 422
    assert facts_for_lessons(TODAY)["help"].dial == "110"


def test_a_new_fact_can_be_cited_and_its_key_is_given_once(clinic, client):
    assert client.post("/facts/new", data=form_of(key="new-line")).status_code == 303
    assert "new-line" in facts_for_lessons(TODAY)
    assert client.post("/facts/new", data=form_of(key="new-line")).status_code == 422
    assert client.post("/facts/new", data=form_of(key="New Line")).status_code == 422


def test_learners_read_what_is_not_certain_as_to_be_confirmed(clinic, client, sign_in, db_session):
    lucia = user("Lucía")
    db_session.commit()
    sign_in(client, lucia, has_second_factor=False)
    page = client.get("/who-to-call").get_data(as_text=True)
    sure, unsure = page.split("Todavía por confirmar")
    assert (sure.count('href="tel:110"'), unsure.count('href="tel:110"')) == (1, 2)


def test_help_comes_nearest_first_and_never_from_elsewhere(clinic, db_session):
    root = agency()
    for name, place in (("Del país", None), ("De Quiché", "14"), ("De Cuilco", "1304"), ("De la aldea", "1406-001")):
        if place == "1406-001":
            continue
        save_referral(actor(), None, root, draft(name, place), TODAY, NOW)
    save_referral(actor(), None, root, draft("Vieja", "1406", review_by=date(2026, 1, 1)), TODAY, NOW)
    db_session.commit()
    found = referrals_for("1406-001", TODAY)
    assert [one.name for one in found] == ["Centro de salud", "Vieja", "De Quiché", "Del país"]
    assert [one.is_certain for one in found] == [True, False, True, True]
    assert [one.name for one in referrals_for(None, TODAY)] == ["Del país"]
    assert [one.name for one in referrals_for("1304", TODAY, ["health"])] == ["De Cuilco", "Del país"]


def entry(**changes: str) -> dict[str, str]:
    return {
        "kind": "legal", "name": "Bufete popular", "place_code": "Chichicastenango", "phone": "7755 1234",
        "how_to_reach": "Pregunte en la municipalidad", "for_whom": "Mujeres", "first": "quc", "second": "spa",
        "checked_on": "2026-11-20", "checked_by": "Rosa",
    } | changes  # fmt: skip


def test_a_service_is_written_down_and_shown(clinic, client, db_session):
    address = f"/units/{id_text(clinic.unit_id)}/referrals/new"
    assert client.post(address, data=entry()).status_code == 303
    made = db_session.query(Referral).filter_by(name="Bufete popular").one()
    assert (made.place_code, made.languages, made.review_by) == ("1406", ["quc", "spa"], date(2027, 5, 20))


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "shelter"},
        {"how_to_reach": "Está en 14.63821, -90.51223"},
        {"how_to_reach": "Llame a Juana al 5512 3456"},
        {"phone": "ask there"},
        {"place_code": "San José"},
        {"checked_on": "2026-12-01"},
        {"name": ""},
    ],
)
def test_where_a_shelter_is_and_other_slips_are_never_kept(clinic, client, db_session, changes):
    address = f"/units/{id_text(clinic.unit_id)}/referrals/new"
    assert client.post(address, data=entry(**changes)).status_code == 422
    assert db_session.query(Referral).count() == 1


def test_no_table_of_help_has_a_column_for_an_address():
    columns = set(Referral.__table__.columns.keys())
    assert not columns & {"address", "street", "latitude", "longitude", "location"}


def test_an_entry_is_taken_off_and_brought_back_by_confirming(clinic, client, db_session):
    address = f"/referrals/{id_text(clinic.id)}"
    assert client.post(f"{address}/close").status_code == 303
    assert referrals_for("1406", TODAY) == []
    assert client.post(f"{address}/confirm").status_code == 303
    assert len(referrals_for("1406", TODAY)) == 1


HEADERS = [
    "Tipo",
    "Nombre",
    "Lugar",
    "Teléfono",
    "Cómo pedirla",
    "Para quién",
    "Idiomas",
    "Revisado el",
    "Revisado por",
]


def bring(client, clinic, rows):
    file = (io.BytesIO(csv_bytes(HEADERS, rows)), "ayuda.csv")
    address = f"/units/{id_text(clinic.unit_id)}/referrals/list"
    return client.post(address, data={"file": file}, content_type="multipart/form-data")


def test_a_list_of_services_is_taken_in_once(clinic, client, db_session):
    rows = [
        ["Legal advice", "Bufete", "Quiché", "7755 1234", "", "", "quc, español", "2026-11-20", "Rosa"],
        ["report", "Ministerio Público", "", "1572", "", "", "", "20/11/2026", "Rosa"],
    ]
    for _time in range(2):
        assert bring(client, clinic, rows).status_code == 303
    assert db_session.query(Referral).count() == 3


def test_an_export_comes_back_as_it_was(clinic, client, db_session):
    exported = client.get("/referrals/referrals.csv").data
    address = f"/units/{id_text(clinic.unit_id)}/referrals/list"
    answer = client.post(
        address, data={"file": (io.BytesIO(exported), "ayuda.csv")}, content_type="multipart/form-data",
        follow_redirects=True,
    )  # fmt: skip
    assert "1 sin cambio" in answer.get_data(as_text=True)
    assert db_session.query(Referral).count() == 1


def test_a_list_with_slips_is_refused_whole_with_every_row_named(clinic, client, db_session):
    rows = [
        ["legal", "Bufete", "Quiché", "7755 1234", "", "", "", "2026-11-20", "Rosa"],
        ["magic", "", "Nowhere", "call", "a 14.63821, -90.51223", "", "klingon", "31/02/2026", ""],
        ["shelter", "Albergue", "", "1546", "Detrás del parque", "", "", "2026-11-20", "Rosa"],
    ]
    answer = bring(client, clinic, rows)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert (page.count("Fila 3<"), page.count("Fila 4<")) == (8, 1)
    assert db_session.query(Referral).count() == 1


def test_registrars_keep_only_the_services_of_their_own_offices(clinic, client, sign_in, db_session):
    ngo = unit("Refugio", kind="ngo")
    other = save_referral(actor(), None, ngo, draft("Línea del refugio"), TODAY, NOW)
    rosa = user("Rosa", Role.REGISTRAR, ngo)
    db_session.commit()
    sign_in(client, rosa)
    page = client.get("/referrals").get_data(as_text=True)
    assert "Línea del refugio" in page
    assert "Centro de salud" not in page
    assert client.get(f"/referrals/{id_text(other.id)}").status_code == 200
    assert client.get(f"/referrals/{id_text(clinic.id)}").status_code == 404
