"""Templates and stylesheets: they compile, they lead somewhere, they obey the content policy."""

import re
from pathlib import Path

import pytest
from jinja2 import nodes

from tests.house.tree import ROOT

TEMPLATES = sorted((ROOT / "lms").glob("*/templates/**/*.*"))
STYLES = sorted((ROOT / "lms").rglob("*.css"))
SCRIPTS = sorted((ROOT / "lms" / "static").rglob("*.js"))

FORBIDDEN_IN_PAGES = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.I),
    "an event handler in the page": re.compile(r"<[^>]*\son[a-z]+\s*=\s*[\"']", re.I),
    "a script in the page": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=.application/json)", re.I),
    "a javascript: address": re.compile(r"javascript:", re.I),
    "something from another host": re.compile(r"(?:src|srcset|action|poster|data)\s*=\s*[\"'](?:https?:)?//", re.I),
    "a stylesheet of another host": re.compile(r"<link[^>]*href\s*=\s*[\"'](?:https?:)?//", re.I),
    "a new window": re.compile(r"target\s*=\s*[\"']_blank", re.I),
}
FORBIDDEN_IN_STYLES = {
    "something from another host": re.compile(r"url\(\s*[\"']?(?:https?:)?//", re.I),
    "an import": re.compile(r"@import\b", re.I),
    "a font file": re.compile(r"@font-face\b", re.I),
}
FORBIDDEN_IN_SCRIPTS = {
    "something from another host": re.compile(r"[\"'`](?:https?:)?//(?!www\.w3\.org)", re.I),
    "text run as code": re.compile(r"\beval\(|new Function\(|\.innerHTML\s*=|document\.write\(|insertAdjacentHTML"),
    "storage that outlives a shared phone": re.compile(r"\blocalStorage\b"),
}


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _breaches(paths: list[Path], forbidden: dict[str, re.Pattern[str]]) -> list[str]:
    return [
        f"{_shown(path)}:{text.count(chr(10), 0, match.start()) + 1}: {what}"
        for path in paths
        for text in [path.read_text("utf-8")]
        for what, sign in forbidden.items()
        for match in sign.finditer(text)
    ]


def test_pages_obey_the_content_policy():
    assert not (wrong := _breaches(TEMPLATES, FORBIDDEN_IN_PAGES)), "\n".join(wrong)


def test_stylesheets_ask_nothing_of_other_hosts():
    assert not (wrong := _breaches(STYLES, FORBIDDEN_IN_STYLES)), "\n".join(wrong)


def test_scripts_ask_nothing_of_other_hosts_and_write_no_markup():
    assert not (wrong := _breaches(SCRIPTS, FORBIDDEN_IN_SCRIPTS)), "\n".join(wrong)


def test_templates_lie_in_a_folder_named_after_their_room():
    astray = [
        _shown(path)
        for path in TEMPLATES
        if path.is_file() and path.relative_to(ROOT / "lms").parts[0] != path.relative_to(ROOT / "lms").parts[2]
    ]
    assert not astray, "lms/ROOM/templates/ROOM/NAME.html"


@pytest.mark.parametrize("path", TEMPLATES, ids=_shown)
def test_a_template_compiles_and_leads_somewhere(built_app, path):
    name = str(path.relative_to(path.parents[len(path.parts) - path.parts.index("templates") - 2]))
    built_app.jinja_env.get_template(name)
    tree = built_app.jinja_env.parse(path.read_text("utf-8"))
    named = [
        call.args[0].value
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name == "url_for" and isinstance(call.args[0], nodes.Const)
    ]
    nowhere = [
        endpoint for endpoint in named if endpoint not in built_app.view_functions and not endpoint.startswith(".")
    ]
    assert not nowhere, f"{_shown(path)} links to doors that do not exist"


@pytest.mark.parametrize("path", TEMPLATES, ids=_shown)
def test_a_template_extends_and_includes_only_what_exists(built_app, path):
    tree = built_app.jinja_env.parse(path.read_text("utf-8"))
    for node in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        if isinstance(node.template, nodes.Const):
            built_app.jinja_env.get_template(node.template.value)
