"""Certify people of a group: fresh evidence, the signer's own right, one transaction.

A role opens the page; whether a signature is good is decided here, by credentials alone. Asking twice, or from two
places at once, gives one certificate.
"""

import uuid
from collections import Counter
from collections.abc import Collection
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lms.access.policy import Actor
from lms.certification.models import ActiveCredential, Credential, Level, RefusedSigning, SignatureRequest
from lms.certification.queries.chains import Holdings, Link, codes_of, holdings
from lms.certification.rules.levels import (
    Evidence,
    LevelRules,
    PracticeSeen,
    Shortfall,
    json_ready,
    rules_from_data,
    shortfalls,
    valid_until,
)
from lms.certification.rules.signing import Signer, Wanted, best_signer, limits
from lms.certification.rules.status import Status
from lms.certification.rules.warrants import Less, Limit, Warrant, excess, lessened, narrowed
from lms.certification.services.signing import Draft, sign
from lms.cohorts.models import Cohort
from lms.cohorts.queries.evidence import CohortFacts, Facts, facts_of
from lms.core import audit
from lms.core.clock import local_day
from lms.core.database import db
from lms.core.errors import Conflict, RuleBroken
from lms.core.ids import id_text
from lms.organization.models import Person

ANY_COURSE = "*"
WHOLE = Less()  # nothing is left out
AGENCY = Warrant(may_delegate=True)  # what the agency can hand on: no limit of any kind


@dataclass
class Answer:
    """What came of one person: a certificate, or each reason why not."""

    person_id: uuid.UUID
    name: str
    evidence: Evidence
    credential: Credential | None = None
    is_new: bool = False
    missing: list[Shortfall] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=list)
    signer: Signer | None = None  # whose credential signs, or comes nearest to it
    is_asked: bool = False  # another signature was asked for already

    @property
    def is_ready(self) -> bool:
        return self.credential is None and not self.missing and not self.limits

    @property
    def may_ask(self) -> bool:
        """Whether nothing is missing but the signature of somebody else."""
        others = {Limit.COSIGNATURE, Limit.CONFLICT_TRAINEE, Limit.CONFLICT_UNIT, Limit.CONFLICT_SELF}
        return not self.missing and bool(self.limits) and set(self.limits) <= others


@dataclass(frozen=True)
class _Signing:
    """What is the same for everybody of one request."""

    cohort: Cohort
    level: Level
    rules: LevelRules
    signer: Person
    is_agency: bool
    taught_by: frozenset[uuid.UUID]
    held: Holdings
    signers: list[Signer]
    asked: dict[uuid.UUID, uuid.UUID | None]  # person → who signed first
    facts: CohortFacts
    less: Less = WHOLE


def weigh(
    cohort: Cohort, level: Level, signer: Person, is_agency: bool, now: datetime, today: date,
    people: Collection[uuid.UUID] | None = None,
) -> list[Answer]:  # fmt: skip
    """Say of each member what a certificate still needs, and which limit of the signer stands in the way.

    :param is_agency: the signature is the agency's own; only levels that nobody else signs.
    """
    return _weigh(_signing(cohort, level, signer, is_agency, now, today, people), today)


def certify(
    cohort: Cohort, level: Level, people: Collection[uuid.UUID], signer: Person, actor: Actor, is_agency: bool,
    now: datetime, today: date, less: Less | None = None,
) -> list[Answer]:  # fmt: skip
    """Issue the level to everybody of `people` who qualifies; each of the others gets every reason.

    :param less: what the signer leaves out of the right to certify that she hands on.
    :raise RuleBroken: nobody was chosen, somebody is not of this group, or the right would reach further than her own.
    :raise Conflict: the same people were certified at this moment from somewhere else; ask again.
    """
    if not people:
        raise RuleBroken(_("Choose at least one person to certify."))
    hold(signer.id, level, people)
    signing = replace(_signing(cohort, level, signer, is_agency, now, today, people), less=less or WHOLE)
    if set(people) - set(signing.facts.people):
        raise RuleBroken(_("Somebody you chose does not belong to this group any more. Look at the list again."))
    answers = _weigh(signing, today)
    _issue(signing, [answer for answer in answers if answer.is_ready], actor, now, today)
    for answer in answers:
        if answer.limits:
            refused(answer.person_id, level, answer.limits, actor, now)
    _ask_second(signing, answers, actor, now)
    db.session.flush()
    return answers


