"""Who may open which door of the organization: everything else is closed, and nobody can tell why."""

from datetime import date

import pytest

from lms.access.policy import Role
from lms.core import jobs
from lms.core.database import db
from lms.core.ids import id_from_text, id_text
from lms.core.tabular import csv_bytes
from lms.organization.models import Person, Place, Post, Project, Unit
from lms.organization.services import lists
from lms.organization.services.places import add_community
from tests.factories import NOW, TODAY, actor, agency, holding, person, post, unit, user

ADMIN, MANAGER, REGISTRAR, DIRECTOR = Role.ADMINISTRATOR, Role.UNIT_MANAGER, Role.REGISTRAR, Role.DIRECTOR
ASSESSOR, AUDITOR, EDITOR = Role.ASSESSOR, Role.AUDITOR, Role.EDITOR
READERS = {ADMIN, MANAGER, REGISTRAR, DIRECTOR, ASSESSOR, AUDITOR}
KEEPERS = {ADMIN, MANAGER, REGISTRAR}
MANAGERS = {ADMIN, MANAGER}

# Method, address, who may. Addresses with a name in braces lie in the actor's own branch, or in another one.
TABLE = [
    ("GET", "/units", READERS),
    ("GET", "/units/choose/list", READERS),
    ("GET", "/units/{unit}", READERS),
    ("GET", "/units/{unit}/new", MANAGERS),
    ("GET", "/units/{unit}/change", MANAGERS),
    ("GET", "/units/{unit}/close", MANAGERS),
    ("POST", "/units/{unit}/reopen", MANAGERS),
    ("GET", "/units/{unit}/move", MANAGERS),
    ("GET", "/people", KEEPERS),
    ("GET", "/people/people.csv", KEEPERS),
    ("GET", "/people/{person}", KEEPERS),
    ("GET", "/people/{person}/change", KEEPERS),
    ("GET", "/people/{person}/move", KEEPERS),
    ("GET", "/people/{person}/leave", KEEPERS),
    ("POST", "/people/{person}/back", KEEPERS),
    ("GET", "/people/{person}/join", KEEPERS),
    ("GET", "/units/{unit}/people/new", KEEPERS),
    ("GET", "/posts", READERS),
    ("GET", "/posts/posts.xlsx", READERS),
    ("GET", "/posts/{post}", READERS),
    ("GET", "/posts/{post}/fill", KEEPERS),
    ("GET", "/posts/{post}/close", KEEPERS),
    ("GET", "/posts/{post}/vacate/{holding}", KEEPERS),
    ("GET", "/units/{unit}/posts/new", KEEPERS),
    ("GET", "/professions", KEEPERS),
    ("GET", "/professions/new", {ADMIN}),
    ("GET", "/professions/lawyer", {ADMIN}),
    ("GET", "/projects", MANAGERS),
    ("GET", "/projects/{project}", MANAGERS),
    ("GET", "/units/{unit}/projects/new", MANAGERS),
    ("GET", "/places", READERS),
    ("GET", "/places/1406", READERS),
    ("GET", "/places/1406-001/change", KEEPERS),
    ("GET", "/lists", KEEPERS),
    ("GET", "/lists/template.csv", KEEPERS),
    ("GET", "/units/{unit}/list", KEEPERS),
    ("GET", "/lists/{brought}", KEEPERS),
    ("POST", "/lists/{brought}/again", KEEPERS),
]


def branch(name: str) -> dict[str, str]:
    """One office with something of everything."""
    head = unit(name)
    somebody = person(f"{name} Us", head)
    held = post(head)
    project = Project(unit_id=head.id, code=name, name=name, starts_on=TODAY)
    db.session.add(project)
    db.session.flush()
    brought = lists.bring(actor(), head, "x.csv", csv_bytes(["Nombres", "Apellidos"], [["Ana", "Us"]]), NOW)
    found = {
        "unit": head, "person": somebody, "post": held, "holding": holding(held, somebody), "project": project,
        "brought": brought,
    }  # fmt: skip
    return {name: id_text(thing.id) for name, thing in found.items()}


@pytest.fixture
def branches(db_session) -> tuple[dict[str, str], dict[str, str]]:
    agency()
    mine, other = branch("Norte"), branch("Sur")
    from_staff = db.session.get_one(Unit, id_from_text(mine["unit"]))
    assert from_staff.name == "Norte"
    db_session.commit()
    jobs.drain()
    return mine, other


