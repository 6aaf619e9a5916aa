"""A list brought as a file: previewed, then taken in whole or not at all; twice the same changes nothing."""

import json

import pytest
from sqlalchemy import func, select

from lms.access.policy import Role
from lms.core import jobs, storage
from lms.core.database import db
from lms.core.errors import BadInput, RuleBroken
from lms.core.models import AuditEntry
from lms.core.tabular import csv_bytes, xlsx_bytes
from lms.organization.models import PeopleImport, Person, Post, PostHolding, Unit
from lms.organization.queries.lists import get_import
from lms.organization.services import lists
from lms.organization.services.people import merge
from tests.factories import NOW, TODAY, actor, agency, person, unit

HEADERS = ["Código de oficina", "Clave", "Nombres", "Apellidos", "Municipio", "Idioma", "Profesión", "Puesto", "Desde"]
PEOPLE = [
    ["Q-1", "001", "Catarina", "Us Tzoc", "Chichicastenango", "K'iche'", "Psicóloga o psicólogo", "P-1", "01/02/2026"],
    ["Q-1", "", "José", "K’iche’ Peña", "1406", "quc", "lawyer", "", ""],
    ["Q-2", "", "", "", "", "", "Social worker", "", ""],
    ["", "003", "Eva", "Xol", "101", "", "", "", ""],
]


@pytest.fixture
def office(db_session) -> Unit:
    unit("Sede Quiché 1", code="Q-1")
    unit("Sede Quiché 2", code="Q-2")
    db_session.commit()
    return agency()


def bring(rows, over: Unit, headers=HEADERS, kind="csv") -> PeopleImport:
    data = csv_bytes(headers, rows) if kind == "csv" else xlsx_bytes(headers, rows)
    brought = lists.bring(actor(), over, f"personal.{kind}", data, NOW)
    jobs.drain()
    db.session.expire_all()
    return brought


def take_in(brought: PeopleImport) -> PeopleImport:
    lists.ask_to_take_in(actor(), brought, NOW)
    jobs.drain()
    db.session.expire_all()
    return brought


def numbers() -> list[int]:
    return [db.session.scalar(select(func.count()).select_from(table)) or 0 for table in (Person, Post, PostHolding)]


