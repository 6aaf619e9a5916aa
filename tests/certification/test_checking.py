"""The public page: one sentence about a code, and the chain as of the day each signed."""

import gzip
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from lms.certification.models import Credential
from lms.certification.services.keys import compromise, rotate
from lms.core.codes import spaced
from lms.core.database import db
from tests.certification.chain import MAY_SIGN, cascade, certificate, happens
from tests.factories import NOW
from tests.journeys.test_weights import weight

SPANISH = {"Accept-Language": "es"}


@pytest.fixture
def chain(db_session, clock):
    clock.hold(NOW)
    return cascade()


def _page(client, code, status=200):
    answer = client.get(f"/verify/{code}", headers={"Accept-Language": "en"})
    assert answer.status_code == status, answer.text
    return answer.text


def test_a_good_certificate_is_valid_and_shows_everybody_who_signed(client, chain):
    page = _page(client, chain.marta.code)
    assert "It is valid today" in page and "November 20, 2027" in page
    assert page.index("Elena Morales D.") < page.index("Juana Tomasa P.") < page.rindex("Marta Xicay P.")
    assert page.count("Valid on the day it signed") == 2
    assert "The school that accompanies" not in page and "La escuela que acompaña" in page  # as it was signed
    assert "La escuela que protege" not in page
    assert "Quiché (14)" in page


def test_the_page_is_kept_nowhere_and_found_by_no_search_engine(client, chain):
    answer = client.get(f"/verify/{chain.marta.code}")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]


def test_a_first_visit_weighs_six_kilobytes_with_its_headers_and_fetches_nothing_else(client, chain, statements):
    deep = chain.juana
    for name in ("Felipa Ren Q.", "Diego Tzoc L.", "Rosa Tum A."):
        deep = certificate(name, 2, deep, NOW, MAY_SIGN)
    code = certificate("Ana Batz C.", 3, deep).code
    for language in ("es", "en"):
        for path in (f"/verify/{code}", f"/verify/{chain.elena.code}", "/verify", "/verify/000000000000"):
            answer = client.get(path, headers={"Accept-Language": language, "Accept-Encoding": "gzip"})
            assert weight(answer) <= 6 * 1024, (path, weight(answer))
            page = gzip.decompress(answer.data).decode()
            assert "<style>" in page and not re.search(r"<(script|link rel=.?stylesheet|img)", page)
    with statements() as seen:
        client.get(f"/verify/{code}", headers=SPANISH)
    assert len(seen) <= 6, "\n".join(seen)


@pytest.mark.parametrize(
    "typed", [str.lower, spaced, lambda code: code.replace("0", "O").replace("1", "l"), lambda code: f" {code} "]
)
def test_a_code_is_understood_however_it_is_typed(client, chain, typed):
    answer = client.get("/verify", query_string={"code": typed(chain.marta.code)})
    assert (answer.status_code, answer.location) == (303, f"/verify/{chain.marta.code}")


def test_one_wrong_letter_is_caught_without_looking_anything_up(client, chain):
    code = chain.marta.code
    slip = code[:3] + ("A" if code[3] != "A" else "B") + code[4:]
    answer = client.get("/verify", query_string={"code": slip}, headers={"Accept-Language": "en"})
    assert answer.status_code == 422 and "One letter or number is not right" in answer.text
    assert "a certificate has 12 letters" in client.get("/verify?code=9FX2", headers={"Accept-Language": "en"}).text


def test_an_unknown_code_is_said_and_cannot_be_tried_for_ever(client, db_session):
    unknown = "00000000000" + "0"
    assert "There is no certificate with this code" in _page(client, unknown, 404)
    for _try in range(60):
        answer = client.get(f"/verify/{unknown}")
    assert answer.status_code == 429


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("revoked", "Revoked: it no longer counts"),
        ("suspended", "It is suspended"),
        ("under_review", "It is under review"),
    ],
)
def test_what_happened_to_it_is_said_with_its_day(client, chain, clock, kind, sentence):
    happens(chain.marta, kind, NOW + timedelta(days=3), "error")
    assert "It is valid today" in _page(client, chain.marta.code)
    clock.move(days=4)
    page = _page(client, chain.marta.code)
    assert sentence in page and "November 24, 2026" in page
    assert kind != "revoked" or "because it was issued by mistake" in page


