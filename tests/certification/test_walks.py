"""Random cascades walked by the real services, held against a model that is slow, simple and knows no database."""

from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.certification.models import Credential
from lms.certification.queries.branches import some
from lms.certification.rules.warrants import Warrant, covers_place, narrowed
from lms.certification.services import standing
from lms.certification.services.issuing import certify
from lms.certification.services.standing import Policy
from lms.core.database import db
from lms.core.errors import RuleBroken
from lms.organization.models import Person
from tests.certification.conftest import staff_actor
from tests.factories import NOW, TODAY
from tests.learning.conftest import as_actor

QUOTA = 3
PEOPLE = 4


@dataclass
class Paper:
    """A certificate as the model knows it."""

    holder: int
    level: int
    parent: "Paper | None"
    until: int | None  # days from the start
    state: str = "valid"
    given: list["Paper"] = field(default_factory=list)

    def alive(self, day: int) -> bool:
        return self.state == "valid" and (self.until is None or day <= self.until)

    def above(self) -> "list[Paper]":
        return [] if self.parent is None else [self.parent, *self.parent.above()]

    def below(self) -> "list[Paper]":
        return [deeper for one in self.given for deeper in (one, *one.below())]

    def may_sign(self, level: int, holder: int, day: int) -> bool:
        signs = {1: (2, 3), 2: (3,), 3: ()}[self.level]
        return (
            level in signs
            and holder != self.holder
            and self.alive(day)
            and all(one.alive(day) for one in self.above())
            and len({one.holder for one in self.given}) < (QUOTA if self.level == 1 else 60)
        )


