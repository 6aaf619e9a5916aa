"""Where packages come from: a folder, a zip somebody sent, a folder of many courses."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from lms.core.archive import Limits, read_archive
from lms.core.problems import N_, Problems
from lms.curriculum.package.course import COURSE_FILE
from lms.curriculum.package.reader import FACTS_FILE, FILE_COUNT, TOTAL_LIMIT

ZIP_LIMITS = Limits(members=FILE_COUNT, total=TOTAL_LIMIT, member=60_000_000, ratio=100, depth=5)
_LITTER = ("__macosx", "thumbs.db", "desktop.ini")


def is_litter(path: str) -> bool:
    """Tell whether a file is one that desktops leave behind.

    >>> is_litter("m1/.DS_Store"), is_litter("__MACOSX/m1/x"), is_litter("m1/x.spa.md")
    (True, True, False)
    """
    return any(part.startswith(".") or part.lower() in _LITTER or part.endswith("~") for part in path.split("/"))


def files_of_folder(folder: Path) -> dict[str, bytes]:
    """Read a package from its folder."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not path.is_symlink() and not is_litter(name):
            found[name] = path.read_bytes()
    return found


def files_of_zip(source: bytes | BinaryIO, name: str) -> tuple[dict[str, bytes], Problems]:
    """Read a package from a zip of its folder, or of what is in its folder."""
    members, problems = read_archive(source, name, ZIP_LIMITS)
    if problems.errors:
        return {}, problems
    paths = [path for path in members if not is_litter(path)]
    tops = {path.partition("/")[0] for path in paths}
    prefix = ""
    if COURSE_FILE not in paths and len(tops) == 1:
        prefix = f"{tops.pop()}/"
    if f"{prefix}{COURSE_FILE}" not in paths:
        problems.add(name, 1, N_("There is no course.toml in this zip."))
        return {}, problems
    return {path.removeprefix(prefix): members[path] for path in paths}, problems


def read_source(path: Path) -> tuple[Mapping[str, bytes], Problems]:
    """Read the package at a path of this machine, a folder or a zip."""
    if path.is_dir():
        return files_of_folder(path), Problems()
    return files_of_zip(path.read_bytes(), path.name)


def packages_at(path: Path) -> Iterator[Path]:
    """Yield the packages at a path: itself, or those in the folder."""
    if path.is_file() or (path / COURSE_FILE).is_file():
        yield path
    elif path.is_dir():
        for child in sorted(path.iterdir()):
            if (child / COURSE_FILE).is_file() or child.suffix == ".zip":
                yield child


def facts_file_for(path: Path) -> Path | None:
    """Return the file of facts that stands beside a package, for all packages of a folder."""
    for folder in (path, path.parent):
        if (folder / FACTS_FILE).is_file() and not (folder / COURSE_FILE).is_file():
            return folder / FACTS_FILE
    return None


def zip_of(files: Mapping[str, bytes], slug: str) -> bytes:
    """Write a package as a zip with one folder in it, as people expect to find it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(files):
            member = zipfile.ZipInfo(f"{slug}/{path}", (1980, 1, 1, 0, 0, 0))
            archive.writestr(member, files[path], zipfile.ZIP_DEFLATED)
    return out.getvalue()
