"""Practice that somebody saw: scored on a rubric, signed by both."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import select

from lms.access.policy import Actor
from lms.cohorts.models import Cohort, CohortMember, Observation, Session
from lms.cohorts.rules import Seen, scored
from lms.cohorts.services.groups import check_open
from lms.core import audit
from lms.core.database import db
from lms.core.errors import BadInput, NotFound, RuleBroken
from lms.curriculum.rubrics import RubricSheet, rubrics_of


@dataclass(frozen=True)
class Watched:
    """What the observer writes down."""

    kind: str
    levels: Sequence[int]
    observed_on: date
    strengths: str = ""
    change: str = ""
    session_id: uuid.UUID | None = None


def observe(
    cohort: Cohort, person_id: uuid.UUID, rubric: RubricSheet, seen: Watched, actor: Actor, now: datetime, today: date
) -> Observation:
    """Keep an observation, signed by the observer; it counts once the person observed has signed it too.

    The same form sent twice is one observation.

    :raise RuleBroken: oneself, a closed group, a day to come.
    :raise NotFound: the person is not of this group, or the rubric not of its course.
    """
    check_open(cohort)
    member = db.session.get(CohortMember, (cohort.id, person_id))
    if (
        member is None
        or member.left_at is not None
        or rubric.id not in {one.id for one in rubrics_of(cohort.version_id)}
    ):
        raise NotFound
    if actor.person_id is None or actor.person_id == person_id:
        raise RuleBroken(_("Nobody observes themselves. Ask another facilitator."))
    if seen.observed_on > today:
        raise RuleBroken(_("This day has not come yet. Write the day on which you saw the practice."))
    if seen.kind not in set(Seen):
        raise BadInput(_("Choose what you saw."))
    if seen.session_id is not None:
        session = db.session.get(Session, seen.session_id)
        if session is None or session.cohort_id != cohort.id:
            raise NotFound
    if len(seen.levels) != len(rubric.criteria):
        raise BadInput(_("Choose a level in each row."))
    critical = {place for place, one in enumerate(rubric.criteria) if one["is_critical"]}
    try:
        result = scored(seen.levels, critical, rubric.levels, rubric.pass_mark)
    except ValueError as error:
        raise BadInput(_("Choose a level in each row.")) from error
    before = db.session.scalar(
        select(Observation).where(
            Observation.cohort_id == cohort.id,
            Observation.person_id == person_id,
            Observation.observer_id == actor.person_id,
            Observation.kind == seen.kind,
            Observation.observed_on == seen.observed_on,
            Observation.rubric_id == rubric.id,
        )
    )
    if before is not None and list(before.levels) == list(seen.levels):
        return before
    made = Observation(
        cohort_id=cohort.id,
        session_id=seen.session_id,
        person_id=person_id,
        observer_id=actor.person_id,
        kind=seen.kind,
        rubric_id=rubric.id,
        levels=list(seen.levels),
        score=result.score,
        is_passed=result.is_passed,
        missed_critical=bool(result.missed_critical),
        strengths=seen.strengths,
        change=seen.change,
        observed_on=seen.observed_on,
        observer_signed_at=now,
    )
    db.session.add(made)
    db.session.flush()
    audit.record(actor, "practice.observe", "observation", made.id, now, after=_told(made))
    return made


def sign_own(observation: Observation, actor: Actor, now: datetime) -> None:
    """Sign what others saw of one's own practice; signing twice changes nothing.

    :raise NotFound: it is about somebody else.
    """
    if actor.person_id != observation.person_id:
        raise NotFound
    _sign(observation, actor, now, "own page")


def sign_here(observation: Observation, actor: Actor, now: datetime) -> None:
    """Sign for the person observed on the phone of the observer: the door has seen her PIN or password."""
    _sign(observation, actor, now, "here, with her own secret")


def _sign(observation: Observation, actor: Actor, now: datetime, how: str) -> None:
    if observation.person_signed_at is None:
        observation.person_signed_at = now
        audit.record(actor, "practice.sign", "observation", observation.id, now, after=_told(observation), note=how)
        db.session.flush()


def take_back(observation: Observation, actor: Actor, now: datetime) -> None:
    """Throw away an observation that nobody but its observer has signed.

    :raise RuleBroken: both have signed it, or somebody else wrote it.
    """
    if observation.person_signed_at is not None:
        raise RuleBroken(_("Both have signed it: it stays. Observe once more if something has changed."))
    if observation.observer_id != actor.person_id:
        raise RuleBroken(_("Only who wrote it takes it back."))
    audit.record(actor, "practice.take_back", "observation", observation.id, now, before=_told(observation))
    db.session.delete(observation)
    db.session.flush()


def _told(one: Observation) -> dict[str, object]:
    names = ("person_id", "observer_id", "kind", "rubric_id", "levels", "score", "is_passed", "observed_on")
    return {name: str(getattr(one, name)) for name in names}
