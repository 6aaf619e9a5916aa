"""Tables in and out: CSV and spreadsheets, whoever wrote them.

A cell that begins with = + - or @ is a formula to a spreadsheet, and a formula can send data away. Going out, such a
text gets an apostrophe in front (CSV) or is marked as text (XLSX); coming in, that one apostrophe is taken off again.
"""

import codecs
import csv
import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from flask import Response
from flask_babel import gettext as _

from lms.core.archive import Limits, read_archive
from lms.core.errors import BadInput
from lms.core.texts import folded

ROWS = 20_000
COLUMNS = 200
CELL = 10_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ZIP = Limits(members=500, total=150_000_000, member=120_000_000, ratio=200, depth=8)
_FORMULA = re.compile(r"'*[\s\x00]*[=+\-@\t\r\n＝＋－＠]")
_GUARDED = re.compile(r"'(?='*[\s\x00]*[=+\-@\t\r\n＝＋－＠])")
_HOME = ZoneInfo("America/Guatemala")


@dataclass(frozen=True)
class Row:
    """One row under the headers; `number` is what the spreadsheet shows in its margin."""

    number: int
    cells: dict[str, str]  # by folded header

    def get(self, *headers: str) -> str:
        """Return the first cell found under one of these headers (case and accents make no difference), or ""."""
        return next((self.cells[key] for key in map(folded, headers) if self.cells.get(key)), "")


@dataclass(frozen=True)
class Table:
    """What was read: the headers as written, and the rows that hold something."""

    headers: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(filename: str, data: bytes) -> Table:
    """Read a CSV or XLSX file; the first row that holds something has the headers.

    :raise BadInput: it is neither, or too large, or has no headers.
    """
    if data[:4] == b"PK\x03\x04":
        lines = _xlsx_lines(filename, data)
    elif data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" or filename.lower().endswith((".xls", ".ods", ".numbers")):
        raise BadInput(_("Save the table as .xlsx or .csv and send it again."))
    else:
        lines = _csv_lines(data)
    return _table(lines)


def _table(lines: Iterator[tuple[int, list[str]]]) -> Table:
    filled = ((number, cells) for number, cells in lines if any(cells))
    _number, first = next(filled, (0, []))
    headers = tuple(first)
    keys = [folded(header) for header in headers]
    if not any(keys):
        raise BadInput(_("The table is empty. Its first row names the columns."))
    if len(keys) > COLUMNS:
        raise BadInput(_("The table has more than %(limit)d columns.", limit=COLUMNS))
    doubled = next((header for header, key in zip(headers, keys, strict=True) if key and keys.count(key) > 1), None)
    if doubled:
        raise BadInput(_("Two columns are called “%(name)s”. Rename one of them.", name=doubled))
    rows: list[Row] = []
    for number, cells in filled:
        if len(rows) == ROWS:
            raise BadInput(_("The table has more than %(limit)d rows. Send it in parts.", limit=ROWS))
        if any(cells[len(keys) :]) or any(cell and not key for cell, key in zip(cells, keys, strict=False)):
            raise BadInput(_("Row %(number)d has a cell in a column without a name.", number=number))
        if any(len(cell) > CELL for cell in cells):
            raise BadInput(_("Row %(number)d has a cell of more than %(limit)d letters.", number=number, limit=CELL))
        rows.append(Row(number, {key: cell for key, cell in zip(keys, cells, strict=False) if key}))
    return Table(headers, tuple(rows))


