"""What a group shows about its people, read from what they did."""

import pytest
from sqlalchemy import select

from lms.cohorts.queries.evidence import facts_of
from lms.core.database import db
from lms.learning.models import Attempt, Enrolment
from tests.cohorts.conftest import RUBRIC, open_group
from tests.factories import NOW
from tests.learning.conftest import activity, publish_course
from tests.learning.package import FINAL, MATCHED, files, quiz


@pytest.fixture
def course(db_session, clock):
    """A course that ends in two tests."""
    clock.hold(NOW)
    package = files() | {"rubrics/charla.toml": RUBRIC.encode()}
    package["m2/module.toml"] += quiz("oral", "Prueba de palabra", "final", MATCHED, "end", FINAL).encode()
    return publish_course(package)


@pytest.fixture
def group(course, office, catarina):
    return open_group(course, office, catarina)


@pytest.fixture
def sat(course, diego):
    """Write what Diego got: `sat("m2/final", 90, is_passed=True)`."""

    def write(slug, score, is_passed, number=1):
        enrolment = db.session.scalars(select(Enrolment).where(Enrolment.person_id == diego.person_id)).one()
        db.session.add(
            Attempt(
                enrolment_id=enrolment.id, activity_number=activity(course, slug), number=number, state="graded",
                started_at=NOW, submitted_at=NOW, drawn=[], answers=[], score=score, is_passed=is_passed,
            )
        )  # fmt: skip
        db.session.commit()

    return write


@pytest.fixture
def facts(group, diego):
    return lambda: facts_of(group).people[diego.person_id]


@pytest.mark.parametrize("tests", [("m2/final", "m2/oral"), ("m2/oral", "m2/final")])
def test_of_several_final_tests_the_best_mark_counts(sat, facts, tests):
    first, second = tests
    sat(first, 95, is_passed=True)
    sat(second, 75, is_passed=True)
    assert (facts().best_mark, facts().missed_critical) == (95, 0)


@pytest.mark.parametrize("tests", [("m2/final", "m2/oral"), ("m2/oral", "m2/final")])
def test_a_passed_test_counts_before_a_better_one_that_failed_on_a_critical_question(sat, facts, tests):
    first, second = tests
    sat(first, 75, is_passed=True)
    sat(second, 95, is_passed=False)
    assert (facts().best_mark, facts().missed_critical) == (75, 0)


def test_where_none_is_passed_the_best_counts_and_says_whether_a_critical_question_failed_it(sat, facts):
    sat("m2/final", 40, is_passed=False)
    sat("m2/oral", 55, is_passed=False)
    assert (facts().best_mark, facts().missed_critical) == (55, 0)
    sat("m2/final", 88, is_passed=False, number=2)
    assert (facts().best_mark, facts().missed_critical) == (88, 1)
