"""Who may open which door of the library."""

import pytest

from lms.access.policy import Role
from lms.core.ids import id_text
from lms.library.rules.help import ReferralDraft
from lms.library.services import load_facts
from lms.library.services.referrals import save_referral
from tests.factories import NOW, TODAY, actor, agency, unit, user
from tests.library.test_facts import HELP

ADMIN, EDITOR, MANAGER, REGISTRAR = Role.ADMINISTRATOR, Role.EDITOR, Role.UNIT_MANAGER, Role.REGISTRAR
READERS = {ADMIN, EDITOR, MANAGER, Role.DIRECTOR, Role.AUDITOR}
EVERYBODY = {*Role, None}

TABLE = [
    ("GET", "/facts", READERS),
    ("GET", "/facts/facts.csv", READERS),
    ("GET", "/facts/help", READERS),
    ("GET", "/facts/new", {ADMIN, EDITOR}),
    ("GET", "/facts/help/change", {ADMIN, EDITOR}),
    ("POST", "/facts/help/confirm", {ADMIN, EDITOR}),
    ("GET", "/referrals", {ADMIN, MANAGER, REGISTRAR}),
    ("GET", "/referrals/referrals.csv", {ADMIN, MANAGER, REGISTRAR}),
    ("GET", "/referrals/template.csv", {ADMIN, MANAGER, REGISTRAR}),
    ("GET", "/referrals/{referral}", {ADMIN, MANAGER, REGISTRAR}),
    ("POST", "/referrals/{referral}/confirm", {ADMIN, MANAGER, REGISTRAR}),
    ("POST", "/referrals/{referral}/close", {ADMIN, MANAGER, REGISTRAR}),
    ("GET", "/units/{unit}/referrals/new", {ADMIN, MANAGER, REGISTRAR}),
    ("GET", "/units/{unit}/referrals/list", {ADMIN, MANAGER, REGISTRAR}),
    ("GET", "/who-to-call", EVERYBODY),
    ("GET", "/places-of-help", EVERYBODY),
]


def service(name: str):
    """A place of help kept by an office of this name."""
    keeper = unit(name)
    draft = ReferralDraft(kind="health", name=name, checked_on=TODAY, checked_by="Rosa", review_by=TODAY)
    made = save_referral(actor(), None, keeper, draft, TODAY, NOW)
    return keeper, {"referral": id_text(made.id), "unit": id_text(keeper.id)}


@pytest.mark.parametrize("role", [*Role, None], ids=lambda role: role or "learner")
def test_each_role_opens_its_own_doors_and_no_other(client, sign_in, db_session, role):
    agency()
    load_facts(HELP, "facts.toml", NOW)
    keeper, mine = service("Norte")
    _other_keeper, other = service("Sur")
    who = user("Rosa", role, keeper)
    db_session.commit()
    sign_in(client, who)
    wrong = []
    for method, address, allowed in TABLE:
        status = client.open(address.format(**mine), method=method).status_code
        expected = {200, 303} if role in allowed else {404} if "{" in address else {403}
        if status not in expected:
            wrong.append((method, address, status))
        if "{" in address and client.open(address.format(**other), method=method).status_code != 404:
            wrong.append((method, f"{address} of another office", status))
    assert not wrong


def test_a_visitor_is_asked_to_sign_in(client, db_session):
    _keeper, mine = service("Norte")
    db_session.commit()
    for method, address, _allowed in TABLE:
        answer = client.open(address.format(**mine), method=method)
        assert (answer.status_code, "/sign-in" in answer.location) == (303, True), address