def ask_other(
    cohort: Cohort, level: Level, person_id: uuid.UUID, signer: Person, actor: Actor, now: datetime, today: date
) -> None:
    """Ask for the signature of somebody without the conflict of interest.

    :raise RuleBroken: something else is missing, or nothing stands in the way.
    """
    answers = weigh(cohort, level, signer, False, now, today, [person_id])
    if not answers or not answers[0].may_ask:
        raise RuleBroken(_("Another signature does not help here. Look at what is missing first."))
    if not answers[0].is_asked:
        _request(cohort, level, person_id, "conflict", None, actor, now)
        db.session.flush()


def hold(signer_id: uuid.UUID, level: Level, people: Collection[uuid.UUID]) -> None:
    """Let requests that would touch one quota or one person wait for each other until the commit.

    A revocation above waits too, and then finds what was made; after it, nothing is signed.
    """
    lineages = db.session.scalars(
        select(Credential.lineage)
        .join(Level, Level.id == Credential.level_id)
        .where(Credential.holder_id == signer_id, Level.scheme_id == level.scheme_id)
        .order_by(Credential.id)
        .with_for_update(of=Credential, key_share=True)
    )
    if above := {code for lineage in lineages for code in codes_of(lineage)[:-1]}:
        held = select(Credential.id).where(Credential.code.in_(above)).order_by(Credential.id)
        db.session.execute(held.with_for_update(read=True))
    db.session.execute(
        select(Person.id).where(Person.id.in_(people)).order_by(Person.id).with_for_update(key_share=True)
    )


def refused(person_id: uuid.UUID, level: Level, found: list[Limit], actor: Actor, now: datetime) -> None:
    """Write a refused signature down."""
    db.session.add(
        RefusedSigning(
            at=now, by=actor.user_id, holder_id=person_id, level_id=level.id, limits=[limit.value for limit in found]
        )
    )


def _signing(
    cohort: Cohort, level: Level, signer: Person, is_agency: bool, now: datetime, today: date,
    people: Collection[uuid.UUID] | None,
) -> _Signing:  # fmt: skip
    rules = rules_from_data(level.rules)
    facts = facts_of(cohort, people)
    asked = _asked(cohort, level) if rules.is_cosigned or rules.bars_own_trainee or rules.bars_same_unit else {}
    signers = set() if is_agency else {signer.id, *(first for first in asked.values() if first)}
    held = holdings(level.scheme_id, facts.people, signers, now, today)
    return _Signing(
        cohort=cohort,
        level=level,
        rules=rules,
        signer=signer,
        is_agency=is_agency,
        taught_by=frozenset(one.person_id for one in cohort.facilitators),
        held=held,
        signers=held.signers(signer.id) if signers else [],
        asked=asked,
        facts=facts,
    )


def _asked(cohort: Cohort, level: Level) -> dict[uuid.UUID, uuid.UUID | None]:
    rows = db.session.execute(
        select(SignatureRequest.person_id, Credential.holder_id)
        .outerjoin(Credential, Credential.id == SignatureRequest.first_credential_id)
        .where(SignatureRequest.cohort_id == cohort.id, SignatureRequest.level_id == level.id)
        .where(SignatureRequest.closed_at.is_(None))
    )
    return {row.person_id: row.holder_id for row in rows}


