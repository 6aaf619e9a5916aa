"""A room imports only what stands before it; the pure files know nothing of web and database; only doors commit."""

import subprocess
import sys

from lms import ROOMS
from tests.house.tree import ROOT, Module, modules, room_of

WEB_AND_DATABASE = ("flask", "sqlalchemy", "werkzeug", "wtforms", "jinja2", "alembic", "huey")
DOORS = ("views", "manage", "api", "cli", "jobs")
BELOW_THE_DOORS = ("models", "rules", "services", "queries")
BEFORE_THE_LIBRARIES = ("lms/starting.py", "lms/serving.py")
ASKING_THE_TIME = {
    *(
        f"{start}.{end}"
        for start in ("datetime", "datetime.datetime", "dt.datetime")
        for end in ("now", "utcnow", "today")
    ),
    *(
        "date.today",
        "datetime.date.today",
        "dt.date.today",
        "time.time",
        "time.time_ns",
        "time.localtime",
        "time.gmtime",
    ),
}


def test_every_folder_of_the_application_is_a_room():
    folders = {path.parent.name for path in (ROOT / "lms").glob("*/__init__.py")}
    assert folders == set(ROOMS)


def test_a_room_imports_only_what_stands_before_it():
    wrong = [
        f"{module.shown}:{one.line} imports {one.target}, which stands after {module.room}"
        for module in modules()
        for one in module.imports
        if module.room and (other := room_of(one.target)) and ROOMS.index(other) > ROOMS.index(module.room)
    ]
    assert not wrong, "\n".join(wrong)


def test_rooms_are_imported_by_their_full_name_at_the_top_of_the_file():
    wrong = [
        f"{module.shown}:{one.line} imports {one.target} {'late' if one.is_late else 'by a relative name'}"
        for module in modules()
        for one in module.imports
        if (one.is_late and room_of(one.target)) or one.target.startswith(".")
    ]
    assert not wrong, "\n".join(wrong)


def test_the_application_does_not_know_its_tests():
    wrong = [
        f"{module.shown}:{one.line}"
        for module in modules()
        for one in module.imports
        if one.target.split(".")[0] in ("tests", "pytest", "hypothesis")
    ]
    assert not wrong, wrong


def test_pure_files_reach_neither_web_nor_database():
    ways = [way for module in modules() if module.is_pure and (way := _way_out(module))]
    assert not ways, "\n".join(" → ".join(way) for way in ways)


def _way_out(module: Module) -> list[str]:
    """Return the shortest way from a module to web or database, through whatever of ours it imports; or nothing."""
    by_name = {other.name: other for other in modules() if other.room}
    ways, seen = [[module.shown]], {module.name}
    standing = {module.shown: module}
    for way in ways:
        for one in standing[way[-1]].imports:
            if one.target.split(".")[0].startswith(WEB_AND_DATABASE):
                return [*way, one.target]
            other = by_name.get(one.target) or by_name.get(one.target.rpartition(".")[0])
            if other and other.name not in seen:
                seen.add(other.name)
                standing[other.shown] = other
                ways.append([*way, other.shown])
    return []


def test_only_doors_commit():
    wrong = [
        f"{module.shown}:{line} {call}()"
        for module in modules()
        for call, line in module.calls(outside=("job", "periodic"))  # the doors through which the clock comes in
        if call.endswith(".commit") and module.layer not in DOORS
    ]
    assert not wrong, "\n".join(wrong)


def test_only_the_clock_asks_what_time_it_is():
    wrong = [
        f"{module.shown}:{line} {call}()"
        for module in modules()
        for call, line in module.calls()
        if module.name != "lms.core.clock" and call in ASKING_THE_TIME
    ]
    assert not wrong, "\n".join(wrong)


def test_what_stands_below_the_doors_is_told_the_time():
    wrong = [
        f"{module.shown}:{line} {call}()"
        for module in modules()
        for call, line in module.calls()
        if (module.is_pure or module.layer in BELOW_THE_DOORS) and call in ("clock.now", "clock.today")
    ]
    assert not wrong, "\n".join(wrong)


def test_what_starts_the_site_needs_nothing_installed():
    wrong = [
        f"{module.shown}:{one.line} imports {one.target}"
        for module in modules()
        for one in module.imports
        if module.shown in BEFORE_THE_LIBRARIES and one.target.split(".")[0] not in sys.stdlib_module_names
    ]
    assert not wrong, "\n".join(wrong)


# One process loads the libraries, then forks: each child imports its room as if no other room had been there.
IMPORT_ALONE = """
import importlib, os, sys
import flask_babel, flask_migrate, flask_sqlalchemy, flask_wtf
for room in sys.argv[1:]:
    child = os.fork()
    if not child:
        assert len(importlib.import_module(f"lms.{room}").__doc__ or "") > 80, f"say in a few lines what {room} is"
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        print(f"{room} cannot be imported alone")
"""


def test_a_room_can_be_imported_alone_and_says_what_it_is():
    command = [sys.executable, "-c", IMPORT_ALONE, *ROOMS]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    assert not finished.stdout, finished.stdout + finished.stderr
