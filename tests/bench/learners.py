"""Learners for the bench, written fast: people, sign-ins, enrolments, open attempts."""

import hashlib
import json
import random
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from flask import Flask, g, session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import insert, select

from lms.accounts.models import SignIn, User
from lms.accounts.sessions import hash_of
from lms.assessment.rules import Guise
from lms.core import clock
from lms.core.database import db
from lms.core.ids import new_id
from lms.curriculum.models import Course
from lms.curriculum.queries import Outline, asked_of, outline_of
from lms.learning.models import Attempt, Enrolment, Progress
from lms.learning.quizzes import Quiz, quiz_of
from lms.learning.rules import Purpose
from lms.learning.speech import guise_seed
from lms.organization.models import Person, Unit
from lms.site.look import COOKIE, LOOK, assets

COURSE = "escuela-que-protege"


class Learner:
    """Somebody signed in on a browser of her own."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.person_id, self.user_id, self.enrolment_id = new_id(), new_id(), new_id()
        self.sid = hashlib.sha256(f"bench {number}".encode()).hexdigest()

    @property
    def cookies(self) -> dict[str, str]:
        return {"sid": self.sid}


def make_learners(count: int, first: int = 0) -> list[Learner]:
    """Write learners enrolled in the shipped course, signed in."""
    course = db.session.scalars(select(Course).where(Course.slug == COURSE)).one()
    unit_id = db.session.scalars(select(Unit.id).where(Unit.parent_id.is_(None))).one()
    learners, now = [Learner(first + number) for number in range(count)], clock.now()

    def rows(model: Any, values: Any) -> None:
        db.session.execute(insert(model), [values(one) for one in learners])

    rows(
        Person,
        lambda one: {
            "id": one.person_id,
            "unit_id": unit_id,
            "given_names": f"Persona {one.number}",
            "family_names": "de Prueba",
            "name_folded": f"persona {one.number} de prueba",
            "created_at": now,
        },
    )
    rows(
        User,
        lambda one: {
            "id": one.user_id,
            "person_id": one.person_id,
            "username": f"lectora.{one.number}",
            "created_at": now,
        },
    )
    rows(
        SignIn,
        lambda one: {
            "id_hash": hash_of(one.sid),
            "user_id": one.user_id,
            "created_at": now,
            "seen_at": now,
            "confirmed_at": now,
            "expires_at": now + timedelta(days=1),
            "idle_minutes": 600,
        },
    )
    rows(
        Enrolment,
        lambda one: {
            "id": one.enrolment_id,
            "person_id": one.person_id,
            "course_id": course.id,
            "version_id": course.current_version_id,
            "source": "staff",
            "enrolled_at": now,
        },
    )
    db.session.commit()
    return learners


def make_progress(learners: list[Learner], course: Outline) -> None:
    """Let everybody stand somewhere else in the course."""
    chance, now = random.Random(11), clock.now()
    numbers = [one.number for one in course.activities]
    for one in learners:
        done = chance.sample(numbers, chance.randrange(1, len(numbers)))
        rows = [{"enrolment_id": one.enrolment_id, "activity_number": number, "done_at": now} for number in done]
        db.session.execute(insert(Progress), rows)
    db.session.commit()


def outline() -> Outline:
    """Return the outline of the shipped course."""
    course = db.session.scalars(select(Course).where(Course.slug == COURSE)).one()
    assert course.current_version_id
    return outline_of(course.current_version_id)


def final_of(course: Outline) -> Quiz:
    """Return the final test of a course."""
    quizzes = (quiz_of(course.version_id, one.number) for one in course.activities if one.kind == "quiz")
    return next(quiz for quiz in quizzes if quiz.purpose == Purpose.FINAL)


def open_attempts(learners: list[Learner], course: Outline, quiz: Quiz, questions: int = 10) -> Iterator[uuid.UUID]:
    """Open an attempt of so many questions for each learner."""
    chance, now = random.Random(7), clock.now()
    for one in learners:
        attempt_id = new_id()
        drawn = chance.sample(list(quiz.fixed), min(questions, len(quiz.fixed)))
        db.session.execute(
            insert(Attempt).values(
                id=attempt_id,
                enrolment_id=one.enrolment_id,
                activity_number=quiz.number,
                number=1,
                state="open",
                started_at=now,
                drawn=drawn,
            )
        )
        yield attempt_id
    db.session.commit()


def answered_form(app: Flask, attempt_id: uuid.UUID, course: Outline, quiz: Quiz, drawn: list[int]) -> dict[str, Any]:
    """Fill in a whole attempt the way a browser would send it."""
    guise = Guise(guise_seed(app.config["PEPPER"], attempt_id), quiz.is_shuffled)
    form: dict[str, Any] = {"do": "submit", "sequence": "600", "sure": "1", "asked": [str(number) for number in drawn]}
    for one in asked_of(course.version_id, drawn):
        name = f"q{one.number}"
        if one.kind in ("single", "multiple"):
            form[name] = [guise.token(one.number, right) for right in one.key["right"]]
        elif one.kind == "true_false":
            form[name] = json.dumps(one.key["answer"])
        else:
            form[name] = "24"
    return form


def page_cookie(app: Flask) -> tuple[str, str]:
    """Return the cookie of a page session and a form token that belongs to it."""
    with app.test_request_context("/"):
        g.pop("csrf_token", None)  # the bench stands inside one long context
        token = generate_csrf()
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        return serializer.dumps(dict(session)), token


def look_cookie(app: Flask) -> dict[str, str]:
    """Return the cookie of a browser that has our stylesheet already."""
    with app.app_context():
        return {COOKIE: assets().tag(LOOK)}
