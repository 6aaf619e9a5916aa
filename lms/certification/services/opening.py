"""Open a group under one's own right to certify: whoever opens it must be able to certify its people some day."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from lms.access.policy import Actor
from lms.certification.models import Credential, Level, Scheme
from lms.certification.queries.chains import holdings
from lms.certification.rules.signing import Signer, Wanted, limits, own_limits
from lms.certification.rules.warrants import Limit
from lms.certification.services.issuing import is_of_course, rules_of_level
from lms.certification.words import limit_words
from lms.cohorts.models import Cohort
from lms.cohorts.rules import GroupPlan
from lms.cohorts.services.groups import open_cohort
from lms.core.database import db
from lms.core.errors import RuleBroken
from lms.core.ids import new_id
from lms.curriculum.models import Version
from lms.organization.models import Person

# What is asked of each person when she is certified says nothing about the group.
_LATER = {Limit.COSIGNATURE, Limit.CONFLICT_SELF, Limit.CONFLICT_TRAINEE, Limit.CONFLICT_UNIT}


@dataclass(frozen=True)
class Right:
    """A certificate somebody holds and a level it could sign."""

    signer: Signer
    level: Level


def rights_of(person_id: uuid.UUID, now: datetime, today: date) -> list[Right]:
    """Return what a person's own certificates let her sign, good or not today."""
    levels = db.session.scalars(
        select(Level)
        .join(Scheme, Scheme.id == Level.scheme_id)
        .where(
            Scheme.retired_at.is_(None),
            Level.scheme_id.in_(
                select(Level.scheme_id)
                .join(Credential, Credential.level_id == Level.id)
                .where(Credential.holder_id == person_id, Credential.warrant.is_not(None))
            ),
        )
        .order_by(Level.scheme_id, Level.number)
    ).all()
    found = []
    for scheme_id in dict.fromkeys(level.scheme_id for level in levels):
        signers = holdings(scheme_id, [], [person_id], now, today).signers(person_id)
        of_scheme = [level for level in levels if level.scheme_id == scheme_id]
        found += [
            Right(signer, level)
            for signer in signers
            for level in of_scheme
            if signer.level in rules_of_level(level).signed_by
        ]
    return found


def why_not(rights: Collection[Right], today: date) -> list[str]:
    """Say why none of these can be used today."""
    found = {limit for right in rights for limit in own_limits(right.signer, today)}
    return [limit_words(one) for one in sorted(found)] or [limit_words(Limit.NO_CREDENTIAL)]


def courses_under(rights: Collection[Right], courses: Collection[str]) -> list[str]:
    """Narrow courses to those for which some right could certify people."""
    return [slug for slug in courses if any(_is_for(right, slug) for right in rights)]


def _is_for(right: Right, course: str) -> bool:
    warrant = right.signer.warrant
    return is_of_course(right.level, course) and (not warrant or not warrant.courses or course in warrant.courses)


def opening_limits(rights: Collection[Right], plan: GroupPlan, course: str, today: date) -> list[Limit]:
    """Name what stands in the way of a group, for the right that comes nearest to it; empty when nothing does."""
    if not rights:
        return [Limit.NO_CREDENTIAL]
    tried = []
    for right in rights:
        wanted = Wanted(
            holder_id=new_id(),
            holder_unit_id=new_id(),
            level=right.level.number,
            place=plan.place_code,
            audience=plan.audience,
            course=course,
            language=plan.language,
            valid_from=today,
        )
        found = [one for one in limits(right.signer, rules_of_level(right.level), wanted, today) if one not in _LATER]
        if not is_of_course(right.level, course) and Limit.COURSE not in found:
            found.append(Limit.COURSE)
        tried.append(found)
    return min(tried, key=len)


def open_under_warrant(
    person: Person, version: Version, plan: GroupPlan, actor: Actor, now: datetime, today: date
) -> Cohort:
    """Open a group that a person leads under her own certificate.

    :raise RuleBroken: a limit of her right stands in the way; the sentence names each.
    """
    found = opening_limits(rights_of(person.id, now, today), plan, version.course.slug, today)
    if found:
        raise RuleBroken(" ".join(limit_words(one) for one in found))
    return open_cohort(person.unit, version, plan, [person.id], actor, now)
