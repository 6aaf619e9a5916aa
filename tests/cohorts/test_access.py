"""Who may open which door of this room."""

import pytest
from sqlalchemy import select

from lms.access.policy import Role
from lms.cohorts.models import CohortQuestion, Observation
from lms.core.database import db
from lms.core.ids import id_text
from tests import factories
from tests.cohorts.conftest import meeting, open_group
from tests.factories import NOW, TODAY

MANAGERS = {Role.ADMINISTRATOR, Role.UNIT_MANAGER, Role.REGISTRAR}
READERS = MANAGERS | {Role.ASSESSOR, Role.DIRECTOR, Role.AUDITOR}
TESTERS = {Role.ADMINISTRATOR, Role.UNIT_MANAGER, Role.ASSESSOR}

# (method, address, who may by a role over the group's office); whoever leads the group may all of them.
DOORS = [
    ("get", "/groups/{group}", READERS),
    ("get", "/groups/{group}/code", READERS),
    ("get", "/groups/{group}/messages", READERS),
    ("get", "/groups/{group}/people.csv", READERS),
    ("get", "/groups/{group}/people.xlsx", READERS),
    ("get", "/groups/{group}/people/print", READERS),
    ("get", "/groups/{group}/people/{person}", READERS),
    ("get", "/groups/{group}/calendar.ics", READERS),
    ("get", "/sessions/{session}", READERS),
    ("get", "/sessions/{session}/sheet", READERS),
    ("get", "/observations/{observation}", READERS),
    ("get", "/groups/{group}/people/{person}/read-aloud", TESTERS),
    ("post", "/groups/{group}/people/{person}/read-aloud", TESTERS),
    ("get", "/groups/{group}/add", MANAGERS),
    ("post", "/groups/{group}/add", MANAGERS),
    ("get", "/groups/{group}/new-person", MANAGERS),
    ("post", "/groups/{group}/new-person", MANAGERS),
    ("get", "/groups/{group}/list", MANAGERS),
    ("post", "/groups/{group}/list", MANAGERS),
    ("post", "/groups/{group}/list/take-in", MANAGERS),
    ("get", "/groups/{group}/slips", MANAGERS),
    ("post", "/groups/{group}/slips", MANAGERS),
    ("get", "/groups/{group}/change", MANAGERS),
    ("post", "/groups/{group}/change", MANAGERS),
    ("get", "/groups/{group}/facilitators", MANAGERS),
    ("post", "/groups/{group}/facilitators", MANAGERS),
    ("post", "/groups/{group}/facilitators/{nobody}/end", MANAGERS),
    ("get", "/groups/{group}/sessions/plan", MANAGERS),
    ("post", "/groups/{group}/sessions/plan", MANAGERS),
    ("get", "/groups/{group}/sessions/new", MANAGERS),
    ("post", "/groups/{group}/sessions/new", MANAGERS),
    ("get", "/sessions/{session}/change", MANAGERS),
    ("post", "/sessions/{session}/change", MANAGERS),
    ("post", "/sessions/{session}/cancel", MANAGERS),
    ("post", "/sessions/{session}/restore", MANAGERS),
    ("get", "/groups/{group}/people/{person}/observe", MANAGERS),
    ("post", "/groups/{group}/people/{person}/observe", MANAGERS),
    ("post", "/observations/{observation}/take-back", MANAGERS),
    ("post", "/groups/{group}/people/{person}/remove", MANAGERS),
    ("post", "/groups/{group}/people/{person}/restore", MANAGERS),
    ("get", "/groups/{group}/close", MANAGERS),
    ("post", "/groups/{group}/close", MANAGERS),
    ("post", "/groups/{group}/reopen", MANAGERS),
]


@pytest.fixture
def world(group, diego, catarina, db_session):
    """A group with a member, a session, an observation and a question; the values of the addresses."""
    one = meeting(group)
    from lms.curriculum.rubrics import rubrics_of

    seen = Observation(
        cohort_id=group.id, person_id=diego.person_id, observer_id=catarina.person_id, kind="teach_back",
        rubric_id=rubrics_of(group.version_id)[0].id, levels=[3, 3, 3], score=100, is_passed=True,
        observed_on=TODAY, observer_signed_at=NOW,
    )  # fmt: skip
    asked = CohortQuestion(cohort_id=group.id, person_id=diego.person_id, text="¿Cuándo?", asked_at=NOW, answer="")
    db_session.add_all([seen, asked])
    db_session.commit()
    return {
        "group": id_text(group.id),
        "person": id_text(diego.person_id),
        "session": id_text(one.id),
        "observation": id_text(seen.id),
        "question": id_text(asked.id),
        "nobody": "0" * 26,
    }


