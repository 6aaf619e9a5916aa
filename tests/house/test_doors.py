"""Every door wears a lock, and what it loads is in its address."""

from flask import Flask

from lms.access.lock import Lock
from lms.core.database import db


def _views(app: Flask) -> dict[str, object]:
    return dict(app.view_functions)


def test_every_door_wears_a_lock(built_app):
    open_doors = [name for name, view in _views(built_app).items() if not isinstance(getattr(view, "lock", None), Lock)]
    assert not open_doors, "say @requires(Action.…) or @public"


def test_what_a_lock_loads_stands_in_the_address(built_app):
    wrong = [
        f"{rule} loads {subject}"
        for rule in built_app.url_map.iter_rules()
        for subject in getattr(getattr(built_app.view_functions[rule.endpoint], "lock", None), "subjects", ())
        if subject not in rule.arguments
    ]
    assert not wrong, "\n".join(wrong)


def test_building_the_application_opens_no_connection(make_app):
    """Workers are forked from the built application; a connection shared by two of them would mix their answers."""
    app = make_app()
    with app.app_context():
        assert db.engine.pool.checkedin() + db.engine.pool.checkedout() == 0