@pytest.fixture
def village(db_session):
    return add_community(actor(), db_session.get_one(Place, "1406"), "Mactzul", [], NOW)


@pytest.mark.parametrize("role", [*Role, None], ids=lambda role: role or "learner")
def test_each_role_opens_its_own_doors_and_no_other(client, sign_in, branches, village, role):
    mine, other = branches
    over = db.session.get_one(Unit, id_from_text(mine["unit"]))
    who = user("Rosa", role, over)
    db.session.commit()
    sign_in(client, who)
    wrong = []
    for method, address, allowed in TABLE:
        status = client.open(address.format(**mine), method=method).status_code
        expected = {200, 303, 422} if role in allowed else {404} if "{" in address else {403}
        if status not in expected:
            wrong.append((method, address, status))
        if "{" in address:
            status = client.open(address.format(**other), method=method).status_code
            if status != 404:
                wrong.append((method, f"{address} of another branch", status))
    assert not wrong


def test_a_visitor_is_asked_to_sign_in(client, branches):
    mine, _other = branches
    for method, address, _allowed in TABLE:
        answer = client.open(address.format(**mine), method=method)
        assert (answer.status_code, "/sign-in" in answer.location) == (303, True), address


def test_a_person_reads_her_own_record_and_changes_nothing_there(client, sign_in, branches, db_session):
    lucia = user("Lucía")
    db_session.commit()
    sign_in(client, lucia)
    own = id_text(lucia.person_id)
    assert client.get(f"/people/{own}").status_code == 200
    assert client.get(f"/people/{own}/change").status_code == 404
    assert client.get("/people").status_code == 403


def test_lists_show_only_what_lies_within_reach(client, sign_in, branches, db_session):
    mine, _other = branches
    over = db_session.get_one(Unit, id_from_text(mine["unit"]))
    sign_in(client, rosa := user("Rosa", REGISTRAR, over))
    assert rosa
    for address in ("/people", "/posts", "/units?q=r", "/people/people.csv", "/posts/posts.csv", "/lists"):
        page = client.get(address).get_data(as_text=True)
        assert "Norte" in page, address
        assert "Sur" not in page, address


def test_who_reads_offices_but_not_people_sees_no_name(client, sign_in, branches, db_session):
    mine, _other = branches
    over = db_session.get_one(Unit, id_from_text(mine["unit"]))
    holder = db_session.get_one(Person, id_from_text(mine["person"]))
    holder.given_names, holder.family_names = "Escondida", "Ajú"
    sign_in(client, user("Tomás", DIRECTOR, over))
    for address in ("/posts", "/posts/posts.csv", f"/posts/{mine['post']}", f"/units/{mine['unit']}"):
        page = client.get(address).get_data(as_text=True)
        assert "Escondida" not in page, address


def test_a_move_needs_both_ends(client, sign_in, branches, db_session):
    mine, other = branches
    over = db_session.get_one(Unit, id_from_text(mine["unit"]))
    below = unit("Abajo", over)
    sign_in(client, user("Marta", MANAGER, over))
    client.post(f"/units/{id_text(below.id)}/move", data={"to": other["unit"]})
    client.post(f"/people/{mine['person']}/move", data={"to": other["unit"], "on": "2026-11-21"})
    db_session.expire_all()
    assert db_session.get_one(Unit, below.id).parent_id == over.id
    assert db_session.get_one(Person, id_from_text(mine["person"])).unit_id == over.id


def test_a_post_is_given_only_to_somebody_within_reach(client, sign_in, branches, db_session):
    mine, other = branches
    over = db_session.get_one(Unit, id_from_text(mine["unit"]))
    vacant = post(over, opened_on=date(2026, 1, 1))
    sign_in(client, user("Rosa", REGISTRAR, over))
    client.post(f"/posts/{id_text(vacant.id)}/fill", data={"person": other["person"], "from_on": "2026-02-01"})
    db_session.expire_all()
    assert db_session.query(Post).count() == 3
    page = client.get(f"/posts/{id_text(vacant.id)}").get_data(as_text=True)
    assert "Sur Us" not in page
