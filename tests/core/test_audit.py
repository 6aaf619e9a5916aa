"""Whoever edits, removes, forges or cuts the trail is found out, even one who may do anything in the database."""

import hashlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import bindparam, make_url, text
from sqlalchemy.exc import DBAPIError

from lms.core import audit
from lms.core.database import db
from lms.core.ids import Id, new_id
from lms.core.models import AuditEntry, AuditLink

DAY = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


@pytest.fixture
def trail(db_session):
    """Seven acts, chained and signed."""
    for number in range(7):
        audit.record(new_id(), "unit.change", "unit", new_id(), DAY + timedelta(seconds=number), after={"n": number})
    db_session.commit()
    assert audit.link(DAY) == 7
    db_session.commit()
    audit.sign_head(DAY, at_once=True)
    assert audit.verify() == []
    return db_session


@pytest.fixture
def as_superuser(trail, database_url):
    """Do as somebody does who may do anything in the database: guards off, hands in, guards on again."""

    def do(*statements: str) -> None:
        trail.commit()
        url = make_url(database_url)
        if url.get_backend_name() == "postgresql":
            with psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
                connection.execute("SET session_replication_role = replica")  # neither triggers nor foreign keys
                for statement in statements:
                    connection.execute(statement.encode())
            return
        with closing(sqlite3.connect(url.database)) as connection, connection:
            guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for statement in (*(f"DROP TRIGGER {name}" for name, _sql in guards), *statements):
                connection.execute(statement)
            for _name, sql in guards:
                connection.execute(sql)

    return do


def said() -> list[str]:
    return [str(problem) for problem in audit.verify()]


def test_the_trail_holds_who_did_what_when(db_session):
    actor, unit = new_id(), new_id()
    audit.record(actor, "unit.rename", "unit", unit, DAY, before={"name": "A"}, after={"name": "B"}, note="by list")
    db_session.commit()
    entry = db_session.query(AuditEntry).one()
    assert (entry.at, entry.actor_id, entry.action, entry.note) == (DAY, actor, "unit.rename", "by list")
    assert entry.before_hash != entry.after_hash


def test_nothing_personal_stands_in_it_not_even_as_a_plain_hash(db_session):
    entry = audit.record(None, "person.change", "person", "x", DAY, after={"name": "Marta Xicay"})
    assert "Xicay" not in str(vars(entry))
    assert entry.after_hash == audit.fingerprint({"name": "Marta Xicay"})
    assert len(entry.after_hash) == 64
    assert entry.after_hash != hashlib.sha256(b'{"name":"Marta Xicay"}').hexdigest()


def test_the_same_state_has_the_same_mark_in_any_order(app):
    with app.app_context():
        assert audit.fingerprint({"a": 1, "b": {2, 1}}) == audit.fingerprint({"b": {1, 2}, "a": 1})
        assert audit.fingerprint(None) is None


def test_an_act_that_was_rolled_back_was_never_recorded(db_session):
    audit.record(None, "unit.change", "unit", "x", DAY)
    db_session.rollback()
    assert db_session.query(AuditEntry).count() == 0


def test_linking_goes_on_where_it_stopped(trail):
    audit.record(None, "unit.change", "unit", "x", DAY)
    trail.commit()
    assert audit.link(DAY) == 1
    trail.commit()
    assert audit.link(DAY) == 0
    assert [row.seq for row in trail.query(AuditLink).order_by(AuditLink.seq)] == list(range(1, 9))
    assert said() == []


def test_entries_of_long_ago_are_found_by_the_full_look(db_session):
    audit.record(None, "unit.change", "unit", "x", DAY - timedelta(days=400))
    db_session.commit()
    assert audit.link(DAY) == 0
    assert audit.link(DAY, is_full=True) == 1