def standing_in_way(
    held: Holdings, level: Level, course_id: uuid.UUID, person_id: uuid.UUID, came_from: uuid.UUID
) -> Link | Limit | None:
    """Return the certificate of this level and course that a person holds already, or why she cannot be given another.

    :param came_from: the group, or the version of a course taken without one: once certified from it is certified.
    """
    own = [link for link in held.of(person_id) if link.credential.level_id == level.id and link.course_id == course_id]
    standings = [(link, held.standing(link).status) for link in own]
    if valid := next((link for link, status in standings if status is Status.VALID), None):
        return valid
    if any(status in (Status.SUSPENDED, Status.UNDER_REVIEW) for _link, status in standings):
        return Limit.HELD_BACK
    if any(came_from == (link.credential.cohort_id or link.credential.version_id) for link in own):
        return Limit.FALLEN
    return None


def _weigh(signing: _Signing, today: date) -> list[Answer]:
    answers: list[Answer] = []
    ready: Counter[uuid.UUID] = Counter()
    for one in signing.facts.people.values():
        evidence = evidence_of(one, signing.facts.sessions_held, signing.held.valid_levels(one.person_id))
        answer = Answer(one.person_id, one.name, evidence, is_asked=one.person_id in signing.asked)
        cohort = signing.cohort
        in_way = standing_in_way(signing.held, signing.level, cohort.course_id, one.person_id, cohort.id)
        if isinstance(in_way, Link):
            answer.credential = in_way.credential
        else:
            answer.missing = shortfalls(signing.rules.requirements, evidence, today)
            answer.signer, answer.limits = _limits(signing, one, today, ready)
            if in_way is not None:
                answer.limits.append(in_way)
            # Only who is certified takes a place of the quota.
            if answer.is_ready and answer.signer is not None:
                ready[answer.signer.credential_id] += 1
        answers.append(answer)
    return answers


def rules_of_level(level: Level) -> LevelRules:
    """Read the rules of a level."""
    return rules_from_data(level.rules)


def is_of_course(level: Level, course: str) -> bool:
    """Tell whether people of this course can be given the level."""
    return level.course_slug in (ANY_COURSE, course)


def _limits(signing: _Signing, one: Facts, today: date, ready: Counter[uuid.UUID]) -> tuple[Signer | None, list[Limit]]:
    if not is_of_course(signing.level, signing.cohort.course.slug):
        return None, [Limit.COURSE]
    if signing.is_agency:
        found = [] if not signing.rules.signed_by else [Limit.LEVEL]
        if one.person_id == signing.signer.id:
            found.append(Limit.CONFLICT_SELF)
        if signing.rules.bars_own_trainee and signing.signer.id in signing.taught_by:
            found.append(Limit.CONFLICT_TRAINEE)
        return None, found
    wanted = _wanted(signing, one, today)
    tried = [best_signer([each], signing.rules, wanted, today, ready[each.credential_id]) for each in signing.signers]
    if not tried:
        return None, [Limit.NO_CREDENTIAL]
    return min(tried, key=lambda pair: (len(pair[1]), pair[0].generation if pair[0] else 0))


def _wanted(signing: _Signing, one: Facts, today: date) -> Wanted:
    cohort = signing.cohort
    wanted = Wanted(
        holder_id=one.person_id,
        holder_unit_id=one.unit_id,
        level=signing.level.number,
        place=cohort.place_code,
        audience=cohort.audience,
        course=cohort.course.slug,
        language=cohort.language,
        valid_from=today,
        taught_by=signing.taught_by,
    )
    first = _first_signer(signing, one, wanted, today)
    return replace(wanted, signed_first_by=first.holder_id) if first else wanted


def _first_signer(signing: _Signing, one: Facts, wanted: Wanted, today: date) -> Signer | None:
    """Return who signed first, if her signature would still be good today."""
    first = signing.asked.get(one.person_id)
    if first is None or not signing.rules.is_cosigned:
        return None
    wanted = replace(wanted, signed_first_by=signing.signer.id)
    for signer in signing.held.signers(first):
        if not limits(signer, signing.rules, wanted, today):
            return signer
    return None


