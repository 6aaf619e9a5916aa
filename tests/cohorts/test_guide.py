"""Whoever leads a group prints the guide of its course, and nobody else of the group does."""

import pytest

from lms.access.policy import Role
from lms.cohorts.services.groups import close_cohort
from lms.core.ids import id_text
from tests.factories import NOW
from tests.learning.conftest import as_actor


@pytest.fixture
def guide(group) -> str:
    return f"/guides/{id_text(group.version_id)}"


def test_the_facilitator_is_led_to_the_guide_in_the_language_of_her_group(visit, catarina, group, guide):
    browser = visit(catarina)
    page = browser.get(f"/groups/{id_text(group.id)}").text
    assert f'href="{guide}?language=spa"' in page
    assert browser.get(guide).status_code == 200


def test_who_keeps_the_groups_of_the_office_prints_it_too(staff, guide):
    assert staff(Role.REGISTRAR).get(guide).status_code == 200


def test_who_learns_in_the_group_does_not(visit, diego, guide):
    assert visit(diego).get(guide).status_code == 404


def test_it_ends_with_the_group(visit, catarina, group, guide):
    close_cohort(group, as_actor(catarina), NOW)
    assert visit(catarina).get(guide).status_code == 404
