"""The doors of the organization as people use them: forms sent, files brought, and what nobody should write."""

import io

import pytest
from sqlalchemy import select

from lms.access.policy import Role
from lms.core import jobs
from lms.core.database import db
from lms.core.ids import id_text
from lms.core.models import Job
from lms.core.tabular import csv_bytes
from lms.organization.models import PeopleImport, Person, Place, Post, Profession, Project, Unit
from tests.factories import agency, holding, person, post, unit, user


@pytest.fixture
def office(client, sign_in, db_session) -> Unit:
    """An office in Quiché; Elena, who administers, is at the door."""
    made = unit("Sede Quiché", code="Q-1", place_code="1401")
    sign_in(client, user("Elena", Role.ADMINISTRATOR))
    return made


def found(kind, **wanted):
    db.session.expire_all()
    return db.session.scalars(select(kind).filter_by(**wanted)).one()


def test_an_office_is_opened_corrected_moved_closed_and_opened_again(office, client):
    address = f"/units/{id_text(office.id)}"
    sent = {"name": "Sala", "kind": "office", "code": "Q-2", "place_code": "Chichicastenango"}
    assert client.post(f"{address}/new", data=sent).status_code == 303
    room = found(Unit, code="Q-2")
    assert (room.parent_id, room.place_code) == (office.id, "1406")
    own = f"/units/{id_text(room.id)}"
    assert client.post(f"{own}/change", data=sent | {"name": "Sala 2", "place_code": ""}).status_code == 303
    assert (found(Unit, code="Q-2").name, found(Unit, code="Q-2").place_code) == ("Sala 2", None)
    assert client.post(f"{own}/move", data={"to": id_text(agency().id)}).status_code == 303
    assert found(Unit, code="Q-2").parent_id == agency().id
    assert client.post(f"{own}/close", data={"on": "2026-11-21"}).status_code == 303
    assert found(Unit, code="Q-2").closed_on is not None
    assert client.post(f"{own}/reopen").status_code == 303
    assert found(Unit, code="Q-2").closed_on is None


def test_a_person_is_registered_corrected_moved_and_leaves(office, client):
    sent = {
        "given_names": "Catarina", "family_names": "Us Tzoc", "key": "1024", "place_code": "1406",
        "content_language": "quc",
    }  # fmt: skip
    assert client.post(f"/units/{id_text(office.id)}/people/new", data=sent).status_code == 303
    made = found(Person, key="1024")
    own = f"/people/{id_text(made.id)}"
    assert client.post(f"{own}/change", data=sent | {"family_names": "Us"}).status_code == 303
    assert found(Person, key="1024").name == "Catarina Us"
    sent_move = {"to": id_text(agency().id), "on": "2026-11-21"}
    assert client.post(f"{own}/move", data=sent_move).status_code == 303
    assert found(Person, key="1024").unit_id == agency().id
    assert client.post(f"{own}/leave", data={"on": "2026-11-21"}).status_code == 303
    assert found(Person, key="1024").left_on is not None
    assert client.post(f"{own}/back").status_code == 303
    assert found(Person, key="1024").left_on is None


def test_records_are_joined_and_separated_from_the_page(office, client):
    one, two = person("Ana Us", office), person("Ana Us Tzoc", office)
    own = f"/people/{id_text(one.id)}"
    assert client.post(f"{own}/join", data={"with": id_text(two.id)}).status_code == 303
    answer = client.get(f"/people/{id_text(two.id)}")
    assert (answer.status_code, answer.location) == (303, own)
    page = client.get(own).get_data(as_text=True)
    link = page.split(f"{own}/separate/")[1][:26]
    assert client.post(f"{own}/separate/{link}").status_code == 303
    assert client.get(f"/people/{id_text(two.id)}").status_code == 200


def test_posts_are_opened_filled_vacated_and_closed(office, client):
    address = f"/units/{id_text(office.id)}/posts/new"
    assert (
        client.post(address, data={"profession": "nurse", "count": "1", "opened_on": "2026-01-01"}).status_code == 303
    )
    made, ana = found(Post), person("Ana Us", office)
    own = f"/posts/{id_text(made.id)}"
    sent = {"person": id_text(ana.id), "from_on": "2026-02-01"}
    assert client.post(f"{own}/fill", data=sent).status_code == 303
    page = client.get(own).get_data(as_text=True)
    held = page.split(f"{own}/vacate/")[1][:26]
    assert client.post(f"{own}/vacate/{held}", data={"on": "2026-11-21"}).status_code == 303
    assert client.post(f"{own}/close", data={"on": "2026-11-22"}).status_code == 303
    assert found(Post).closed_on is not None