def _csv_lines(data: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(data)
    if "\x00" in text:
        raise BadInput(_("This is not a table. Send a .csv or .xlsx file."))
    head = next((line for line in text.splitlines() if line.strip()), "")
    bare = re.sub(r'"[^"]*"', "", head)
    if (said := re.fullmatch(r"sep=(.)", head.strip())) is not None:  # what Excel writes for itself
        text = text.partition("\n")[2]
        delimiter = said.group(1)
    else:
        delimiter = max(",;\t|", key=bare.count)
    number = 1 if said else 0
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            number += 1
            yield number, [_cleaned(unguarded(cell)) for cell in cells]
    except csv.Error as error:
        raise BadInput(_("Row %(number)d cannot be read: a quotation mark is open.", number=number + 1)) from error


def _decoded(data: bytes) -> str:
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")  # what Excel in Spanish saves as "CSV"


def _xlsx_lines(filename: str, data: bytes) -> Iterator[tuple[int, list[str]]]:
    _members, problems = read_archive(data, filename, _ZIP)
    if problems:
        raise BadInput(_("This spreadsheet cannot be read. Open it, save it as .xlsx again and send that."))
    import openpyxl  # a tenth of a second of every start, for the few who bring a workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of decorations openpyxl does not know
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what a file says of its own size may be a lie
            for number, cells in enumerate(sheet.iter_rows(values_only=True, max_col=COLUMNS + 1), 1):
                if number > ROWS * 3:
                    break
                texts = [_cleaned(_as_text(cell)) for cell in cells]
                while texts and not texts[-1]:
                    texts.pop()
                yield number, texts
    except (
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        OSError,
        SyntaxError,
        zipfile.BadZipFile,
    ) as error:
        raise BadInput(_("This spreadsheet cannot be read. Open it, save it as .xlsx again and send that.")) from error


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(" ", "minutes")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value)


def _cleaned(cell: str) -> str:
    return unicodedata.normalize("NFC", cell.replace("\u00a0", " ").replace("\ufeff", "")).strip()


def guarded(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula.

    >>> guarded("=1+1"), guarded("'=1+1"), guarded("Ana")
    ("'=1+1", "''=1+1", 'Ana')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """Take off the apostrophe that `guarded` put there.

    >>> unguarded("'=1+1"), unguarded("'s middags")
    ('=1+1', "'s middags")
    """
    return text[1:] if _GUARDED.match(text) else text


def csv_bytes(headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Write a CSV file that no spreadsheet will execute, in UTF-8 with the mark Excel looks for."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    for row in (headers, *rows):
        writer.writerow([guarded(cell) if isinstance(cell, str) else _told(cell) for cell in row])
    return codecs.BOM_UTF8 + text.getvalue().encode()


def csv_response(filename: str, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Answer with a CSV file that no spreadsheet will execute."""
    return _attached(csv_bytes(headers, rows), filename, "text/csv; charset=utf-8")


def xlsx_bytes(headers: Sequence[str], rows: Iterable[Sequence[Any]], sheet: str = "1") -> bytes:
    """Write a spreadsheet whose texts stay texts, its headers fixed and bold."""
    import xlsxwriter  # as openpyxl, above

    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "remove_timezone": True,
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        page = book.add_worksheet(re.sub(r"[\[\]:*?/\\']", " ", sheet)[:31] or "1")
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        page.freeze_panes(1, 0)
        widths = [len(header) for header in headers]
        for column, header in enumerate(headers):
            page.write_string(0, column, header, bold)
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                if isinstance(cell, datetime):
                    page.write_datetime(number, column, _local(cell).replace(tzinfo=None), moment)
                elif isinstance(cell, date):
                    page.write_datetime(number, column, datetime.combine(cell, time.min, UTC).replace(tzinfo=None), day)
                elif isinstance(cell, (int, float)) and not isinstance(cell, bool):
                    page.write_number(number, column, cell)
                elif cell is not None:
                    page.write_string(number, column, str(_told(cell)))
                if column < len(widths):
                    widths[column] = max(widths[column], min(len(str(_told(cell))), 60))
        for column, width in enumerate(widths):
            page.set_column(column, column, width + 2)
    return buffer.getvalue()


def xlsx_response(
    filename: str,
    headers: Sequence[str],
    rows: Iterable[Sequence[Any]],
    sheet: str = "1",
) -> Response:
    """Answer with a spreadsheet whose texts stay texts."""
    return _attached(xlsx_bytes(headers, rows, sheet), filename, XLSX)


def _told(cell: Any) -> Any:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return int(cell)
    if isinstance(cell, datetime):
        return _local(cell).strftime("%Y-%m-%d %H:%M")
    if isinstance(cell, (int, float)):
        return cell
    return guarded(str(cell)) if not isinstance(cell, (str, date)) else str(cell)


def _local(moment: datetime) -> datetime:
    return moment.astimezone(_HOME) if moment.tzinfo else moment


def _attached(data: bytes, filename: str, content_type: str) -> Response:
    response = Response(data, content_type=content_type)
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", unicodedata.normalize("NFKD", filename).encode("ascii", "ignore").decode())
    response.headers["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename)}"
    return response
