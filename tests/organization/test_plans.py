"""A list of people and posts: what it changes, what it must not, and that a second time it changes nothing."""

import uuid
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from lms.core.ids import new_id
from lms.core.problems import Problems
from lms.core.texts import folded
from lms.organization.rules.lists import Line
from lms.organization.rules.plans import make_plan
from lms.organization.rules.plans.known import Known, KnownHolding, KnownPerson, KnownPost
from lms.organization.rules.posts import Span

TODAY = date(2026, 11, 21)
NORTH, SOUTH, BRANCH = (uuid.UUID(int=number) for number in (1, 2, 3))


class World:
    """What the database would hold, in memory: lists are planned against it and written into it."""

    def __init__(self):
        self.people, self.posts, self.holdings = {}, {}, {}

    def known(self) -> Known:
        known = Known(BRANCH, names={NORTH: "North", SOUTH: "South", BRANCH: "All"})
        for person in self.people.values():
            known.people[person.id] = person
            known.names[person.id] = person.name
            if person.key:
                known.by_key[person.key].add(person.id)
            known.by_name[person.unit, folded(person.name)].add(person.id)
            known.elsewhere[folded(person.name)].add(person.unit)
        known.posts = dict(self.posts)
        known.holdings = list(self.holdings.values())
        return known

    def bring(self, *lines: Line, today: date = TODAY):
        problems = Problems()
        plan = make_plan(lines, self.known(), today, new_id, problems)
        if not problems.errors:
            self.write(plan)
        return plan, problems

    def write(self, plan):
        for row in plan.new_people + plan.changed_people:
            self.people[row["id"]] = KnownPerson(
                row["id"], row["unit_id"], row["key"], row["given_names"], row["family_names"], row["place_code"],
                row["content_language"], row["left_on"],
            )  # fmt: skip
        for row in plan.new_posts:
            self.posts[row["id"]] = KnownPost(
                row["id"], row["unit_id"], row["profession_code"], row["key"], row["opened_on"]
            )
        for row in plan.changed_posts:
            old = self.posts[row["id"]]
            self.posts[row["id"]] = KnownPost(old.id, old.unit, old.profession, row["key"], old.opened_on)
        for row in plan.new_holdings:
            span = Span(row["from_on"], row["until_on"])
            self.holdings[row["id"]] = KnownHolding(row["id"], row["post_id"], row["person_id"], span)
        for row in plan.changed_holdings:
            old = self.holdings[row["id"]]
            span = Span(row["from_on"], row["until_on"])
            self.holdings[row["id"]] = KnownHolding(old.id, old.post, old.person, span)

    def holders(self, day=TODAY):
        return {self.people[one.person].name for one in self.holdings.values() if one.span.holds(day)}


def line(number, unit=NORTH, given=None, family=None, **more):
    return Line(number, unit, given=given, family=family, **more)


def states(plan):
    return [change.state for change in plan.changes]


def test_a_new_name_is_a_new_person_and_a_profession_beside_it_a_post_she_holds():
    world = World()
    plan, problems = world.bring(line(2, given="Ana", family="Us", profession="nurse"))
    assert (states(plan), problems) == (["new"], [])
    assert world.holders() == {"Ana Us"}


def test_accents_and_apostrophes_do_not_make_another_person():
    world = World()
    world.bring(line(2, given="María", family="K’iche’"))
    plan, _ = world.bring(line(2, given="MARIA", family="K'iche'"))
    assert states(plan) == ["same"]
    assert [one.name for one in world.people.values()] == ["María K’iche’"]


def test_a_key_finds_the_person_whatever_office_and_name_the_row_says():
    world = World()
    since = date(2026, 1, 1)
    world.bring(line(2, given="Ana", family="Us", key="7", profession="nurse", since=since))
    plan, _ = world.bring(line(2, SOUTH, given="Ana", family="Us Tzoc", key="7", profession="nurse"))
    assert states(plan) == ["changed"]
    (ana,) = world.people.values()
    assert (ana.unit, ana.name) == (SOUTH, "Ana Us Tzoc")
    held = [world.posts[one.post].unit for one in world.holdings.values() if one.span.holds(TODAY)]
    assert held == [SOUTH], "she left the post of the old office"


def test_an_empty_cell_leaves_what_is_known():
    world = World()
    world.bring(line(2, given="Ana", family="Us", key="7", place="1406", language="quc"))
    plan, _ = world.bring(Line(2, None, key="7"))
    assert states(plan) == ["same"]
    (ana,) = world.people.values()
    assert (ana.unit, ana.place, ana.language) == (NORTH, "1406", "quc")


def test_two_people_of_one_name_in_one_office_need_their_keys():
    world = World()
    world.bring(line(2, given="Ana", family="Us", key="1"), line(3, given="Ana", family="Us", key="2"))
    assert len(world.people) == 2
    _, problems = world.bring(line(2, given="Ana", family="Us"))
    assert len(problems.errors) == 1


def test_the_same_name_in_another_office_is_pointed_out_and_let_through():
    world = World()
    world.bring(line(2, given="Ana", family="Us"))
    plan, problems = world.bring(line(2, SOUTH, given="Ana", family="Us"))
    assert states(plan) == ["new"]
    assert (len(problems.errors), len(problems)) == (0, 1)


def test_a_key_given_later_joins_the_name_that_had_none():
    world = World()
    world.bring(line(2, given="Ana", family="Us", profession="nurse"))
    plan, _ = world.bring(line(2, given="Ana", family="Us", key="7", profession="nurse", post="P-1"))
    assert states(plan) == ["changed"]
    assert (len(world.people), len(world.posts), len(world.holdings)) == (1, 1, 1)
    assert next(iter(world.posts.values())).key == "P-1"


