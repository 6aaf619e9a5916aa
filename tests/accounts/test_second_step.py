"""The second step: asked for, set up, lost, and asked for again before power is handed out."""

import re
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from lms.access.policy import Role
from lms.accounts.hashing import seal, seal_text, unseal, unseal_text
from lms.accounts.models import RecoveryCode, SignIn
from lms.accounts.second_step import picture
from tests.accounts.conftest import PASSWORD, SECRET
from tests.factories import NOW

STEP = "/me/second-step"


def code_at(moment, secret=SECRET):
    return pyotp.TOTP(secret).at(moment)


@pytest.fixture
def elena(account):
    return account("Elena", Role.ADMINISTRATOR, has_second_step=True)


def test_the_password_alone_opens_nothing(client, elena, come_in, clock):
    clock.hold(NOW)
    assert come_in(client, "elena", next="/me").location == f"{STEP}?next=/me"
    for page in ("/me", "/me/secret", "/me/sign-ins", "/roles", "/me/second-step/off"):
        assert client.get(page).status_code == 303
    assert client.post("/me/second-step/codes").status_code == 303


def test_the_code_opens_it_under_a_new_id(client, elena, come_in, clock, db_session):
    clock.hold(NOW)
    come_in(client, "elena")
    before = client.get_cookie("sid").value
    answer = client.post(STEP, data={"code": code_at(NOW), "next": "/me"})
    assert (answer.status_code, answer.location) == (303, "/me")
    assert client.get_cookie("sid").value != before
    assert client.get("/roles").status_code == 200
    db_session.rollback()
    assert [row.has_second_factor for row in db_session.scalars(select(SignIn))] == [True]


def test_whoever_owes_the_code_is_asked_for_it_at_the_sign_in_page_too(client, elena, come_in, clock):
    clock.hold(NOW)
    come_in(client, "elena")
    assert client.get("/sign-in?next=/me").location == f"{STEP}?next=/me"


def test_a_code_opens_once(app, elena, come_in, clock):
    clock.hold(NOW)
    first, second = app.test_client(), app.test_client()
    for client in (first, second):
        come_in(client, "elena")
    assert first.post(STEP, data={"code": code_at(NOW)}).status_code == 303
    assert second.post(STEP, data={"code": code_at(NOW)}).status_code == 422
    assert second.post(STEP, data={"code": code_at(NOW - timedelta(seconds=30))}).status_code == 422
    clock.move(seconds=30)
    assert second.post(STEP, data={"code": code_at(NOW + timedelta(seconds=30))}).status_code == 303


@pytest.mark.parametrize("code", ["", "000000", "12345", "abc", "٣٣٣٣٣٣", "x" * 41])
def test_a_wrong_code_opens_nothing(client, elena, come_in, clock, code):
    clock.hold(NOW)
    come_in(client, "elena")
    assert client.post(STEP, data={"code": code}).status_code == 422
    assert client.get("/me").status_code == 303


def test_guessing_codes_is_slowed_down(client, elena, come_in, clock):
    clock.hold(NOW)
    come_in(client, "elena")
    answers = [client.post(STEP, data={"code": f"{number:06}"}).status_code for number in range(6)]
    assert answers == [422] * 5 + [429]


def test_whoever_waits_too_long_for_the_code_begins_again(client, elena, come_in, clock):
    clock.hold(NOW)
    come_in(client, "elena")
    clock.move(minutes=10)
    later = NOW + timedelta(minutes=10)
    assert client.post(STEP, data={"code": code_at(later)}).location.startswith("/sign-in")


def test_a_role_that_needs_it_leads_to_setting_it_up(client, account, come_in):
    account("Marta", Role.UNIT_MANAGER)
    assert come_in(client, "marta").location == STEP
    assert client.get("/roles").location.startswith(STEP)
    page = client.get(STEP).get_data(as_text=True)
    assert "<svg" in page
    assert "Prepare su segundo paso" in page


def test_who_needs_none_may_have_one(client, account, come_in):
    account("Lucía")
    come_in(client, "lucia")
    assert client.get(STEP).status_code == 200