@pytest.mark.parametrize("table", ["audit_entry", "audit_link"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_the_database_itself_refuses_changes(trail, table, verb):
    column = "note" if table == "audit_entry" else "seq"
    with pytest.raises(DBAPIError, match="append-only"):
        trail.execute(text(verb.format(table, column, column)))
    trail.rollback()


def test_an_edited_entry_is_found(trail, as_superuser):
    as_superuser(
        "UPDATE audit_entry SET action = 'unit.read' WHERE id = (SELECT entry_id FROM audit_link WHERE seq = 3)"
    )
    assert len(said()) == 1
    assert "was changed or forged" in said()[0]


def test_a_moved_moment_is_found(trail, as_superuser):
    moved = "at + interval '1 second'" if trail.get_bind().dialect.name == "postgresql" else "datetime(at, '+1 second')"
    as_superuser(f"UPDATE audit_entry SET at = {moved} WHERE id = (SELECT entry_id FROM audit_link WHERE seq = 3)")
    assert any("was changed or forged" in sentence for sentence in said())


def test_a_removed_link_is_found(trail, as_superuser):
    as_superuser("DELETE FROM audit_link WHERE seq = 4")
    assert any("Links 4 to 4 are gone" in sentence for sentence in said())


def test_a_removed_entry_is_found(trail, as_superuser):
    as_superuser("DELETE FROM audit_entry WHERE id = (SELECT entry_id FROM audit_link WHERE seq = 4)")
    assert any("The entry of link 4 is gone" in sentence for sentence in said())


def test_a_removed_pair_with_the_rest_moved_up_is_found(trail, as_superuser):
    as_superuser(
        "DELETE FROM audit_link WHERE seq = 4",
        "UPDATE audit_link SET seq = 4 WHERE seq = 5",
        "UPDATE audit_link SET seq = 5 WHERE seq = 6",
        "UPDATE audit_link SET seq = 6 WHERE seq = 7",
    )
    sentences = said()
    assert any("does not fit the one before it" in sentence for sentence in sentences)
    assert any("signed and is gone" in sentence for sentence in sentences)


def test_swapped_links_are_found(trail, as_superuser):
    as_superuser(
        "UPDATE audit_link SET seq = 99 WHERE seq = 2",
        "UPDATE audit_link SET seq = 2 WHERE seq = 3",
        "UPDATE audit_link SET seq = 3 WHERE seq = 99",
    )
    assert any("does not fit" in sentence for sentence in said())


def test_a_cut_tail_is_missed_because_its_head_was_signed(trail, as_superuser):
    as_superuser(
        "CREATE TEMPORARY TABLE cut AS SELECT entry_id FROM audit_link WHERE seq > 5",
        "DELETE FROM audit_link WHERE seq > 5",
        "DELETE FROM audit_entry WHERE id IN (SELECT entry_id FROM cut)",
        "DROP TABLE cut",
    )
    assert said() == ["audit:7: The trail was cut: link 7 was signed and is gone."]


def test_an_invented_entry_is_found_although_the_chain_takes_it_in(trail):
    columns = "at, actor_id, behalf_id, action, object_kind, object_id, before_hash, after_hash, note, seal"
    copy = text(f"INSERT INTO audit_entry (id, {columns}) SELECT :id, {columns} FROM audit_entry LIMIT 1")
    trail.execute(copy.bindparams(bindparam("id", new_id(), Id())))  # no guard forbids adding
    trail.commit()
    assert any("was not written by this program" in sentence for sentence in said())
    audit.link(DAY)
    trail.commit()
    assert any("was changed or forged" in sentence for sentence in said())


def test_a_missing_guard_is_reported(trail):
    name = "audit_link_stays" if trail.get_bind().dialect.name == "postgresql" else "audit_link_stays_on_delete"
    trail.execute(text(f"DROP TRIGGER {name}" + (" ON audit_link" if name == "audit_link_stays" else "")))
    trail.commit()
    assert said() == [f"audit:0: The guard {name} against changes was taken away."]


def test_a_forged_line_of_the_file_of_heads_is_found(trail):
    path = audit.heads_file()
    path.write_text(path.read_text().replace(" 7 ", " 6 "))
    assert said() == ["audit-heads.log:1: This line was not signed by this program."]


def test_a_rewritten_chain_does_not_match_the_signed_head(trail, as_superuser):
    as_superuser("UPDATE audit_link SET mac = (SELECT mac FROM audit_link WHERE seq = 1) WHERE seq = 7")
    assert any("is not the one that was signed" in sentence for sentence in said())


def test_the_head_is_signed_once_an_hour(trail):
    audit.record(None, "unit.change", "unit", "x", DAY)
    trail.commit()
    audit.link(DAY)
    trail.commit()
    assert not audit.sign_head(DAY + timedelta(minutes=59))
    assert audit.sign_head(DAY + timedelta(minutes=60))
    assert not audit.sign_head(DAY + timedelta(minutes=180))  # nothing new to sign
    assert len(audit.heads_file().read_text().splitlines()) == 2


def test_the_file_of_heads_is_for_its_owner_alone(trail):
    assert audit.heads_file().stat().st_mode & 0o077 == 0


def test_many_chainers_make_one_chain(app, trail):
    for number in range(60):
        audit.record(None, "unit.change", "unit", str(number), DAY)
    trail.commit()
    trail.remove()

    def chain(_number):
        with app.app_context():
            audit.link(DAY)
            db.session.commit()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(chain, range(12)))
    assert [row.seq for row in trail.query(AuditLink).order_by(AuditLink.seq)] == list(range(1, 68))
    assert said() == []