def test_rows_without_a_person_are_vacant_posts_and_are_counted():
    world = World()
    world.bring(line(2, profession="nurse"), line(3, profession="nurse"))
    assert len(world.posts) == 2
    plan, _ = world.bring(line(2, profession="nurse"), line(3, profession="nurse"), line(4, profession="nurse"))
    assert states(plan) == ["same", "same", "new"]


def test_a_named_person_fills_a_vacancy_before_another_row_calls_it_vacant():
    world = World()
    world.bring(line(2, profession="nurse"))
    world.bring(line(2, profession="nurse"), line(3, given="Ana", family="Us", profession="nurse"))
    assert len(world.posts) == 2
    assert world.holders() == {"Ana Us"}


def test_who_is_named_for_a_held_post_follows_the_one_who_held_it():
    world = World()
    world.bring(line(2, given="Ana", family="Us", profession="nurse", post="P-1", since=date(2026, 1, 1)))
    plan, problems = world.bring(line(2, given="Eva", family="Xol", post="P-1", since=date(2026, 6, 1)))
    assert not problems
    assert world.holders(date(2026, 5, 31)) == {"Ana Us"}
    assert world.holders(date(2026, 6, 1)) == {"Eva Xol"}
    assert any("Follows" in sentence for sentence, _ in plan.changes[0].what)


def test_nobody_follows_before_the_other_began():
    world = World()
    world.bring(line(2, given="Ana", family="Us", profession="nurse", post="P-1", since=date(2026, 6, 1)))
    _, problems = world.bring(line(2, given="Eva", family="Xol", post="P-1", since=date(2026, 6, 1)))
    assert len(problems.errors) == 1


def test_a_keyed_post_without_a_person_becomes_vacant():
    world = World()
    world.bring(line(2, given="Ana", family="Us", profession="nurse", post="P-1", since=date(2026, 6, 1)))
    world.bring(line(2, post="P-1"))
    assert world.holders() == set()
    assert world.holders(TODAY - timedelta(days=1)) == {"Ana Us"}


def test_another_first_day_corrects_the_one_that_is_known():
    world = World()
    world.bring(line(2, given="Ana", family="Us", profession="nurse", since=date(2026, 6, 1)))
    world.bring(line(2, given="Ana", family="Us", profession="nurse", since=date(2026, 7, 1)))
    assert [one.span.from_on for one in world.holdings.values()] == [date(2026, 7, 1)]


def test_a_row_said_twice_another_name_under_a_key_and_another_profession_are_slips():
    world = World()
    _, problems = world.bring(
        line(2, given="Ana", family="Us", key="7", profession="nurse", post="P-1"),
        line(3, given="Ana", family="Us", key="7", profession="nurse", post="P-1"),
        line(4, given="Eva", family="Xol", key="7"),
        line(5, profession="teacher", post="P-1"),
        line(6, key="8"),
        line(7, post="P-9"),
    )
    assert sorted(problem.line for problem in problems.errors) == [3, 4, 5, 6, 7]
    assert not world.people, "all or nothing"


def test_who_had_left_comes_back():
    world = World()
    world.people[NORTH] = KnownPerson(NORTH, NORTH, "7", "Ana", "Us", left_on=date(2025, 1, 1))
    plan, _ = world.bring(line(2, key="7"))
    assert states(plan) == ["changed"]
    assert world.people[NORTH].left_on is None


rows = st.builds(
    dict,
    unit=st.sampled_from([NORTH, SOUTH, None]),
    key=st.sampled_from([None, None, "1", "2", "3"]),
    who=st.sampled_from([None, ("Ana", "Us"), ("ana", "ús"), ("Eva", "Xol"), ("José", "K’iche’")]),
    place=st.sampled_from([None, "1406", "1304"]),
    language=st.sampled_from([None, "quc"]),
    profession=st.sampled_from([None, "nurse", "teacher"]),
    post=st.sampled_from([None, None, "P-1", "P-2"]),
    since=st.sampled_from([None, date(2026, 1, 1), date(2026, 6, 1), date(2027, 1, 1)]),
)


@given(lists=st.lists(st.lists(rows, max_size=6), max_size=4))
@settings(max_examples=300, deadline=None)
def test_whatever_a_list_says_a_second_time_it_changes_nothing(lists):
    world = World()
    for written in lists:
        lines = [_line(number, row) for number, row in enumerate(written, 2)]
        lines = [one for one in lines if one.has_person or one.has_post]
        _, problems = world.bring(*lines)
        if problems.errors:
            continue
        _nobody_shares_a_post_on_a_day(world)
        again, problems = world.bring(*lines)
        assert not problems.errors
        assert set(states(again)) <= {"same"}, again.changes
        later, problems = world.bring(*lines, today=TODAY + timedelta(days=1))
        assert not problems.errors
        assert set(states(later)) <= {"same"}, later.changes


def _line(number, row):
    given, family = row["who"] or (None, None)
    more = {name: value for name, value in row.items() if name not in ("unit", "who")}
    return Line(number, row["unit"], given=given, family=family, **more)


def _nobody_shares_a_post_on_a_day(world):
    spans = list(world.holdings.values())
    for number, one in enumerate(spans):
        for other in spans[number + 1 :]:
            assert one.post != other.post or not one.span.meets(other.span)
