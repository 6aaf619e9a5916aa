"""What is promised in docs/ exists, and what exists is explained there; both languages say everything."""

import re
from collections.abc import Iterator

import click
from flask import Flask

from lms.core.settings import SETTINGS
from tests.house.tree import ROOT

OF_FLASK = {"run", "shell", "db"}


def _commands(group: click.Group, prefix: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _commands(command, f"{prefix}{name} ")
        elif command is not None and not (not prefix and name in OF_FLASK):
            yield prefix + name, command


def _own_commands(app: Flask) -> dict[str, click.Command]:
    return {name: command for name, command in _commands(app.cli) if name.split()[0] not in OF_FLASK}


def _headings(name: str) -> set[str]:
    return set(re.findall(r"^### `([^`]+)`", (ROOT / "docs" / name).read_text("utf-8"), re.M))


def test_every_command_is_explained_and_every_explained_command_exists(built_app):
    explained = {re.sub(r" [A-Z\[-].*", "", heading) for heading in _headings("commands.md")}
    assert explained == set(_own_commands(built_app))


def test_every_command_helps_in_a_sentence(built_app):
    silent = [name for name, command in _own_commands(built_app).items() if len((command.help or "").split()) < 3]
    assert not silent


def test_every_setting_is_explained_and_every_explained_setting_exists():
    assert _headings("settings.md") == {setting.name for setting in SETTINGS}


def test_every_setting_is_shown_with_its_default():
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")
    missing = [one.name for one in SETTINGS if one.default and f"`{one.default}`" not in text]
    assert not missing


def test_both_languages_say_everything(built_app):
    result = built_app.test_cli_runner().invoke(args=["i18n", "check"])
    assert result.exit_code == 0, result.output
