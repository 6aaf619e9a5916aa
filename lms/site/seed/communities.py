"""Groups that facilitators lead in their communities: people without accounts, meetings, certificates."""

from typing import Any

from sqlalchemy import select

from lms.accounts.models import User
from lms.certification.services.opening import open_under_warrant
from lms.cohorts.models import CohortMember
from lms.cohorts.services.groups import close_cohort
from lms.cohorts.services.members import NewPerson, take_in_list
from lms.core.database import db
from lms.organization.models import Person
from lms.organization.queries.places import get_place
from lms.site.seed.meetings import certify_all, group_plan, meet, plan_meetings
from lms.site.seed.story import PILOT, Story, actor_of

VENUE = "Escuela de la comunidad"


def lead_group(story: Story, told: dict[str, Any]) -> None:
    """Let a facilitator open a group under her warrant, hold its meetings and certify those who came."""
    leader = _leader(story, told)
    person, actor, starts = db.session.get_one(Person, leader.person_id), actor_of(leader), told["starts"]
    place = get_place(person.place_code or "")
    language = place.languages[0]
    count = story.some(told["people"]) + 1
    name = f"Escuela para padres, {place.name}, grupo {story.led[told['of']].count(leader)}"
    plan = group_plan(story, name, place.code, language, starts, 6, 25)
    version = story.version(story.told["communities"]["course"])
    cohort = open_under_warrant(person, version, plan, actor, story.at(starts + 9), story.day(starts + 9))
    new = [_parent(story, language, place.code, number) for number in range(count)]
    take_in_list(cohort, [], new, actor, story.at(starts + 1))
    members = list(db.session.scalars(select(CohortMember.person_id).where(CohortMember.cohort_id == cohort.id)))
    last = members[-1]  # came once and never again
    sessions = plan_meetings(story, cohort, starts, VENUE, actor)
    for week, session in enumerate(sessions[: told.get("weeks")]):
        there = members if week == 0 else members[:-1]
        meet(story, session, there, [last] if week else [], leader, starts - 7 * week)
    if "weeks" not in told:
        ago = starts - 7 * len(sessions)
        certify_all(story, cohort, 3, members[:-1], leader, ago)
        close_cohort(cohort, actor, story.at(ago - 2))
        if told["of"] != PILOT:
            story.parents.append(members[0])


def _leader(story: Story, told: dict[str, Any]) -> User:
    """Return who leads the next group: a facilitator who has led none yet, or the one of before again."""
    led = story.led.setdefault(told["of"], [])
    if not (told.get("again") and led):
        led.append(story.graduates[told["of"]][len(set(led)) % len(story.graduates[told["of"]])])
    return led[-1]


def _parent(story: Story, language: str, place: str, number: int) -> NewPerson:
    given, family = story.names.person(language, is_woman=number % 4 != 3)
    return NewPerson(given, family, "spa", place)
