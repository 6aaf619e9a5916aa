"""What people do for their own certificates: claim one for a course taken without a group, renew one, choose a name."""

import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import exists, func, select
from sqlalchemy.orm import aliased

from lms.access.policy import Actor
from lms.certification.models import Credential, CredentialEvent, Level, Scheme
from lms.certification.queries.chains import Holdings, Link, holdings
from lms.certification.queries.own import renewal_days
from lms.certification.rules.bridging import Owed
from lms.certification.rules.levels import (
    Evidence,
    LevelRules,
    Missing,
    Shortfall,
    rules_from_data,
    shortfalls,
    valid_until,
)
from lms.certification.rules.status import Renewal, Status
from lms.certification.rules.warrants import Less, Limit, Warrant
from lms.certification.services.issuing import (
    AGENCY,
    ANY_COURSE,
    WHOLE,
    evidence_of,
    given,
    hold,
    issue,
    plain_evidence,
    refused,
    right_of,
    standing_in_way,
    with_less,
)
from lms.certification.services.signing import Draft
from lms.cohorts.queries.evidence import own_facts
from lms.core import audit
from lms.core.clock import local_day
from lms.core.database import db
from lms.core.errors import NotFound, RuleBroken
from lms.core.ids import id_text, new_id
from lms.curriculum.models import Course, Version
from lms.curriculum.queries import RENEWAL, outline_of
from lms.learning.models import Attempt, Enrolment
from lms.learning.quizzes import quiz_of
from lms.learning.services.attempts import open_attempt
from lms.organization.models import Person


@dataclass(frozen=True)
class Claim:
    """A course somebody took without a group: the certificate she has, or what is met and missing."""

    enrolment: Enrolment
    level: Level
    rules: LevelRules
    evidence: Evidence
    missing: list[Shortfall]
    limits: list[Limit]
    credential: Credential | None

    @property
    def is_ready(self) -> bool:
        return self.credential is None and not self.missing and not self.limits


def claim_of(person_id: uuid.UUID, slug: str, now: datetime, today: date) -> Claim:
    """Weigh what a learner can claim for a course; raise NotFound when there is nothing to claim."""
    enrolment = db.session.scalar(
        select(Enrolment)
        .join(Course, Course.id == Enrolment.course_id)
        .where(Enrolment.person_id == person_id, Course.slug == slug, Course.is_bridge.is_(False))
        .where(Enrolment.state != "withdrawn")
        .order_by(Enrolment.enrolled_at.desc())
        .limit(1)
    )
    level = claimable(slug)
    if enrolment is None or level is None:
        raise NotFound
    rules = rules_from_data(level.rules)
    held = holdings(level.scheme_id, [person_id], [], now, today)
    in_way = standing_in_way(held, level, enrolment.course_id, person_id, enrolment.version_id)
    evidence = evidence_of(own_facts(enrolment), 0, held.valid_levels(person_id))
    if isinstance(in_way, Link):
        return Claim(enrolment, level, rules, evidence, [], [], in_way.credential)
    missing = shortfalls(rules.requirements, evidence, today)
    return Claim(enrolment, level, rules, evidence, missing, [in_way] if in_way else [], None)


def claimable(slug: str) -> Level | None:
    """Return the level a learner of this course may claim: the course's own before that of every course."""
    levels = db.session.scalars(
        select(Level)
        .join(Scheme, Scheme.id == Level.scheme_id)
        .where(Level.course_slug.in_((slug, ANY_COURSE)), Scheme.retired_at.is_(None))
        .order_by((Level.course_slug == ANY_COURSE), Scheme.created_at, Level.number)
    )
    return next((level for level in levels if level.rules.get("may_be_claimed")), None)


def claim(person: Person, slug: str, actor: Actor, now: datetime, today: date) -> Credential:
    """Issue in the agency's name what a learner has earned without a group; the second time it is the same one.

    :raise RuleBroken: something is missing still.
    """
    level = claimable(slug)
    if level is None:
        raise NotFound
    hold(person.id, level, [person.id])
    found = claim_of(person.id, slug, now, today)
    if found.credential is not None:
        return found.credential
    if found.limits:
        refused(person.id, level, found.limits, actor, now)
    if not found.is_ready:
        raise RuleBroken(_("Something is still missing. This page says what."))
    enrolment, version = found.enrolment, found.enrolment.version
    place = person.place_code or person.unit.place_code
    language = enrolment.language or person.content_language
    draft = Draft(
        holder=person,
        level=level,
        rules=found.rules,
        version=version,
        cohort_id=None,
        place_code=place,
        language=language if language in version.languages else version.languages[0],
        parent=None,
        cosigner_id=None,
        renews=None,
        warrant=given(right_of(found.rules, AGENCY, place), WHOLE),
        valid_from=today,
        valid_until=valid_until(found.rules, today),
        request_key=f"{id_text(level.id)}:{id_text(enrolment.id)}",
        evidence=plain_evidence(found.evidence),
    )
    return issue([draft], actor, now)[0]


