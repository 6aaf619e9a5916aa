"""What the tests of this room start from: a small course, somebody who learns, and people of staff."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import select

from lms.access.policy import Actor, Role
from lms.accounts.models import User
from lms.assessment.rules import Guise
from lms.core.database import db
from lms.core.ids import id_from_text, id_text
from lms.curriculum.models import Course
from lms.curriculum.queries import outline_of, question_numbers
from lms.curriculum.services import load_package, publish
from lms.learning.models import Attempt, Enrolment
from lms.learning.quizzes import quiz_of
from lms.learning.services.enrolments import enrol
from lms.learning.speech import guise_seed
from lms.organization.models import Unit
from tests import factories
from tests.assessment.bank import filled
from tests.factories import NOW
from tests.learning.package import files


@pytest.fixture
def course(db_session: Any, clock: Any) -> Course:
    """The small course, published, on a morning in November."""
    clock.hold(NOW)
    return publish_course(files())


def publish_course(package: Mapping[str, bytes]) -> Course:
    """Load a package and publish it."""
    version = load_package(package, factories.agency(), None, NOW).version
    publish(version, None, NOW)
    db.session.commit()
    return version.course


@pytest.fixture
def school(db_session: Any) -> Unit:
    """A school below the office of Quiché."""
    return factories.unit("Escuela de Chichicastenango", factories.unit("Oficina de Quiché"), "school")


@pytest.fixture
def lucia(school: Unit) -> User:
    """A teacher of the school."""
    made = factories.user("Lucía Tum", over=school)
    db.session.commit()
    return made


def as_actor(user: User) -> Actor:
    """Return somebody without a role, as the doors see her."""
    return Actor(user.id, user.person_id)


@pytest.fixture
def enrolment(course: Course, lucia: User) -> Enrolment:
    """Lucía in the course."""
    made = enrol(lucia.person_id, course, "self", as_actor(lucia), NOW)
    db.session.commit()
    return made


@pytest.fixture
def learner(client: Any, lucia: User, enrolment: Enrolment, sign_in: Any) -> Any:
    """Lucía's browser; she is in the course."""
    sign_in(client, lucia, is_shared=False)
    return client


@pytest.fixture
def staff(app: Any, school: Unit, sign_in: Any) -> Callable[..., Any]:
    """Open the browser of somebody with a role over the office of Quiché: `staff(Role.REGISTRAR)`."""
    people: list[str] = []

    def come(role: Role, over: Unit | None = None, name: str = "") -> Any:
        people.append(name or f"Rosa Pérez {len(people)}")
        user = factories.user(people[-1], role, over or school.parent)
        db.session.commit()
        browser = app.test_client()
        sign_in(browser, user)
        return browser

    return come


@dataclass
class Sheet:
    """An open attempt and how its form is filled in."""

    id: Any
    numbers: dict[int, str]  # question number in the course: its slug in the bank
    guise: Guise

    @property
    def path(self) -> str:
        return f"/attempts/{id_text(self.id)}"

    def form(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Write answers the way a browser sends them; every question is named as asked."""
        sent: dict[str, Any] = {"asked": [str(number) for number in self.numbers]}
        for number, slug in self.numbers.items():
            if slug in answers:
                sent |= filled(slug, answers[slug], self.guise, number)
        return sent

    def one(self, slug: str, answer: Any) -> dict[str, Any]:
        """Write the answer to one question."""
        number = next(number for number, name in self.numbers.items() if name == slug)
        return {"asked": [str(number)]} | filled(slug, answer, self.guise, number)

    def number(self, slug: str) -> int:
        return next(number for number, name in self.numbers.items() if name == slug)


def sheet_of(attempt_id: Any) -> Sheet:
    """Lay out an attempt for filling in."""
    attempt = db.session.get_one(Attempt, attempt_id, populate_existing=True)
    version_id = attempt.enrolment.version_id
    names = {number: slug for bank in question_numbers(version_id).values() for slug, number in bank.items()}
    quiz = quiz_of(version_id, attempt.activity_number)
    guise = Guise(guise_seed(current_app.config["PEPPER"], attempt.id), quiz.is_shuffled)
    sheet = Sheet(attempt.id, {number: names[number] for number in attempt.drawn}, guise)
    db.session.commit()  # a test that holds a transaction open would keep SQLite's only lock
    return sheet


@pytest.fixture
def begin(db_session: Any) -> Callable[..., Sheet]:
    """Press “start” on a quiz: `begin(learner, "m2/final")`."""

    def press(browser: Any, path: str) -> Sheet:
        answer = browser.post(f"/courses/hilos/{path}")
        assert answer.status_code == 303, answer.text
        attempt_id = id_from_text(answer.location.partition("/attempts/")[2].partition("?")[0])
        db_session.rollback()
        return sheet_of(attempt_id)

    return press


def activity(course: Course, path: str) -> int:
    """Return the number of an activity of the published version."""
    module, _, slug = path.partition("/")
    return outline_of(course.current_version_id).at(module, slug).number


def attempts() -> list[Attempt]:
    """Return every attempt as the database has it now; holds nothing open."""
    db.session.commit()
    found = list(db.session.scalars(select(Attempt).order_by(Attempt.id).execution_options(populate_existing=True)))
    for attempt in found:
        db.session.expunge(attempt)
    db.session.rollback()
    return found
