"""Commands about courses: check, load, export."""

import os
from pathlib import Path
from typing import Any

import click
from flask import g
from flask.cli import AppGroup, with_appcontext
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from lms.core import clock
from lms.core.choices import choices
from lms.core.cli import as_json, say
from lms.core.database import db
from lms.core.errors import BadInput
from lms.core.problems import Problem, Problems
from lms.curriculum.models import Course, Version
from lms.curriculum.package.canonical import pack, sha_of
from lms.curriculum.package.reader import FACTS_FILE, Reading, read_package
from lms.curriculum.services import export_package, is_left_alone, load_package, publish, version_of_package
from lms.curriculum.sources import facts_file_for, packages_at, read_source, zip_of
from lms.curriculum.speech import as_data, sentence_of
from lms.curriculum.style import style_problems
from lms.library.rules import read_facts
from lms.library.services import load_facts
from lms.organization.models import Unit
from lms.organization.services.units import ensure_root

courses_cli = AppGroup("courses", help="Courses as folders of plain files.")
_PATHS = click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))


@courses_cli.command("check")
@_PATHS
@as_json
@with_appcontext
def check(paths: tuple[Path, ...], is_json: bool) -> None:
    """Name everything that is wrong with courses: file, line, sentence. Needs no database."""
    speak_as_shell()
    found = [_checked(path) for given in paths for path in packages_at(given)]
    if not found:
        raise click.ClickException(_("There is no course here: a course is a folder with course.toml, or a zip of it."))
    say(is_json, found, lambda: [line for one in found for line in _lines(one)])
    if any(not one["is_sound"] for one in found):
        raise SystemExit(1)


@courses_cli.command("load")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--publish/--draft", "is_published", default=False, help="Publish at once, or leave it as a draft.")
@as_json
@with_appcontext
def load(path: Path, is_published: bool, is_json: bool) -> None:
    """Load one course (a folder or a zip) or a folder of courses with its facts; what is there is left alone."""
    speak_as_shell()
    unit = ensure_root(choices().agency or "Institución", clock.now())
    if (facts := facts_file_for(path)) is not None:
        _load_facts(facts)
    found = [_loaded(package, unit, is_published) for package in packages_at(path)]
    if not found:
        raise click.ClickException(_("There is no course here: a course is a folder with course.toml, or a zip of it."))
    say(is_json, found, lambda: [line for one in found for line in _loaded_lines(one)])
    if any(one["problems"] for one in found):
        raise SystemExit(1)


@courses_cli.command("export")
@click.argument("slug")
@click.argument("destination", type=click.Path(path_type=Path))
@click.option("--version", "number", type=int, help="Number of the version; else the published one, else the newest.")
@as_json
@with_appcontext
def export(slug: str, destination: Path, number: int | None, is_json: bool) -> None:
    """Write a course as files: into an empty folder, or into a zip when the destination ends in .zip."""
    speak_as_shell()
    version = _find(slug, number)
    files = export_package(version)
    if destination.suffix == ".zip":
        destination.parent.mkdir(parents=True, exist_ok=True)
        destination.write_bytes(zip_of(files, slug))
    else:
        if destination.exists() and any(destination.iterdir()):
            raise click.ClickException(_("%(path)s is not empty.", path=destination))
        for path, data in files.items():
            (destination / path).parent.mkdir(parents=True, exist_ok=True)
            (destination / path).write_bytes(data)
    said = {"slug": slug, "version": version.number, "label": version.label, "files": len(files)}
    say(
        is_json,
        said,
        lambda: [ngettext("%(slug)s, version %(version)s: one file written.",
                          "%(slug)s, version %(version)s: %(num)s files written.", len(files),
                          slug=slug, version=version.number)],
    )  # fmt: skip


def speak_as_shell() -> None:
    """Speak Spanish, or English where the shell does."""
    language = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    g.interface_locale = "en" if language.lower().startswith("en") else "es_GT"


def _checked(path: Path) -> dict[str, Any]:
    files, problems = read_source(path)
    facts = facts_file_for(path)
    known: set[str] | None = set() if FACTS_FILE in files else None
    if facts is not None:
        drafts, wrong = read_facts(facts.read_text("utf-8"), facts.name)
        known = {draft.key for draft in drafts}
        problems.extend(wrong)
    reading = read_package(files, known) if files else Reading(None, Problems())
    problems.extend(reading.problems)
    if reading.package is not None:
        problems.extend(style_problems(reading.package, files))
    return _summary(path, reading, problems)


