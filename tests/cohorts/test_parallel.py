"""The last place of a group, wanted by many at the same moment, is taken once; a roll called twice is one roll."""

from sqlalchemy import func, select

from lms.cohorts.models import Attendance, Cohort, CohortMember, Session
from lms.cohorts.services import members, sessions
from lms.core.database import db
from lms.core.errors import RuleBroken
from tests import factories
from tests.cohorts.conftest import meeting, open_group
from tests.factories import NOW, TODAY
from tests.learning.conftest import as_actor
from tests.learning.test_parallel import MANY, at_once  # noqa: F401  (a fixture)


def test_the_last_place_is_taken_once(course, office, catarina, at_once):  # noqa: F811
    small = open_group(course, office, catarina, capacity=1)
    people = [factories.user(f"Persona {letter}") for letter in "ABCDEF"]
    cohort_id, who = small.id, [(one.person_id, as_actor(one)) for one in people]

    def come(index):
        cohort = db.session.get_one(Cohort, cohort_id)
        try:
            members.join(cohort, who[index][0], who[index][1], NOW, TODAY)
        except RuleBroken:
            db.session.rollback()
            return False
        return True

    assert sum(at_once(come)) == 1
    assert db.session.scalar(select(func.count()).select_from(CohortMember)) == 1


def test_the_same_roll_from_many_phones_is_one_roll(group, enter, catarina, at_once):  # noqa: F811
    people = [enter(name).person_id for name in ("Diego Tzoc", "Lucía Zacarías", "Tomás Ixcoy")]
    session_id, actor, leader = meeting(group, module_slug="m1").id, as_actor(catarina), catarina.person_id

    def call(_index):
        held = sessions.Held(dict.fromkeys(people, "present"), leader)
        return sessions.hold_session(db.session.get_one(Session, session_id), held, actor, NOW)

    assert at_once(call) == [3] * MANY
    assert db.session.scalar(select(func.count()).select_from(Attendance)) == 3
