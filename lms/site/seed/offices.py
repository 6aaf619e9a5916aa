"""People who learn at their desk: posts filled, courses assigned or chosen, certificates claimed."""

from collections.abc import Sequence
from typing import Any

from lms.accounts.models import User
from lms.accounts.services.giving import give_accounts
from lms.certification.services.own import claim
from lms.core.database import db
from lms.curriculum.queries import outline_of
from lms.learning.rules import Purpose
from lms.learning.services.enrolments import enrol_many, enrolment_in
from lms.organization.models import Person, Profession, Unit
from lms.organization.services.posts import fill_post, open_posts
from lms.site.seed.ground import open_unit
from lms.site.seed.story import FIRST, Story, actor_of
from lms.site.seed.studying import Learner, most_mistakes, quizzes, read_lessons, take

INTAKE = 12  # so many begin on the same day
FEW = 40  # a small telling has one in so many of them
LANGUAGES = {"14": "quc", "13": "mam", "16": "kek", "15": "acr"}


def teach(story: Story, told: dict[str, Any]) -> tuple[list[User], list[User]]:
    """Let the people of an institution take its course; return who was certified and who is on the way."""
    unit = open_unit(story, story.root, told)
    offices = [open_unit(story, unit, one) for one in told["offices"]]
    certified, whole = (story.some(told[of], FEW) for of in ("certified", "people"))
    people = [_at_a_post(story, told, offices, number) for number in range(max(whole, certified + 1))]
    if told["certified"] == told["people"]:
        people = people[:certified]
    actor, course = story.agency(), story.course(told["course"])
    users = give_accounts(people, story.at(told["starts"] + 8), actor)
    enrol_many([one.id for one in people], course, actor, story.at(told["starts"] + 7))
    learners = [
        Learner(user, enrolment_in(user.person_id, course), number)  # type: ignore[arg-type]
        for number, user in enumerate(users)
    ]
    for one in learners:
        story.let_in(one.user, actor, story.at(told["starts"] + 6))
    for place, start in enumerate(range(0, certified, INTAKE)):
        intake, ago = learners[start : min(start + INTAKE, certified)], told["starts"] - 2 * place
        _study(story, intake, ago, is_whole=True)
        for one in intake:
            claim(one.user.person, course.slug, actor_of(one.user), story.at(ago - 22), story.day(ago - 22))
    for one in learners[certified:]:
        _study(story, [one], story.chance.randint(8, 20), is_whole=False)
    return users[:certified], users[certified:]


def _at_a_post(story: Story, told: dict[str, Any], offices: list[Unit], number: int) -> Person:
    """Register somebody and let her fill a post of her office."""
    office = offices[number % len(offices)]
    professions = told["professions"]
    code = professions[number // len(offices) % len(professions)]
    language = LANGUAGES.get((office.place_code or "")[:2], "spa") if number % 3 == 0 else "spa"
    person = story.register(office, language, story.names.chance.random() < 0.62, story.at(FIRST - 5))
    actor, opened = story.agency(), story.day(FIRST - 5)
    profession = db.session.get_one(Profession, code)
    post = open_posts(actor, office, profession, None, 1, opened, story.at(FIRST - 5))[0]
    fill_post(actor, post, person, opened, None, story.at(FIRST - 5))
    return person


def _study(story: Story, learners: Sequence[Learner], ago: int, is_whole: bool) -> None:
    """Go through a course module by module, a few days each; who is on the way has stopped at some module."""
    outline = outline_of(learners[0].enrolment.version_id)
    modules = [module.slug for module in outline.modules]
    reached = modules if is_whole else modules[: 1 + learners[0].number % (len(modules) - 2)]
    for quiz in quizzes(outline, Purpose.PRETEST):
        for one in learners:
            mistakes = story.chance.randint(quiz.question_count * 3 // 10, quiz.question_count * 6 // 10)
            take(story, one, quiz, mistakes, story.at(ago, 10))
    for number, module in enumerate(reached):
        day = ago - (3 * number if is_whole else number)
        read_lessons(learners, outline.version_id, [module], story.at(day, 11))
        for quiz in quizzes(outline, Purpose.CHECK, [module]):
            for one in learners:
                take(story, one, quiz, story.chance.randint(0, most_mistakes(quiz)), story.at(day, 12))
    for quiz in quizzes(outline, Purpose.FINAL) if is_whole else ():
        for one in learners:
            take(story, one, quiz, story.chance.randint(0, 2), story.at(ago - 21, 13))
