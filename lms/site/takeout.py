"""A person's whole data as one zip file: an explanation, tables for a spreadsheet, and JSON for a computer."""

import io
import json
import uuid
import zipfile
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from lms.core.tabular import csv_bytes
from lms.site.personal import SOURCES, everything, flat

_BOM = "\ufeff"  # spreadsheets know by it that the letters are UTF-8


def takeout(person_id: uuid.UUID, name: str, now: datetime) -> bytes:
    """Pack everything the database holds about a person."""
    tables = everything(person_id)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_("READ ME") + ".txt", _explanation(tables, name, now))
        archive.writestr("data.json", json.dumps(tables, ensure_ascii=False, indent=1))
        for table, rows in tables.items():
            if rows:
                archive.writestr(f"tables/{table}.csv", csv_bytes(list(rows[0]), flat(rows)))
    return packed.getvalue()


def _explanation(tables: dict[str, list[dict[str, Any]]], name: str, now: datetime) -> str:
    lines = [
        _("What is kept about %(name)s, as of %(day)s (time in UTC).", name=name, day=f"{now:%Y-%m-%d %H:%M}"),
        "",
        _("The folder “tables” opens in a spreadsheet. data.json holds the same for a computer to read."),
        _("Passwords, PINs and keys are not in it: only seals of them are kept, and they stay on the server."),
        _("Questions are named by their number in the course."),
        "",
    ]
    lines += [
        f"{_(source.title)}: tables/{source.table.name}.csv, {len(tables[source.table.name])}" for source in SOURCES
    ]
    return _BOM + "\r\n".join(lines) + "\r\n"