def evidence_of(one: Facts, sessions_held: int, levels: frozenset[int]) -> Evidence:
    """Turn a member's facts into what the rules ask."""
    return Evidence(
        is_course_complete=one.completed_at is not None,
        course_passed_on=local_day(one.completed_at) if one.completed_at else None,
        best_mark=one.best_mark,
        missed_critical=one.missed_critical,
        course_mark=one.course_mark,
        sessions_held=sessions_held,
        sessions_attended=one.attended,
        practices=[
            PracticeSeen(seen.kind, seen.observed_on, seen.is_passed, seen.missed_critical) for seen in one.practised
        ],
        sessions_led=one.led_on,
        valid_levels=levels,
        unit_kind=one.unit_kind,
    )


def _issue(signing: _Signing, ready: list[Answer], actor: Actor, now: datetime, today: date) -> None:
    if not ready:
        return
    ids = [one.person_id for one in ready]
    people = {person.id: person for person in db.session.scalars(select(Person).where(Person.id.in_(ids)))}
    links = {link.credential.id: link.credential for link in signing.held.links}
    drafts = []
    for answer in ready:
        parent = links[answer.signer.credential_id] if answer.signer else None
        drafts.append(_draft(signing, people[answer.person_id], answer, parent, today))
    for answer, credential in zip(ready, issue(drafts, actor, now), strict=True):
        answer.credential, answer.is_new = credential, True
    if signing.asked:
        _close_requests(signing, ids, now)


def issue(drafts: list[Draft], actor: Actor, now: datetime) -> list[Credential]:
    """Sign and write down, make each the one a person holds of its level, and keep the acts.

    :raise Conflict: one of them was issued at this very moment from somewhere else.
    """
    try:
        made = sign(drafts, actor.user_id, now)
        _make_active(made, {draft.version.id: draft.version.course_id for draft in drafts})
        db.session.flush()
    except IntegrityError as error:
        raise Conflict from error
    for credential in made:
        after = {"code": credential.code, "parent": credential.parent_id and str(credential.parent_id)}
        audit.record(actor, "credential.issue", "credential", credential.id, now, after=after)
    return made


def _make_active(made: list[Credential], courses: dict[uuid.UUID, uuid.UUID]) -> None:
    """Let new credentials be those that people hold of their level, in place of any that no longer counts."""
    query = select(ActiveCredential).where(
        ActiveCredential.holder_id.in_([one.holder_id for one in made]),
        ActiveCredential.level_id.in_({one.level_id for one in made}),
    )
    rows = {(row.holder_id, row.level_id, row.course_id): row for row in db.session.scalars(query.with_for_update())}
    for one in made:
        key = (one.holder_id, one.level_id, courses[one.version_id])
        if row := rows.get(key):
            row.credential_id = one.id
        else:
            holder_id, level_id, course_id = key
            db.session.add(
                ActiveCredential(holder_id=holder_id, level_id=level_id, course_id=course_id, credential_id=one.id)
            )


def _draft(signing: _Signing, person: Person, answer: Answer, parent: Credential | None, today: date) -> Draft:
    cohort = signing.cohort
    first = None
    full = right_of(signing.rules, _above(answer), cohort.place_code)
    if full is not None and excess(full, signing.less, today):
        raise RuleBroken(_("What you hand on cannot reach further than your own right. Choose less."))
    if signing.rules.is_cosigned:
        one = signing.facts.people[person.id]
        first = _first_signer(signing, one, _wanted(signing, one, today), today)
    return Draft(
        holder=person,
        level=signing.level,
        rules=signing.rules,
        version=cohort.version,
        cohort_id=cohort.id,
        place_code=cohort.place_code,
        language=cohort.language,
        parent=parent,
        cosigner_id=first.credential_id if first else None,
        renews=None,
        warrant=given(full, signing.less),
        valid_from=today,
        valid_until=valid_until(signing.rules, today),
        # Once certified in this group is certified; a person whose certificate fell comes back through a new group.
        request_key=":".join(id_text(one) for one in (signing.level.id, person.id, cohort.id)),
        evidence=plain_evidence(answer.evidence) | with_less(signing.less),
    )


