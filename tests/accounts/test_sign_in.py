"""Coming in by the page: who gets in, and how little a stranger learns by trying."""

import re
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from lms.access.policy import Role
from lms.accounts.hashing import _peppered
from lms.accounts.models import SignIn, Throttle
from tests.accounts.conftest import PASSWORD, PIN
from tests.factories import NOW

WORD = "no corresponde con esa contraseña o PIN"


def page_of(answer):
    """Return an answer without what differs from one page to the next by design (the form token)."""
    return re.sub(r'(csrf_token"[^>]*value=)"[^"]*"|value="[^"]*"', r"\1", answer.get_data(as_text=True))


@pytest.mark.parametrize("login", ["lucia.tum", "Lucía.Tum", " LUCIA.TUM ", "lucia@salud.gob.gt", "Lucia@Salud.gob.gt"])
def test_somebody_signs_in_by_user_name_or_email_however_it_is_typed(client, account, come_in, login):
    account("Lucía Tum", email="lucia@salud.gob.gt")
    answer = come_in(client, login)
    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/me").status_code == 200


def test_somebody_without_email_signs_in_with_a_pin(client, account, come_in):
    account("Lucía", pin=PIN)
    assert come_in(client, "lucia", PIN).status_code == 303


def test_the_same_password_typed_on_two_keyboards_is_the_same(client, account, come_in):
    account("Lucía", password="café con pan dulce")
    assert come_in(client, "lucia", "cafe\u0301 con pan dulce").status_code == 303


def test_a_stranger_learns_nothing_from_the_answer(client, account, come_in):
    account("Lucía")
    account("Petrona", state="suspended")
    account("Diego", state="invited", password=None)
    answers = [
        come_in(client, login, "otra cosa larga") for login in ("lucia", "nadie", "petrona", "diego", "nadie@nada.gt")
    ]
    assert {answer.status_code for answer in answers} == {422}
    assert len({page_of(answer) for answer in answers}) == 1
    assert WORD in answers[0].get_data(as_text=True)


def test_a_suspended_account_stays_shut_with_the_right_password(client, account, come_in):
    account("Petrona", state="suspended")
    assert come_in(client, "petrona").status_code == 422


def test_an_account_not_yet_accepted_opens_with_nothing(client, account, come_in):
    account("Diego", state="invited", password=None)
    for secret in ("", " ", "None", "null", "0" * 6):
        assert come_in(client, "diego", secret).status_code == 422


def test_what_is_missing_is_named(client, account):
    page = client.post("/sign-in", data={}).get_data(as_text=True)
    assert "Escriba su usuario o su correo" in page
    assert "Escriba su contraseña o su PIN" in page


def test_a_very_long_secret_is_not_hashed(client, account, come_in):
    account("Lucía")
    assert come_in(client, "lucia", "x" * 300).status_code == 422


def test_one_goes_on_to_where_one_was_going(client, account, come_in):
    account("Lucía")
    assert come_in(client, "lucia", next="/me/languages?x=1").location == "/me/languages?x=1"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_nobody_is_sent_away(client, account, come_in, target):
    account("Lucía")
    assert come_in(client, "lucia", next=target).location == "/"


def test_the_user_name_of_a_slip_is_filled_in_and_the_pin_never(client):
    page = client.get("/sign-in?user=lucia.tum&secret=480915").get_data(as_text=True)
    assert 'value="lucia.tum"' in page
    assert 'value="480915"' not in page


def test_who_is_signed_in_needs_no_sign_in_page(client, account, come_in):
    account("Lucía")
    come_in(client, "lucia")
    assert client.get("/sign-in?next=/me").location == "/me"


def test_a_shared_phone_forgets_and_ones_own_remembers(app, account, come_in):
    account("Lucía")
    shared = come_in(app.test_client(), "lucia").headers["Set-Cookie"]
    own = come_in(app.test_client(), "lucia", own_phone=True).headers.getlist("Set-Cookie")
    assert "Max-Age" not in shared
    assert any("Max-Age=2592000" in cookie for cookie in own)


def test_staff_is_never_remembered(client, account, come_in):
    account("Rosa", Role.REGISTRAR)
    assert "Max-Age" not in come_in(client, "rosa", own_phone=True).headers["Set-Cookie"]


def test_an_old_hash_is_renewed_when_somebody_signs_in(client, account, come_in, reread, db_session):
    lucia = account("Lucía")
    lucia.password_hash = weak = PasswordHasher(memory_cost=8, time_cost=1, parallelism=1).hash(_peppered(PASSWORD))
    db_session.commit()
    assert come_in(client, "lucia").status_code == 303
    assert reread(lucia).password_hash != weak
    assert come_in(client, "lucia").status_code == 303


def test_the_hash_alone_is_of_no_use_without_the_pepper(account):
    lucia = account("Lucía")
    with pytest.raises(Exception, match="does not match"):
        PasswordHasher().verify(lucia.password_hash, PASSWORD)


