"""Certify those who certify: who may sign what, what is refused and why, what is one certificate and not two."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from lms.certification.checking.queries import Verdict, check
from lms.certification.models import Credential, CredentialEvent, RefusedSigning, SignatureRequest
from lms.certification.queries.branches import some
from lms.certification.queries.descendants import descendants
from lms.certification.rules.levels import Missing, rules_to_data
from lms.certification.rules.status import Status
from lms.certification.rules.warrants import Limit
from lms.certification.services import own, standing
from lms.certification.services.issuing import rules_of_level, weigh
from lms.certification.services.notices import remind
from lms.certification.services.opening import open_under_warrant, opening_limits, rights_of
from lms.certification.services.standing import Policy
from lms.cohorts.rules import GroupPlan
from lms.core.database import db
from lms.core.errors import RuleBroken
from lms.curriculum.models import Version
from lms.learning.services.enrolments import enrol
from lms.organization.models import Person
from tests.certification.conftest import staff_actor
from tests.factories import NOW, TODAY
from tests.learning.conftest import as_actor


def person(user):
    return db.session.get_one(Person, user.person_id)


def how_many(model=Credential):
    return db.session.scalar(select(func.count()).select_from(model))


def status(credential, now=NOW, today=TODAY):
    return some([credential.id], now, today)[0].status


def test_the_agency_signs_the_first_level_and_that_one_signs_the_next(cascade):
    berta, first = cascade.trainer()
    assert (first.generation, first.parent_id) == (1, None)
    assert first.warrant["levels"] == [2, 3] and first.warrant["territory"] == []
    _cohort, _people, (second,) = cascade.facilitators_of(berta, ["Juana Tomás"])
    assert second.lineage == f"/{first.code}/{second.code}/"
    assert second.warrant["territory"] == ["14"] and second.warrant["quota"] == 60
    assert second.valid_until.isoformat() == "2027-11-21"


def test_a_facilitator_certifies_participants_of_her_department_and_they_certify_nobody(cascade):
    berta, _first = cascade.trainer()
    _cohort, (juana,), (second,) = cascade.facilitators_of(berta, ["Juana Tomás"])
    village, people = cascade.ready_group(cascade.facilitators, juana, ["Pedro Us", "Ana Batz"])
    found = cascade.sign(village, 3, people, juana)
    assert all(one.is_new and one.credential.warrant is None for one in found)
    assert all(one.credential.valid_until is None and one.credential.generation == 3 for one in found)
    assert {one.credential.parent_id for one in found} == {second.id}


def test_no_role_gives_authority(cascade):
    berta, _first = cascade.trainer()
    cohort, people = cascade.ready_group(cascade.facilitators, berta, ["Juana Tomás"])
    assert cascade.sign(cohort, 2, people, cascade.elena)[0].limits == [Limit.NO_CREDENTIAL]
    assert cascade.sign(cohort, 2, people, cascade.elena, is_agency=True)[0].limits == [Limit.LEVEL]
    assert how_many(RefusedSigning) == 2 and how_many() == 1


@pytest.mark.parametrize(
    ("change", "limit"),
    [
        ({"place_code": "1304"}, Limit.TERRITORY),
        ({"language": "mam"}, Limit.LANGUAGE),
        ({"audience": "midwives"}, Limit.AUDIENCE),
    ],
)
def test_a_refusal_names_the_limit_of_the_warrant(cascade, change, limit):
    berta, first = cascade.trainer()
    first.warrant = first.warrant | {"territory": ["14"], "languages": ["spa"], "audiences": ["", "teachers"]}
    people = [cascade.user("Juana Tomás")]
    cohort = cascade.group(cascade.facilitators, berta, people, **change)
    cascade.qualify(cohort, people, berta)
    assert cascade.sign(cohort, 2, people, berta)[0].limits == [limit]


def test_a_quota_lets_so_many_through_and_no_more(cascade):
    berta, first = cascade.trainer()
    first.warrant = first.warrant | {"quota": 2}
    cohort, people = cascade.ready_group(cascade.facilitators, berta, ["A Uno", "B Dos", "C Tres"])
    found = cascade.sign(cohort, 2, people, berta)
    assert [one.is_new for one in found] == [True, True, False]
    assert found[2].limits == [Limit.QUOTA]


def test_a_level_cap_ends_the_chain(cascade):
    berta, first = cascade.trainer()
    first.warrant = first.warrant | {"max_depth": 1}
    _cohort, (juana,), _second = cascade.facilitators_of(berta, ["Juana Tomás"])
    village, people = cascade.ready_group(cascade.facilitators, juana, ["Pedro Us"])
    assert cascade.sign(village, 3, people, juana)[0].limits == [Limit.DEPTH]


def test_whoever_is_expired_suspended_or_below_a_fallen_one_signs_nothing_from_that_minute(cascade, clock):
    berta, first = cascade.trainer()
    _cohort, (juana,), (second,) = cascade.facilitators_of(berta, ["Juana Tomás"])
    village, people = cascade.ready_group(cascade.facilitators, juana, ["Pedro Us"])
    boss = staff_actor(cascade.elena)

    standing.suspend(second, "inquiry", "", boss, NOW, TODAY)
    assert cascade.sign(village, 3, people, juana)[0].limits == [Limit.CREDENTIAL_SUSPENDED]
    standing.reinstate(second, "", boss, NOW + timedelta(minutes=1), TODAY)
    standing.suspend(first, "inquiry", "", boss, NOW, TODAY)
    clock.hold(NOW + timedelta(minutes=2))
    assert cascade.sign(village, 3, people, juana)[0].limits == [Limit.CHAIN_BROKEN]
    clock.hold(NOW + timedelta(days=400))
    found = cascade.sign(village, 3, people, juana)[0].limits
    assert found == [Limit.CREDENTIAL_EXPIRED, Limit.CHAIN_BROKEN]


def test_nobody_certifies_herself_neither_under_a_warrant_nor_for_the_agency(cascade):
    berta, _first = cascade.trainer()
    cohort = cascade.group(cascade.facilitators, cascade.elena, [berta])
    cascade.qualify(cohort, [berta], cascade.elena)
    assert cascade.sign(cohort, 2, [berta], berta)[0].limits == [Limit.CONFLICT_SELF]
    trainers = cascade.group(cascade.trainers, berta, [cascade.elena])
    cascade.qualify(trainers, [cascade.elena], berta)
    assert cascade.sign(trainers, 1, [cascade.elena], cascade.elena, True)[0].limits == [Limit.CONFLICT_SELF]


def test_everything_missing_is_named_with_its_numbers(cascade):
    berta, _first = cascade.trainer()
    tomas = cascade.user("Tomás Ixcoy")
    cohort = cascade.group(cascade.facilitators, berta, [tomas])
    sessions = cascade.sessions(cohort)
    cascade.present(sessions[:2], [tomas])
    cascade.passed(cascade.facilitators, tomas, score=72)
    answer = cascade.sign(cohort, 2, [tomas], berta)[0]
    told = [(short.what, short.has, short.needs, short.detail) for short in answer.missing]
    assert told == [
        (Missing.MARK, 72, 80, ""),
        (Missing.ATTENDANCE, 2, 3, ""),
        (Missing.PRACTICE, 0, 1, "teach_back"),
        (Missing.PRACTICE, 0, 1, "co_facilitation"),
        (Missing.PRACTICE, 0, 1, "led_session"),
    ]
    assert how_many() == 1


def test_the_same_request_twice_is_one_certificate(cascade):
    berta, _first = cascade.trainer()
    cohort, people, (second,) = cascade.facilitators_of(berta, ["Juana Tomás"])
    again = cascade.sign(cohort, 2, people, berta)[0]
    assert again.credential.id == second.id and not again.is_new
    assert how_many() == 2


def test_the_right_to_issue_for_thirty_people_takes_ten_statements_at_most(cascade, statements):
    berta, _first = cascade.trainer()
    _cohort, (juana,), _second = cascade.facilitators_of(berta, ["Juana Tomás"])
    village, _people = cascade.ready_group(cascade.facilitators, juana, [f"Persona {n}" for n in range(30)])
    db.session.refresh(village)
    signer, level, _facilitators = person(juana), cascade.level(3), village.facilitators
    weigh(village, level, signer, False, NOW, TODAY)
    db.session.refresh(village)
    assert village.facilitators and village.course
    with statements() as seen:
        found = weigh(village, level, signer, False, NOW, TODAY)
    assert len(found) == 30 and all(one.is_ready for one in found)
    assert len(seen) <= 10, "\n".join(seen)


def test_two_signatures_are_two_people(cascade):
    berta, _first = cascade.trainer()
    carmen, _other = cascade.trainer("Carmen Pol")
    level = cascade.level(2)
    level.rules = rules_to_data(replace(rules_of_level(level), is_cosigned=True))
    cohort, people = cascade.ready_group(cascade.facilitators, berta, ["Juana Tomás"])
    assert cascade.sign(cohort, 2, people, berta)[0].limits == [Limit.COSIGNATURE]
    assert how_many(SignatureRequest) == 1
    assert cascade.sign(cohort, 2, people, berta)[0].limits == [Limit.COSIGNATURE]
    answer = cascade.sign(cohort, 2, people, carmen)[0]
    assert answer.is_new and answer.credential.cosigner_id == _first.id and answer.credential.parent_id == _other.id


def test_the_first_signature_counts_only_while_it_would_be_good_today(cascade):
    berta, first = cascade.trainer()
    carmen, _other = cascade.trainer("Carmen Pol")
    level = cascade.level(2)
    level.rules = rules_to_data(replace(rules_of_level(level), is_cosigned=True))
    cohort, people = cascade.ready_group(cascade.facilitators, berta, ["Juana Tomás"])
    cascade.sign(cohort, 2, people, berta)
    standing.revoke(first, Policy.KEEP, "conduct", "", staff_actor(cascade.elena), NOW, TODAY)
    assert cascade.sign(cohort, 2, people, carmen)[0].limits == [Limit.COSIGNATURE]


def test_a_revocation_puts_the_branch_under_review_and_clearing_brings_one_back(cascade):
    berta, first = cascade.trainer()
    _cohort, _people, (second, third) = cascade.facilitators_of(berta, ["Juana Tomás", "Felipa Ren"])
    boss, later = staff_actor(cascade.elena), NOW + timedelta(hours=1)
    before = standing.affected(first, 50, NOW, TODAY)
    assert {one.id for one in before.people} == {second.id, third.id}
    assert (before.total, before.touched) == (2, {"keep": 0, "review": 2, "revoke": 2})
    touched = standing.revoke(first, Policy.REVIEW, "conduct", "", boss, NOW, TODAY)
    assert {one.id for one in touched} == {second.id, third.id}
    assert (status(first), status(second)) == (Status.REVOKED, Status.UNDER_REVIEW)
    standing.clear(second, "", boss, later, TODAY)
    assert (status(second, later), status(third, later)) == (Status.VALID, Status.UNDER_REVIEW)
    with pytest.raises(RuleBroken):
        standing.revoke(first, Policy.KEEP, "error", "", boss, later, TODAY)


@pytest.mark.parametrize(("policy", "left"), [(Policy.KEEP, Status.VALID), (Policy.REVOKE, Status.REVOKED)])
def test_a_policy_keeps_or_fells_everybody_below(cascade, policy, left):
    berta, first = cascade.trainer()
    _cohort, _people, (second,) = cascade.facilitators_of(berta, ["Juana Tomás"])
    standing.revoke(first, policy, "conduct", "", staff_actor(cascade.elena), NOW, TODAY)
    assert status(second) is left


def test_a_fallen_or_suspended_certificate_is_not_replaced_by_asking_again(cascade):
    berta, _first = cascade.trainer()
    cohort, people, (second,) = cascade.facilitators_of(berta, ["Juana Tomás"])
    boss = staff_actor(cascade.elena)
    standing.suspend(second, "inquiry", "", boss, NOW, TODAY)
    assert cascade.sign(cohort, 2, people, berta)[0].limits == [Limit.HELD_BACK]
    standing.revoke(second, Policy.KEEP, "conduct", "", boss, NOW, TODAY)
    assert cascade.sign(cohort, 2, people, berta)[0].limits == [Limit.FALLEN]


def test_a_renewal_asks_for_sessions_led_and_carries_the_branch_on(cascade, clock):
    berta, first = cascade.trainer()
    _cohort, (juana,), (second,) = cascade.facilitators_of(berta, ["Juana Tomás"])
    boss, later = staff_actor(cascade.elena), NOW + timedelta(days=300)
    day = TODAY + timedelta(days=300)
    clock.hold(later)
    assert [short.what for short in own.renewal_of(first, later, day).missing] == [Missing.SESSIONS_LED, Missing.UPDATE]
    with pytest.raises(RuleBroken):
        own.renew(first, staff_actor(berta), later, day)
    cascade.sessions(cascade.group(cascade.facilitators, berta), berta, 2, later)
    assert [short.what for short in own.renewal_of(first, later, day).missing] == [Missing.UPDATE]
    cascade.updated(cascade.trainers, berta, later)
    newer = own.renew(first, as_actor(berta), later, day)
    assert own.renew(first, as_actor(berta), later, day).id == newer.id
    assert newer.valid_until.isoformat() == "2028-11-21" and newer.renews_id == first.id
    db.session.commit()
    # The old one ends; those below it go on by the new one.
    clock.hold(NOW + timedelta(days=364))
    cascade.sessions(cascade.group(cascade.facilitators, juana), juana, 2, clock.at)
    after = clock.at
    cascade.updated(cascade.facilitators, juana, after)
    again = own.renew(second, as_actor(juana), after, TODAY + timedelta(days=364))
    assert again.parent_id == newer.id and again.lineage == f"{newer.lineage}{again.code}/"
    clock.hold(NOW + timedelta(days=400))
    village, people = cascade.ready_group(cascade.facilitators, juana, ["Pedro Us"])
    assert cascade.sign(village, 3, people, juana)[0].is_new
    standing.revoke(newer, Policy.REVIEW, "conduct", "", boss, clock.at, TODAY + timedelta(days=400))
    assert status(again, clock.at, TODAY + timedelta(days=400)) is Status.UNDER_REVIEW


def test_what_is_renewed_late_under_a_renewed_signer_is_good_to_whoever_checks(cascade, clock):
    berta, first = cascade.trainer()
    _cohort, (juana,), (second,) = cascade.facilitators_of(berta, ["Juana Tomás"])
    courses = {berta: cascade.trainers, juana: cascade.facilitators}
    for user, credential, days in ((berta, first, 300), (juana, second, 400)):  # both had ended on day 365
        clock.hold(NOW + timedelta(days=days))
        cascade.sessions(cascade.group(cascade.facilitators, user), user, 2, clock.at)
        cascade.updated(courses[user], user, clock.at)
        newest = own.renew(credential, as_actor(user), clock.at, TODAY + timedelta(days=days))
        db.session.commit()
    assert check(newest.code, clock.at, TODAY + timedelta(days=400)).verdict is Verdict.VALID


def test_a_certificate_lapses_without_any_job(cascade):
    _berta, first = cascade.trainer()
    assert status(first, NOW + timedelta(days=365), TODAY + timedelta(days=365)) is Status.VALID
    assert status(first, NOW + timedelta(days=366), TODAY + timedelta(days=366)) is Status.EXPIRED


def test_a_reminder_is_sent_once_for_each_distance(cascade):
    berta, first = cascade.trainer()
    berta.email = "berta@svet.gob.gt"
    db.session.commit()
    near = first.valid_until - timedelta(days=80)
    assert [remind(near, NOW), remind(near, NOW), remind(near + timedelta(days=1), NOW)] == [1, 0, 0]
    assert [remind(first.valid_until - timedelta(days=5), NOW), remind(first.valid_until, NOW)] == [1, 0]


def test_a_learner_without_a_group_claims_her_certificate_once(cascade):
    lucia = cascade.user("Lucía Tum")
    enrol(lucia.person_id, cascade.trainers, "self", as_actor(lucia), NOW)
    db.session.commit()
    found = own.claim_of(lucia.person_id, "formar-a-quien-forma", NOW, TODAY)
    assert [short.what for short in found.missing] == [Missing.COURSE, Missing.MARK]
    with pytest.raises(RuleBroken):
        own.claim(person(lucia), "formar-a-quien-forma", as_actor(lucia), NOW, TODAY)
    cascade.passed(cascade.trainers, lucia, 75)
    made = own.claim(person(lucia), "formar-a-quien-forma", as_actor(lucia), NOW, TODAY)
    assert own.claim(person(lucia), "formar-a-quien-forma", as_actor(lucia), NOW, TODAY).id == made.id
    assert made.parent_id is None and made.warrant is None and made.valid_until.isoformat() == "2028-11-21"
    standing.revoke(made, Policy.KEEP, "error", "", staff_actor(cascade.elena), NOW, TODAY)
    assert own.claim_of(lucia.person_id, "formar-a-quien-forma", NOW, TODAY).limits == [Limit.FALLEN]


def test_a_group_is_opened_within_the_warrant_and_a_refusal_names_the_limit(cascade):
    berta, _first = cascade.trainer()
    _cohort, (juana,), _second = cascade.facilitators_of(berta, ["Juana Tomás"])
    version = db.session.get_one(Version, cascade.facilitators.current_version_id)
    plan = GroupPlan("Grupo", "1414", "spa", "in_person", TODAY, TODAY + timedelta(days=30), 20)
    cohort = open_under_warrant(person(juana), version, plan, as_actor(juana), NOW, TODAY)
    assert [one.person_id for one in cohort.facilitators] == [juana.person_id]
    away = replace(plan, place_code="1304")
    rights = rights_of(juana.person_id, NOW, TODAY)
    assert opening_limits(rights, away, "facilitadoras-comunitarias", TODAY) == [Limit.TERRITORY]
    with pytest.raises(RuleBroken):
        open_under_warrant(person(juana), version, away, as_actor(juana), NOW, TODAY)
    with pytest.raises(RuleBroken):
        open_under_warrant(person(cascade.user("Pedro Us")), version, plan, as_actor(juana), NOW, TODAY)


def test_a_branch_is_read_in_one_statement_and_what_a_fall_touches_in_four(cascade, statements):
    berta, first = cascade.trainer()
    cascade.facilitators_of(berta, ["Juana Tomás", "Felipa Ren", "Diego Tzoc"])
    lineage = first.lineage
    with statements() as seen:
        assert len(descendants([lineage], NOW, TODAY)) == 3
    assert len(seen) == 1
    with statements() as seen:
        assert len(standing.affected(first, 2, NOW, TODAY).people) == 2
    assert len(seen) == 4


def test_every_certificate_has_its_signature_and_its_first_event(cascade):
    berta, _first = cascade.trainer()
    cascade.facilitators_of(berta, ["Juana Tomás"])
    issued = db.session.scalars(select(CredentialEvent.credential_id).where(CredentialEvent.kind == "issued")).all()
    made = db.session.scalars(select(Credential)).all()
    assert {one.id for one in made} == set(issued) and all(one.claim and '"proof"' in one.document for one in made)
