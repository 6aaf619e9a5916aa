"""A person sees and takes with her everything that is kept about her, and nothing of anybody else."""

import csv
import io
import json
import zipfile

import pytest
from sqlalchemy import select

from lms.access.policy import Role
from lms.core.clock import now
from lms.core.database import db
from lms.core.ids import id_text
from lms.core.models import AuditEntry, Mail
from lms.organization.models import PersonTraits
from lms.site.personal import LEFT_OUT, SOURCES
from tests.harness.browser import axe


@pytest.fixture
def taken(client, somebody, sign_in, db_session):
    """What Marta downloads, and Marta."""
    marta, somebody_else = somebody("Marta"), somebody("Otilia")
    marta.email = "marta@escuela.example"
    for user in (marta, somebody_else):
        db_session.add(PersonTraits(person_id=user.person_id, people="maya", changed_at=now()))
    db_session.add(Mail(recipient=marta.email, subject="=Hola", body="https://x/reset/secret", created_at=now()))
    db_session.commit()
    sign_in(client, marta)
    answer = client.post("/me/data.zip")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return zipfile.ZipFile(io.BytesIO(answer.data)), marta


def test_the_file_holds_an_explanation_tables_and_json(taken):
    archive, marta = taken
    assert {"LÉAME.txt", "data.json", "tables/person.csv", "tables/person_traits.csv"} <= set(archive.namelist())
    assert "Marta" in archive.read("LÉAME.txt").decode("utf-8-sig")
    held = json.loads(archive.read("data.json"))
    assert held["person"][0]["given_names"] == "Marta"
    assert held["person"][0]["unit"] == "SVET"
    assert held["person_traits"] == [
        held["person_traits"][0] | {"person_id": id_text(marta.person_id), "people": "maya"}
    ]


def test_the_file_holds_nobody_else_and_no_secret(taken):
    archive, _marta = taken
    everything = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert "Otilia" not in everything
    assert "reset/secret" not in everything
    for secret in ("password_hash", "pin_hash", "totp_sealed", "id_hash", "code_hash"):
        assert secret not in everything


def test_a_spreadsheet_executes_nothing_of_it(taken):
    archive, _marta = taken
    rows = list(csv.DictReader(io.StringIO(archive.read("tables/mail.csv").decode("utf-8-sig"))))
    assert rows[0]["subject"] == "'=Hola"


def test_taking_it_stands_in_the_audit_trail(taken, db_session):
    _archive, marta = taken
    entry = db_session.scalars(select(AuditEntry).where(AuditEntry.action == "data.export")).one()
    assert entry.actor_id == marta.id
    assert entry.object_id == id_text(marta.person_id)


def test_the_page_counts_each_table_in_one_statement(client, somebody, sign_in, statements):
    sign_in(client, somebody("Marta", Role.REGISTRAR))
    client.get("/me/data")
    with statements() as seen:
        page = client.get("/me/data")
    assert page.status_code == 200
    assert len(seen) <= 2
    assert "Nombre, oficina e idioma" in page.text


def test_a_visitor_has_no_data_to_take(client):
    assert client.get("/me/data").location.startswith("/sign-in")
    assert client.post("/me/data.zip").location.startswith("/sign-in")


def test_every_table_that_leads_to_a_person_is_given_or_left_out_with_a_reason(app):
    """Walk the schema from people outwards; whoever adds a table decides in `personal.py` what a person gets of it."""
    leads, given = {"person", "users", "enrolment", "attempt", "credential"}, {one.table.name for one in SOURCES}
    found = {
        table.name
        for table in db.metadata.tables.values()
        if table.name in leads
        or any(key.column.table.name in leads for column in table.columns for key in column.foreign_keys)
    }
    assert found - given - set(LEFT_OUT) == set()
    assert set(LEFT_OUT) <= set(db.metadata.tables)
    assert not given & set(LEFT_OUT)


def test_every_hidden_column_exists():
    for source in SOURCES:
        assert source.hidden <= set(source.table.columns.keys())


def test_the_page_is_free_of_barriers(new_page, somebody, sign_in):
    page = new_page()
    sign_in(page, somebody("Marta"))
    page.goto("/me/data")
    axe(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Descargar todo").click()
    assert download.value.suggested_filename.startswith("cascada-")
