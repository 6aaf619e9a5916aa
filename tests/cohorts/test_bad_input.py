"""What no page of ours sends, and somebody may: it is refused or left aside, and nothing is written by it."""

from lms.cohorts.models import Cohort
from lms.core.database import db
from tests.cohorts.conftest import path


def test_a_look_without_a_body_closes_no_group(visit, catarina, group):
    assert visit(catarina).head(path(group, "close")).status_code == 200
    assert db.session.get_one(Cohort, group.id, populate_existing=True).closed_at is None


def test_a_look_without_a_body_hands_out_no_pins(visit, catarina, diego, group, statements):
    browser = visit(catarina)
    diego.state, diego.password_hash = "invited", None
    db.session.commit()
    with statements() as seen:
        assert browser.head(path(group, "slips")).status_code == 200
    assert not [one for one in seen if one.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))]
