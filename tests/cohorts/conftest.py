"""What the tests of groups start from: a small course with a rubric, a group, who leads it and who learns in it."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from lms.access.policy import Actor, Role
from lms.accounts.models import User
from lms.cohorts.models import Cohort, CohortMember, Session
from lms.cohorts.rules import GroupPlan
from lms.cohorts.services import groups, members, sessions
from lms.core.database import db
from lms.core.ids import id_text
from lms.curriculum.models import Course
from lms.organization.models import Place, Unit
from tests import factories
from tests.factories import NOW, TODAY
from tests.learning.conftest import as_actor, publish_course
from tests.learning.package import files

RUBRIC = """
title.spa = "Dar una charla"
title.eng = "Giving a talk"
pass_mark = 75
levels = 3

[[criterion]]
id = "preparar"
text.spa = "Prepara el lugar"
text.eng = "Prepares the room"

[[criterion]]
id = "sin-casos"
critical = true
text.spa = "No pide casos"
text.eng = "Asks for no cases"

[[criterion]]
id = "cierre"
text.spa = "Cierra a tiempo"
text.eng = "Closes on time"
"""


@pytest.fixture
def course(db_session: Any, clock: Any) -> Course:
    """The small course with a rubric, published, on a morning in November."""
    clock.hold(NOW)
    return publish_course(files() | {"rubrics/charla.toml": RUBRIC.encode()})


@pytest.fixture
def office(db_session: Any) -> Unit:
    """The office of Quiché."""
    return factories.unit("Oficina de Quiché")


@pytest.fixture
def catarina(office: Unit) -> User:
    """The facilitator of the group; she holds no role."""
    return factories.user("Catarina Us", over=office)


def plan(**changes: Any) -> GroupPlan:
    """Return the plan of a group around today."""
    place = db.session.scalar(select(Place.code).where(Place.level == "municipality").order_by(Place.code).limit(1))
    told = {
        "name": "San Andrés, grupo 2",
        "place_code": place or _place(),
        "language": "spa",
        "modality": "in_person",
        "starts_on": TODAY - timedelta(days=30),
        "ends_on": TODAY + timedelta(days=60),
        "capacity": 25,
    }
    return GroupPlan(**(told | changes))


def _place() -> str:
    db.session.add(Place(code="1406", level="municipality", name="Chichicastenango", name_folded="chichicastenango"))
    db.session.flush()
    return "1406"


def open_group(course: Course, office: Unit, leads: User, **changes: Any) -> Cohort:
    """Open a group for the published version."""
    made = groups.open_cohort(office, _version(course), plan(**changes), [leads.person_id], as_actor(leads), NOW)
    db.session.commit()
    return made


def _version(course: Course) -> Any:
    return db.session.get_one(groups.Version, course.current_version_id)


@pytest.fixture
def group(course: Course, office: Unit, catarina: User) -> Cohort:
    """A group that Catarina leads, still empty."""
    return open_group(course, office, catarina)


@pytest.fixture
def enter(group: Cohort, office: Unit, catarina: User) -> Callable[..., User]:
    """Bring somebody into the group: `enter("Diego Tzoc")`."""

    def come(name: str) -> User:
        user = factories.user(name, over=office)
        members.add_people(group, [user.person_id], "staff", as_actor(catarina), NOW)
        db.session.commit()
        return user

    return come


@pytest.fixture
def diego(enter: Any) -> User:
    """Somebody who learns in the group."""
    made: User = enter("Diego Tzoc")
    return made


@pytest.fixture
def visit(app: Any, sign_in: Any) -> Callable[[User], Any]:
    """Open somebody's browser."""

    def come(user: User) -> Any:
        db.session.commit()
        browser = app.test_client()
        sign_in(browser, user, is_shared=False)
        return browser

    return come


@pytest.fixture
def staff(office: Unit, visit: Any) -> Callable[..., Any]:
    """Open the browser of somebody with a role over an office: `staff(Role.REGISTRAR)`."""

    def come(role: Role, over: Unit | None = None, name: str = "Rosa Pérez") -> Any:
        return visit(factories.user(name, role, over or office))

    return come


def meeting(group: Cohort, day: date = TODAY, title: str = "Primera sesión", **more: Any) -> Session:
    """Plan a session."""
    made = sessions.plan_session(group, sessions.SessionPlan(title, day, time(9), 120, **more), Actor(), NOW)
    db.session.commit()
    return made


def place_of(group: Cohort, user: User) -> CohortMember:
    """Return somebody's place in a group as the database has it now."""
    db.session.rollback()
    return db.session.get_one(CohortMember, (group.id, user.person_id), populate_existing=True)


def path(group: Cohort, *more: str) -> str:
    """Return the address of a page of a group."""
    return "/".join(("/groups", id_text(group.id), *more)).replace("//", "/")
