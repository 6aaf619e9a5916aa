"""What the start page counts: work that waits for somebody, and what a new site still lacks."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import Select, func, literal, or_, select, true, union_all

from lms.access.policy import Action, Actor, Role, can, reach
from lms.access.queries import within
from lms.accounts.models import User
from lms.core.choices import choices
from lms.core.database import read
from lms.core.models import Job
from lms.core.problems import N_
from lms.curriculum.models import Version
from lms.learning.models import Attempt, Enrolment
from lms.library.models import Fact
from lms.organization.models import Person, Unit
from lms.site.records import may_see_all_jobs


class Waiting(NamedTuple):
    """Some work of one kind that waits; `key` is its entry of the menu."""

    key: str
    number: int


class Step(NamedTuple):
    """One thing to do on a new site."""

    label: str
    told: str
    endpoint: str
    is_done: bool


def waiting_for(actor: Actor, today: date) -> list[Waiting]:
    """Count the work that waits for this person, in one statement; kinds without any are left out."""
    people, marking = reach(actor, Action.PERSON_MANAGE), reach(actor, Action.RESPONSE_MARK)
    parts: list[Select[str, int]] = []
    if marking:
        parts.append(
            _count("marking")
            .select_from(Attempt)
            .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
            .join(Person, Person.id == Enrolment.person_id)
            .join(Unit, Unit.id == Person.unit_id)
            .where(Attempt.state == "marking", within(marking, Unit.path))
        )
    if people:
        parts.append(
            _count("invitations")
            .select_from(User)
            .join(Person, Person.id == User.person_id)
            .join(Unit, Unit.id == Person.unit_id)
            .where(User.state == "invited", within(people, Unit.path))
        )
    if can(actor, Action.FACT_MANAGE):
        parts.append(_count("facts").select_from(Fact).where(or_(Fact.is_verified.is_(False), Fact.review_by <= today)))
    if can(actor, Action.JOB_READ):
        mine = (Job.requested_by == actor.user_id) & Job.state.in_(("waiting", "running"))
        stopped = (Job.state == "parked") & (true() if may_see_all_jobs(actor) else Job.requested_by == actor.user_id)
        parts.append(_count("jobs").select_from(Job).where(mine | stopped))
    if not parts:
        return []
    with read() as connection:
        found = {row[0]: row[1] for row in connection.execute(union_all(*parts))}
    return [Waiting(key, found[key]) for key in ("marking", "invitations", "facts", "jobs") if found.get(key)]


def _count(key: str) -> Select[str, int]:
    return select(literal(key), func.count())


def is_administrator(actor: Actor) -> bool:
    """Tell whether the person administers the site, the second step still owed or not."""
    return any(held.role is Role.ADMINISTRATOR for held in actor.held)


def first_steps(actor: Actor) -> list[Step]:
    """List what an administrator does on a new site; none once everything is done. One statement."""
    with read() as connection:
        units, people, published, taken = connection.execute(
            select(
                select(func.count()).select_from(Unit).scalar_subquery(),
                select(func.count()).select_from(User).scalar_subquery(),
                select(func.count()).select_from(Version).where(Version.state == "published").scalar_subquery(),
                select(func.count()).select_from(select(Enrolment.id).limit(1).subquery()).scalar_subquery(),
            )
        ).one()
    steps = [
        Step(
            N_("Set up your second step"),
            N_(
                "An application on your phone that shows a number when you sign in. Without it your role opens nothing."
            ),
            "accounts.second_factor",
            not actor.owes_second_factor,
        ),
        Step(
            N_("Say who you are"),
            N_("The name of the agency, where “Leave quickly” goes, and whom a person can turn to."),
            "site_manage.settings",
            bool(choices().agency),
        ),
        Step(
            N_("Make the first office"),
            N_("People and courses belong to an office. Begin with your own; the rest can come from a list."),
            "organization_manage.units",
            units > 1,
        ),
        Step(
            N_("Look at a course"),
            N_("Take it yourself as a learner would, before you invite others."),
            "learning.list_courses",
            bool(published and taken),
        ),
        Step(
            N_("Invite people"),
            N_("By mail, or with a printed slip for those who have none."),
            "organization_manage.people",
            people > 1,
        ),
    ]
    return steps if any(not step.is_done for step in steps) else []
