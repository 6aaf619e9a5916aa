"""What every group does: it meets, somebody writes down who was there, at the end it is certified and closed."""

import uuid
from collections.abc import Sequence
from datetime import time

from sqlalchemy import select

from lms.access.policy import Actor
from lms.accounts.models import User
from lms.certification.services.issuing import certify
from lms.cohorts.models import Cohort, Session
from lms.cohorts.rules import GroupPlan, Mark
from lms.cohorts.services.sessions import Held, SessionPlan, hold_session, plan_from_course, plan_session
from lms.core.database import db
from lms.core.texts import tongue
from lms.curriculum.queries import outline_of
from lms.organization.models import Person
from lms.site.seed.story import Story, actor_of

HOUR = time(9)
PRACTICE = "practica"  # the module in which future facilitators show what they can do
REFLECTIONS = (
    "Las imágenes ayudaron más que el texto. Repetir el repaso la próxima vez.",
    "El grupo preguntó mucho por los números de ayuda. Llevar más tarjetas.",
    "Faltó tiempo para el cierre. Empezar media hora antes.",
    "Trabajó bien por parejas y en su idioma.",
)


def group_plan(story: Story, name: str, place: str, language: str, starts: int, weeks: int, people: int) -> GroupPlan:
    """Plan a group that begins so many days ago."""
    first = "FC-1" if starts > story.told["project"][1]["starts"] else "FC-2"
    return GroupPlan(
        name=name,
        place_code=place,
        language=language,
        modality="in_person",
        starts_on=story.day(starts),
        ends_on=story.day(starts - 7 * weeks - 21),
        capacity=people,
        project_id=story.projects[first].id,
    )


def plan_meetings(story: Story, cohort: Cohort, starts: int, venue: str, actor: Actor) -> list[Session]:
    """Plan a meeting for each module, one a week, and one for the practice where the course has it."""
    at, first = story.at(starts + 7), story.day(starts)
    count = plan_from_course(cohort, first, HOUR, 7, 120, venue, actor, at)
    outline = outline_of(cohort.version_id)
    if module := next((one for one in outline.modules if one.slug == PRACTICE), None):
        title = tongue(module.title, cohort.language)
        plan_session(cohort, SessionPlan(title, story.day(starts - 7 * count), HOUR, 180, venue, PRACTICE), actor, at)
    query = select(Session).where(Session.cohort_id == cohort.id).order_by(Session.number)
    return list(db.session.scalars(query))


def meet(
    story: Story, session: Session, there: Sequence[uuid.UUID], away: Sequence[uuid.UUID], led_by: User, ago: int
) -> None:
    """Hold a meeting and write down who was there."""
    marks = dict.fromkeys(away, Mark.ABSENT)
    for person_id in there:
        marks[person_id] = Mark.LATE if story.chance.random() < 0.06 else Mark.PRESENT
    reflection = story.chance.choice(REFLECTIONS) if story.chance.random() < 0.5 else ""
    held = Held(marks, led_by.person_id, reflection=reflection)
    hold_session(session, held, actor_of(led_by), story.at(ago, 17))


def certify_all(
    story: Story, cohort: Cohort, number: int, people: Sequence[uuid.UUID], signer: User, ago: int,
    is_agency: bool = False,
) -> None:  # fmt: skip
    """Certify people who have met everything; the scenario is wrong when one of them has not."""
    person, actor = db.session.get_one(Person, signer.person_id), story.agency() if is_agency else actor_of(signer)
    answers = certify(cohort, story.level(number), people, person, actor, is_agency, story.at(ago, 10), story.day(ago))
    if lacking := [(one.missing, one.limits) for one in answers if one.credential is None]:
        raise RuntimeError(f"{cohort.name}: {lacking}")
