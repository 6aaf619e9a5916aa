"""Join codes: whoever types one is in the course, while it lasts."""

import secrets
import uuid
from datetime import date, datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import update

from lms.access.policy import Actor
from lms.core import audit
from lms.core.database import db
from lms.core.errors import RuleBroken
from lms.curriculum.models import Course
from lms.learning.models import Enrolment, JoinCode
from lms.learning.services.enrolments import enrol, enrolment_in, published_version
from lms.organization.models import Unit

# Letters and digits that cannot be mistaken for one another when read aloud or copied by hand.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 8


def tidy_code(text: str) -> str:
    """Read a code the way people type it.

    >>> tidy_code(" k7q4-m2xn ")
    'K7Q4M2XN'
    """
    return "".join(letter for letter in text.upper() if letter.isalnum())[:12]


def shown_code(code: str) -> str:
    """Write a code the way it is read aloud.

    >>> shown_code("K7Q4M2XN")
    'K7Q4-M2XN'
    """
    return f"{code[:4]}-{code[4:]}"


def open_code(
    course: Course, unit: Unit, places: int, expires_on: date, due_on: date | None, actor: Actor, now: datetime
) -> JoinCode:
    """Make a join code of eight characters for a number of places."""
    published_version(course)
    code = JoinCode(
        code="".join(secrets.choice(_LETTERS) for _place in range(_LENGTH)),
        course_id=course.id,
        unit_id=unit.id,
        created_at=now,
        created_by=actor.user_id,
        expires_on=expires_on,
        places=places,
        due_on=due_on,
    )
    db.session.add(code)
    db.session.flush()
    audit.record(actor, "enrolment.open_code", "join_code", code.code, now, after={"places": places})
    return code


def end_code(code: JoinCode, actor: Actor, now: datetime, today: date) -> None:
    """End a join code at once; who came in with it stays."""
    code.expires_on = min(code.expires_on, today - timedelta(days=1))
    audit.record(actor, "enrolment.end_code", "join_code", code.code, now)


def enrol_by_code(person_id: uuid.UUID, text: str, actor: Actor, now: datetime, today: date) -> Enrolment:
    """Enrol by a join code; raise RuleBroken, naming the reason, when it does not open the course."""
    found = db.session.get(JoinCode, tidy_code(text))
    if found is None:
        raise RuleBroken(_("No course has this code. Check it letter by letter: there is no O, 0, I, 1, L or U."))
    if today > found.expires_on:
        raise RuleBroken(_("This code has expired. Ask for a new one."))
    already = enrolment_in(person_id, found.course)
    if already and already.state != "withdrawn":
        return already
    taken = db.session.connection().execute(
        update(JoinCode)
        .where(JoinCode.code == found.code, JoinCode.used < JoinCode.places)
        .values(used=JoinCode.used + 1)
    )
    if not taken.rowcount:
        raise RuleBroken(_("All the places of this code are taken. Ask for a new one."))
    return enrol(person_id, found.course, "code", actor, now, found.due_on)
