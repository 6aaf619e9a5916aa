"""What the tests of the cascade start from: courses, an office, groups whose people meet everything or nothing."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from lms.access.policy import Actor, Role
from lms.accounts.models import User
from lms.assessment.models import Rubric
from lms.certification.models import Credential, Level, Scheme
from lms.certification.services.issuing import Answer, certify
from lms.cohorts.models import Attendance, Cohort, Observation, Session
from lms.cohorts.queries.evidence import final_numbers
from lms.cohorts.rules import GroupPlan
from lms.cohorts.services import groups, members
from lms.core import clock as _clock
from lms.core.database import db
from lms.core.ids import new_id
from lms.curriculum.models import Course, Version
from lms.curriculum.queries import RENEWAL
from lms.learning.models import Attempt, Enrolment
from lms.organization.models import Person, Unit
from tests import factories
from tests.factories import NOW, TODAY
from tests.learning.conftest import as_actor, publish_course
from tests.learning.package import files

PLACE = "1414"


class Cascade:
    """A site with the schemes it begins with, and short ways to fill it."""

    def __init__(self, package: Callable[..., dict[str, bytes]] = files) -> None:
        self.agency = factories.agency()
        self.office = factories.unit("Oficina de Quiché")
        self.trainers = publish_course(package(slug="formar-a-quien-forma"))
        self.facilitators = publish_course(package(slug="facilitadoras-comunitarias"))
        self.elena = factories.user("Elena Morales", Role.ADMINISTRATOR)
        self.rubric = Rubric(slug="charla", title={"spa": "Charla"}, pass_mark=75, levels=3, criteria=[])
        db.session.add(self.rubric)
        db.session.commit()

    def level(self, number: int, scheme: str = "facilitacion-comunitaria") -> Level:
        query = select(Level).join(Scheme, Scheme.id == Level.scheme_id)
        return db.session.scalars(query.where(Scheme.slug == scheme, Level.number == number)).one()

    def user(self, name: str) -> User:
        made = factories.user(name, over=self.office)
        db.session.commit()
        return made

    def group(self, course: Course, leader: User, people: Sequence[User] = (), **changes: Any) -> Cohort:
        version = db.session.get_one(Version, course.current_version_id)
        told: dict[str, Any] = {
            "name": "Sajcabajá, grupo 1", "place_code": PLACE, "language": "spa", "modality": "in_person",
            "starts_on": TODAY - timedelta(days=60), "ends_on": TODAY + timedelta(days=60), "capacity": 100,
        }  # fmt: skip
        unit = db.session.get_one(Unit, self.office.id)
        made = groups.open_cohort(
            unit, version, GroupPlan(**(told | changes)), [leader.person_id], as_actor(leader), NOW
        )
        if people:
            members.add_people(made, [one.person_id for one in people], "staff", as_actor(leader), NOW)
        db.session.commit()
        return made

    def sessions(
        self, cohort: Cohort, held_by: User | None = None, count: int = 4, at: datetime = NOW
    ) -> list[Session]:
        made = [
            Session(
                id=new_id(), code=new_id().hex[:12], cohort_id=cohort.id, number=number, title="Encuentro",
                starts_at=at - timedelta(days=number), minutes=90, state="held",
                held_by_id=held_by.person_id if held_by else None,
            )
            for number in range(1, count + 1)
        ]  # fmt: skip
        db.session.add_all(made)
        db.session.commit()
        return made

    def present(self, sessions: Sequence[Session], people: Sequence[User]) -> None:
        db.session.add_all(
            Attendance(session_id=one.id, person_id=user.person_id, state="present", recorded_at=NOW,
                       recorded_by=user.id)
            for one in sessions for user in people
        )  # fmt: skip
        db.session.commit()

    def passed(self, course: Course, user: User, score: float = 90, at: datetime = NOW) -> None:
        enrolment = db.session.scalars(
            select(Enrolment).where(Enrolment.person_id == user.person_id, Enrolment.course_id == course.id)
        ).one()
        enrolment.state, enrolment.completed_at = "completed", at
        db.session.add(
            Attempt(
                enrolment_id=enrolment.id, activity_number=final_numbers(enrolment.version_id)[0], number=1,
                state="graded", started_at=at, submitted_at=at, drawn=[], answers=[], score=score,
                is_passed=score >= 70,
            )
        )  # fmt: skip
        db.session.commit()

    def updated(self, course: Course, user: User, at: datetime) -> None:
        """Let somebody pass the short test of a renewal."""
        enrolment = db.session.scalars(
            select(Enrolment).where(Enrolment.person_id == user.person_id, Enrolment.course_id == course.id)
        ).one()
        held = Attempt(enrolment_id=enrolment.id, activity_number=RENEWAL, number=1, state="graded", started_at=at,
                       submitted_at=at, drawn=[], answers=[], score=90, is_passed=True)  # fmt: skip
        db.session.add(held)
        db.session.commit()

    def seen(self, cohort: Cohort, user: User, observer: User, kinds: Sequence[str]) -> None:
        db.session.add_all(
            Observation(
                cohort_id=cohort.id, person_id=user.person_id, observer_id=observer.person_id, kind=kind,
                rubric_id=self.rubric.id, levels=[], score=90, is_passed=True, observed_on=TODAY,
                observer_signed_at=NOW, person_signed_at=NOW,
            )
            for kind in kinds
        )  # fmt: skip
        db.session.commit()

    def qualify(self, cohort: Cohort, people: Sequence[User], leader: User) -> None:
        """Let people meet everything that any level asks."""
        sessions = self.sessions(cohort)
        self.present(sessions, people)
        course = db.session.get_one(Course, cohort.course_id)
        for user in people:
            self.passed(course, user)
            self.seen(cohort, user, leader, ["teach_back", "co_facilitation", "led_session"])

    def ready_group(self, course: Course, leader: User, names: Sequence[str]) -> tuple[Cohort, list[User]]:
        people = [self.user(name) for name in names]
        cohort = self.group(course, leader, people)
        self.qualify(cohort, people, leader)
        return cohort, people

    def join(self, cohort: Cohort, user: User) -> None:
        """Let somebody take part in a group that was ready, and meet everything too."""
        leader = as_actor(self.elena)
        members.add_people(cohort, [user.person_id], "staff", leader, NOW)
        db.session.commit()
        held = db.session.scalars(select(Session).where(Session.cohort_id == cohort.id)).all()
        self.present(held, [user])
        self.passed(db.session.get_one(Course, cohort.course_id), user)
        self.seen(cohort, user, self.elena, ["teach_back", "co_facilitation", "led_session"])

    def sign(
        self, cohort: Cohort, level: int, people: Sequence[User], by: User, is_agency: bool = False
    ) -> list[Answer]:
        signer = db.session.get_one(Person, by.person_id)
        now, today = _clock.now(), _clock.today()
        ids = [one.person_id for one in people]
        found = certify(cohort, self.level(level), ids, signer, as_actor(by), is_agency, now, today)
        db.session.commit()
        return found

    def trainer(self, name: str = "Berta Sic") -> tuple[User, Credential]:
        """Somebody of level 1, signed by the agency."""
        cohort, (berta,) = self.ready_group(self.trainers, self.elena, [name])
        answer = self.sign(cohort, 1, [berta], self.elena, is_agency=True)[0]
        assert answer.credential is not None, (answer.missing, answer.limits)
        return berta, answer.credential

    def facilitators_of(self, berta: User, names: Sequence[str]) -> tuple[Cohort, list[User], list[Credential]]:
        """People of level 2, signed by a trainer."""
        cohort, people = self.ready_group(self.facilitators, berta, names)
        found = self.sign(cohort, 2, people, berta)
        assert all(one.credential for one in found), [(one.missing, one.limits) for one in found]
        by_person = {one.person_id: one.credential for one in found}
        return cohort, people, [by_person[user.person_id] for user in people]


@pytest.fixture
def cascade(db_session: Any, clock: Any) -> Cascade:
    """A site on a morning in November."""
    clock.hold(NOW)
    return Cascade()


def staff_actor(user: User) -> Actor:
    """Return an administrator as the doors see her."""
    return Actor(user.id, user.person_id, factories.actor().held, True)
