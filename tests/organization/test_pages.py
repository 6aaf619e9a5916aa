"""Every page of the organization opens for who may and says so little to who may not; statements stay few."""

from datetime import date

import pytest

from lms.access.policy import Role
from lms.core import jobs
from lms.core.database import db
from lms.core.ids import id_from_text, id_text
from lms.core.tabular import csv_bytes
from lms.organization.models import Project, Unit
from lms.organization.services import lists
from lms.organization.services.people import merge
from tests.factories import NOW, TODAY, actor, agency, holding, person, post, unit, user

MOST_STATEMENTS = 12


@pytest.fixture
def world(db_session, sign_in, client):
    """A small country of offices with something on every page, and Elena, who administers it, at the door."""
    root = agency()
    north = unit("Sede Quiché", code="Q-1", place_code="1401")
    room = unit("Sala de Chichicastenango", north, place_code="1406")
    ana = person("Ana Us", north, key="1", place_code="1406", content_language="quc")
    eva = person("Ana Us Tzoc", north)
    merge(actor(), ana, eva, NOW)
    left = person("Eva Xol", north, left_on=date(2026, 5, 1))
    filled, vacant = post(north), post(room, "lawyer", key="P-1")
    held = holding(filled, ana)
    project = Project(unit_id=north.id, code="TIP-1", name="Prevención", funder="TIP", starts_on=TODAY)
    db_session.add(project)
    db_session.commit()
    brought = lists.bring(
        actor(), north, "lista.csv", csv_bytes(["Nombres", "Apellidos", "Puesto"], [["Luz", "Ic", ""]]), NOW
    )
    jobs.drain()
    elena = user("Elena", Role.ADMINISTRATOR)
    db_session.commit()
    sign_in(client, elena)
    found = {
        "root": root, "unit": north, "room": room, "person": ana, "left": left, "post": filled, "vacant": vacant,
        "holding": held, "project": project, "brought": brought, "other": eva,
    }  # fmt: skip
    return {name: id_text(thing.id) for name, thing in found.items()}


PAGES = [
    "/units", "/units?q=quiche", "/units?unit={root}", "/units/choose/list?q=q-1", "/units/{unit}",
    "/units/{unit}?on=2020-01-01", "/units/{unit}/new", "/units/{unit}/change", "/units/{room}/close",
    "/units/{unit}/move", "/units/{room}/move?to={root}", "/people", "/people?q=us&sort=-unit",
    "/people?state=left&unit={unit}", "/people/people.csv", "/people/people.xlsx", "/people/{person}",
    "/people/{person}/change", "/people/{person}/move", "/people/{person}/move?to={room}", "/people/{person}/leave",
    "/people/{person}/join", "/people/{person}/join?with={left}", "/units/{unit}/people/new", "/people/{left}",
    "/posts", "/posts?state=vacant&sort=-holder", "/posts?profession=lawyer&unit={unit}", "/posts/posts.csv",
    "/posts/posts.xlsx", "/posts/{post}", "/posts/{vacant}/fill", "/posts/{vacant}/fill?person={person}",
    "/posts/{post}/vacate/{holding}", "/posts/{vacant}/close", "/units/{unit}/posts/new", "/professions",
    "/professions/new", "/professions/lawyer", "/projects", "/projects/{project}", "/units/{unit}/projects/new",
    "/places", "/places?q=chichi", "/places/14", "/places/1406", "/lists", "/lists/template.csv",
    "/lists/template.xlsx", "/units/{unit}/list", "/lists/{brought}", "/lists/{brought}?show=new",
]  # fmt: skip


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_page_opens_and_asks_little(world, client, statements, language):
    client.get("/units", headers={"Accept-Language": language})
    for address in PAGES:
        with statements() as seen:
            answer = client.get(address.format(**world), headers={"Accept-Language": language})
        assert answer.status_code == 200, (address, answer.status_code)
        assert len(seen) <= MOST_STATEMENTS, (address, len(seen), *seen)


def test_the_number_of_statements_does_not_grow_with_the_data(world, client, statements):
    addresses = ["/units", "/units?q=o", "/units/{unit}", "/people", "/posts", "/people/{person}", "/lists/{brought}"]

    def asked() -> list[int]:
        counts = []
        for address in addresses:
            with statements() as seen:
                assert client.get(address.format(**world)).status_code == 200
            counts.append(len(seen))
        return counts

    asked()
    before = asked()
    north = db.session.get_one(Unit, id_from_text(world["unit"]))
    for number in range(60):
        below = unit(f"Oficina {number}", north)
        holding(post(below), person(f"María Josefa Tum{'x' * number}", below))
    assert asked() == before
