"""The permission table: who may do what, over which part of the tree."""

import uuid
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.access.policy import (
    ALLOWED,
    MAY_APPOINT,
    NEEDS_SECOND_FACTOR,
    OWN,
    VISITOR,
    Action,
    Actor,
    Held,
    Role,
    can,
    may_appoint,
    reach,
)

ANA, BERTA = uuid.uuid4(), uuid.uuid4()
PATHS = ["/svet/", "/svet/quiche/", "/svet/quiche/sajcabaja/", "/svet/huehuetenango/", "/pgn/"]


@dataclass(frozen=True)
class Thing:
    access_path: str
    access_person: uuid.UUID | None = None


def actor(role: Role, path: str, has_second_factor: bool = True) -> Actor:
    return Actor(uuid.uuid4(), ANA, (Held(role, path),), has_second_factor)


def test_a_role_holds_over_its_unit_and_everything_below_it() -> None:
    registrar = actor(Role.REGISTRAR, "/svet/quiche/")
    assert can(registrar, Action.PERSON_MANAGE, Thing("/svet/quiche/"))
    assert can(registrar, Action.PERSON_MANAGE, Thing("/svet/quiche/sajcabaja/"))


def test_a_role_holds_over_nothing_above_or_beside_it() -> None:
    registrar = actor(Role.REGISTRAR, "/svet/quiche/")
    assert not can(registrar, Action.PERSON_MANAGE, Thing("/svet/"))
    assert not can(registrar, Action.PERSON_MANAGE, Thing("/svet/huehuetenango/"))


def test_a_visitor_may_do_nothing() -> None:
    assert not any(can(VISITOR, action, Thing("/svet/")) or can(VISITOR, action) for action in Action)


def test_everybody_signed_in_may_use_their_own_pages() -> None:
    assert can(Actor(uuid.uuid4(), ANA), Action.SELF_USE)


def test_people_may_read_what_is_about_themselves_and_not_about_others() -> None:
    learner = Actor(uuid.uuid4(), ANA)
    assert can(learner, Action.ENROLMENT_READ, Thing("/pgn/", ANA))
    assert not can(learner, Action.ENROLMENT_READ, Thing("/pgn/", BERTA))
    assert not can(learner, Action.ENROLMENT_MANAGE, Thing("/pgn/", ANA))


@pytest.mark.parametrize("role", sorted(NEEDS_SECOND_FACTOR))
def test_a_powerful_role_opens_nothing_until_the_second_step(role: Role) -> None:
    before, after = actor(role, "/svet/", has_second_factor=False), actor(role, "/svet/")
    action = next(iter(ALLOWED[role]))
    assert before.owes_second_factor and not after.owes_second_factor
    assert not reach(before, action).paths
    assert reach(after, action).paths == ("/svet/",) or action is Action.SELF_USE


def test_nobody_appoints_a_role_above_her_own() -> None:
    manager = actor(Role.UNIT_MANAGER, "/svet/quiche/")
    assert may_appoint(manager, Role.REGISTRAR, Thing("/svet/quiche/sajcabaja/"))
    assert not may_appoint(manager, Role.ADMINISTRATOR, Thing("/svet/quiche/"))
    assert not may_appoint(manager, Role.REGISTRAR, Thing("/svet/"))


def test_whoever_may_appoint_a_role_may_do_all_that_it_may_or_is_the_administrator() -> None:
    for appointer, roles in MAY_APPOINT.items():
        for role in roles:
            beyond = ALLOWED[role] - ALLOWED[appointer]
            assert not beyond, f"{appointer} could hand out {beyond} through {role}"


held = st.builds(Held, st.sampled_from(list(Role)), st.sampled_from(PATHS))
actors = st.builds(
    Actor,
    st.just(uuid.uuid4()),
    st.sampled_from([ANA, BERTA]),
    st.lists(held, max_size=4).map(tuple),
    st.booleans(),
)
things = st.builds(Thing, st.sampled_from(PATHS), st.sampled_from([None, ANA, BERTA]))


@given(actors, st.sampled_from([action for action in Action if action is not Action.SELF_USE]), things)
def test_a_list_shows_exactly_what_the_check_admits(who: Actor, action: Action, thing: Thing) -> None:
    far = reach(who, action)
    listed = any(thing.access_path.startswith(path) for path in far.paths) or (
        far.person_id is not None and far.person_id == thing.access_person
    )
    assert can(who, action, thing) is listed


@given(actors, st.sampled_from(list(Action)))
def test_no_path_of_a_reach_lies_below_another(who: Actor, action: Action) -> None:
    paths = reach(who, action).paths
    assert not any(one != other and one.startswith(other) for one in paths for other in paths)


def test_what_is_ones_own_is_reading_and_leading_ones_groups() -> None:
    assert all(action.endswith(".read") for action in OWN - {Action.COHORT_MANAGE})


def test_facilitators_reach_their_own_groups_without_any_role() -> None:
    @dataclass(frozen=True)
    class Group(Thing):
        access_people: frozenset[uuid.UUID] = frozenset({ANA})

    assert can(Actor(uuid.uuid4(), ANA), Action.COHORT_MANAGE, Group("/pgn/"))
    assert not can(Actor(uuid.uuid4(), BERTA), Action.COHORT_MANAGE, Group("/pgn/"))