def test_a_list_is_looked_at_before_anything_is_written(office):
    brought = bring(PEOPLE, office)
    assert (brought.state, brought.counts["new"], brought.problems) == ("ready", 4, [])
    assert numbers() == [0, 0, 0]
    preview = json.loads(storage.read_bytes(brought.plan_sha or ""))
    assert [row["name"] for row in preview["rows"]][:2] == ["Catarina Us Tzoc", "José K’iche’ Peña"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_list_is_taken_in_and_the_same_a_second_time_changes_nothing(office, kind):
    assert take_in(bring(PEOPLE, office, kind=kind)).state == "applied"
    assert numbers() == [3, 3, 2]
    eva = db.session.scalars(select(Person).where(Person.key == "003")).one()
    assert (eva.unit_id, eva.place_code, eva.content_language) == (office.id, "0101", "spa")
    again = bring(PEOPLE, office, kind=kind)
    assert (again.state, again.counts["same"], again.counts["new"], again.counts["changed"]) == ("ready", 4, 0, 0)
    assert take_in(again).state == "applied"
    assert numbers() == [3, 3, 2]


def test_every_problem_is_named_with_its_row_and_nothing_is_written(office):
    rows = [
        PEOPLE[0],
        ["Q-9", "", "Ana", "Us", "", "", "", "", ""],
        ["", "", "Ana", "", "San José Nowhere", "Klingon", "Astronaut", "", "31/02/2026"],
        ["", "2599134800101", "Ana", "Us", "", "", "", "", ""],
        ["", "", "Ana 5", "Us", "", "", "", "", ""],
        ["", "", "", "", "1406", "", "", "", ""],
        ["", "", "Lo", "Us", "Guatemala, Petén", "", "", "", ""],
    ]
    brought = bring(rows, office)
    assert brought.state == "refused"
    assert [problem["row"] for problem in brought.problems] == [3, 4, 4, 4, 4, 5, 6, 7, 8]
    with pytest.raises(RuleBroken):
        lists.ask_to_take_in(actor(), brought, NOW)
    assert numbers() == [0, 0, 0]


def test_what_is_no_table_is_refused_at_once_and_what_is_no_list_of_ours_is_said(office):
    with pytest.raises(BadInput):
        lists.bring(actor(), office, "x.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", NOW)
    brought = bring([["1", "2"]], office, headers=["Precio", "Cantidad"])
    assert (brought.state, brought.counts["problems"]) == ("refused", 1)


def test_what_changed_since_it_was_looked_at_has_to_be_looked_at_again(office):
    brought = bring(PEOPLE, office)
    person("Eva Xol", key="003")
    db.session.commit()
    assert take_in(brought).state == "ready"
    assert brought.counts["again"] == 1
    assert numbers() == [1, 0, 0]
    assert take_in(brought).state == "applied"


def test_a_list_cannot_reach_beyond_its_branch(office):
    ngo = unit("Refugio", kind="ngo", code="N-1")
    other = person("Catarina Us Tzoc", ngo, key="001")
    db.session.commit()
    quiche = db.session.scalars(select(Unit).where(Unit.code == "Q-1")).one()
    brought = bring([PEOPLE[0], ["N-1", "", "Ana", "Us", "", "", "", "", ""]], quiche)
    assert [problem["row"] for problem in brought.problems] == [3]
    assert take_in(bring([PEOPLE[0]], quiche)).state == "applied"
    assert db.session.get_one(Person, other.id).unit_id == ngo.id


def test_a_row_of_a_joined_record_means_the_record_that_is_kept(office):
    one, two = person("Ana Us", key="1"), person("Ana Us Tzoc", key="2")
    merge(actor(), one, two, NOW)
    db.session.commit()
    brought = bring([["", "2", "", "", "1406", "", "", "", ""]], office)
    assert take_in(brought).state == "applied"
    assert db.session.get_one(Person, one.id).place_code == "1406"


def test_a_failure_half_way_leaves_nothing_and_a_second_try_brings_everything(office, monkeypatch):
    brought = bring(PEOPLE, office)
    batches = lists.BATCH
    calls = []

    def stumble(*_args):
        calls.append(1)
        if len(calls) == 3:
            raise OSError("the machine went down")

    monkeypatch.setattr(lists, "BATCH", 1)
    brought.state = "applying"
    db.session.commit()
    with pytest.raises(OSError, match="went down"):
        lists.take_in(brought.id, TODAY, NOW, None, stumble)
    db.session.rollback()
    assert numbers() == [0, 0, 0]
    monkeypatch.setattr(lists, "BATCH", batches)
    brought.state = "ready"
    assert take_in(brought).state == "applied"
    assert numbers() == [3, 3, 2]


def test_taking_in_is_written_into_the_trail_once(office):
    take_in(bring(PEOPLE, office))
    acts = db.session.scalars(select(AuditEntry.action).where(AuditEntry.object_kind == "people_import")).all()
    assert sorted(acts) == ["list.bring", "list.confirm", "list.take_in"]


def test_a_large_list_takes_as_many_statements_as_it_has_batches(office, statements):
    def rows(count):
        return [
            ["Q-1", str(number), "Ana", f"Us {_word(number)}", "", "", "teacher", "", ""] for number in range(count)
        ]

    def asked(count):
        brought = bring(rows(count), office)
        with statements() as seen:
            assert take_in(brought).state == "applied"
        return len(seen)

    small, large = asked(100), asked(2600)
    assert large - small <= 5 * 12


def _word(number: int) -> str:
    return "".join("abcdefghij"[int(digit)] for digit in str(number))


def test_only_who_may_manage_people_may_be_given_a_list(office):
    assert get_import(bring(PEOPLE, office).id).access_path == office.path
    assert not actor(Role.DIRECTOR).owes_second_factor