ACTS = st.one_of(
    st.tuples(st.just("issue"), st.integers(0, PEOPLE + 1), st.integers(0, PEOPLE - 1), st.sampled_from((2, 3))),
    st.tuples(st.sampled_from(("suspend", "reinstate", "clear")), st.integers(0, 9), st.just(0), st.just(0)),
    st.tuples(st.just("revoke"), st.integers(0, 9), st.sampled_from(list(Policy)), st.just(0)),
    st.tuples(st.just("wait"), st.sampled_from((1, 200)), st.just(0), st.just(0)),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(acts=st.lists(ACTS, min_size=4, max_size=14))
def _walk(scene, acts):
    try:
        scene.play(acts)
    finally:
        db.session.rollback()


class Scene:
    """Two trainers with a small quota, and a group whose people meet everything."""

    def __init__(self, cascade):
        first, second = cascade.trainer("Berta Sic"), cascade.trainer("Carmen Pol")
        self.cohort, people = cascade.ready_group(
            cascade.facilitators, cascade.elena, [f"Persona {number}" for number in range(PEOPLE)]
        )
        for _user, credential in (first, second):
            credential.warrant = credential.warrant | {"quota": QUOTA}
        db.session.commit()
        self.users = [*people, first[0], second[0]]
        self.roots = [first[1].id, second[1].id]
        self.levels = {number: cascade.level(number) for number in (2, 3)}
        self.boss = staff_actor(cascade.elena)

    def play(self, acts):
        papers = [Paper(PEOPLE, 1, None, 365), Paper(PEOPLE + 1, 1, None, 365)]
        ids, day = list(self.roots), 0
        for step, (kind, one, two, level) in enumerate(acts):
            now, today = NOW + timedelta(days=day, minutes=step), TODAY + timedelta(days=day)
            if kind == "wait":
                day += one
            elif kind == "issue":
                self.issue(papers, ids, one, two, level, day, now, today)
            else:
                self.take(papers[one % len(papers)], ids[one % len(papers)], kind, two, now, today)
            self.compare(papers, ids, day, now + timedelta(seconds=1))

    def issue(self, papers, ids, signer, holder, level, day, now, today):
        own = [one for one in papers if one.holder == holder and one.level == level]
        allowed = [one for one in papers if one.holder == signer and one.may_sign(level, holder, day)]
        user, learner = self.users[signer], self.users[holder]
        person = db.session.get_one(Person, user.person_id)
        answer = certify(
            self.cohort, self.levels[level], [learner.person_id], person, as_actor(user), False, now, today
        )[0]
        if own and own[-1].alive(day):
            assert answer.credential is not None and not answer.is_new
        elif own or not allowed:
            assert answer.credential is None and answer.limits
        else:
            assert answer.is_new, answer.limits
            parent = papers[ids.index(answer.credential.parent_id)]
            assert parent in allowed
            paper = Paper(holder, level, parent, None if level == 3 else day + 365)
            parent.given.append(paper)
            papers.append(paper)
            ids.append(answer.credential.id)

    def take(self, paper, credential_id, kind, policy, now, today):
        credential = db.session.get_one(Credential, credential_id)
        may = {
            "suspend": paper.state not in ("revoked", "suspended"),
            "reinstate": paper.state == "suspended",
            "clear": paper.state == "under_review",
            "revoke": paper.state != "revoked",
        }[kind]
        day = (today - TODAY).days
        try:
            if kind == "revoke":
                standing.revoke(credential, policy, "conduct", "", self.boss, now, today)
            elif kind == "suspend":
                standing.suspend(credential, "inquiry", "", self.boss, now, today)
            elif kind == "reinstate":
                standing.reinstate(credential, "", self.boss, now, today)
            else:
                standing.clear(credential, "", self.boss, now, today)
        except RuleBroken:
            assert not may
            return
        assert may
        paper.state = {"suspend": "suspended", "revoke": "revoked"}.get(kind, "valid")
        if kind == "revoke" and policy is not Policy.KEEP:
            for one in paper.below():
                if policy is Policy.REVOKE:
                    one.state = "revoked"
                elif one.alive(day):
                    one.state = "under_review"

    def compare(self, papers, ids, day, now):
        found = {one.id: one.status.value for one in some(ids, now, TODAY + timedelta(days=day))}
        for paper, credential_id in zip(papers, ids, strict=True):
            expected = paper.state
            if expected == "valid" and not paper.alive(day):
                expected = "expired"
            assert found[credential_id] == expected


def test_random_cascades_agree_with_the_slow_model(cascade):
    _walk(Scene(cascade))


CODES = st.lists(st.sampled_from(("13", "14", "1404", "1406", "1406-003", "1304")), max_size=3).map(tuple)
SOME = st.lists(st.sampled_from("abc"), max_size=3, unique=True).map(tuple)
NUMBER = st.none() | st.integers(1, 5)
WARRANTS = st.builds(
    Warrant,
    levels=st.lists(st.integers(2, 4), max_size=3, unique=True).map(tuple),
    territory=CODES, audiences=SOME, courses=SOME, languages=SOME, quota=NUMBER,
    may_delegate=st.booleans(), max_depth=NUMBER,
)  # fmt: skip


@given(above=WARRANTS, wanted=WARRANTS)
def test_nobody_hands_on_more_than_she_holds(above, wanted):
    cut = narrowed(above, wanted)
    if cut is None:
        return
    for place in ("13", "1304", "14", "1404", "1406", "1406-003", "1406-004", None):
        if covers_place(cut.territory, place):
            assert covers_place(above.territory, place)
            assert covers_place(wanted.territory, place)
    for name, everything in (("levels", (2, 3, 4)), ("audiences", "abc"), ("courses", "abc"), ("languages", "abc")):
        allows = lambda warrant, one, name=name: not getattr(warrant, name) or one in getattr(warrant, name)  # noqa: E731
        for one in everything:
            assert allows(cut, one) == (allows(above, one) and allows(wanted, one))
    assert above.quota is None or (cut.quota is not None and cut.quota <= above.quota)
    assert above.max_depth is None or (cut.max_depth is not None and cut.max_depth < above.max_depth)
    assert above.may_delegate or not cut.may_delegate