def test_projects_professions_and_communities_are_written_down(office, client):
    sent = {"name": "Prevención", "code": "T-1", "funder": "TIP", "starts_on": "2026-01-01"}
    assert client.post(f"/units/{id_text(office.id)}/projects/new", data=sent).status_code == 303
    made = found(Project, code="T-1")
    assert client.post(f"/projects/{id_text(made.id)}", data=sent | {"ends_on": "2027-01-01"}).status_code == 303
    word = {"code": "anthropologist", "spa": "Antropóloga", "eng": "Anthropologist", "sector": "social"}
    assert client.post("/professions/new", data=word).status_code == 303
    assert client.post("/professions/anthropologist", data=word | {"is_retired": "y"}).status_code == 303
    assert found(Profession, code="anthropologist").is_retired
    assert client.post("/places/1406", data={"name": "Mactzul", "first": "quc", "second": ""}).status_code == 303
    changed = {"name": "Mactzul I", "first": "quc", "second": "spa"}
    assert client.post("/places/1406-001/change", data=changed).status_code == 303
    assert found(Place, code="1406-001").languages == ["quc", "spa"]


def bring(client, office, rows, headers=("Clave", "Nombres", "Apellidos", "Profesión", "Desde")):
    file = (io.BytesIO(csv_bytes(headers, rows)), "lista.csv")
    answer = client.post(f"/units/{id_text(office.id)}/list", data={"file": file}, content_type="multipart/form-data")
    assert answer.status_code == 303
    return answer.location


def test_a_list_is_brought_waited_for_looked_at_and_taken_in(office, client):
    address = bring(client, office, [["1", "Ana", "Us", "nurse", "2026-02-01"]])
    waiting = client.get(address)
    assert waiting.headers["Refresh"] == "2"
    jobs.drain()
    page = client.get(address)
    assert "Refresh" not in page.headers
    assert "Ana Us" in page.get_data(as_text=True)
    assert client.post(f"{address}/take-in").status_code == 303
    jobs.drain()
    assert "La lista se incorporó" in client.get(address).get_data(as_text=True)
    assert found(Person, key="1").name == "Ana Us"
    assert client.post(f"{address}/take-in").status_code == 422
    assert client.post(f"{address}/drop").status_code == 422


def test_a_list_that_is_put_away_writes_nothing(office, client):
    address = bring(client, office, [["1", "Ana", "Us", "nurse", ""]])
    jobs.drain()
    assert client.post(f"{address}/drop").status_code == 303
    assert client.post(f"{address}/take-in").status_code == 422
    assert client.get(address).status_code == 200


def test_work_that_failed_is_said_and_tried_again(office, client, db_session):
    address = bring(client, office, [["1", "Ana", "Us", "nurse", ""]])
    work = found(Job, name="organization.plan_list")
    work.state, work.problem = "parked", "OSError"
    db_session.commit()
    page = client.get(address)
    assert "Refresh" not in page.headers
    assert f"{address}/again" in page.get_data(as_text=True)
    assert client.post(f"{address}/again").status_code == 303
    jobs.drain()
    assert found(PeopleImport).state == "ready"


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_is_itself_a_list_that_can_be_brought(office, client, db_session, language, kind):
    office.code = "Q-01"
    db_session.commit()
    file = client.get(f"/lists/template.{kind}", headers={"Accept-Language": language}).data
    answer = client.post(
        f"/units/{id_text(office.id)}/list", data={"file": (io.BytesIO(file), f"x.{kind}")},
        content_type="multipart/form-data",
    )  # fmt: skip
    assert answer.status_code == 303
    jobs.drain()
    brought = found(PeopleImport)
    assert (brought.state, brought.problems, brought.counts["new"]) == ("ready", [], 2)


def test_an_export_is_a_list_that_changes_nothing(office, client):
    ana = person("Ana Us", office, key="7", place_code="1406", content_language="quc")
    for profession in ("nurse", "teacher"):
        holding(post(office, profession), ana)
    person("Eva Xol", office)
    file = client.get("/people/people.xlsx").data
    client.post(
        f"/units/{id_text(agency().id)}/list", data={"file": (io.BytesIO(file), "x.xlsx")},
        content_type="multipart/form-data",
    )  # fmt: skip
    jobs.drain()
    brought = found(PeopleImport)
    assert (brought.state, brought.problems) == ("ready", [])
    assert (brought.counts["same"], brought.counts["new"], brought.counts["changed"]) == (4, 0, 0)