# --- limits ---------------------------------------------------------------------------------------------------------


def try_often(come_in, client, login, times, **more):
    return [come_in(client, login, f"mala contraseña {number}", **more).status_code for number in range(times)]


def test_after_five_wrong_tries_one_waits_a_minute(client, account, come_in, clock):
    clock.hold(NOW)
    account("Lucía")
    assert try_often(come_in, client, "lucia", 6) == [422] * 5 + [429]
    refused = come_in(client, "lucia")
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "60"
    assert "Espere un minuto" in refused.get_data(as_text=True)
    clock.move(minutes=1)
    assert come_in(client, "lucia").status_code == 303


def test_an_account_that_does_not_exist_is_slowed_down_just_the_same(client, come_in, clock):
    clock.hold(NOW)
    assert try_often(come_in, client, "nadie", 6) == [422] * 5 + [429]


@pytest.mark.parametrize("typed", ["lucia", "lucia@salud.gob.gt", "lucia @salud.gob.gt", "LUCIA@salud.gob.gt"])
def test_no_count_of_tries_tells_which_names_there_are_or_whose_they_are(client, account, come_in, clock, typed):
    clock.hold(NOW)
    assert try_often(come_in, client, typed, 5) == [422] * 5
    nobody = [come_in(client, name, "mala").status_code for name in ("lucia", "lucia@salud.gob.gt")]
    clock.move(hours=1)
    account("Lucía", email="lucia@salud.gob.gt")
    assert try_often(come_in, client, typed, 5) == [422] * 5
    assert [come_in(client, name, "mala").status_code for name in ("lucia", "lucia@salud.gob.gt")] == nobody


def test_tries_under_both_names_of_an_account_are_bounded_together(app, account, come_in, clock):
    clock.hold(NOW)
    account("Lucía", email="lucia@salud.gob.gt")
    names = ["lucia", "lucia@salud.gob.gt"] * 10
    for number, name in enumerate(names):
        assert come_in(app.test_client(), name, "mala contraseña", address=f"10.0.{number}.1").status_code == 422
    # No hint that the secret was right, nor that the two names are one person's.
    assert come_in(app.test_client(), "lucia", address="10.0.99.1").status_code == 422
    clock.move(hours=1)
    assert come_in(app.test_client(), "lucia", address="10.0.99.1").status_code == 303


def test_signing_in_empties_ones_bucket(client, account, come_in, clock):
    clock.hold(NOW)
    account("Lucía")
    for _round in range(3):
        assert try_often(come_in, client, "lucia", 4) == [422] * 4
        assert come_in(client, "lucia").status_code == 303


def test_a_class_behind_one_address_signs_in_together(app, account, come_in, clock):
    clock.hold(NOW)
    for number in range(12):
        account(f"Alumna{number}", pin=PIN)
    answers = [come_in(app.test_client(), f"alumna{number}", PIN).status_code for number in range(12)]
    assert answers == [303] * 12


def test_one_address_cannot_try_the_accounts_of_everybody(client, come_in, clock):
    clock.hold(NOW)
    answers = [come_in(client, f"nadie{number}", "mala contraseña").status_code for number in range(101)]
    assert answers == [422] * 100 + [429]


def test_a_guesser_with_many_addresses_is_slowed_down_and_the_owner_is_not(app, account, come_in, clock):
    clock.hold(NOW)
    account("Lucía")
    assert come_in(app.test_client(), "lucia", address="190.148.7.33").status_code == 303
    answers = [
        come_in(app.test_client(), "lucia", f"mala contraseña {n}", address=f"10.0.{n}.1").status_code
        for n in range(21)
    ]
    assert answers == [422] * 20 + [429]
    assert come_in(app.test_client(), "lucia", address="190.148.7.34").status_code == 303


def test_no_address_and_no_name_is_kept_of_those_who_fail(client, account, come_in, db_session):
    lucia = account("Lucía")
    come_in(client, "lucia", "mala contraseña", address="190.148.7.33")
    kept = " ".join(db_session.scalars(select(Throttle.bucket)))
    assert "190.148" not in kept
    assert lucia.id.hex not in kept


def test_a_try_counts_before_it_is_made(client, account, come_in, clock, db_session):
    # A hundred tries at the same moment would else all pass the look at the bucket.
    clock.hold(NOW)
    account("Lucía")
    come_in(client, "lucia", "mala contraseña")
    drained = db_session.scalars(select(Throttle.drained_at).where(Throttle.bucket.startswith("account-address"))).one()
    assert drained == NOW + timedelta(minutes=1)


def test_signing_in_leaves_one_row_and_no_secret_in_it(client, account, come_in, db_session):
    account("Lucía")
    come_in(client, "lucia")
    row = db_session.scalars(select(SignIn)).one()
    assert client.get_cookie("sid").value.encode() not in row.id_hash