def set_up(client, clock, moment=NOW):
    page = client.get(STEP).get_data(as_text=True)
    secret = re.sub(r"\s", "", re.search(r'key-text">([A-Z2-7 ]+)<', page).group(1))
    sealed = re.search(r'name="sealed"[^>]*value="([^"]+)"', page).group(1)
    return secret, sealed, client.post(STEP, data={"code": code_at(moment, secret), "sealed": sealed})


def test_setting_it_up_asks_for_a_code_and_gives_ten_on_paper(client, account, come_in, clock, reread):
    clock.hold(NOW)
    marta = account("Marta", Role.UNIT_MANAGER)
    come_in(client, "marta")
    secret, _sealed, answer = set_up(client, clock)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    codes = re.findall(r'<li class="code">([0-9a-z]{5}-[0-9a-z]{5})</li>', answer.get_data(as_text=True))
    assert len(set(codes)) == 10
    assert client.get("/roles").status_code == 200
    assert secret.encode() not in reread(marta).totp_sealed


def test_a_wrong_first_code_keeps_the_same_square(client, account, come_in, clock):
    clock.hold(NOW)
    account("Marta", Role.UNIT_MANAGER)
    come_in(client, "marta")
    page = client.get(STEP).get_data(as_text=True)
    secret = re.search(r'key-text">([A-Z2-7 ]+)<', page).group(1)
    sealed = re.search(r'name="sealed"[^>]*value="([^"]+)"', page).group(1)
    answer = client.post(STEP, data={"code": "000000", "sealed": sealed})
    assert answer.status_code == 422
    assert secret in answer.get_data(as_text=True)


def test_nobody_plants_a_secret_of_her_own_choice(client, account, come_in, clock, reread, app):
    clock.hold(NOW)
    marta, rosa = account("Marta", Role.UNIT_MANAGER), account("Rosa")
    come_in(client, "marta")
    planted = seal_text(SECRET, rosa.id.bytes)
    for sealed in (planted, "AAAA", "ñ", SECRET):
        assert client.post(STEP, data={"code": code_at(NOW), "sealed": sealed}).status_code == 422
    assert reread(marta).totp_sealed is None


def test_a_seal_opens_for_its_owner_only(account):
    lucia, diego = account("Lucía"), account("Diego")
    closed = seal("secreto", lucia.id.bytes)
    assert unseal(closed, lucia.id.bytes) == "secreto"
    assert unseal(closed, diego.id.bytes) is None
    assert unseal(closed[:-1] + bytes([closed[-1] ^ 1]), lucia.id.bytes) is None
    assert unseal_text("%%%", lucia.id.bytes) is None


def test_an_older_key_still_opens_what_it_closed(app, account):
    lucia = account("Lucía")
    closed = seal("secreto", lucia.id.bytes)
    app.config["SECRET_KEY_FALLBACKS"] = [app.config["SECRET_KEY"]]
    app.config["SECRET_KEY"] = "another key altogether"
    assert unseal(closed, lucia.id.bytes) == "secreto"


def test_a_paper_code_opens_once_however_it_is_typed(app, account, come_in, clock):
    clock.hold(NOW)
    account("Marta", Role.UNIT_MANAGER)
    client = app.test_client()
    come_in(client, "marta")
    _secret, _sealed, answer = set_up(client, clock)
    code = re.search(r'<li class="code">([0-9a-z-]+)</li>', answer.get_data(as_text=True)).group(1)
    for typed, status in ((code.upper().replace("-", " "), 303), (code, 422)):
        other = app.test_client()
        come_in(other, "marta")
        assert other.post(STEP, data={"code": typed}).status_code == status


def test_paper_codes_are_kept_as_keyed_hashes(app, account, come_in, clock, db_session):
    clock.hold(NOW)
    account("Marta", Role.UNIT_MANAGER)
    client = app.test_client()
    come_in(client, "marta")
    page = set_up(client, clock)[2].get_data(as_text=True)
    code = re.search(r'<li class="code">([0-9a-z-]+)</li>', page).group(1).replace("-", "")
    db_session.rollback()
    assert all(code.encode() not in row.code_hash for row in db_session.scalars(select(RecoveryCode)))