SLIPS = [
    ("/units/{unit}/new", {"name": " ", "kind": "office"}),
    ("/units/{unit}/new", {"name": "x", "kind": "castle"}),
    ("/units/{unit}/new", {"name": "x" * 300, "kind": "office"}),
    ("/units/{unit}/new", {"name": "x", "kind": "office", "place_code": "Atlantis"}),
    ("/units/{unit}/new", {"name": "x", "kind": "office", "place_code": "San José"}),
    ("/units/{unit}/new", {"name": "x", "kind": "office", "code": "Q-1"}),
    ("/units/{unit}/close", {"on": "soon"}),
    ("/units/{unit}/close", {"on": "0001-01-01"}),
    ("/units/{unit}/people/new", {"given_names": "", "content_language": "spa"}),
    ("/units/{unit}/people/new", {"given_names": "Ana", "content_language": "klingon"}),
    ("/units/{unit}/people/new", {"given_names": "ana@correo.gt", "content_language": "spa"}),
    ("/units/{unit}/people/new", {"given_names": "Ana", "content_language": "spa", "key": "2599134800101"}),
    ("/units/{unit}/posts/new", {"profession": "wizard", "count": "1", "opened_on": "2026-01-01"}),
    ("/units/{unit}/posts/new", {"profession": "nurse", "count": "0", "opened_on": "2026-01-01"}),
    ("/units/{unit}/posts/new", {"profession": "nurse", "count": "9" * 30, "opened_on": "2026-01-01"}),
    ("/units/{unit}/projects/new", {"name": "x", "code": "x", "starts_on": "2026-01-01", "ends_on": "2025-01-01"}),
    ("/professions/new", {"code": "Not A Code", "spa": "x", "eng": "x", "sector": "social"}),
    ("/professions/new", {"code": "nurse", "spa": "x", "eng": "x", "sector": "social"}),
    ("/places/1406", {"name": "", "first": "", "second": ""}),
    ("/units/{unit}/list", {}),
]


@pytest.mark.parametrize(("address", "sent"), SLIPS, ids=lambda one: str(one)[:40])
def test_slips_are_refused_in_a_sentence_and_change_nothing(office, client, db_session, address, sent):
    before = [len(db_session.scalars(select(kind)).all()) for kind in (Unit, Person, Post, Project, Profession, Place)]
    answer = client.post(address.format(unit=id_text(office.id)), data=sent)
    assert answer.status_code == 422
    db_session.expire_all()
    assert before == [
        len(db_session.scalars(select(kind)).all()) for kind in (Unit, Person, Post, Project, Profession, Place)
    ]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.csv", b""),
        ("x.pdf", b"%PDF"),
        ("x.xlsx", b"PK\x03\x04 not a zip"),
        ("x.csv", b'a,"b\n'),
        ("x.csv", b"\x00" * 99),
    ],
)
def test_files_that_are_no_list_are_refused_at_once(office, client, db_session, name, data):
    answer = client.post(
        f"/units/{id_text(office.id)}/list", data={"file": (io.BytesIO(data), name)},
        content_type="multipart/form-data",
    )  # fmt: skip
    assert answer.status_code == 422
    assert db_session.scalars(select(PeopleImport)).all() == []


STRANGE = [
    "/units?page=-5&q=%00%FF",
    "/units?page=many",
    "/units?unit=nobody&page=99999999999",
    "/people?sort=;drop&state=%00",
    "/people?unit=01m7zxnckyfq2bfhvpa8jbzp94&place=%00",
    "/people?q=" + "x" * 5000,
    "/posts?on=yesterday&profession=%00",
    "/posts?on=9999-12-31",
    "/units/{unit}?on=0001-01-01",
    "/posts/posts.csv?kind=x&endpoint=y&_external=1&page=2",
    "/people/people.xlsx?kind=csv",
    "/places?q=%00",
]


@pytest.mark.parametrize("address", STRANGE)
def test_strange_addresses_are_read_calmly(office, client, address):
    assert client.get(address.format(unit=id_text(office.id))).status_code == 200


@pytest.mark.parametrize(
    "address",
    ["/places/%00", "/professions/%00", "/units/zzz", "/people/people.pdf", "/units/choose/pizza", "/places/9999"],
)
def test_what_is_not_there_is_not_found(office, client, address):
    assert client.get(address).status_code == 404
