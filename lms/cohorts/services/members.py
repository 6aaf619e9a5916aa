"""Who learns in a group: by code, by name, new with a slip, from a list; and out of it again, with undo."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import select

from lms.access.policy import Actor
from lms.accounts.models import User
from lms.accounts.services.choosing import new_pin
from lms.accounts.services.giving import give_account, give_accounts
from lms.cohorts.models import Cohort, CohortMember
from lms.cohorts.rules import JoinProblem, join_problem
from lms.cohorts.services.groups import check_open, count_members, hold
from lms.cohorts.words import join_sentence
from lms.core import audit
from lms.core.database import db
from lms.core.errors import RuleBroken
from lms.learning.models import Enrolment
from lms.learning.services.codes import tidy_code
from lms.learning.services.enrolments import enrol, enrol_many
from lms.organization.models import Person
from lms.organization.services.people import add_person

MOST_SLIPS = 40  # a PIN costs a slow hash each


def cohort_called(text: str) -> Cohort | None:
    """Return the group with this code, however it was typed."""
    return db.session.scalar(select(Cohort).where(Cohort.code == tidy_code(text)))


def join(cohort: Cohort, person_id: uuid.UUID, actor: Actor, now: datetime, today: date) -> CohortMember:
    """Let somebody who has the code into the group; joining twice changes nothing.

    :raise RuleBroken: the group is closed, over, full, or not joined with a code.
    """
    hold(cohort)
    member = db.session.get(CohortMember, (cohort.id, person_id))
    if member is not None and member.left_at is None:
        return member
    leads = person_id in cohort.access_people
    problem = join_problem(
        cohort.closed_at is not None,
        cohort.is_joinable,
        cohort.ends_on,
        cohort.capacity,
        count_members(cohort.id),
        leads,
        today,
    )
    if problem:
        raise RuleBroken(join_sentence(problem))
    enrolment = enrol(person_id, cohort.course, "code", actor, now, version=cohort.version)
    return _entered(cohort, person_id, enrolment.id, "code", now)


def add_people(cohort: Cohort, person_ids: Sequence[uuid.UUID], how: str, actor: Actor, now: datetime) -> int:
    """Bring people who have a record into the group; return how many were not in it.

    :param how: staff | file | new.
    :raise RuleBroken: the group is closed, they are too many for it, or one of them leads it.
    """
    check_open(cohort)
    hold(cohort)
    wanted = list(dict.fromkeys(person_ids))
    inside = set(
        db.session.scalars(
            select(CohortMember.person_id).where(
                CohortMember.cohort_id == cohort.id,
                CohortMember.person_id.in_(wanted),
                CohortMember.left_at.is_(None),
            )
        )
    )
    fresh = [one for one in wanted if one not in inside]
    if set(fresh) & cohort.access_people:
        raise RuleBroken(_("Whoever leads the group cannot learn in it too."))
    room = cohort.capacity - count_members(cohort.id)
    if len(fresh) > room:
        raise RuleBroken(
            _("There is room for %(room)s more. Raise the number of places, or choose fewer people.", room=max(0, room))
        )
    if not fresh:
        return 0
    enrol_many(fresh, cohort.course, actor, now, version=cohort.version)
    query = (
        select(Enrolment.person_id, Enrolment.id)
        .where(Enrolment.course_id == cohort.course_id, Enrolment.person_id.in_(fresh), Enrolment.state != "withdrawn")
        .order_by(Enrolment.enrolled_at)
    )
    enrolments: dict[uuid.UUID, uuid.UUID] = dict(db.session.execute(query).all())
    for person_id in fresh:
        _entered(cohort, person_id, enrolments[person_id], how, now)
    db.session.flush()
    after = {"people": sorted(str(one) for one in fresh)}
    audit.record(actor, "cohort.enter", "cohort", cohort.id, now, after=after, note=f"{len(fresh)}")
    return len(fresh)


def _entered(cohort: Cohort, person_id: uuid.UUID, enrolment_id: uuid.UUID, how: str, now: datetime) -> CohortMember:
    member = db.session.get(CohortMember, (cohort.id, person_id))
    if member is None:
        member = CohortMember(cohort_id=cohort.id, person_id=person_id)
        db.session.add(member)
    member.enrolment_id, member.joined_at, member.joined_by, member.left_at = enrolment_id, now, how, None
    db.session.flush()
    return member


@dataclass(frozen=True)
class NewPerson:
    """Somebody without a record: the least that will do."""

    given_names: str
    family_names: str = ""
    language: str = "spa"
    place_code: str = ""


def add_new_person(
    cohort: Cohort, new: NewPerson, actor: Actor, now: datetime, must_choose: bool = True
) -> tuple[User, str]:
    """Register somebody in the group's office, bring her in, and return her account with a PIN to print once.

    :param must_choose: whether she chooses a PIN of her own first; until then this one signs nothing.

    :raise RuleBroken: the group is closed or full.
    """
    person = _registered(cohort, new, actor, now)
    add_people(cohort, [person.id], "new", actor, now)
    user = give_account(person, None, None, now, actor)
    return user, new_pin(user, actor, now, must_choose)


def _registered(cohort: Cohort, new: NewPerson, actor: Actor, now: datetime) -> Person:
    check_open(cohort)
    values = {
        "given_names": new.given_names,
        "family_names": new.family_names,
        "content_language": new.language,
        "place_code": new.place_code,
    }
    return add_person(actor, cohort.unit, values, now)


def give_slips(cohort: Cohort, people: Sequence[Person], actor: Actor, now: datetime) -> list[tuple[User, str]]:
    """Give accounts to people who were brought in without one, each with a PIN to print once."""
    check_open(cohort)
    users = give_accounts(people, now, actor)
    return [(user, new_pin(user, actor, now, must_choose=True)) for user in users]


def take_in_list(
    cohort: Cohort, known: Sequence[uuid.UUID], new: Sequence[NewPerson], actor: Actor, now: datetime
) -> int:
    """Bring a whole list into the group, people with a record and without; all of them or nobody."""
    made = [_registered(cohort, one, actor, now).id for one in new]
    return add_people(cohort, [*known, *made], "file", actor, now)


def remove(cohort: Cohort, member: CohortMember, actor: Actor, now: datetime) -> None:
    """Take somebody out of the group; course, attendance and tests stay, and coming back brings them back."""
    if member.left_at is None:
        member.left_at = now
        audit.record(actor, "cohort.leave", "cohort", cohort.id, now, after={"person": str(member.person_id)})
        db.session.flush()


def restore(cohort: Cohort, member: CohortMember, actor: Actor, now: datetime) -> None:
    """Undo the removal of somebody; raise RuleBroken when her place was taken meanwhile."""
    if member.left_at is None:
        return
    check_open(cohort)
    hold(cohort)
    if count_members(cohort.id) >= cohort.capacity:
        raise RuleBroken(join_sentence(JoinProblem.FULL))
    member.left_at = None
    audit.record(actor, "cohort.return", "cohort", cohort.id, now, after={"person": str(member.person_id)})
    db.session.flush()