def test_setting_it_up_ends_every_other_sign_in(app, account, come_in, clock):
    clock.hold(NOW)
    account("Lucía")
    here, there = app.test_client(), app.test_client()
    come_in(here, "lucia")
    come_in(there, "lucia")
    set_up(here, clock)
    assert here.get("/me").status_code == 200
    assert there.get("/me").status_code == 303


# --- a fresh proof --------------------------------------------------------------------------------------------------


def test_before_roles_are_given_one_proves_again_who_one_is(client, elena, sign_in, clock):
    clock.hold(NOW)
    sign_in(client, elena)
    page = "/me/second-step/off"
    assert client.get(page).status_code == 200
    clock.move(minutes=16)
    assert client.get(page).location == f"/me/confirm?next={page}"
    assert client.post("/me/confirm", data={"secret": "otra cosa", "next": page}).status_code == 422
    assert client.post("/me/confirm", data={"secret": PASSWORD, "next": page}).location == page
    assert client.get(page).status_code == 200


def test_a_code_proves_it_too_and_only_once(client, elena, sign_in, clock):
    clock.hold(NOW)
    sign_in(client, elena)
    assert client.post("/me/confirm", data={"secret": code_at(NOW)}).status_code == 303
    assert client.post("/me/confirm", data={"secret": code_at(NOW)}).status_code == 422


def test_a_form_opened_in_time_may_be_sent_a_little_later(client, elena, sign_in, clock, reread):
    clock.hold(NOW)
    sign_in(client, elena)
    clock.move(minutes=20)
    assert client.post("/me/second-step/off").location == "/me"
    assert reread(elena).totp_sealed is None


def test_turning_it_off_leads_whoever_needs_it_to_set_it_up_again(client, elena, sign_in, clock):
    clock.hold(NOW)
    sign_in(client, elena)
    client.post("/me/second-step/off")
    assert client.get("/roles").location.startswith(STEP)
    assert client.get(STEP).status_code == 200


def test_new_paper_codes_replace_the_old_ones(client, elena, sign_in, clock, db_session):
    clock.hold(NOW)
    sign_in(client, elena)
    client.post("/me/second-step/codes")
    first = set(db_session.scalars(select(RecoveryCode.id)))
    client.post("/me/second-step/codes")
    db_session.rollback()
    second = set(db_session.scalars(select(RecoveryCode.id)))
    assert len(second) == 10
    assert not first & second


def test_the_last_paper_codes_are_announced(app, elena, come_in, sign_in, clock):
    clock.hold(NOW)
    client = app.test_client()
    sign_in(client, elena)
    codes = re.findall(r'class="code">([0-9a-z-]+)<', client.post("/me/second-step/codes").get_data(as_text=True))
    for number, code in enumerate(codes[:7]):
        other = app.test_client()
        come_in(other, "elena")
        assert other.post(STEP, data={"code": code, "next": "/me"}).status_code == 303
        assert ("Imprima otros" in other.get("/me").get_data(as_text=True)) is (number == 6)


def test_a_phone_left_open_does_not_let_others_set_a_second_step(client, account, come_in, clock):
    clock.hold(NOW)
    account("Lucía")
    come_in(client, "lucia", own_phone=True)
    clock.move(days=3)
    sealed = seal_text(SECRET, b"x" * 16)
    for ask in (client.get(STEP), client.post(STEP, data={"code": code_at(NOW + timedelta(days=3)), "sealed": sealed})):
        assert ask.location.startswith("/me/confirm?next=/me/second-step")
    assert client.post("/me/confirm", data={"secret": PASSWORD, "next": STEP}).location == STEP
    assert client.get(STEP).status_code == 200


def test_a_square_grows_smaller_where_there_is_little_room_and_is_never_cut_off():
    drawn = picture("https://capacitacion.institucion.gob.gt/sign-in?user=" + "x" * 60)
    assert re.search(r'viewBox="0 0 (\d+) \1"', drawn)
    assert not re.search(r"\s(width|height)=", drawn)