def statuses(browser, world):
    """Knock at every door; what a door answers besides 404 says that it opened."""
    return {
        (method, rule): getattr(browser, method)(rule.format(**world)).status_code != 404
        for method, rule, _who in DOORS
    }


@pytest.mark.parametrize("role", [None, *Role])
def test_a_role_opens_the_groups_of_its_office_and_no_others(world, office, staff, role):
    within = staff(role, office) if role else staff(Role.DIRECTOR, factories.unit("Otra"), "Nadie Nunca")
    found = statuses(within, world)
    for method, rule, who in DOORS:
        assert found[method, rule] is (role in who), (role, method, rule)
    beyond = staff(role or Role.REGISTRAR, factories.unit("Petén"), "Otra Persona")
    assert not any(statuses(beyond, world).values())


def test_who_leads_the_group_opens_everything_in_it_without_any_role(world, catarina, visit):
    assert all(statuses(visit(catarina), world).values())


def test_a_member_sees_her_own_page_and_no_door_of_the_facilitator(world, diego, visit):
    his = visit(diego)
    opened = {rule for (_method, rule), is_open in statuses(his, world).items() if is_open}
    assert opened == {"/groups/{group}/calendar.ics"}
    assert his.get(f"/groups/{world['group']}/mine").status_code == 200
    assert his.get(f"/practice/{world['observation']}").status_code == 200


def test_a_stranger_opens_nothing_and_a_visitor_is_led_to_the_sign_in(world, visit, app):
    hers = visit(factories.user("Nadie Nunca"))
    assert not any(statuses(hers, world).values())
    for url in (
        f"/groups/{world['group']}/mine",
        f"/practice/{world['observation']}",
        f"/groups/questions/{world['question']}",
    ):
        assert hers.get(url).status_code == 404
        assert hers.post(url).status_code == 404
    visitor = app.test_client()
    for url in ("/groups", "/groups/join", "/groups/new", "/me/calendar.ics", f"/groups/{world['group']}"):
        assert visitor.get(url).location.startswith("/sign-in")


@pytest.mark.parametrize("role", [None, *Role])
def test_groups_are_opened_by_those_who_keep_people(course, office, staff, visit, role):
    browser = staff(role, office) if role else visit(factories.user("Nadie Nunca"))
    assert browser.get("/groups/new").status_code == (200 if role in MANAGERS else 403)
    assert browser.get("/groups").status_code == 200


def test_a_question_is_read_by_facilitators_only(world, catarina, visit, staff):
    url = f"/groups/questions/{world['question']}"
    assert visit(catarina).get(url).status_code == 200
    assert staff(Role.ADMINISTRATOR, factories.agency()).get(url).status_code == 404


def test_no_facilitator_reaches_through_her_group_into_another(world, course, office, catarina, visit):
    other = open_group(course, office, factories.user("Juana Chel", over=office), name="Otro grupo")
    hers, far = visit(catarina), {**world, "group": id_text(other.id)}
    # The person and the attempt of one group under the address of another are not found.
    for rule in ("/groups/{group}/people/{person}", "/groups/{group}/people/{person}/observe"):
        assert hers.get(rule.format(**far)).status_code == 404
    assert db.session.scalar(select(Observation.id)) is not None
    mine = {**world, "person": id_text(factories.user("Ajena Persona").person_id)}
    db.session.commit()
    for rule in ("/groups/{group}/people/{person}", "/groups/{group}/people/{person}/read-aloud"):
        assert hers.get(rule.format(**mine)).status_code == 404


def test_nobody_enters_a_test_or_an_observation_for_oneself(group, course, office, enter, staff, visit):
    from lms.cohorts.services import members
    from tests.cohorts.conftest import path
    from tests.learning.conftest import activity, as_actor

    ana = factories.user("Ana Sis", Role.UNIT_MANAGER, office)
    members.add_people(group, [ana.person_id], "staff", as_actor(ana), NOW)
    hers = visit(ana)
    where = path(group, "people", id_text(ana.person_id))
    assert hers.post(where + "/read-aloud", data={"quiz": activity(course, "m2/final")}).status_code == 403
    form = {"kind": "teach_back", "observed_on": "2026-11-21", "r-preparar": "3", "r-sin-casos": "3", "r-cierre": "3"}
    assert hers.post(where + "/observe", data=form).status_code == 422