def with_less(less: Less) -> dict[str, Any]:
    """Write down, beside the evidence, what was left out of the right: a renewal leaves it out again."""
    return {"less": less.to_data()} if less != WHOLE else {}


def given(full: Warrant | None, less: Less) -> dict[str, Any] | None:
    """Write the right that a new certificate carries, without what was left out."""
    found = lessened(full, less) if full is not None else None
    return found.to_data() if found else None


def full_right(cohort: Cohort, level: Level, answers: Collection[Answer]) -> Warrant | None:
    """Return the right that a certificate of a group would carry, for whoever is nearest to it."""
    nearest = min(answers, key=lambda one: (not one.is_ready, len(one.limits)), default=None)
    return right_of(rules_of_level(level), _above(nearest), cohort.place_code) if nearest else None


def _above(answer: Answer) -> Warrant | None:
    """Return the right of whoever signs; the agency's own has no limit."""
    return AGENCY if answer.signer is None else answer.signer.warrant


def right_of(rules: LevelRules, above: Warrant | None, place: str | None) -> Warrant | None:
    """Return the right that a new certificate can carry: the level's, at its place, cut down to that of whoever signs.

    :param above: the right of whoever signs.
    """
    if rules.warrant is None or above is None:
        return None
    wanted = Warrant.from_data(rules.warrant)
    if not wanted.territory and place and rules.warrant_place != "country":
        code = place[:2] if rules.warrant_place == "department" else place.partition("-")[0]
        wanted = replace(wanted, territory=(code,))
    return narrowed(above, wanted)


def plain_evidence(evidence: Evidence) -> dict[str, Any]:
    """Write the evidence as plain data, to be kept with the certificate."""
    facts = asdict(evidence)
    facts["valid_levels"] = sorted(evidence.valid_levels)
    facts["course_passed_on"] = evidence.course_passed_on and evidence.course_passed_on.isoformat()
    facts["sessions_led"] = [day.isoformat() for day in evidence.sessions_led]
    for seen in facts["practices"]:
        seen["observed_on"] = seen["observed_on"].isoformat()
    plain: dict[str, Any] = json_ready(facts)
    return plain


def _ask_second(signing: _Signing, answers: list[Answer], actor: Actor, now: datetime) -> None:
    """Keep the first of two signatures, and ask for the second."""
    for answer in answers:
        if answer.limits != [Limit.COSIGNATURE] or answer.missing or answer.signer is None:
            continue
        _request(signing.cohort, signing.level, answer.person_id, "cosign", answer.signer.credential_id, actor, now)
        answer.is_asked = True


def _request(
    cohort: Cohort,
    level: Level,
    person_id: uuid.UUID,
    reason: str,
    first: uuid.UUID | None,
    actor: Actor,
    now: datetime,
) -> None:
    row = db.session.scalar(
        select(SignatureRequest).where(
            SignatureRequest.cohort_id == cohort.id,
            SignatureRequest.person_id == person_id,
            SignatureRequest.level_id == level.id,
        )
    )
    if row is None:
        row = SignatureRequest(cohort_id=cohort.id, person_id=person_id, level_id=level.id)
        db.session.add(row)
    row.reason, row.first_credential_id, row.asked_at, row.closed_at = reason, first, now, None
    row.asked_by = actor.user_id or uuid.UUID(int=0)


def _close_requests(signing: _Signing, people: list[uuid.UUID], now: datetime) -> None:
    rows = select(SignatureRequest).where(
        SignatureRequest.cohort_id == signing.cohort.id,
        SignatureRequest.level_id == signing.level.id,
        SignatureRequest.person_id.in_(people),
    )
    for row in db.session.scalars(rows):
        row.closed_at = now
