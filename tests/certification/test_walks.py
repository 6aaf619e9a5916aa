"""Random cascades walked by the real services, held against a model that is slow, simple and knows no database."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from lms.certification.checking.queries import check
from lms.certification.models import Credential, CredentialEvent
from lms.certification.queries.branches import some
from lms.certification.queries.chains import chain_of
from lms.certification.queries.descendants import descendants, states_below
from lms.certification.rules.levels import rules_to_data
from lms.certification.rules.status import Happened, Status
from lms.certification.rules.status import standing as standing_of
from lms.certification.rules.warrants import Warrant, covers_place, narrowed
from lms.certification.services import standing
from lms.certification.services.issuing import certify, rules_of_level
from lms.certification.services.standing import Policy
from lms.core.database import db
from lms.core.errors import RuleBroken
from lms.core.ids import new_id
from lms.organization.models import Person
from tests import factories
from tests.certification.chain import MAY_SIGN, certificate
from tests.certification.conftest import staff_actor
from tests.factories import NOW, TODAY
from tests.learning.conftest import as_actor

QUOTA = 3
PEOPLE = 4
DEPARTMENTS = ("14", "13")  # of the two groups
BERTA, CARMEN = PEOPLE, PEOPLE + 1  # the two trainers; Berta takes part in the first group herself
DEPTHS = (2, 1)  # generations that each of the two lets follow
OFFICES = "aabbac"  # of each person; two of one office do not certify each other for the last level


@dataclass
class Paper:
    """A certificate as the model knows it."""

    holder: int
    level: int
    parent: "Paper | None"
    start: date
    until: date | None
    group: int | None = None
    depth: int = 0  # generations it lets follow
    state: str = "valid"
    given: list["Paper"] = field(default_factory=list)

    def alive(self, day: date) -> bool:
        return self.state == "valid" and (self.until is None or day <= self.until)

    def above(self) -> "list[Paper]":
        return [] if self.parent is None else [self.parent, *self.parent.above()]

    def below(self) -> "list[Paper]":
        return [deeper for one in self.given for deeper in (one, *one.below())]

    def may_sign(self, level: int, holder: int, group: int, day: date) -> bool:
        signs = {1: (2, 3), 2: (3,), 3: ()}[self.level]
        return (
            level in signs
            and holder != self.holder
            and self.alive(day)
            and all(one.alive(day) for one in self.above())
            and len({one.holder for one in self.given}) < (QUOTA if self.level == 1 else 60)
            and (self.group is None or self.group == group)  # it holds in the department of its group
            and all(one.depth > steps for steps, one in enumerate([self, *self.above()]))
            and not (level == 2 and self.holder == BERTA and group == 1)  # her own trainees
            and not (level == 3 and OFFICES[self.holder] == OFFICES[holder])
            and not (level == 3 and self.holder == CARMEN)  # her warrant names the level before alone
        )


def a_year_after(day: date) -> date:
    return day.replace(year=day.year + 1)


ISSUE = st.tuples(
    st.just("issue"),
    st.integers(0, CARMEN),
    st.integers(0, BERTA),
    st.sampled_from(((2, 0), (3, 0), (2, 1), (3, 1))),
).filter(lambda act: act[2] != BERTA or act[3][1] == 0)
ACTS = st.one_of(
    ISSUE,
    ISSUE,
    st.tuples(st.sampled_from(("suspend", "reinstate", "clear")), st.integers(0, 9), st.just(0), st.just(0)),
    st.tuples(st.just("revoke"), st.integers(0, 9), st.sampled_from(list(Policy)), st.just(0)),
    st.tuples(st.just("wait"), st.sampled_from((1, 200)), st.just(0), st.just(0)),
)


def signs(signer, holder, level, group=0):
    return ("issue", signer, holder, (level, group))


# What chance seldom finds at once: an end of depth, a full quota, one office, a trainee of one's own, a lapse.
TOLD = [
    [signs(BERTA, 0, 2), signs(0, 2, 3), signs(0, 3, 3, 1), ("suspend", 0, 0, 0), signs(0, 3, 3)],
    [signs(CARMEN, 0, 2), signs(0, 2, 3), signs(0, 1, 3), signs(BERTA, 1, 2, 1), signs(CARMEN, 1, 3)],
    [signs(BERTA, BERTA, 2), signs(BERTA, BERTA, 3), signs(CARMEN, BERTA, 2), signs(BERTA, 2, 3), signs(BERTA, 2, 2)],
    [signs(BERTA, 2, 2), signs(2, 0, 2), signs(2, 3, 3), signs(2, 1, 3), signs(1, 0, 3)],
    [signs(BERTA, 0, 2), signs(0, 1, 3), signs(0, 2, 3), ("revoke", 2, Policy.REVIEW, 0)],
    [signs(CARMEN, number, 2) for number in range(PEOPLE)] + [("revoke", 1, Policy.REVIEW, 0), ("clear", 2, 0, 0)],
    [signs(BERTA, 0, 2), signs(0, 0, 3), ("wait", 200, 0, 0), ("wait", 200, 0, 0), signs(0, 2, 3), signs(BERTA, 1, 2)],
    [signs(BERTA, 2, 2), ("suspend", 2, 0, 0), signs(2, 0, 3), ("reinstate", 2, 0, 0), signs(2, 0, 3)],
]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(acts=st.lists(ACTS, min_size=4, max_size=14))
def _walk(scene, acts):
    scene.play(acts)


class Scene:
    """Two trainers with a small quota, and two groups of the same people, who meet everything."""

    def __init__(self, cascade):
        first, second = cascade.trainer("Berta Sic"), cascade.trainer("Carmen Pol")
        away = factories.unit("Oficina de Petén")
        cohort, people = cascade.ready_group(
            cascade.facilitators, cascade.elena, [f"Persona {number}" for number in range(PEOPLE)]
        )
        other = cascade.group(cascade.facilitators, first[0], people, place_code="1304", name="Grupo 2")
        cascade.present(cascade.sessions(other), people)
        for user in people:
            cascade.seen(other, user, cascade.elena, ["teach_back", "co_facilitation", "led_session"])
        cascade.join(cohort, first[0])
        for (_user, credential), depth, levels in zip((first, second), DEPTHS, ([2, 3], [2]), strict=True):
            credential.warrant = credential.warrant | {"quota": QUOTA, "max_depth": depth, "levels": levels}
        self.levels = {number: cascade.level(number) for number in (2, 3)}
        # A facilitator's warrant would let her sign her own level; that level's rules let nobody but trainers.
        warrant = Warrant(levels=(2, 3), may_delegate=True, max_depth=2, quota=60).to_data()
        for number, change in ((2, {"bars_own_trainee": True, "warrant": warrant}), (3, {"bars_same_unit": True})):
            self.levels[number].rules = rules_to_data(replace(rules_of_level(self.levels[number]), **change))
        self.users = [*people, first[0], second[0]]
        units = {"a": cascade.office.id, "b": away.id, "c": cascade.agency.id}
        for office, user in zip(OFFICES, self.users, strict=True):
            db.session.get_one(Person, user.person_id).unit_id = units[office]
        db.session.commit()
        self.groups = [cohort, other]
        self.roots = [first[1].id, second[1].id]
        self.boss = staff_actor(cascade.elena)

    def play(self, acts):
        try:
            self._play(acts)
        finally:
            db.session.rollback()

    def _play(self, acts):
        ends = [db.session.get_one(Credential, one).valid_until for one in self.roots]
        papers = [
            Paper(PEOPLE + number, 1, None, TODAY, ends[number], depth=depth) for number, depth in enumerate(DEPTHS)
        ]
        ids, day = list(self.roots), 0
        for step, (kind, one, two, wanted) in enumerate(acts):
            now, today = NOW + timedelta(days=day, minutes=step), TODAY + timedelta(days=day)
            if kind == "wait":
                day += one
            elif kind == "issue":
                self.issue(papers, ids, one, two, *wanted, now, today)
            else:
                self.take(papers[one % len(papers)], ids[one % len(papers)], kind, two, now, today)
            self.compare(papers, ids, TODAY + timedelta(days=day), NOW + timedelta(days=day, minutes=step, seconds=1))
        self.walk(papers, ids, TODAY + timedelta(days=day), NOW + timedelta(days=day, minutes=len(acts)))

    def issue(self, papers, ids, signer, holder, level, group, now, today):
        own = [one for one in papers if one.holder == holder and one.level == level]
        allowed = [one for one in papers if one.holder == signer and one.may_sign(level, holder, group, today)]
        user, learner = self.users[signer], self.users[holder]
        person = db.session.get_one(Person, user.person_id)
        answer = certify(
            self.groups[group], self.levels[level], [learner.person_id], person, as_actor(user), False, now, today
        )[0]
        if any(one.alive(today) for one in own):
            assert answer.credential is not None and not answer.is_new
        elif any(one.state in ("suspended", "under_review") or one.group == group for one in own) or not allowed:
            assert answer.credential is None and answer.limits, (signer, holder, level, group)
        else:
            assert answer.is_new, answer.limits
            parent = papers[ids.index(answer.credential.parent_id)]
            assert any(parent is one for one in allowed)
            until = None if level == 3 else a_year_after(today)
            made = (answer.credential.valid_from, answer.credential.valid_until, answer.credential.issued_at)
            assert made == (today, until, now)
            depth = min(2, parent.depth - 1) if level == 2 else 0
            paper = Paper(holder, level, parent, today, until, group, depth)
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
                elif one.alive(today):
                    one.state = "under_review"

    def compare(self, papers, ids, today, now):
        found = {one.id: one.status.value for one in some(ids, now, today)}
        assert found == {key: state_of(paper, today) for paper, key in zip(papers, ids, strict=True)}

    def walk(self, papers, ids, today, now):
        """What is read from the index of lineages is what a walk from parent to child finds, and every chain holds."""
        rows = {row.id: row for row in db.session.scalars(select(Credential).where(Credential.id.in_(ids)))}
        key_of = {id(paper): key for paper, key in zip(papers, ids, strict=True)}
        for paper, key in zip(papers, ids, strict=True):
            above = [rows[key_of[id(one)]].code for one in (paper, *paper.above())]
            assert [link.credential.code for link in chain_of(rows[key])] == above
            expected = {rows[key_of[id(one)]].code: state_of(one, today) for one in paper.below()}
            lineages = [rows[key].lineage]
            below = descendants(lineages, now, today, Credential.code)
            assert {row.code: row.status for row in below} == expected and len(below) == len(expected)
            counted = sum(states_below(lineages, now, today).values(), Counter())
            assert {state.value: count for state, count in counted.items()} == Counter(expected.values())
        assert check(rows[ids[-1]].code, now, today).verdict == state_of(papers[-1], today)


def state_of(paper, today):
    return "expired" if paper.state == "valid" and not paper.alive(today) else paper.state


def test_random_cascades_agree_with_the_slow_model(cascade):
    scene = Scene(cascade)
    for acts in TOLD:
        scene.play(acts)
    _walk(scene)


KINDS = ("suspended", "reinstated", "under_review", "cleared", "revoked", "renewed", "reminded")


def test_what_the_database_folds_is_what_the_rules_fold(db_session, clock):
    clock.hold(NOW)
    root = certificate("Elena Morales D.", 1, None, NOW, MAY_SIGN)
    below = [
        certificate(f"Persona {number}", 3, root, NOW, valid_until=TODAY + timedelta(days=2)) for number in range(6)
    ]
    lineages, later = [root.lineage], NOW + timedelta(minutes=3)
    happened = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 4)), max_size=5)

    @given(histories=st.lists(happened, min_size=len(below), max_size=len(below)), days=st.integers(-1, 4))
    @settings(max_examples=40)
    def fold(histories, days):
        today, expected = TODAY + timedelta(days=days), {}
        for credential, history in zip(below, histories, strict=True):
            told = [Happened("issued", NOW)] + [Happened(kind, NOW + timedelta(minutes=at)) for kind, at in history]
            for one in told[1:]:
                db.session.add(CredentialEvent(id=new_id(), credential_id=credential.id, kind=one.kind, at=one.at))
            folded = standing_of(told, credential.valid_from, credential.valid_until, later, today)
            expected[credential.lineage] = folded.status.value
        db.session.flush()
        assert {row.lineage: row.status for row in descendants(lineages, later, today)} == expected
        counted = states_below(lineages, later, today)
        assert {state.value: count for state, count in counted[2].items()} == Counter(expected.values())
        gone = [status for status in Status if status in expected.values()][:1]
        found = descendants(lineages, later, today, status=gone)
        assert {row.lineage for row in found} == {key for key, value in expected.items() if value in gone}
        db.session.execute(delete(CredentialEvent).where(CredentialEvent.kind != "issued"))

    fold()


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
