"""Facts are loaded from a file, corrected by people, and never lost to the next load."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from lms.core.database import db
from lms.library.models import Fact
from lms.library.queries import facts_for_lessons, facts_revision
from lms.library.rules import FactDraft, read_facts, write_facts
from lms.library.services import ensure_facts, load_facts

NOW = datetime(2026, 11, 21, 15, tzinfo=UTC)
TODAY = date(2026, 11, 21)
COURSES = Path(__file__).resolve().parents[2] / "courses"
HELP = """
[[fact]]
key = "help"
kind = "hotline"
value = "110"
dial = "110"
label.spa = "Policía"
label.eng = "Police"
status = "verified"
source = "PNC"
checked_on = 2026-11-01
checked_by = "Equipo"
review_by = 2027-05-01
"""


def facts(today: date = TODAY):
    db.session.commit()  # lessons are read on a connection of their own
    return facts_for_lessons(today)


@pytest.fixture
def loaded(db_session):
    load_facts(HELP, "facts.toml", NOW)
    return db_session


def test_the_facts_of_the_house_load_without_a_problem(db_session):
    text = (COURSES / "facts.toml").read_text("utf-8")
    count, problems = load_facts(text, "facts.toml", NOW)
    assert not problems
    assert count == text.count("\n[[fact]]")
    assert load_facts(text, "facts.toml", NOW) == (0, [])


def test_what_is_written_reads_back_to_the_same():
    drafts, problems = read_facts((COURSES / "facts.toml").read_text("utf-8"), "facts.toml")
    assert not problems
    assert read_facts(write_facts(drafts), "again.toml") == (drafts, [])


def test_a_changed_file_changes_the_fact(loaded):
    assert load_facts(HELP.replace('"110"', '"120"'), "facts.toml", NOW)[0] == 1
    assert facts()["help"].value == {"spa": "120", "eng": "120"}


def test_a_person_s_correction_is_never_overwritten(loaded):
    fact = loaded.get(Fact, "help")
    fact.dial, fact.changed_at = "1110", NOW + timedelta(hours=1)
    loaded.flush()
    assert load_facts(HELP, "facts.toml", NOW) == (0, [])
    count, problems = load_facts(HELP.replace('"110"', '"120"'), "facts.toml", NOW)
    assert (count, [problem.is_warning for problem in problems]) == (0, [True])
    assert loaded.get(Fact, "help").dial == "1110"


def test_a_file_with_a_problem_changes_nothing_and_names_every_problem(db_session):
    text = HELP + HELP.replace("hotline", "phone").replace("label.eng", "label.english") + "[[fact]]\nkey = 'No key'\n"
    count, problems = load_facts(text, "facts.toml", NOW)
    assert count == 0
    assert db_session.scalar(select(Fact)) is None
    assert {problem.line for problem in problems} >= {16, 17, 20, 27}
    assert any("Two facts have the key" in problem.sentence for problem in problems)
    assert any("is not a kind of fact" in problem.sentence for problem in problems)
    assert any("not a language code" in problem.sentence for problem in problems)


def test_a_file_that_is_not_toml_is_named_with_its_line(db_session):
    _, problems = load_facts('[[fact]]\nkey = "help\n', "facts.toml", NOW)
    assert [problem.line for problem in problems] == [2]


def test_facts_that_travel_with_a_course_come_in_unverified_and_replace_nothing(loaded):
    drafts = [
        FactDraft("help", "hotline", {"spa": "9", "eng": "9"}, {"spa": "x", "eng": "x"}, "9", True),
        FactDraft("new", "age", {"spa": "14", "eng": "14"}, {"spa": "x", "eng": "x"}, None, True),
    ]
    assert ensure_facts(drafts, NOW) == 1
    assert facts()["help"].dial == "110"
    assert not facts()["new"].is_certain
    assert ensure_facts(drafts, NOW) == 0


def test_a_fact_is_certain_until_the_day_to_look_again_has_passed(loaded):
    assert facts(date(2027, 5, 1))["help"].is_certain
    assert not facts(date(2027, 5, 2))["help"].is_certain


def test_facts_are_read_once_until_one_changes(loaded, statements):
    loaded.commit()
    revision = db.session.scalar(select(facts_revision))
    facts_for_lessons(TODAY, revision)
    with statements() as seen:
        facts_for_lessons(TODAY, revision)
    assert not seen
    load_facts(HELP.replace('"110"', '"120"'), "facts.toml", NOW)
    loaded.commit()
    later = db.session.scalar(select(facts_revision))
    assert later > revision
    assert facts_for_lessons(TODAY, later)["help"].dial == "120"
