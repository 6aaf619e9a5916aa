"""Tables come in from every program people use, and go out without a formula in them."""

import codecs
import csv
import io
import zipfile
from contextlib import suppress
from datetime import UTC, date, datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.core import tabular
from lms.core.errors import BadInput
from lms.core.tabular import csv_bytes, guarded, read_table, unguarded, xlsx_bytes

TABLE = "Nombres;Puesto\nMaría Xol;Psicóloga\nJuan Pérez;Abogado\n"
texts = st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), max_size=20)


@pytest.fixture(autouse=True)
def in_english(built_app):
    with built_app.test_request_context(headers={"Accept-Language": "en"}):
        yield


def cells(table):
    return [tuple(row.cells.values()) for row in table.rows]


@pytest.mark.parametrize(
    "data",
    [
        TABLE.encode(),
        codecs.BOM_UTF8 + TABLE.encode(),
        TABLE.encode("cp1252"),
        TABLE.encode("utf-16"),
        TABLE.replace(";", ",").encode(),
        TABLE.replace(";", "\t").encode("utf-16"),
        TABLE.replace("\n", "\r\n").encode(),
        b"sep=;\n" + TABLE.encode(),
        ("\n\n" + TABLE + "\n;;\n\n").encode(),
    ],
)
def test_every_common_way_to_write_a_csv_is_read(data):
    table = read_table("x.csv", data)
    assert table.headers == ("Nombres", "Puesto")
    assert cells(table) == [("María Xol", "Psicóloga"), ("Juan Pérez", "Abogado")]


def test_rows_bear_the_number_the_spreadsheet_shows():
    table = read_table("x.csv", b'a,b\n1,"two\nlines"\n\n,,\n3,4\n')
    assert [(row.number, row.get("a")) for row in table.rows] == [(2, "1"), (5, "3")]


def test_columns_are_found_whatever_the_accents_and_letters():
    row = read_table("x.csv", "CORREO  electrónico,Muñicipio\na@b.gt,Cuilco\n".encode()).rows[0]
    assert row.get("correo electronico") == "a@b.gt"
    assert row.get("town", "MUÑICIPIO") == "Cuilco"
    assert row.get("nothing") == ""


def spreadsheet(*rows) -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(buffer)
    return buffer.getvalue()


def test_a_spreadsheet_is_read_as_people_see_it():
    data = spreadsheet(
        ["Nombre", "Código", "Fecha", "Hora", "Activo", "Nota"],
        ["María", 101, date(2026, 3, 2), datetime(2026, 3, 2, 14, 30), True, 12.5],
        [],
        ["Juan", 12.0, None, None, False, "=1+1"],
    )
    table = read_table("x.xlsx", data)
    assert cells(table)[0] == ("María", "101", "2026-03-02", "2026-03-02 14:30", "1", "12.5")
    assert table.rows[1].number == 4
    assert table.rows[1].get("codigo") == "12"


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("x.csv", b"", "is empty"),
        ("x.csv", b"\n\n;;\n", "is empty"),
        ("x.csv", b"a,a\n1,2\n", "Two columns are called"),
        ("x.csv", b"a,b\n1,2,3\n", "Row 2 has a cell in a column without a name"),
        ("x.csv", b"a,\n1,2\n", "Row 2 has a cell in a column without a name"),
        ("x.csv", b'a,b\n1,2\n"3,4\n', "Row 3 cannot be read"),
        ("x.csv", b"a,b\n1,\x00\n", "not a table"),
        ("x.csv", b"a,b\n1," + b"x" * 10_001, "more than 10000 letters"),
        ("x.csv", ",".join(map(str, range(201))).encode(), "more than 200 columns"),
        ("x.csv", b"a\n" + b"1\n" * 20_001, "more than 20000 rows"),
        ("x.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Save the table as"),
        ("x.ods", b"PK", "Save the table as"),
        ("x.xlsx", b"PK\x03\x04" + bytes(50), "cannot be read"),
        ("x.xlsx", b"", "is empty"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(name, data, sentence):
    with pytest.raises(BadInput) as refused:
        read_table(name, data)
    assert sentence in str(refused.value.sentence)


def test_a_zip_that_is_no_spreadsheet_is_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "a")
    with pytest.raises(BadInput):
        read_table("x.xlsx", buffer.getvalue())


def test_a_spreadsheet_with_a_document_type_is_refused():
    """An external entity in its XML must never be fetched, nor one be blown up."""
    source, target = io.BytesIO(spreadsheet(["a"], ["1"])), io.BytesIO()
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, bomb if name.startswith("xl/worksheets/") else old.read(name))
    with pytest.raises(BadInput):
        read_table("x.xlsx", target.getvalue())


@given(st.binary(max_size=200))
def test_no_bytes_make_it_stumble(data):
    for prefix in (b"", b"PK\x03\x04"):
        with suppress(BadInput):
            read_table("x.csv", prefix + data)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "＝1", "＋1", "－1", "＠x", "'=1"])
def test_a_formula_gets_an_apostrophe(text):
    assert guarded(text) == f"'{text}"


@given(st.text())
def test_the_apostrophe_is_taken_off_again(text):
    assert unguarded(guarded(text)) == text
    assert not guarded(text).lstrip()[:1] or guarded(text).lstrip()[0] not in "=+-@＝＋－＠"


@given(st.lists(st.tuples(texts, texts.filter(bool)), max_size=5))
def test_what_goes_out_as_csv_comes_back(rows):
    table = read_table("x.csv", csv_bytes(["Uno", "Dos"], rows))
    assert cells(table) == [tuple(map(tabular._cleaned, row)) for row in rows]


@given(st.lists(st.tuples(texts, texts.filter(bool)), max_size=5))
def test_what_goes_out_as_a_spreadsheet_comes_back(rows):
    table = read_table("x.xlsx", xlsx_bytes(["Uno", "Dos"], rows))
    assert cells(table) == [tuple(map(tabular._cleaned, row)) for row in rows]


def test_numbers_days_and_moments_keep_their_kind():
    moment = datetime(2026, 3, 2, 20, 15, tzinfo=UTC)
    row = ["a", 5, -3.5, date(2026, 3, 2), moment, True, None]
    (line,) = list(csv.reader(io.StringIO(csv_bytes(list("abcdefg"), [row]).decode("utf-8-sig"))))[1:]
    assert line == ["a", "5", "-3.5", "2026-03-02", "2026-03-02 14:15", "1", ""]
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(list("abcdefg"), [row]))).active
    assert [cell.value for cell in sheet[2]] == [
        "a",
        5,
        -3.5,
        datetime(2026, 3, 2),
        datetime(2026, 3, 2, 14, 15),
        "1",
        None,
    ]


def test_a_spreadsheet_holds_formulas_as_words():
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(["a"], [["=1+1"], ["https://x.org"]], "Núm/1"))).active
    assert [sheet["A2"].value, sheet["A2"].data_type, sheet["A3"].hyperlink] == ["=1+1", "s", None]


def test_answers_are_attachments_with_a_name_every_browser_reads():
    answer = tabular.csv_response("Señales básicas.csv", ["a"], [["1"]])
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"Senales-basicas.csv\"; filename*=UTF-8''Se%C3%B1ales%20b%C3%A1sicas.csv"
    )
    assert answer.mimetype == "text/csv"
    assert tabular.xlsx_response("x.xlsx", ["a"], []).mimetype == tabular.XLSX
