"""The migrations make the tables that the models describe, on both databases, in one line from first to last."""

import ast
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from lms.core.database import db
from tests.house.tree import ROOT


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return ScriptDirectory.from_config(config)


def test_the_migrations_make_what_the_models_describe(app, db_session):
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        differences = compare_metadata(context, db.metadata)
    assert not differences, "\n".join(map(str, differences))


def test_the_migrations_stand_in_one_line():
    scripts = _scripts()
    revisions = list(scripts.walk_revisions())
    assert len(scripts.get_heads()) == 1
    assert all(isinstance(one.down_revision, str | None) and not one.branch_labels for one in revisions)
    assert not any(one.dependencies for one in revisions)


def test_no_migration_goes_back():
    """Going back is restoring the backup: a step back that loses rows would only pretend to be one."""
    going_back = [
        one.path
        for one in _scripts().walk_revisions()
        for node in ast.walk(ast.parse(Path(one.path).read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name == "downgrade" and not isinstance(node.body[0], ast.Raise)
    ]
    assert not going_back
