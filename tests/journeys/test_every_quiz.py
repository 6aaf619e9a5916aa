"""Every quiz of every shipped course, taken once wrong and once right, its result read in each language."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import current_app
from sqlalchemy import select

from lms.access.policy import Actor
from lms.assessment.grading import Asked
from lms.assessment.kinds import KINDS
from lms.assessment.rules import Guise
from lms.core import clock as time
from lms.core.database import db
from lms.core.ids import id_from_text, id_text
from lms.curriculum.models import Course
from lms.curriculum.queries import asked_of, outline_of
from lms.learning.models import Attempt
from lms.learning.quizzes import quiz_of
from lms.learning.services.enrolments import enrol
from lms.learning.speech import guise_seed
from tests import factories

ROOT = Path(__file__).resolve().parents[2]
COURSES = sorted(path.parent.name for path in ROOT.glob("courses/*/course.toml"))
MORNING = datetime(2026, 11, 23, 14, tzinfo=UTC)


def options(one: Asked, is_right: bool) -> list[str]:
    names = [option["id"] for option in one.body["options"]]
    right = one.key["right"]
    wrong = [name for name in names if name not in right]
    return right if is_right else wrong[: 1 if one.kind == "single" else None]


def form(one: Asked, guise: Guise, is_right: bool) -> dict[str, list[str]]:
    """Fill in one question as a browser sends it, all right or as wrong as can be."""
    name, body = f"q{one.number}", one.body

    def token(part: str) -> str:
        return guise.token(one.number, part)

    match one.kind:
        case "single" | "multiple":
            return {name: [token(option) for option in options(one, is_right)]}
        case "true_false":
            return {name: ["true" if one.key["answer"] is is_right else "false"]}
        case "matching":
            rights = one.key["right"] if is_right else one.key["right"][1:] + one.key["right"][:1]
            pairs = zip(body["lefts"], rights, strict=True)
            return {f"{name}.{token('left ' + left['id'])}": [token(right)] for left, right in pairs}
        case "ordering":
            places = range(1, len(body["items"]) + 1)
            pairs = zip(body["items"], places if is_right else reversed(places), strict=True)
            return {f"{name}.{token(item['id'])}": [str(place)] for item, place in pairs}
        case "numeric":
            return {name: [str(one.key["answer"] + (0 if is_right else one.key["tolerance"] + 1))]}
        case "short_text":
            return {name: [next(iter(one.key["accept"].values()))[0] if is_right else "no lo sé"]}
        case "cloze":
            return gaps(one, token, is_right)
        case "scenario":
            return way(one, token, is_right)
        case "likert":
            return {f"{name}.{statement['id']}": ["0"] for statement in body["statements"]}
        case _:
            return {name: ["Primero escuchamos; después avisamos."]}


def gaps(one: Asked, token, is_right: bool) -> dict[str, list[str]]:
    sent = {}
    for gap, accepted in zip(one.body["gaps"], one.key["accept"], strict=True):
        typed = next(iter(accepted.values()))[0] if accepted and is_right else "no lo sé"
        sent[f"q{one.number}.{gap['id']}"] = [token(f"{gap['id']} {0 if is_right else 1}") if gap["choices"] else typed]
    return sent


def way(one: Asked, token, is_right: bool) -> dict[str, list[str]]:
    sent, step, made = {}, one.body["start"], 0
    while step:
        points = [reason["points"] for reason in one.key["steps"][step]]
        choice = points.index(max(points) if is_right else min(points))
        sent[f"q{one.number}.{made}"] = [token(f"{step} {choice}")]
        step, made = one.body["steps"][step]["choices"][choice]["next"], made + 1
    return sent


def take(client, path: str, version_id, is_right: bool) -> Attempt:
    """Open a quiz, answer all of it, hand it in."""
    started = client.post(path)
    assert started.status_code == 303, started.text
    address = started.headers["Location"]
    attempt_id = id_from_text(address.rpartition("/")[2])
    attempt = db.session.get_one(Attempt, attempt_id)
    guise = Guise(guise_seed(current_app.config["PEPPER"], attempt_id))
    asked = asked_of(version_id, attempt.drawn)
    is_stepwise = quiz_of(version_id, attempt.activity_number).is_step_by_step
    whole: dict[str, list[str]] = {}
    for one in asked:
        sent = form(one, guise, is_right) | {"asked": [str(one.number)]}
        if is_stepwise:
            assert client.post(address, data=sent | {"do": "check"}).status_code == 303
        else:
            whole = {**whole, **sent, "asked": [*whole.get("asked", []), str(one.number)]}
    handed = client.post(address, data=whole | {"do": "submit", "sure": "1"})
    assert handed.headers["Location"].split("?")[0].endswith("/result"), handed.text
    db.session.expire_all()
    return db.session.get_one(Attempt, attempt_id)


@pytest.mark.parametrize("slug", COURSES)
def test_every_quiz_taken_wrong_and_right(client, runner, db_session, sign_in, clock, slug):
    clock.hold(MORNING)
    loaded = runner.invoke(args=["courses", "load", str(ROOT / "courses" / slug), "--publish"])
    assert loaded.exit_code == 0, loaded.output
    user = factories.user("Lucía Tum")
    course = db.session.scalars(select(Course).where(Course.slug == slug)).one()
    enrol(user.person_id, course, "staff", Actor(), time.now())
    db.session.commit()
    outline = outline_of(course.current_version_id)
    for line in outline.activities:
        if line.kind != "quiz":
            continue
        clock.move(hours=25)
        sign_in(client, user)
        path = f"/courses/{slug}/{line.module_slug}/{line.slug}"
        quiz = quiz_of(outline.version_id, line.number)
        waits = any(KINDS[one.kind].needs_person for one in asked_of(outline.version_id, quiz.fixed))
        if quiz.purpose != "pretest":
            wrong = take(client, path, outline.version_id, is_right=False)
            assert wrong.is_passed is not True or quiz.purpose == "practice", (
                f"{path} is passed with every answer wrong"
            )
            read(client, outline, wrong)
            clock.move(hours=25)
            sign_in(client, user)
            if waits:
                continue  # the next attempt waits until a person has read the last
        right = take(client, path, outline.version_id, is_right=True)
        assert waits or right.score == 100, f"{path}: all right is {right.score}"
        read(client, outline, right)


def read(client, outline, attempt: Attempt) -> None:
    for language in outline.languages:
        assert client.get(f"/attempts/{id_text(attempt.id)}/result?lang={language}").status_code == 200