def _summary(path: Path, reading: Reading, problems: Problems) -> dict[str, Any]:
    package = reading.package
    return {
        "path": str(path),
        "slug": package.course.slug if package else None,
        "version": package.course.label if package else None,
        "languages": package.course.languages if package else [],
        "modules": len(package.modules) if package else 0,
        "activities": len(package.activities) if package else 0,
        "lessons": package.lesson_count if package else 0,
        "questions": package.question_count if package else 0,
        "facts": len(package.facts) if package else 0,
        "short_unit": package.bridge.course.slug if package and package.bridge else None,
        "missing_recordings": package.recordings if package else [],
        "is_sound": package is not None and not problems.errors,
        "problems": [as_data(problem) for problem in problems],
    }


def _lines(one: dict[str, Any]) -> list[str]:
    head = _(
        "%(slug)s: %(languages)s; modules: %(modules)s, lessons: %(lessons)s, questions: %(questions)s.",
        slug=one["slug"] or one["path"],
        languages=", ".join(one["languages"]) or "-",
        modules=one["modules"],
        lessons=one["lessons"],
        questions=one["questions"],
    )
    lines = [_("It carries the short unit %(slug)s.", slug=one["short_unit"])] if one["short_unit"] else []
    lines += [_told(one["path"], problem) for problem in one["problems"]]
    errors = sum(not problem["is_warning"] for problem in one["problems"])
    warned = len(one["problems"]) - errors
    return [head, *lines, _("Problems: %(errors)s. Warnings: %(warned)s.", errors=errors, warned=warned)]


def _told(path: str, problem: dict[str, Any]) -> str:
    mark = _("warning: ") if problem["is_warning"] else ""
    return f"{path}/{problem['file']}:{problem['line']}: {mark}{problem['sentence']}"


def _load_facts(path: Path) -> None:
    _count, problems = load_facts(path.read_text("utf-8"), path.name, clock.now())
    if problems.errors:
        _refuse(problems.errors)
    db.session.commit()


def _refuse(problems: list[Problem]) -> None:
    for problem in problems:
        click.echo(f"{problem.file}:{problem.line}: {sentence_of(problem)}", err=True)
    raise SystemExit(1)


def _loaded(path: Path, unit: Unit, is_published: bool) -> dict[str, Any]:
    files, problems = read_source(path)
    said: dict[str, Any] = {"path": str(path), "slug": None, "version": None, "state": None, "is_new": False}
    if problems.errors:
        return said | {"problems": [as_data(problem) for problem in problems.errors]}
    try:
        sha = sha_of(pack({name: data for name, data in files.items() if name != FACTS_FILE}))
        version, is_new = version_of_package(sha), False
        if version is None:
            loaded = load_package(files, unit, None, clock.now())
            version, is_new = loaded.version, loaded.is_new
        if is_published and version.state == "draft" and is_left_alone(version.course):
            publish(version, None, clock.now())
        db.session.commit()
    except BadInput as refusal:
        db.session.rollback()
        return said | {"problems": [as_data(problem) for problem in refusal.problems if isinstance(problem, Problem)]}
    return said | {
        "slug": version.course.slug,
        "version": version.number,
        "label": version.label,
        "state": version.state,
        "is_new": is_new,
        "problems": [],
    }


def _loaded_lines(one: dict[str, Any]) -> list[str]:
    if one["problems"]:
        refused = _("%(path)s was not loaded:", path=one["path"])
        return [refused, *(_told(one["path"], problem) for problem in one["problems"])]
    words = {"draft": _("draft"), "published": _("published"), "withdrawn": _("withdrawn")}
    state = words[one["state"]] if one["is_new"] else _("%(state)s, unchanged", state=words[one["state"]])
    return [
        _(
            "%(slug)s: version %(version)s (%(label)s), %(state)s.",
            slug=one["slug"],
            version=one["version"],
            label=one["label"],
            state=state,
        )
    ]


def _find(slug: str, number: int | None) -> Version:
    course = db.session.scalar(select(Course).where(Course.slug == slug))
    query = select(Version).where(Version.course_id == (course.id if course else None))
    if number is not None:
        query = query.where(Version.number == number)
    elif course is not None and course.current_version_id is not None:
        query = query.where(Version.id == course.current_version_id)
    version = db.session.scalar(query.order_by(Version.number.desc()).limit(1))
    if version is None:
        raise click.ClickException(_("There is no course %(slug)s of that version here.", slug=slug))
    return version
