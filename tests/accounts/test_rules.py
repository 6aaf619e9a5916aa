"""What accounts decides, said as sentences."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.access.policy import Actor, Held, Role
from lms.accounts.rules import authority, names, secrets, sign_in, throttle

NOW = datetime(2026, 11, 21, 15, tzinfo=UTC)
COMMON = ["password123", "Guatemala2026", "contraseña1!", "qwertyuiop", "1234567890", "c0ntr4s3n42026", "teamomucho99"]
COMMON += ["abcabcabcabc", "aaaaaaaaaaaa", "zyxwvutsrqp", "Chichicastenango", "SVET SVET SVET", "Jesucristo7"]
GOOD = ["maíz tierno con sal", "tres volcanes y un lago", "Xk7!pa2Lqm-0", "la marimba de mi tío"]


@pytest.mark.parametrize("password", COMMON)
def test_what_a_guesser_tries_first_is_refused(password):
    assert secrets.password_problem(password) == "common"


@pytest.mark.parametrize("password", GOOD)
def test_a_few_words_in_a_row_are_good_enough(password):
    assert secrets.password_problem(password, ["lucia", "Lucía Tum", "SVET"]) is None


def test_a_password_is_long_enough_and_no_novel():
    assert secrets.password_problem("corta") == "short"
    assert secrets.password_problem("ab1 " * 65) == "long"


def test_a_password_is_not_ones_own_name():
    own = ["lucia.tum", "Lucía Ajanel Tum", "lucia@salud.gob.gt"]
    assert secrets.password_problem("luciatum2026", own) == "own"
    assert secrets.password_problem("Ajanel-2026!", own) == "own"


@pytest.mark.parametrize("pin", ["000000", "111111", "123456", "654321", "121212", "123123", "112211"])
def test_an_easy_pin_is_refused(pin):
    assert secrets.pin_problem(pin) == "pin-easy"


@pytest.mark.parametrize("pin", ["12345", "1234567", "12a456", "", "１２３４５６"])
def test_a_pin_has_six_plain_digits(pin):
    assert secrets.pin_problem(pin) == "pin-shape"


def test_the_shipped_list_holds_hundreds_of_words():
    assert len(secrets.common_words()) > 500


@given(st.text(max_size=60), st.text(max_size=60))
def test_every_suggested_user_name_can_be_one(given_names, family_names):
    assert names.is_username(names.suggested(given_names, family_names))


def test_a_user_name_is_never_an_email():
    assert not names.is_username(names.written("Lucía@salud.gob.gt"))


@given(st.text(max_size=80))
def test_nobody_is_sent_away_after_signing_in(target):
    answer = sign_in.safe_next(target)
    assert answer is None or (answer.startswith("/") and not answer.startswith(("//", "/\\")))


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example", "/\\evil.example", "/\tx", "javascript:1", ""]
)
def test_an_address_elsewhere_is_no_place_to_go_on(target):
    assert sign_in.safe_next(target) is None


def test_a_shared_phone_is_signed_out_sooner_than_ones_own():
    shared, own = sign_in.terms(is_shared=True, is_staff=False), sign_in.terms(is_shared=False, is_staff=False)
    assert shared.idle == timedelta(minutes=30)
    assert not shared.is_kept
    assert own.lifetime == timedelta(days=30)
    assert own.is_kept


def test_staff_is_never_kept_signed_in():
    kept = sign_in.terms(is_shared=False, is_staff=True)
    assert (kept.idle, kept.lifetime, kept.is_kept) == (timedelta(minutes=30), timedelta(hours=12), False)


def test_ten_minutes_are_enough_for_the_second_step():
    assert sign_in.terms(is_shared=False, is_staff=False, is_waiting=True).lifetime == timedelta(minutes=10)


@pytest.mark.parametrize(("minutes", "is_live"), [(0, True), (29, True), (30, False)])
def test_a_sign_in_ends_when_nobody_uses_it(minutes, is_live):
    at = NOW + timedelta(minutes=minutes)
    assert sign_in.is_live(NOW, 30, NOW + timedelta(hours=12), at) is is_live


def test_a_sign_in_ends_however_much_it_is_used():
    end = NOW + timedelta(hours=12)
    assert not sign_in.is_live(end - timedelta(seconds=1), 30, end, end)


def test_only_the_network_of_an_address_is_kept():
    assert sign_in.network("190.148.7.33") == "190.148.7.0/24"
    assert sign_in.network("not an address") == "-"


@given(st.integers(1, 30), st.integers(1, 600))
def test_a_bucket_takes_its_burst_and_then_one_more_each_time(burst, seconds):
    limit = throttle.Limit(burst=burst, each=timedelta(seconds=seconds))
    drained = None
    for _try in range(burst):
        assert not throttle.wait(drained, NOW, limit)
        drained = throttle.poured(drained, NOW, limit)
    assert throttle.wait(drained, NOW, limit) == limit.each
    assert not throttle.wait(drained, NOW + limit.each, limit)


def test_a_bucket_never_locks_for_good():
    for limit in throttle.LIMITS.values():
        drained = None
        for _try in range(limit.burst):
            drained = throttle.poured(drained, NOW, limit)
        assert throttle.wait(drained, NOW, limit) <= timedelta(minutes=20)


def test_a_guesser_needs_years_for_one_pin():
    limit = throttle.LIMITS["account"]
    tries_a_day = limit.burst + timedelta(days=1) / limit.each
    assert 1_000_000 / tries_a_day / 365 > 10


ROOT, OFFICE, OTHER = "svet/", "svet/quiche/", "svet/peten/"


def person_in(path):
    return authority.Over(path, uuid.uuid4())


def holding(role, path=OFFICE):
    return Actor(uuid.uuid4(), uuid.uuid4(), (Held(role, path),), has_second_factor=True)


def test_a_registrar_gives_slips_to_the_people_of_her_office():
    assert authority.may_manage_account(holding(Role.REGISTRAR), person_in(OFFICE), [])
    assert not authority.may_manage_account(holding(Role.REGISTRAR), person_in(OTHER), [])


@pytest.mark.parametrize("role", list(Role))
def test_a_registrar_never_resets_somebody_with_a_role(role):
    assert not authority.may_manage_account(holding(Role.REGISTRAR), person_in(OFFICE), [Held(role, OFFICE)])


def test_a_manager_resets_those_she_could_appoint_and_nobody_above_her():
    marta = holding(Role.UNIT_MANAGER)
    assert authority.may_manage_account(marta, person_in(OFFICE), [Held(Role.REGISTRAR, OFFICE)])
    assert not authority.may_manage_account(marta, person_in(OFFICE), [Held(Role.REGISTRAR, ROOT)])
    assert not authority.may_manage_account(marta, person_in(OFFICE), [Held(Role.ADMINISTRATOR, ROOT)])


def test_nobody_resets_her_own_account_by_way_of_her_role():
    elena = holding(Role.ADMINISTRATOR, ROOT)
    assert not authority.may_manage_account(elena, authority.Over(ROOT, elena.person_id), [])


def test_six_digits_are_for_people_without_email_and_without_a_role():
    assert authority.may_use_pin(None, [])
    assert not authority.may_use_pin("lucia@salud.gob.gt", [])
    assert not authority.may_use_pin(None, [Role.REGISTRAR])
