"""What comes round by itself: closing, reminding, enrolling a large office."""

from datetime import timedelta

import pytest

from lms.access.policy import Role
from lms.core import jobs
from lms.core.database import db
from lms.core.models import Job, Mail
from lms.core.work import Run
from lms.learning.jobs import close_what_ran_out, remind_of_due_days
from lms.learning.models import Enrolment
from lms.learning.quizzes import quiz_of
from lms.learning.services.attempts import open_attempt
from lms.learning.services.enrolments import enrol
from tests import factories
from tests.factories import NOW, TODAY
from tests.learning.conftest import activity, as_actor, attempts


@pytest.fixture
def turn(clock):
    """Let a piece of periodic work come round at the present moment of the test's clock."""

    def come(work):
        done = work(Run(factories.new_id(), "test", None, clock.at))
        db.session.commit()
        return done

    return come


def mails():
    db.session.commit()
    return db.session.query(Mail).order_by(Mail.created_at).all()


def test_open_attempts_are_closed_when_their_time_is_over(course, enrolment, turn, clock):
    open_attempt(enrolment.id, quiz_of(enrolment.version_id, activity(course, "m2/final")), NOW)
    db.session.commit()
    clock.move(minutes=20)
    assert turn(close_what_ran_out) == {"closed": 0}
    clock.move(minutes=2)
    assert turn(close_what_ran_out) == {"closed": 1}
    assert attempts()[0].state == "graded"


@pytest.fixture
def due(enrolment, lucia):
    """Lucía's course is due in so many days; she has an e-mail address."""

    def set_it(days, email="lucia@example.org"):
        lucia.email = email
        enrolment.due_on = TODAY + timedelta(days=days)
        db.session.commit()

    return set_it


def test_a_reminder_leaves_a_week_before_and_a_day_before_each_once(due, turn, clock):
    due(9)
    sent = []
    for _day in range(11):
        for _round in range(3):
            sent.append(turn(remind_of_due_days)["sent"])
            clock.move(hours=1)
        clock.move(hours=21)
    assert sum(sent) == 2
    assert sent[2 * 3] == 1
    assert sent[8 * 3] == 1


def test_a_reminder_says_the_day_and_nothing_of_the_subject(due, turn, lucia):
    due(7)
    turn(remind_of_due_days)
    mail = mails()[0]
    assert mail.recipient == "lucia@example.org"
    assert "28 de noviembre de 2026" in mail.body
    assert "Hilos" in mail.body
    assert "avisan" not in mail.body
    assert "Lucía" in mail.body


def test_a_reminder_speaks_the_language_of_its_reader(due, turn, lucia):
    lucia.interface_locale = "en"
    due(1)
    turn(remind_of_due_days)
    assert mails()[0].subject == "A date is near"
    assert "Threads" in mails()[0].body
    assert "tomorrow" in mails()[0].body


@pytest.mark.parametrize("state", ["completed", "withdrawn"])
def test_nobody_is_reminded_of_a_course_that_is_over(due, turn, enrolment, state):
    enrolment.state = state
    due(1)
    assert turn(remind_of_due_days) == {"sent": 0}


def test_without_an_address_there_is_no_reminder(due, turn):
    due(1, email=None)
    assert turn(remind_of_due_days) == {"sent": 0}


def test_many_reminders_leave_in_batches(course, school, turn):
    for index in range(230):
        user = factories.user(f"Persona {index}", over=school)
        user.email = f"p{index}@example.org"
        enrol(user.person_id, course, "staff", as_actor(user), NOW, TODAY)
    db.session.commit()
    assert turn(remind_of_due_days) == {"sent": 230}
    assert turn(remind_of_due_days) == {"sent": 0}


def test_the_work_comes_round_in_the_queue_too(due, clock):
    due(1)
    jobs.fire(clock.at)
    jobs.drain()
    assert {"learning.remind", "learning.close_overdue"} <= {row.name for row in db.session.query(Job)}
    assert len(mails()) == 1
    assert mails()[0].sent_at


def test_a_large_office_is_enrolled_in_the_background(course, school, staff):
    for index in range(230):
        factories.person(f"Persona {index}", school)
    rosa = staff(Role.REGISTRAR)
    unit = factories.id_text(school.parent_id)
    answer = rosa.post(f"/manage/enrolments/hilos/office?unit={unit}", data={"with_below": "y", "due_on": "2026-12-15"})
    assert answer.status_code == 303
    assert db.session.query(Enrolment).count() == 0
    jobs.drain()
    db.session.rollback()
    assert db.session.query(Enrolment).count() == 231  # and whoever asked works there, too


def test_whoever_lost_the_role_meanwhile_enrols_nobody(course, school, staff):
    for index in range(230):
        factories.person(f"Persona {index}", school)
    rosa = staff(Role.REGISTRAR)
    rosa.post(f"/manage/enrolments/hilos/office?unit={factories.id_text(school.parent_id)}", data={"with_below": "y"})
    db.session.rollback()
    grant = db.session.query(factories.Grant).one()
    grant.ended_at = NOW
    jobs.drain()
    db.session.rollback()
    assert db.session.query(Enrolment).count() == 0
    assert db.session.query(Job).filter_by(name="learning.enrol_unit").one().state == "parked"
