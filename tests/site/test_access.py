"""Who may open which door of this room."""

import pytest

from lms.access.policy import Role

OPEN = [("get", "/"), ("get", "/help"), ("get", "/privacy"), ("get", "/language/en")]
SIGNED_IN = [("get", "/tasks"), ("get", "/me/data"), ("post", "/me/data.zip")]
ADMINISTRATOR = [("get", "/settings/site"), ("post", "/settings/site")]


def _status(client, door) -> int:
    method, url = door
    return getattr(client, method)(url).status_code


@pytest.mark.parametrize("door", OPEN)
def test_anybody_may_enter(client, door):
    assert _status(client, door) in (200, 303)


@pytest.mark.parametrize("door", SIGNED_IN + ADMINISTRATOR)
def test_a_visitor_is_led_to_the_sign_in(client, door):
    method, url = door
    answer = getattr(client, method)(url)
    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in")


@pytest.mark.parametrize("door", SIGNED_IN)
def test_every_person_has_her_own_pages(client, somebody, sign_in, door):
    sign_in(client, somebody("Lucía"))
    assert _status(client, door) == 200


@pytest.mark.parametrize("role", [None, *(role for role in Role if role is not Role.ADMINISTRATOR)])
@pytest.mark.parametrize("door", ADMINISTRATOR)
def test_nobody_but_the_administrator_changes_settings(client, somebody, sign_in, door, role):
    sign_in(client, somebody("Rosa", role))
    assert _status(client, door) == 403


def test_the_administrator_changes_settings(client, somebody, sign_in):
    sign_in(client, somebody("Elena", Role.ADMINISTRATOR))
    assert [_status(client, door) for door in ADMINISTRATOR] == [200, 422]


def test_without_the_second_step_the_administrator_changes_nothing(client, somebody, sign_in):
    sign_in(client, somebody("Elena", Role.ADMINISTRATOR, has_second_step=False), has_second_factor=False)
    for door in ADMINISTRATOR:
        method, url = door
        assert getattr(client, method)(url).location.partition("?")[0].endswith("/second-step")
