"""Fixtures of all tests.

`--database sqlite` (default), `postgresql` or `both` says where the tests that need a database run. Under CI=true a
skipped test is a failed one.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import cycle
from typing import Any

import hypothesis
import pytest
from flask import Flask, g

from lms.accounts.models import User
from lms.accounts.sessions import cookie_name, open_sign_in
from lms.core.clock import now
from lms.core.database import db
from tests.harness import browser as chromium
from tests.harness import postgresql
from tests.harness.live import serving
from tests.harness.stage import Operator, Stage, TestClock, Visitor, apart
from tests.harness.statements import statements_of

IS_CI = os.environ.get("CI") == "true"
# A slow machine is no fault of the code; and what CI finds must be found again by whoever looks.
hypothesis.settings.register_profile(
    "house", deadline=None, derandomize=IS_CI, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("house")
KINDS = {"sqlite": ["sqlite"], "postgresql": ["postgresql"], "both": ["sqlite", "postgresql"]}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=sorted(KINDS), default="sqlite", help="where tests with a database run")


def pytest_configure(config: pytest.Config) -> None:
    # The server starts once, before xdist starts its workers; they find its address in their environment.
    if hasattr(config, "workerinput") or config.getoption("--database") == "sqlite" or config.option.collectonly:
        return
    held = ExitStack()
    config.add_cleanup(held.close)
    os.environ[postgresql.VARIABLE] = held.enter_context(postgresql.server())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" not in metafunc.fixturenames:
        return
    kinds = KINDS[metafunc.config.getoption("--database")]
    if metafunc.definition.get_closest_marker("long_walk"):
        walks = list(zip(cycle(kinds), ("es", "en"), strict=False))
        metafunc.parametrize(("database", "language"), walks, indirect=["database"])
    else:
        metafunc.parametrize("database", kinds, indirect=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Any:
    report = yield
    return _refuse_skip(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Any:
    report = yield
    return _refuse_skip(report)


def _refuse_skip(report: Any) -> Any:
    if IS_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", f"skipped, and nothing may be skipped here: {report.longrepr}"
    return report


@pytest.fixture
def database(request: pytest.FixtureRequest) -> str:
    """The kind of database the test runs on: sqlite or postgresql."""
    return str(request.param)


@pytest.fixture(scope="session")
def stages() -> Iterator[Callable[[str], Stage]]:
    """One stage for each kind of database, set up when the first test asks for it."""
    made: dict[str, Stage] = {}

    def stage(kind: str) -> Stage:
        if kind not in made:
            made[kind] = Stage(kind, os.environ[postgresql.VARIABLE] if kind == "postgresql" else None)
        return made[kind]

    yield stage
    for one in made.values():
        one.close()


@pytest.fixture
def stage(stages: Callable[[str], Stage], database: str) -> Stage:
    """The application and its database as on the first morning."""
    one = stages(database)
    one.renew()
    return one


@pytest.fixture
def app(stage: Stage) -> Flask:
    """The application on a freshly migrated database and an empty data folder."""
    return stage.app


@pytest.fixture(scope="session")
def built_app(stages: Callable[[str], Stage]) -> Flask:
    """The application as it was built, for tests that look at it and leave its data alone."""
    return stages("sqlite").app


@pytest.fixture
def make_app(stage: Stage) -> Callable[..., Flask]:
    """Build further applications on the same database: `make_app(TRUSTED_PROXIES="1")`."""
    return stage.build


@pytest.fixture
def database_url(stage: Stage) -> str:
    """The address of the test's own database."""
    return stage.store.url


@pytest.fixture
def client(app: Flask) -> Visitor:
    """Somebody at the door. Each request starts from a clean context; what the test prepared is committed first."""
    return app.test_client()  # type: ignore[return-value]


@pytest.fixture
def runner(app: Flask) -> Operator:
    """Somebody at the command line."""
    return app.test_cli_runner()  # type: ignore[return-value]


@pytest.fixture
def db_session(app: Flask) -> Iterator[Any]:
    """The ORM session inside an application context, for what stands below the doors."""
    with app.app_context():
        yield db.session
        db.session.rollback()


@pytest.fixture
def clock() -> Iterator[TestClock]:
    """The clock, to be held and moved by hand."""
    held = TestClock()
    yield held
    held.release()


@pytest.fixture
def sign_in(app: Flask) -> Callable[..., None]:
    """Sign a user in without the sign-in page: `sign_in(client, user)`, or a browser's page in the client's place."""

    def begin(user_id: Any, is_shared: bool, has_second_factor: bool) -> tuple[str, str]:
        with app.test_request_context(method="POST"):
            open_sign_in(db.session.get_one(User, user_id), is_shared, now(), has_second_factor)
            db.session.commit()
            return cookie_name(), g.new_cookie[0]

    def sign(visitor: Any, user: User, is_shared: bool = True, has_second_factor: bool = True) -> None:
        name, value = apart(begin, user.id, is_shared, has_second_factor)
        if isinstance(visitor, Visitor):
            visitor.set_cookie(name, value)
        else:
            visitor.context.add_cookies([{"name": name, "value": value, "url": app.config["BASE_URL"]}])

    return sign


@pytest.fixture
def statements(app: Flask) -> Callable[[], Any]:
    """Count SQL: `with statements() as seen: client.get("/")`."""
    return partial(statements_of, app)


@pytest.fixture
def live_server(app: Flask, clock: TestClock) -> Iterator[str]:
    """The address of the application behind a real socket."""
    with serving(app, lambda: clock.at) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A real Chromium."""
    executable = chromium.find()
    if executable is None:
        pytest.skip("no Chromium on this machine: sudo apt-get install chromium")
    with chromium.running(executable) as held:
        yield held


@pytest.fixture
def new_page(browser: Any, live_server: str) -> Iterator[Callable[..., Any]]:
    """Open a person's browser: `new_page(width=360, language="es", dark=False, javascript=True)`.

    The test fails when a page's script fails or when a page asks anything of another host.
    """
    visits: list[chromium.Visit] = []

    def page(width: int = 360, language: str = "es", dark: bool = False, javascript: bool = True, **more: Any) -> Any:
        options: dict[str, Any] = {
            "viewport": {"width": width, "height": 740},
            "locale": {"es": "es-GT", "en": "en-US"}[language],
            "color_scheme": "dark" if dark else "light",
            "java_script_enabled": javascript,
            "reduced_motion": "reduce",
        }
        visit = chromium.Visit(browser, live_server, **(options | more))
        visits.append(visit)
        return visit.page

    yield page
    troubles = [trouble for visit in visits for trouble in visit.troubles]
    for visit in visits:
        visit.context.close()
    assert not troubles, "\n".join(troubles)


@pytest.fixture
def page(new_page: Callable[..., Any]) -> Any:
    """A phone of 360 px whose reader wants Spanish."""
    return new_page()


@pytest.fixture
def axe() -> Callable[[Any], None]:
    """Look for barriers: `axe(page)`."""
    return chromium.axe
