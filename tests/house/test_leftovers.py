"""Nothing lies about: code that nobody calls, libraries that nobody imports, paths of somebody's machine."""

import ast
import re
from collections import Counter
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.house.tree import ROOT, Module, modules, tracked

BINARY = (".png", ".jpg", ".webp", ".ico", ".mp3", ".ogg", ".mp4", ".pdf", ".zip", ".xlsx", ".woff2")

CALLED_BY_LIBRARIES = {"get_id"}  # Flask-Login

# Libraries that others ask for by name, or that run beside the application.
USED_UNSEEN = {"gunicorn", "psycopg", "tzdata", "pydyf", "babel", "alembic", "werkzeug", "jinja2", "markupsafe"}


def test_nothing_in_the_application_is_defined_and_never_used():
    texts = [path.read_text("utf-8") for path in (ROOT / "lms").rglob("*") if path.suffix in (".py", ".html", ".js")]
    mentioned = Counter(word for text in texts for word in re.findall(r"\w+", text))
    unused = [
        f"{module.shown}:{line} {name}"
        for module in modules()
        for name, line in _definitions(module)
        if mentioned[name] < 2
    ]
    assert not unused, "defined and never mentioned again:\n" + "\n".join(unused)


def _definitions(module: Module) -> list[tuple[str, int]]:
    """List what a file defines for others; what a decorator or a library's base class calls for is left out."""
    scopes = [module.tree, *(node for node in module.tree.body if isinstance(node, ast.ClassDef) and not node.bases)]
    return [
        (node.name, node.lineno)
        for scope in scopes
        for node in scope.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not (node.decorator_list and isinstance(node, ast.FunctionDef))
        and not (node.name.startswith("__") or node.name in CALLED_BY_LIBRARIES)
        and module.room
    ]


def _pinned(name: str) -> dict[str, Requirement]:
    lines = (line.split("#")[0].strip() for line in (ROOT / name).read_text("utf-8").splitlines())
    found = [Requirement(line) for line in lines if line and not line.startswith("-r")]
    return {_folded(one.name): one for one in found}


def _folded(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_library_is_pinned_with_all_it_needs(name):
    pinned = _pinned("requirements.txt") | _pinned(name)
    loose = [str(one) for one in pinned.values() if not str(one.specifier).startswith("==")]
    missing = set()
    for one in pinned.values():
        for line in distribution(one.name).requires or []:
            need = Requirement(line)
            extras = one.extras or {""}
            if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in extras):
                missing.add(_folded(need.name))
    assert not loose
    missing -= set(pinned)
    assert not missing, "needed and not pinned"


def test_the_application_imports_only_libraries_of_its_own_list():
    foreign = _imported() - set(_pinned("requirements.txt"))
    assert not foreign


def test_every_library_of_the_first_list_is_used():
    chosen = (ROOT / "requirements.txt").read_text("utf-8").split("# Needed by those above")[0]
    named = {_folded(Requirement(line.split("#")[0]).name) for line in chosen.splitlines() if "==" in line}
    unused = named - _imported() - USED_UNSEEN
    assert not unused


def _imported() -> set[str]:
    """Return the distributions that the application, its migrations and `wsgi.py` import."""
    owners = packages_distributions()
    tops = {one.target.split(".")[0] for module in modules() for one in module.imports}
    return {_folded(owner) for top in tops for owner in owners.get(top, [])}


def test_no_tracked_file_names_a_machine_or_a_registry():
    home = r"/(?:root|home/[a-z]+|Users/[A-Za-z]+)/"
    registries = "|".join(("py" + r"pi\.org", "python" + r"hosted\.org", "npm" + r"js\.(?:org|com)", "index" + "-url"))
    here = re.escape(str(ROOT)) + r"\b" if len(ROOT.parts) > 2 else home
    sign = re.compile(f"{home}|{registries}|{here}")
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in tracked()
        if path.suffix not in BINARY and path != Path(__file__)
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), 1)
        if sign.search(line)
    ]
    assert not wrong, "\n".join(wrong)


def test_every_top_folder_explains_itself():
    silent = []
    for folder in sorted({ROOT / path.relative_to(ROOT).parts[0] for path in tracked()}):
        if not folder.is_dir() or folder.name.startswith("."):
            continue
        package = folder / "__init__.py"
        if not (folder / "README.md").exists() and not (package.exists() and ast.get_docstring(_parsed(package))):
            silent.append(folder.name)
    assert not silent, "these folders need a few lines in README.md or in the docstring of __init__.py"


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def test_the_libraries_named_in_the_lists_are_those_installed():
    different = []
    for one in (_pinned("requirements.txt") | _pinned("requirements-dev.txt")).values():
        try:
            installed = distribution(one.name).version
        except PackageNotFoundError:
            installed = "absent"
        if not one.specifier.contains(installed):
            different.append(f"{one} but {installed}")
    assert not different