@dataclass(frozen=True)
class Renewing:
    """Where a certificate stands in its renewal."""

    state: Renewal
    opens_on: date | None
    last_day: date | None
    evidence: Evidence
    missing: list[Shortfall]
    limits: list[Limit]
    owed: list[Owed]  # short units on what changed

    @property
    def is_ready(self) -> bool:
        return self.state in (Renewal.OPEN, Renewal.LATE) and not self.missing and not self.limits


def renewal_of(credential: Credential, now: datetime, today: date) -> Renewing:
    """Weigh a renewal on fresh facts: since when, what is met, whether the chain above still stands."""
    rules = rules_from_data(credential.level.rules)
    state, opens_on, last_day = renewal_days(credential.valid_until, rules, today)
    held = holdings(credential.level.scheme_id, [], [credential.holder_id], now, today)
    own = next((link for link in held.of(credential.holder_id) if link.credential.id == credential.id), None)
    found: list[Limit] = []
    if own is None:
        raise RuleBroken(_("This certificate was renewed already. Look at the newer one."))
    status = held.standing(own).status
    if status not in (Status.VALID, Status.EXPIRED):
        found.append(Limit.CREDENTIAL_REVOKED if status is Status.REVOKED else Limit.HELD_BACK)
    if any(not held.standing(link).is_valid for link in held.chain(own)[1:]):
        found.append(Limit.CHAIN_BROKEN)
    evidence = _renewal_evidence(credential, held, opens_on)
    owed = held.bridges.get(credential.id, [])
    evidence = replace(evidence, needs_bridge=bool(owed))
    return Renewing(state, opens_on, last_day, evidence, shortfalls(rules.renewal, evidence, today), found, owed)


@dataclass(frozen=True)
class _Taken:
    """How a holder took the course of a certificate."""

    enrolment: Enrolment
    has_changed: bool  # since then, in what counts
    passed_at: datetime | None  # the short test of a renewal, with the mark of the level, the last time


def _taken(credential: Credential) -> _Taken | None:
    """Return the newest version that a holder completed of the course of a certificate, else the newest she is in.

    A renewal stands on a newer version than the person took; what counts is what she did in the course at all.
    """
    later = aliased(Version)
    has_changed = exists().where(
        later.course_id == Version.course_id,
        later.number > Version.number,
        later.is_material,
        later.state == "published",
    )
    passed_at = (
        select(func.max(Attempt.submitted_at))
        .where(Attempt.enrolment_id == Enrolment.id, Attempt.activity_number == RENEWAL, Attempt.is_passed.is_(True))
        .where(Attempt.score >= (rules_from_data(credential.level.rules).requirements.pass_mark or 0))
        .scalar_subquery()
    )
    row = db.session.execute(
        select(Enrolment, has_changed, passed_at)
        .join(Version, Version.id == Enrolment.version_id)
        .where(Enrolment.person_id == credential.holder_id, Version.course_id == credential.version.course_id)
        .order_by(Enrolment.completed_at.is_(None), Version.number.desc())
        .limit(1)
    ).first()
    return _Taken(*row) if row else None


def _renewal_evidence(credential: Credential, held: Holdings, opens_on: date | None) -> Evidence:
    rules, taken = rules_from_data(credential.level.rules), _taken(credential)
    levels = held.valid_levels(credential.holder_id)
    evidence = evidence_of(own_facts(taken.enrolment), 0, levels) if taken else Evidence(valid_levels=levels)
    if rules.renewal.is_update_asked and opens_on is not None:
        evidence = replace(evidence, is_updated=taken is None or _is_updated(taken, opens_on))
    if not rules.renewal.refresher:
        return evidence
    passed = db.session.scalar(
        select(Enrolment.completed_at)
        .join(Course, Course.id == Enrolment.course_id)
        .where(Enrolment.person_id == credential.holder_id, Course.slug == rules.renewal.refresher)
        .order_by(Enrolment.completed_at.desc())
        .limit(1)
    )
    return replace(evidence, is_refreshed=passed is not None and local_day(passed) >= credential.valid_from)


