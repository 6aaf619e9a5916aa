"""What an attempt costs: ten questions, every save kept, with all its indexes."""

import random
from datetime import timedelta

from sqlalchemy import insert, text

from lms.core.database import db
from lms.core.ids import new_id
from lms.learning.models import Attempt, Enrolment
from tests import factories
from tests.factories import NOW

MANY = 10_000
MOST = 500  # bytes


def an_attempt(enrolment_id, number, chance):
    """Make a row as handing in leaves it: ten answers of one or several options, two of them changed once."""
    drawn = chance.sample(range(1, 80), 10)
    answers = []
    for place, question in enumerate([*drawn, *drawn[:2]]):
        seconds = 20 + place * 25 + chance.randrange(20)
        answer = chance.choice(["a", "b", "c", "d", ["a", "c"], True])
        answers += [question, seconds, answer]
    started = NOW + timedelta(seconds=chance.randrange(10**7))
    return {
        "id": new_id(), "enrolment_id": enrolment_id, "activity_number": chance.randrange(1, 40), "number": number,
        "state": "graded", "started_at": started, "deadline_at": started + timedelta(minutes=20),
        "submitted_at": started + timedelta(seconds=400), "drawn": drawn, "answers": answers, "score": 80.0,
        "is_passed": True,
    }  # fmt: skip


def size():
    """Return the bytes of the table of attempts with its indexes."""
    if db.engine.dialect.name == "postgresql":
        return db.session.scalar(text("SELECT pg_total_relation_size('attempt')"))
    return db.session.scalar(text("PRAGMA page_count")) * db.session.scalar(text("PRAGMA page_size"))


def test_an_attempt_of_ten_answers_costs_at_most_five_hundred_bytes(course, lucia, record_property):
    version_id = course.current_version_id
    people = [factories.person(f"Persona {index}").id for index in range(100)]
    enrolments = [
        {"id": new_id(), "person_id": one, "course_id": course.id, "version_id": version_id, "state": "active",
         "source": "self", "enrolled_at": NOW}
        for one in people
    ]  # fmt: skip
    db.session.execute(insert(Enrolment), enrolments)
    db.session.commit()
    before = size()
    chance = random.Random(7)
    rows = [an_attempt(chance.choice(enrolments)["id"], number, chance) for number in range(1, MANY + 1)]
    for start in range(0, MANY, 1000):
        db.session.execute(insert(Attempt), rows[start : start + 1000])
    db.session.commit()
    each = (size() - before) / MANY
    record_property("bytes_per_attempt", round(each))
    print(f"{db.engine.dialect.name}: {each:.0f} bytes an attempt")
    assert each <= MOST
