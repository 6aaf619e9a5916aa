"""Who may open which door of this room."""

import pytest

from lms.access.policy import Role
from lms.core.ids import id_text
from tests import factories

OPEN = ["/sign-in", "/forgotten", "/invitation"]
OWN = ["/me", "/me/names", "/me/languages", "/me/secret", "/me/sign-ins", "/me/about", "/me/confirm"]
OWN_POSTS = ["/me/about/remove", "/me/sign-ins/end", "/me/second-step/codes", "/sign-out"]
NOBODY = "0" * 26
PERSON = [("get", "account"), ("post", "account"), ("get", "slip"), ("post", "slip")]
PERSON += [
    ("post", f"account/{verb}")
    for verb in ("invite", "reset", "suspend", "reactivate", "print", "second-step", "sign-out")
]
PEOPLE = {Role.ADMINISTRATOR, Role.UNIT_MANAGER, Role.REGISTRAR}
APPOINTERS = {Role.ADMINISTRATOR, Role.UNIT_MANAGER}


@pytest.fixture
def world(account, db_session):
    """An office, somebody who works there and somebody elsewhere."""
    office = factories.unit("Quiché")
    lucia = account("Lucía", over=office)
    diego = account("Diego", over=factories.unit("Petén"))
    return office, lucia, diego


def ask(client, method, url):
    return getattr(client, method)(url).status_code


@pytest.mark.parametrize("url", OPEN)
def test_anybody_may_come_in(client, url):
    assert client.get(url).status_code == 200


@pytest.mark.parametrize("url", [f"/invitation/{NOBODY[:16]}", f"/reset/{NOBODY[:16]}", "/invitation/ñ", "/reset/%00"])
def test_a_made_up_link_leads_nowhere(client, url):
    assert client.get(url).status_code == 404
    assert client.post(url, data={"secret": "x"}).status_code == 404


@pytest.mark.parametrize(("method", "url"), [("get", url) for url in OWN] + [("post", url) for url in OWN_POSTS])
def test_a_visitor_is_led_to_the_sign_in(client, method, url):
    answer = getattr(client, method)(url)
    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in")


@pytest.mark.parametrize("url", OWN)
def test_every_person_has_her_own_settings(client, account, sign_in, url):
    sign_in(client, account("Lucía"))
    assert client.get(url).status_code == 200


@pytest.mark.parametrize("role", [None, *Role])
def test_the_list_of_invitations_is_for_those_who_keep_people(client, account, sign_in, role):
    sign_in(client, account("Rosa", role))
    assert client.get("/accounts").status_code == (200 if role in PEOPLE else 403)
    assert client.post("/accounts").status_code == (422 if role in PEOPLE else 403)
    assert client.get("/accounts/emails").status_code == (200 if role in PEOPLE else 403)


@pytest.mark.parametrize("role", [None, *Role])
def test_the_list_of_roles_is_for_those_who_appoint(client, account, sign_in, role):
    sign_in(client, account("Rosa", role))
    assert client.get("/roles").status_code == (200 if role in APPOINTERS else 403)


@pytest.mark.parametrize("role", [None, *Role])
def test_the_account_of_another_opens_within_reach_only(client, world, account, sign_in, role):
    office, lucia, diego = world
    sign_in(client, account("Rosa", role, office))
    for method, door in PERSON:
        within, beyond = (f"/people/{id_text(one.person_id)}/{door}" for one in (lucia, diego))
        status = ask(client, method, within)
        assert (status not in (403, 404)) if role in PEOPLE else (status == 404), (method, door, status)
        assert ask(client, method, beyond) == 404


@pytest.mark.parametrize("role", [None, *Role])
def test_the_roles_of_another_open_to_those_who_appoint(client, world, account, sign_in, role):
    office, lucia, diego = world
    sign_in(client, account("Rosa", role, office))
    assert ask(client, "get", f"/people/{id_text(lucia.person_id)}/roles") == (200 if role in APPOINTERS else 404)
    assert ask(client, "get", f"/people/{id_text(diego.person_id)}/roles") == 404


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.UNIT_MANAGER])
def test_without_the_second_step_no_role_opens_anything(client, account, sign_in, role):
    sign_in(client, account("Rosa", role), has_second_factor=False)
    for url in ("/accounts", "/roles", f"/people/{NOBODY}/account"):
        assert client.get(url).location.startswith("/me/second-step")


def test_who_does_not_exist_cannot_be_told_from_who_is_out_of_reach(client, world, account, sign_in):
    _office, _lucia, diego = world
    sign_in(client, account("Rosa", Role.REGISTRAR, world[0]))
    pages = [client.get(f"/people/{one}/account") for one in (NOBODY, id_text(diego.person_id))]
    assert [page.status_code for page in pages] == [404, 404]
