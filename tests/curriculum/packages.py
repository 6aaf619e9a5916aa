"""Packages for tests: the example course of docs/, changed in one place."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from lms.curriculum.package.reader import Reading, read_package
from lms.curriculum.sources import files_of_folder

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "example-course"
SHIPPED = ROOT / "courses"
SPA, ENG = "m1/a-quien-aviso.spa.md", "m1/a-quien-aviso.eng.md"


def example() -> dict[str, bytes]:
    """Return the files of the example course."""
    return files_of_folder(EXAMPLE)


def changed(path: str, old: str, new: str) -> dict[str, bytes]:
    """Return the example with one text replaced by another."""
    files = example()
    text = files[path].decode()
    assert old in text, f"{path} does not hold {old!r}"
    return files | {path: text.replace(old, new, 1).encode()}


def added(path: str, content: str | bytes) -> dict[str, bytes]:
    """Return the example with one more file, or another one in its place."""
    return example() | {path: content.encode() if isinstance(content, str) else content}


def without(path: str) -> dict[str, bytes]:
    """Return the example without one file."""
    files = example()
    del files[path]
    return files


def body(text: str) -> dict[str, bytes]:
    """Return the example with a text added to the end of its Spanish lesson."""
    files = example()
    return files | {SPA: files[SPA] + f"\n{text}\n".encode()}


def read(files: Mapping[str, bytes]) -> Reading:
    """Read a package whose facts are its own."""
    return read_package(files, set())


CHANGE = """
[change]
on = 2026-09-01
what.spa = "El aviso se da también por escrito."
what.eng = "The report is also made in writing."
"""


def with_unit(change: str = CHANGE, old: str = "", new: str = "", file: str = "course.toml") -> dict[str, bytes]:
    """Return the example with `[change]` and, as its short unit, the example again, one text of it replaced."""
    files = example()
    unit = files | {"course.toml": files["course.toml"].replace(b'slug = "ejemplo"', b'slug = "ejemplo-cambio"')}
    assert old.encode() in unit[file], f"{file} does not hold {old!r}"
    unit[file] = unit[file].replace(old.encode(), new.encode()) if old else unit[file]
    files["course.toml"] += change.encode()
    return files | {f"bridge/{path}": data for path, data in unit.items()}


def zipped(files: Mapping[str, bytes], folder: str = "ejemplo/") -> bytes:
    """Zip a package as people do, with its folder."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(folder + path, data)
    return out.getvalue()
