"""The application on a database of its own, built once a process and renewed for each test."""

import shutil
import tempfile
from contextlib import suppress
from contextvars import Context
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, has_app_context
from flask.testing import FlaskClient, FlaskCliRunner

from lms import create_app
from lms.core import clock
from lms.core.database import db
from lms.core.settings import make_secrets
from tests.harness.postgresql import quick_folder
from tests.harness.stores import PostgresqlStore, SqliteStore, Store


class Stage:
    """One application and its store; `renew` brings both back to the first morning."""

    def __init__(self, kind: str, server_url: str | None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="cascada-tests-", dir=quick_folder()))
        self.data = self.folder / "data"
        self.data.mkdir()
        make_secrets(self.data)
        self.store: Store = PostgresqlStore(server_url) if server_url else SqliteStore(self.folder)
        self.kind = kind
        self._built: list[Flask] = []
        self.app = self.build()
        made = self.app.test_cli_runner().invoke(args=["init"])
        assert made.exit_code == 0, made.output
        self._leave_the_database()
        self.store.keep()
        self._config, self._extensions = dict(self.app.config), set(self.app.extensions)
        self._dirty = False

    def build(self, **settings: Any) -> Flask:
        """Build an application on this stage's database, with settings that differ from the usual ones."""
        usual = {
            "CASCADA_DATA": str(self.data),
            "DATABASE_URL": self.store.url,
            "BASE_URL": "http://localhost",
            "TESTING": True,
            "WTF_CSRF_ENABLED": False,
        }
        app = create_app(usual | settings)
        app.test_client_class = Visitor
        app.test_cli_runner_class = Operator
        self._built.append(app)
        return app

    def renew(self) -> None:
        """Forget what the last test did: rows, files, settings."""
        self._leave_the_database()
        if self._dirty:
            self.store.renew()
            self._empty_the_folder()
        self._dirty = True
        self.app.config.clear()
        self.app.config.update(self._config)

    def close(self) -> None:
        """Leave nothing behind."""
        self._leave_the_database()
        self.store.drop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _empty_the_folder(self) -> None:
        # What the application opened on the way (its queue of jobs) lies in there too.
        for name in set(self.app.extensions) - self._extensions:
            del self.app.extensions[name]
        for path in self.data.rglob("*"):
            if path.is_file() and path.parent.name != "secrets":
                path.unlink()

    def _leave_the_database(self) -> None:
        for app in self._built:
            with app.app_context():
                db.session.remove()
                db.engine.dispose()
        self._built[1:] = []


class Visitor(FlaskClient):
    """A client whose requests start from nothing, as they do on a server: no context of the test leaks in."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        return apart(super().open, *args, **kwargs)


class Operator(FlaskCliRunner):
    """Somebody at the command line, in a process of their own as far as contexts go."""

    def invoke(self, *args: Any, **kwargs: Any) -> Any:
        return apart(super().invoke, *args, **kwargs)


def apart(call: Any, *args: Any, **kwargs: Any) -> Any:
    """Call as another process would: nothing of the test's contexts but the moment its clock is held at."""
    if has_app_context():
        db.session.commit()  # what the test prepared is there for the request to see, and no lock is held meanwhile
    held = clock._frozen.get()

    def at_the_same_moment() -> Any:
        if held is None:
            return call(*args, **kwargs)
        with clock.frozen(held):
            return call(*args, **kwargs)

    return Context().run(at_the_same_moment)


class TestClock:
    """The clock of a test: held at a moment, moved by hand, seen by the live server's threads too."""

    __test__ = False

    def __init__(self) -> None:
        self.at: datetime | None = None
        self._token: Any = None

    def hold(self, at: datetime) -> datetime:
        """Hold the clock at a moment."""
        self.release()
        self.at, self._token = at, clock._frozen.set(at)
        return at

    def move(self, **step: float) -> datetime:
        """Move a held clock on, as in `clock.move(minutes=5)`."""
        return self.hold(clock.now() + timedelta(**step))

    def release(self) -> None:
        """Let time run again."""
        if self._token is not None:
            with suppress(ValueError):
                clock._frozen.reset(self._token)
        self.at = self._token = None
