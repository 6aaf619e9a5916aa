"""The command line: check names everything, load is safe to repeat, export gives the files back."""

import json

import pytest

from lms.core.database import db
from lms.curriculum.models import Version
from lms.curriculum.services import load_package, publish
from lms.curriculum.sources import files_of_folder
from tests import factories
from tests.curriculum.packages import EXAMPLE, body, example, zipped
from tests.factories import NOW


@pytest.fixture(autouse=True)
def _spanish(monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


def write(folder, files):
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def run(runner, *arguments, **env):
    return runner.invoke(args=["courses", *map(str, arguments)], env=env)


def test_check_says_what_a_course_holds(runner):
    result = run(runner, "check", EXAMPLE, "--json")
    assert result.exit_code == 0
    (one,) = json.loads(result.output)
    assert {key: one[key] for key in ("slug", "languages", "modules", "lessons", "questions", "problems")} == {
        "slug": "ejemplo",
        "languages": ["spa", "eng", "quc"],
        "modules": 1,
        "lessons": 1,
        "questions": 2,
        "problems": [],
    }


def test_check_names_every_problem_in_the_language_of_the_shell(runner, tmp_path):
    folder = write(tmp_path / "mal", body("# Título\n\n{fact:gone}"))
    spanish, english = run(runner, "check", folder), run(runner, "check", folder, LANG="en_US.UTF-8")
    assert (spanish.exit_code, english.exit_code) == (1, 1)
    assert "m1/a-quien-aviso.spa.md:60: Los títulos se escriben con ## o ###" in spanish.output
    assert "La biblioteca no tiene el dato «gone»." in spanish.output
    assert "Headings are written ## or ###" in english.output
    assert "Problems: 2. Warnings: " in english.output


def test_check_reads_zips_and_folders_of_courses(runner, tmp_path):
    write(tmp_path / "uno", example())
    (tmp_path / "dos.zip").write_bytes(zipped(example()))
    result = run(runner, "check", tmp_path, "--json")
    assert [one["slug"] for one in json.loads(result.output)] == ["ejemplo", "ejemplo"]


def test_check_knows_the_facts_beside_the_courses(runner, tmp_path):
    files = example()
    (tmp_path / "facts.toml").write_bytes(files.pop("facts.toml"))
    write(tmp_path / "uno", files)
    assert run(runner, "check", tmp_path / "uno").exit_code == 0
    (tmp_path / "facts.toml").write_text("")
    assert run(runner, "check", tmp_path / "uno").exit_code == 1


def test_check_of_an_empty_folder_says_what_a_course_is(runner, tmp_path):
    result = run(runner, "check", tmp_path)
    assert result.exit_code == 1
    assert "una carpeta con course.toml" in result.output


def test_load_publishes_and_repeats_quietly(runner, app, tmp_path):
    first, again = (run(runner, "load", EXAMPLE, "--publish") for _time in range(2))
    assert first.output == "ejemplo: versión 1 (1), publicada.\n"
    assert again.output == "ejemplo: versión 1 (1), publicada, sin cambios.\n"
    assert (first.exit_code, again.exit_code) == (0, 0)


def test_load_without_publish_leaves_a_draft(runner, db_session):
    assert json.loads(run(runner, "load", EXAMPLE, "--json").output)[0]["state"] == "draft"


def test_load_refuses_a_package_with_problems_and_goes_on_with_the_others(runner, app, tmp_path):
    write(tmp_path / "a-mal", body("{fact:gone}"))
    write(tmp_path / "b-bien", example())
    result = run(runner, "load", tmp_path, "--publish")
    assert result.exit_code == 1
    assert "a-mal no se cargó:" in result.output
    assert "ejemplo: versión 1 (1), publicada." in result.output


def test_a_shipped_version_does_not_replace_one_that_somebody_here_published(runner, db_session, tmp_path):
    run(runner, "load", EXAMPLE, "--publish")
    elena = factories.actor()
    own = load_package(body("De nuestra institución."), factories.agency(), elena, NOW).version
    publish(own, elena, NOW)
    db.session.commit()
    shipped = write(tmp_path / "ejemplo", body("De fábrica."))
    assert json.loads(run(runner, "load", shipped, "--publish", "--json").output)[0]["state"] == "draft"
    db.session.expire_all()
    assert db.session.get_one(Version, own.id).course.current_version_id == own.id


def test_export_gives_the_files_back(runner, app, tmp_path):
    run(runner, "load", EXAMPLE, "--publish")
    assert run(runner, "export", "ejemplo", tmp_path / "out").exit_code == 0
    exported = files_of_folder(tmp_path / "out")
    assert exported.keys() == example().keys()
    assert all(exported[path] == data for path, data in example().items() if path != "facts.toml")
    assert run(runner, "export", "ejemplo", tmp_path / "out").exit_code == 1
    assert run(runner, "export", "nada", tmp_path / "other").exit_code == 1


def test_an_exported_zip_can_be_loaded_again(runner, app, tmp_path):
    run(runner, "load", EXAMPLE, "--publish")
    said = json.loads(run(runner, "export", "ejemplo", tmp_path / "ejemplo.zip", "--json").output)
    assert said["files"] == len(example())
    assert "sin cambios" in run(runner, "load", tmp_path / "ejemplo.zip").output
