"""Prepared statements give what SQLAlchemy gives, and outlive a connection that went away."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, literal_column, select, text
from sqlalchemy.exc import DBAPIError

from lms.core.database import db, read
from lms.core.ids import new_id
from lms.core.models import AuditEntry, SiteSetting
from lms.core.prepared import Prepared, running

MOMENT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
_SETTINGS = (
    select(SiteSetting.key, SiteSetting.value, SiteSetting.changed_at, SiteSetting.changed_by)
    .where(SiteSetting.changed_by == bindparam("by"), SiteSetting.key.in_(("short", "long %s")))
    .where(SiteSetting.changed_at >= MOMENT)
    .order_by(SiteSetting.key)
    .limit(2)
)


@pytest.fixture
def writer(db_session):
    by = new_id()
    for key in ("short", "long %s", "other"):
        db_session.add(SiteSetting(key=key, value={"is": key}, changed_at=MOMENT, changed_by=by))
    db_session.commit()
    return by


def test_a_prepared_statement_answers_like_any_other(writer):
    with read() as connection:
        usual = connection.execute(_SETTINGS, {"by": writer}).all()
    prepared = Prepared(_SETTINGS).all(by=writer)
    assert [tuple(row) for row in prepared] == [tuple(row) for row in usual]
    first = Prepared(_SETTINGS).first(by=writer)
    assert (first.key, first.value, first.changed_at, first.changed_by) == (
        "long %s",
        {"is": "long %s"},
        MOMENT,
        writer,
    )
    assert Prepared(_SETTINGS).first(by=new_id()) is None


def test_values_nobody_asked_for_are_left_alone(writer):
    assert Prepared(_SETTINGS).all(by=writer, slug="x") == Prepared(_SETTINGS).all(by=writer)


def test_a_prepared_statement_sees_what_another_connection_wrote_meanwhile(writer, db_session):
    statement = Prepared(_SETTINGS)
    assert len(statement.all(by=writer)) == 2
    db_session.delete(db_session.get_one(SiteSetting, "short"))
    db_session.commit()
    assert len(statement.all(by=writer)) == 1


def test_whoever_counts_statements_hears_of_it(writer):
    heard = []
    with running.connected_to(heard.append):
        Prepared(_SETTINGS).all(by=writer)
    assert len(heard) == 1 and heard[0].startswith("SELECT")


def test_a_wrong_statement_is_an_error(app):
    with app.app_context(), pytest.raises((DBAPIError, db.engine.dialect.loaded_dbapi.Error)):
        Prepared(select(literal_column("nothing.at_all").label("x"))).all()


def test_a_server_that_went_away_is_asked_once_more(writer, database):
    if database == "sqlite":
        return  # has no server
    statement = Prepared(_SETTINGS)
    assert len(statement.all(by=writer)) == 2
    db.session.execute(
        text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    )
    db.session.commit()
    assert len(statement.all(by=writer)) == 2
    assert len(statement.all(by=writer)) == 2


def test_the_connection_goes_back_as_it_came(app, writer):
    with app.app_context():
        Prepared(_SETTINGS).all(by=writer)
    pool = db.engine.pool
    with db.engine.connect() as connection:
        connection.execute(select(AuditEntry.id).limit(1))
        if db.engine.dialect.name == "postgresql":
            assert connection.connection.driver_connection.autocommit is False
    assert pool.checkedout() <= 1  # the one of the test itself
