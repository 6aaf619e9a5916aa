"""Mark activities done. Core statements: this runs at every step of every learner."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from lms.core.database import db
from lms.core.errors import NotFound
from lms.curriculum.queries import Outline
from lms.learning.models import Enrolment, Progress
from lms.learning.rules import Step, is_complete

_DIALECTS = {"postgresql": postgresql, "sqlite": sqlite}

# Built once for each dialect, for the same reason as those of attempts.
_NOTE = {name: kind.insert(Progress).on_conflict_do_nothing() for name, kind in _DIALECTS.items()}
_HELD = select(Enrolment.id).where(Enrolment.id == bindparam("enrolment_id")).with_for_update()
_DONE = select(Progress.activity_number).where(Progress.enrolment_id == bindparam("enrolment_id"))


def hold(enrolment_id: uuid.UUID) -> None:
    """Let everybody else who works at this enrolment wait for our commit; raise NotFound when it is gone."""
    held = db.session.connection().execute(_HELD, {"enrolment_id": enrolment_id})
    if held.first() is None:
        raise NotFound


def mark_done(enrolment_id: uuid.UUID, outline: Outline, number: int, now: datetime) -> bool:
    """Note an activity as done and complete the enrolment when it was the last one required; repeats are harmless.

    The caller holds the enrolment: of two last steps taken at the same moment, the second must see the first.

    :return: whether the course is complete now.
    """
    connection = db.session.connection()
    row = {"enrolment_id": enrolment_id, "activity_number": number, "done_at": now}
    connection.execute(_NOTE[connection.dialect.name], row)
    done = connection.execute(_DONE, {"enrolment_id": enrolment_id}).scalars()
    if not is_complete(steps_of(outline), done):
        return False
    connection.execute(
        update(Enrolment)
        .where(Enrolment.id == enrolment_id, Enrolment.completed_at.is_(None))
        .values(completed_at=now, state="completed")
    )
    return True


def mark_many_done(enrolment_ids: Sequence[uuid.UUID], outline: Outline, numbers: Sequence[int], now: datetime) -> None:
    """Note activities as done for many people of one version at once: a session they were all at."""
    if not enrolment_ids or not numbers:
        return
    connection = db.session.connection()
    ids = sorted(enrolment_ids, key=lambda one: one.bytes)
    connection.execute(select(Enrolment.id).where(Enrolment.id.in_(ids)).order_by(Enrolment.id).with_for_update())
    rows = [{"enrolment_id": one, "activity_number": number, "done_at": now} for one in ids for number in numbers]
    connection.execute(_NOTE[connection.dialect.name], rows)
    done: dict[uuid.UUID, set[int]] = {}
    query = select(Progress.enrolment_id, Progress.activity_number).where(Progress.enrolment_id.in_(ids))
    for enrolment_id, number in connection.execute(query):
        done.setdefault(enrolment_id, set()).add(number)
    complete = [one for one in ids if is_complete(steps_of(outline), done.get(one, ()))]
    if complete:
        connection.execute(
            update(Enrolment)
            .where(Enrolment.id.in_(complete), Enrolment.completed_at.is_(None))
            .values(completed_at=now, state="completed")
        )


def steps_of(outline: Outline) -> list[Step]:
    """Return a version's activities as the way through the course."""
    return [Step(activity.number, activity.is_required) for activity in outline.activities]