def test_it_lapses_on_its_day_without_anybody_doing_anything(client, chain, clock):
    clock.move(days=364)
    assert "It is valid today" in _page(client, chain.marta.code)
    clock.move(days=1)
    assert "It has expired" in _page(client, chain.marta.code)


def test_a_signer_who_fell_later_leaves_what_was_signed_before(client, chain, clock):
    happens(chain.juana, "revoked", NOW + timedelta(days=1))
    clock.move(days=2)
    assert "It is valid today" in _page(client, chain.marta.code)


@pytest.mark.parametrize(
    ("kind", "sentence"), [("suspended", "Was suspended on the day"), ("revoked", "Had been revoked on the day")]
)
def test_a_signer_who_had_fallen_before_breaks_the_chain(client, chain, kind, sentence):
    happens(chain.juana, kind, NOW - timedelta(hours=1))
    page = _page(client, chain.marta.code)
    assert "The chain of signatures is broken" in page and sentence in page


def test_a_signer_outside_the_territory_breaks_the_chain(client, chain):
    outside = certificate("Felipa Ren Q.", 3, chain.juana, place_code="0101")
    page = _page(client, outside.code)
    assert "The chain of signatures is broken" in page and "Outside its territory" in page


def test_a_signer_without_a_warrant_breaks_the_chain(client, chain):
    below = certificate("Felipa Ren Q.", 3, chain.marta)
    assert "Had no right to sign this level" in _page(client, below.code)


def test_a_signer_certified_later_breaks_the_chain(client, chain):
    backdated = certificate("Felipa Ren Q.", 3, chain.juana, NOW - timedelta(days=1, hours=1))
    page = _page(client, backdated.code)
    assert "The chain of signatures is broken" in page and "Issued later than what it signed" in page


def test_what_is_older_than_its_key_does_not_match(client, chain):
    backdated = certificate("Felipa Ren Q.", 1, None, NOW - timedelta(days=30))
    assert "It does not match" in _page(client, backdated.code)


CHANGES = [
    {"public_name": "Otra Persona"},
    {"valid_until": None},
    {"valid_from": NOW.date() - timedelta(days=300)},
    {"issued_at": NOW - timedelta(hours=1)},
    {"place_code": "0101"},
    {"generation": 1},
    {"lineage": "/"},
    {"parent_id": None},
    {"status_index": 7},
    {"claim": b"nothing"},
    {"document": "{}"},
    {"document": "["},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: "".join(change))
def test_a_row_that_was_changed_does_not_match(client, chain, change):
    db.session.execute(update(Credential).where(Credential.id == chain.marta.id).values(**change))
    page = _page(client, chain.marta.code)
    assert "It does not match" in page and "Marta" not in page
    for kind in ("", ".jwt", ".png", ".svg", ".json"):
        refused = client.get(f"/credentials/{chain.marta.code}{kind}", headers={"Accept": "application/json"})
        assert refused.status_code == 422


def test_a_higher_level_cannot_be_written_in(client, chain):
    db.session.execute(update(Credential).where(Credential.id == chain.marta.id).values(level_id=chain.elena.level_id))
    assert "It does not match" in _page(client, chain.marta.code)


def test_a_changed_signer_breaks_the_chain(client, chain):
    db.session.execute(update(Credential).where(Credential.id == chain.juana.id).values(public_name="Otra"))
    page = _page(client, chain.marta.code)
    assert "The chain of signatures is broken" in page and "Does not match what was signed" in page


def test_a_chain_that_comes_back_to_itself_is_refused(client, chain):
    values = {"parent_id": chain.marta.id, "lineage": chain.marta.lineage + chain.juana.code + "/"}
    db.session.execute(update(Credential).where(Credential.id == chain.juana.id).values(**values))
    for code in (chain.juana.code, chain.marta.code):
        assert "It is valid" not in _page(client, code)


def test_after_a_rotation_old_and_new_certificates_stand(client, chain, clock):
    rotate(clock.move(days=1))
    later = certificate("Felipa Ren Q.", 3, chain.juana, clock.move(minutes=1))
    assert later.key_id != chain.marta.key_id
    for code in (chain.marta.code, later.code):
        assert "It is valid today" in _page(client, code)


