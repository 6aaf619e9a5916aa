"""The tree as the house tests read it: modules, what they import, files under version control."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from lms import ROOMS

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ("models", "rules", "services", "queries", "forms", "views", "manage", "api", "cli", "jobs")


@dataclass(frozen=True)
class Import:
    """One import: the module or name it reaches, where it stands, and whether it waits inside a function."""

    target: str
    line: int
    is_late: bool


@dataclass(frozen=True)
class Module:
    """One Python file of the application."""

    path: Path

    @property
    def shown(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def name(self) -> str:
        """The dotted name by which others import it."""
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def room(self) -> str | None:
        """The room it belongs to, or None for the few files that stand beside the rooms."""
        parts = self.path.relative_to(ROOT / "lms").parts
        return parts[0] if len(parts) > 1 else None

    @property
    def layer(self) -> str | None:
        """What kind of file it is within its room: `services` for services.py and all below services/.

        A folder that is no layer holds one feature with layers of its own: certification/checking/views.py.
        """
        parts = self.path.relative_to(ROOT / "lms").with_suffix("").parts
        return next((part for part in parts[1:] if part in LAYERS), parts[1] if len(parts) > 1 else None)

    @property
    def is_pure(self) -> bool:
        """Whether it is one of the files that must know nothing of web and database."""
        return self.layer in ("rules", "policy", "package", "kinds")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text("utf-8"), str(self.path))

    @cached_property
    def imports(self) -> list[Import]:
        """Every import of the file, late and conditional ones included."""
        late = {
            id(node)
            for function in ast.walk(self.tree)
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            for node in ast.walk(function)
        }
        found = []
        for node in ast.walk(self.tree):
            for target in _targets(node):
                found.append(Import(target, getattr(node, "lineno", 0), id(node) in late))
        return found

    def calls(self, outside: tuple[str, ...] = ()) -> Iterator[tuple[str, int]]:
        """Yield every call as written (`db.session.commit`, `datetime.now`) with its line.

        :param outside: leave out functions that one of these decorates.
        """
        inside = {
            id(node)
            for function in ast.walk(self.tree)
            if isinstance(function, ast.FunctionDef) and _decorators(function) & set(outside)
            for node in ast.walk(function)
        }
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and id(node) not in inside:
                yield ast.unparse(node.func), node.lineno


def _decorators(function: ast.FunctionDef) -> set[str]:
    return {ast.unparse(one.func if isinstance(one, ast.Call) else one) for one in function.decorator_list}


def _targets(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = "." * node.level + (node.module or "")
        return [f"{base}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__"):
        return [argument.value for argument in node.args[:1] if isinstance(argument, ast.Constant)]
    return []


@cache
def modules() -> tuple[Module, ...]:
    """Return every Python file of the application."""
    return tuple(Module(path) for path in sorted((ROOT / "lms").rglob("*.py")))


def room_of(target: str) -> str | None:
    """Return the room an imported name lies in: `lms.core.clock.now` lies in `core`."""
    parts = target.split(".")
    return parts[1] if parts[0] == "lms" and len(parts) > 1 and parts[1] in ROOMS else None


@cache
def tracked() -> tuple[Path, ...]:
    """Return every file under version control, and those about to be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return tuple(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())
