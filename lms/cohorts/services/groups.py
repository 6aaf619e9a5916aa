"""Open a group, change it, close it, say who leads it.

Nothing here asks whether somebody may teach: the door that opens a group under a warrant asks that first
(certification), and a role over the unit is asked for by the lock.
"""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import func, select

from lms.access.policy import Actor
from lms.cohorts.models import Cohort, CohortFacilitator, CohortMember, Session
from lms.cohorts.rules import GroupPlan, group_problem
from lms.cohorts.words import group_sentence
from lms.core import audit
from lms.core.database import db
from lms.core.errors import NotFound, RuleBroken
from lms.core.ids import new_id
from lms.curriculum.models import Version
from lms.organization.models import Person, Unit

# Letters and digits that cannot be mistaken for one another when read aloud or copied by hand.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 8


def fresh_code() -> str:
    """Draw a code for a group or for the paper of a session: eight letters, one in a million million."""
    return "".join(secrets.choice(_LETTERS) for _place in range(_LENGTH))


def open_cohort(
    unit: Unit,
    version: Version,
    plan: GroupPlan,
    facilitators: Sequence[uuid.UUID],
    actor: Actor | None,
    now: datetime,
) -> Cohort:
    """Open a group in a unit for one version of a course; the first facilitator leads.

    :raise RuleBroken: the unit is closed, the version is not published, nobody leads, or the plan does not hold.
    """
    if problem := group_problem(plan):
        raise RuleBroken(group_sentence(problem))
    if unit.closed_on is not None:
        raise RuleBroken(_("%(name)s is closed. Choose another office.", name=unit.name))
    if version.state != "published":
        raise RuleBroken(_("This edition of the course is not published. Choose another one."))
    if not facilitators:
        raise RuleBroken(_("Say who leads the group."))
    cohort = Cohort(
        id=new_id(),
        code=fresh_code(),
        unit_id=unit.id,
        course_id=version.course_id,
        version_id=version.id,
        created_at=now,
        created_by=actor.user_id if actor and actor.user_id else uuid.UUID(int=0),
        **asdict(plan),
    )
    db.session.add(cohort)
    db.session.flush()
    for place, person_id in enumerate(dict.fromkeys(facilitators)):
        db.session.add(
            CohortFacilitator(cohort_id=cohort.id, person_id=person_id, is_lead=place == 0, since=now, until=None)
        )
    db.session.flush()
    audit.record(actor, "cohort.open", "cohort", cohort.id, now, after=_told(cohort))
    return cohort


def change_cohort(cohort: Cohort, plan: GroupPlan, actor: Actor, now: datetime) -> bool:
    """Change what was planned; tell whether anything was different.

    :raise RuleBroken: the group is closed, or the plan does not hold.
    """
    check_open(cohort)
    hold(cohort)
    if problem := group_problem(plan, count_members(cohort.id)):
        raise RuleBroken(group_sentence(problem))
    before = _told(cohort)
    for name, value in asdict(plan).items():
        setattr(cohort, name, value)
    if before == _told(cohort):
        return False
    audit.record(actor, "cohort.change", "cohort", cohort.id, now, before, _told(cohort))
    db.session.flush()
    return True


def close_cohort(cohort: Cohort, actor: Actor, now: datetime) -> None:
    """Close a group: nothing is entered any more, everything stays to be read. Closing twice changes nothing."""
    if cohort.closed_at is None:
        cohort.closed_at = now
        audit.record(actor, "cohort.close", "cohort", cohort.id, now)
        db.session.flush()


def reopen_cohort(cohort: Cohort, actor: Actor, now: datetime) -> None:
    """Open a closed group again."""
    if cohort.closed_at is not None:
        cohort.closed_at = None
        audit.record(actor, "cohort.reopen", "cohort", cohort.id, now)
        db.session.flush()


def add_facilitator(cohort: Cohort, person: Person, actor: Actor, now: datetime) -> None:
    """Let somebody lead the group together with the others.

    :raise RuleBroken: she learns in this group, or left.
    """
    check_open(cohort)
    if person.left_on is not None or person.merged_into_id is not None:
        raise RuleBroken(_("%(name)s does not work here any more.", name=person.name))
    member = db.session.get(CohortMember, (cohort.id, person.id))
    if member is not None and member.left_at is None:
        raise RuleBroken(_("%(name)s learns in this group, so cannot lead it too.", name=person.name))
    found = db.session.get(CohortFacilitator, (cohort.id, person.id))
    if found is None:
        db.session.add(CohortFacilitator(cohort_id=cohort.id, person_id=person.id, is_lead=False, since=now))
    elif found.until is None:
        return
    else:
        found.until, found.since = None, now
    db.session.flush()
    db.session.expire(cohort, ["facilitators"])
    audit.record(actor, "cohort.lead", "cohort", cohort.id, now, after={"person": str(person.id)})


def end_facilitator(cohort: Cohort, person_id: uuid.UUID, actor: Actor, now: datetime) -> None:
    """Let somebody lead the group no longer; what she recorded stays.

    :raise RuleBroken: nobody would be left.
    """
    active = [one for one in cohort.facilitators if one.until is None]
    found = next((one for one in active if one.person_id == person_id), None)
    if found is None:
        return
    if len(active) == 1:
        raise RuleBroken(_("A group needs somebody to lead it. Add another facilitator first."))
    found.until = now
    if found.is_lead:
        found.is_lead = False
        next(one for one in active if one is not found).is_lead = True
    db.session.flush()
    audit.record(actor, "cohort.lead_end", "cohort", cohort.id, now, after={"person": str(person_id)})


def check_open(cohort: Cohort) -> None:
    """Let through what is written into an open group; raise RuleBroken for a closed one."""
    if cohort.closed_at is not None:
        raise RuleBroken(_("This group is closed. Open it again to change something."))


def hold(cohort: Cohort) -> None:
    """Let everybody else who changes this group wait for our commit."""
    held = db.session.execute(select(Cohort.id).where(Cohort.id == cohort.id).with_for_update())
    if held.first() is None:
        raise NotFound


def count_members(cohort_id: uuid.UUID) -> int:
    """Count the people who learn in a group now."""
    query = select(func.count()).where(CohortMember.cohort_id == cohort_id, CohortMember.left_at.is_(None))
    return db.session.scalar(query) or 0


def next_number(cohort: Cohort) -> int:
    """Return the number the next session gets."""
    return (db.session.scalar(select(func.max(Session.number)).where(Session.cohort_id == cohort.id)) or 0) + 1


def _told(cohort: Cohort) -> dict[str, object]:
    names = ("name", "place_code", "language", "audience", "modality", "starts_on", "ends_on", "capacity")
    return {name: str(getattr(cohort, name)) for name in (*names, "project_id", "is_joinable", "version_id")}