def test_after_a_theft_what_was_signed_before_stands_and_what_came_after_falls(client, chain, clock):
    stolen_at = NOW + timedelta(days=1)
    forged = certificate("Felipa Ren Q.", 3, chain.juana, NOW + timedelta(days=2), MAY_SIGN)
    below = certificate("Rosa Tum A.", 3, forged, NOW + timedelta(days=3))
    left = compromise(chain.marta.key_id, stolen_at, clock.move(days=4))
    assert left.fallen == [forged.code, below.code] and left.standing == 3 and left.next_id
    assert "It is valid today" in _page(client, chain.marta.code)
    assert "after the signing key was stolen" in _page(client, forged.code)
    again = certificate("Felipa Ren Q.", 3, chain.juana, clock.move(minutes=1))
    assert "It is valid today" in _page(client, again.code)


def _said(chain, **more):
    return certificate("Felipa Ren Q.", 3, chain.juana, NOW + timedelta(minutes=1), **more)


def test_whoever_signed_as_the_second_stands_in_the_chain(client, chain, clock):
    other = certificate("Carmen Pol S.", 2, chain.elena, NOW - timedelta(hours=3), MAY_SIGN)
    made = _said(chain, cosigner_id=other.id)
    clock.move(hours=1)
    page = _page(client, made.code)
    assert "It is valid today" in page and "Second signature" in page
    assert page.index("Juana Tomasa P.") < page.index("Carmen Pol S.") < page.rindex("Felipa Ren Q.")
    db.session.execute(update(Credential).where(Credential.id == made.id).values(cosigner_id=chain.elena.id))
    assert "It does not match" in _page(client, made.code)
    db.session.execute(update(Credential).where(Credential.id == made.id).values(cosigner_id=None))
    assert "It does not match" in _page(client, made.code)


def test_a_second_signer_who_had_no_right_that_day_breaks_the_chain(client, chain, clock):
    other = certificate("Carmen Pol S.", 2, chain.elena, NOW - timedelta(hours=3), MAY_SIGN)
    happens(other, "suspended", NOW)
    made = _said(chain, cosigner_id=other.id)
    clock.move(hours=1)
    page = _page(client, made.code)
    assert "The chain of signatures is broken" in page and "Was suspended on the day" in page


def test_two_signatures_of_one_person_are_one(client, chain, clock):
    again = certificate(
        "Juana Tomasa P.", 2, chain.elena, NOW - timedelta(hours=3), MAY_SIGN, holder=chain.juana.holder
    )
    made = _said(chain, cosigner_id=again.id)
    clock.move(hours=1)
    assert "or signed twice" in _page(client, made.code)


def test_whoever_signed_for_herself_breaks_the_chain(client, chain, clock):
    own = certificate("Juana Tomasa P.", 3, chain.juana, NOW + timedelta(minutes=1), holder=chain.juana.holder)
    clock.move(hours=1)
    page = _page(client, own.code)
    assert "The chain of signatures is broken" in page and "signed for herself" in page


def test_a_chain_longer_than_somebody_above_allowed_is_broken(client, chain, clock):
    third = certificate("Felipa Ren Q.", 2, chain.juana, NOW + timedelta(minutes=1), MAY_SIGN)
    fourth = certificate("Rosa Tum A.", 3, third, NOW + timedelta(minutes=2))
    clock.move(hours=1)
    assert "It is valid today" in _page(client, third.code)  # Elena lets two generations follow, and no third
    assert "longer than its right allowed" in _page(client, fourth.code)


@pytest.mark.parametrize(
    ("narrow", "said"),
    [({"languages": ("kek",)}, {}), ({"may_delegate": False}, {"warrant": MAY_SIGN}), ({"levels": (2,)}, {})],
    ids=["language", "delegation", "level"],
)
def test_what_a_warrant_did_not_allow_breaks_the_chain(client, chain, clock, narrow, said):
    signer = certificate("Carmen Pol S.", 2, chain.elena, NOW, replace(MAY_SIGN, **narrow))
    made = certificate("Felipa Ren Q.", 3, signer, NOW + timedelta(minutes=1), **said)
    clock.move(hours=1)
    page = _page(client, made.code)
    assert "The chain of signatures is broken" in page and "Had no right to sign this level" in page
