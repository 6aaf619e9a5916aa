"""A test handed in while the process is killed: the answer is there with its result, or the attempt is still open."""

from sqlalchemy import select

from lms.core.database import db
from lms.core.ids import id_text
from lms.learning.models import Attempt
from lms.learning.quizzes import quiz_of
from lms.learning.services.attempts import open_attempt
from tests.factories import NOW
from tests.harness.crashing import killed_at
from tests.learning.conftest import activity, sheet_of


def test_handing_in_killed_at_any_write_loses_nothing_that_was_acknowledged(app, course, enrolment, learner):
    quiz = quiz_of(enrolment.version_id, activity(course, "m2/final"))
    attempt_id = open_attempt(enrolment.id, quiz, NOW)
    db.session.commit()
    form = {"do": "submit", "sure": "1", "sequence": "1", "asked": [str(one) for one in sheet_of(attempt_id).numbers]}

    def hand_in():
        assert learner.post(f"/attempts/{id_text(attempt_id)}", data=form).status_code == 303

    for write in range(1, 40):
        has_died = killed_at(app, write, hand_in)
        row = db.session.execute(
            select(Attempt.state, Attempt.submitted_at, Attempt.score).where(Attempt.id == attempt_id)
        ).one()
        assert (row.state == "open") == (row.submitted_at is None) == (row.score is None)
        db.session.commit()
        if not has_died:
            break
    assert write > 3 and row.state == "graded"
