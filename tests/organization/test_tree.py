"""The tree of units grows, moves and closes, and everything written about a branch stays with it."""

from datetime import date

import pytest
from sqlalchemy import event, select

from lms.access.policy import Action, Role, can
from lms.core.database import db
from lms.core.errors import NotAllowed, RuleBroken
from lms.core.ids import id_text
from lms.core.models import AuditEntry
from lms.organization.models import Person, PostHolding, Unit, UnitMove
from lms.organization.queries.units import counts_of, moves_of, units_called
from lms.organization.rules.tree import MOST_LEVELS
from lms.organization.services import units as services
from tests.factories import NOW, TODAY, actor, agency, holding, person, post, unit


@pytest.fixture
def sbs(db_session) -> Unit:
    """A secretariat with an office, which has a room; people and posts in both."""
    head = unit("SBS", kind="ministry")
    office = unit("Sede", head)
    room = unit("Sala", office)
    holding(post(office), person("Ana Us", office))
    post(room)
    return head


def below(head: Unit, name: str) -> Unit:
    path = Unit.path.startswith(head.path)
    return db.session.scalars(select(Unit).where(Unit.name == name, path)).one()


def test_moving_a_branch_keeps_people_posts_and_records(sbs, db_session):
    office, pgn = below(sbs, "Sede"), unit("PGN", kind="ministry")
    before = counts_of(office, TODAY)
    ids = [db_session.scalars(select(table.id)).all() for table in (Person, PostHolding)]
    services.move_unit(actor(), office, pgn, NOW)
    assert counts_of(office, TODAY) == before
    assert [db_session.scalars(select(table.id)).all() for table in (Person, PostHolding)] == ids
    assert below(pgn, "Sala").path == f"{pgn.path}{id_text(office.id)}/{id_text(below(pgn, 'Sala').id)}/"
    assert [(move.was, move.now) for move in moves_of(office)] == [("SBS", "PGN")]


def test_whoever_looks_after_the_new_head_reaches_the_branch_and_the_old_one_no_longer(sbs, db_session):
    office, pgn = below(sbs, "Sede"), unit("PGN", kind="ministry")
    services.move_unit(actor(), office, pgn, NOW)
    ana = db_session.scalars(select(Person)).one()
    assert can(actor(Role.REGISTRAR, pgn), Action.PERSON_READ, ana)
    assert not can(actor(Role.REGISTRAR, sbs), Action.PERSON_READ, ana)


def test_a_large_branch_is_rewritten_by_one_statement(sbs, app, db_session):
    office, pgn = below(sbs, "Sede"), unit("PGN", kind="ministry")
    for number in range(200):
        unit(f"Escuela {number}", office)
    db_session.flush()
    updates = []

    def note(_connection, _cursor, statement, *_rest):
        if statement.startswith("UPDATE unit SET path"):
            updates.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        services.move_unit(actor(), office, pgn, NOW)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert len(updates) == 1
    assert counts_of(office, TODAY).branch_units == 201


def test_a_branch_never_goes_below_itself(sbs):
    office = below(sbs, "Sede")
    for to in (office, below(sbs, "Sala")):
        with pytest.raises(RuleBroken):
            services.move_unit(actor(), office, to, NOW)
    with pytest.raises(RuleBroken):
        services.move_unit(actor(), agency(), sbs, NOW)
    with pytest.raises(RuleBroken):
        services.move_unit(actor(), office, sbs, NOW)


def test_a_tree_has_an_end(sbs):
    head = sbs
    while head.path.count("/") < MOST_LEVELS:
        head = services.create_unit(actor(), head, {"name": "x", "kind": "office"}, NOW)
    with pytest.raises(RuleBroken):
        services.create_unit(actor(), head, {"name": "x", "kind": "office"}, NOW)
    with pytest.raises(RuleBroken):
        services.move_unit(actor(), below(sbs, "Sede"), head, NOW)


def test_nobody_moves_a_branch_beyond_her_own_part_of_the_tree(sbs, db_session):
    office, pgn = below(sbs, "Sede"), unit("PGN", kind="ministry")
    with pytest.raises(NotAllowed):
        services.move_unit(actor(Role.UNIT_MANAGER, sbs), office, pgn, NOW)
    assert db_session.scalars(select(UnitMove)).all() == []


def test_a_unit_closes_when_nothing_open_hangs_below_and_opens_again(sbs):
    office, room = below(sbs, "Sede"), below(sbs, "Sala")
    with pytest.raises(RuleBroken):
        services.close_unit(actor(), office, TODAY, NOW)
    services.close_unit(actor(), room, TODAY, NOW)
    services.close_unit(actor(), office, TODAY, NOW)
    with pytest.raises(RuleBroken):
        services.create_unit(actor(), office, {"name": "x", "kind": "office"}, NOW)
    with pytest.raises(RuleBroken):
        services.reopen_unit(actor(), room, NOW)
    services.reopen_unit(actor(), office, NOW)
    services.reopen_unit(actor(), room, NOW)
    assert room.closed_on is None


def test_an_office_code_is_given_once(sbs):
    services.change_unit(actor(), sbs, {"name": "SBS", "kind": "ministry", "code": "S"}, NOW)
    with pytest.raises(RuleBroken):
        services.create_unit(actor(), sbs, {"name": "x", "kind": "office", "code": "S"}, NOW)


def test_offices_are_found_without_accents_by_short_name_and_by_code(sbs):
    services.create_unit(
        actor(), sbs, {"name": "Fiscalía de Niñez", "kind": "prosecution", "short_name": "MP", "code": "F-7"}, NOW
    )
    for words in ("fiscalia ninez", "mp", "F-7"):
        rows, _pages = units_called(actor(), Action.UNIT_READ, words)
        assert [row.name for row in rows] == ["Fiscalía de Niñez"], words


def test_every_act_on_a_unit_is_in_the_trail(sbs, db_session):
    made = services.create_unit(actor(), sbs, {"name": "x", "kind": "office"}, NOW)
    services.change_unit(actor(), made, {"name": "y", "kind": "office"}, NOW)
    services.move_unit(actor(), made, below(sbs, "Sede"), NOW)
    services.close_unit(actor(), made, date(2026, 12, 1), NOW)
    query = select(AuditEntry.action).where(AuditEntry.object_id == id_text(made.id)).order_by(AuditEntry.id)
    assert db_session.scalars(query).all() == ["unit.create", "unit.change", "unit.move", "unit.close"]


def test_the_agency_itself_is_made_once(db_session):
    assert services.ensure_root("SVET", NOW) is services.ensure_root("Another", NOW)
