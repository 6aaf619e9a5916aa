"""An issuer hands on less than her own right; the renewal keeps it, and the language of a group counts."""

from datetime import timedelta

import pytest

from lms.certification.rules.warrants import Less, Limit, Warrant, excess, lessened
from lms.certification.services.issuing import certify
from lms.certification.services.own import renew
from lms.core.database import db
from lms.core.errors import RuleBroken
from lms.core.ids import id_text
from lms.organization.models import Person
from tests.certification.conftest import PLACE
from tests.certification.test_doors import certify_path, credential_of
from tests.factories import TODAY
from tests.learning.conftest import as_actor

FULL = Warrant(levels=(3,), territory=("14",), languages=("spa", "quc"), quota=60, max_depth=1)


def test_less_is_less_in_every_way():
    less = Less(territory=("1406",), languages=("quc",), quota=20, ends_on=TODAY)
    assert excess(FULL, less, TODAY) == []
    found = lessened(FULL, less)
    assert (found.territory, found.languages, found.quota, found.ends_on) == (("1406",), ("quc",), 20, TODAY)
    assert (found.levels, found.max_depth) == ((3,), 1)
    assert lessened(FULL, Less()) == FULL


@pytest.mark.parametrize(
    ("less", "limit"),
    [
        (Less(territory=("1301",)), Limit.TERRITORY),
        (Less(languages=("mam",)), Limit.LANGUAGE),
        (Less(quota=61), Limit.QUOTA),
        (Less(ends_on=TODAY - timedelta(days=1)), Limit.WARRANT_ENDED),
    ],
)
def test_nobody_hands_on_more_than_she_holds(less, limit):
    assert excess(FULL, less, TODAY) == [limit]


def test_a_right_limited_at_the_door_is_kept_by_the_renewal(cascade, app, sign_in, clock):
    berta, _above = cascade.trainer()
    cohort, (ana, rosa) = cascade.ready_group(cascade.facilitators, berta, ["Ana Tum", "Rosa Coj"])
    browser = app.test_client()
    sign_in(browser, berta, is_shared=False)
    page = browser.get(certify_path(cohort)).text
    assert "Dar menos que esto" in page and "Chichicastenango" in page
    send = {"person": [id_text(ana.person_id)], "answers": "yes", "level": id_text(cascade.level(2).id)}
    for wrong in ({"quota": "61"}, {"ends_on": "2026-11-20"}, {"territory": "1301"}, {"quota": "muchos"}):
        answer = browser.post(certify_path(cohort), data=send | wrong)
        assert answer.status_code == 422 and '<details class="reveal" open>' in answer.text, wrong
        assert credential_of(ana, 2) is None
    browser.post(certify_path(cohort), data=send | {"territory": PLACE, "quota": "10", "languages": "spa"})
    held = credential_of(ana, 2)
    assert (held.warrant["territory"], held.warrant["quota"], held.warrant["languages"]) == ([PLACE], 10, ["spa"])
    browser.post(certify_path(cohort), data=send | {"person": [id_text(rosa.person_id)]})
    assert credential_of(rosa, 2).warrant["territory"] == ["14"]

    cascade.sessions(cascade.group(cascade.facilitators, ana), ana, 2)
    clock.move(days=300)
    cascade.updated(cascade.facilitators, ana, clock.at)
    newer = renew(held, as_actor(ana), clock.at, TODAY + timedelta(days=300))
    db.session.commit()
    assert newer.warrant == held.warrant


def test_what_reaches_further_is_refused_behind_the_door_too(cascade):
    berta, _above = cascade.trainer()
    cohort, (ana,) = cascade.ready_group(cascade.facilitators, berta, ["Ana Tum"])
    signer = db.session.get_one(Person, berta.person_id)
    with pytest.raises(RuleBroken):
        certify(cohort, cascade.level(2), [ana.person_id], signer, as_actor(berta), False, cohort.created_at, TODAY,
                Less(territory=("1301",)))  # fmt: skip


def test_the_language_of_the_group_counts(cascade):
    berta, _above = cascade.trainer()
    cohort, (ana,) = cascade.ready_group(cascade.facilitators, berta, ["Ana Tum"])
    signer = db.session.get_one(Person, berta.person_id)
    made = certify(cohort, cascade.level(2), [ana.person_id], signer, as_actor(berta), False, cohort.created_at, TODAY,
                   Less(languages=("spa",)))[0]  # fmt: skip
    db.session.commit()
    assert made.credential is not None
    other, people = cascade.ready_group(cascade.facilitators, ana, ["Marta Xicay"])
    other.language = "quc"
    db.session.commit()
    assert cascade.sign(other, 3, people, ana)[0].limits == [Limit.LANGUAGE]
    other.language = "spa"
    db.session.commit()
    assert cascade.sign(other, 3, people, ana)[0].credential is not None