def _is_updated(taken: _Taken, opens_on: date) -> bool:
    """Tell whether a holder showed lately that she still knows the course.

    Who took a version that changed since is asked about the change, not about what no longer holds: the short unit
    stands for the test. A course that asks nothing has no test either.
    """
    if taken.has_changed or outline_of(taken.enrolment.version_id).renewal is None:
        return True
    return taken.passed_at is not None and local_day(taken.passed_at) >= opens_on


def open_update(credential: Credential, now: datetime, today: date) -> uuid.UUID:
    """Open the short test of a renewal, or return the one that is open; return the id of the attempt.

    :raise RuleBroken: it is not asked for now, or the last attempt is not a day old.
    """
    found, taken = renewal_of(credential, now, today), _taken(credential)
    is_time = found.state in (Renewal.OPEN, Renewal.LATE)
    if taken is None or not is_time or not any(short.what is Missing.UPDATE for short in found.missing):
        raise RuleBroken(_("The short test is not asked for at this moment."))
    return open_attempt(taken.enrolment.id, quiz_of(taken.enrolment.version_id, RENEWAL), now)


def renew(credential: Credential, actor: Actor, now: datetime, today: date) -> Credential:
    """Issue what follows a certificate, under the same signer's right of today; the second time it is the same one.

    A second signature was given to the first certificate and is not repeated.

    :raise RuleBroken: it is not time yet, too late, or something is missing.
    """
    hold(credential.holder_id, credential.level, [credential.holder_id])
    if newer := db.session.scalar(select(Credential).where(Credential.renews_id == credential.id)):
        return newer
    found = renewal_of(credential, now, today)
    if not found.is_ready:
        raise RuleBroken(_("This certificate cannot be renewed today. This page says why."))
    rules = rules_from_data(credential.level.rules)
    less = Less.from_data(credential.evidence.get("less", {}))
    parent = _renewed_since(credential.parent) if credential.parent else None
    # Renewed before its end, the new year begins where the old one would have ended.
    start = max(today, credential.valid_until or today)
    draft = Draft(
        holder=credential.holder,
        level=credential.level,
        rules=rules,
        version=_version_now(credential),
        cohort_id=credential.cohort_id,
        place_code=credential.place_code,
        language=credential.language,
        parent=parent,
        cosigner_id=None,
        renews=credential,
        warrant=_right_again(credential, parent, rules, less),
        valid_from=today,
        valid_until=valid_until(rules, start),
        request_key=f"renews:{id_text(credential.id)}",
        evidence=plain_evidence(found.evidence) | with_less(less),
    )
    made = issue([draft], actor, now)[0]
    db.session.add(CredentialEvent(id=new_id(), credential_id=credential.id, kind="renewed", at=now, by=actor.user_id))
    audit.record(actor, "credential.renew", "credential", credential.id, now, after={"code": made.code})
    db.session.flush()
    return made


def _renewed_since(credential: Credential) -> Credential:
    """Return what a certificate became: whoever checks the chain wants the right that was in force on the day."""
    newer = db.session.scalar(select(Credential).where(Credential.renews_id == credential.id))
    return credential if newer is None else _renewed_since(newer)


def _right_again(
    credential: Credential, parent: Credential | None, rules: LevelRules, less: Less
) -> dict[str, Any] | None:
    """Write the right of a renewal: as far as the level and the signer's own reach today, without what was left out."""
    if not credential.warrant:
        return None
    above = AGENCY if parent is None else Warrant.from_data(parent.warrant) if parent.warrant else None
    return given(right_of(rules, above, credential.place_code), less)


def _version_now(credential: Credential) -> Version:
    """Return the version a renewal stands on: the one people are enrolled in now, never an older one."""
    current_id = credential.version.course.current_version_id
    current = db.session.get(Version, current_id) if current_id else None
    return current if current and current.number > credential.version.number else credential.version


def choose_public_name(person: Person, name: str, actor: Actor, now: datetime) -> bool:
    """Choose the name that certificates show from now on; those already signed keep theirs. Tell whether it changed."""
    if person.public_name == name:
        return False
    before, person.public_name = {"public_name": person.public_name}, name
    db.session.flush()
    audit.record(actor, "person.change", "person", person.id, now, before, {"public_name": name})
    return True
