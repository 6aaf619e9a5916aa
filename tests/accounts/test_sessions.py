"""Who stands at the door: the cookie, its row, and how a sign-in ends."""

from datetime import timedelta

import pytest
from flask import g
from flask_login import COOKIE_NAME, current_user
from sqlalchemy import func, select

from lms.access.policy import Role
from lms.accounts.jobs import tidy
from lms.accounts.models import Grant, SignIn
from lms.accounts.sessions import hash_of
from lms.core.ids import id_text
from lms.core.work import Run
from tests.accounts.conftest import PASSWORD
from tests.factories import NOW, unit


def rows(db_session):
    db_session.rollback()
    return db_session.scalar(select(func.count()).select_from(SignIn))


def test_the_actor_costs_one_statement(app, account, sign_in, statements, client):
    marta = account("Marta", Role.UNIT_MANAGER)
    sign_in(client, marta, has_second_factor=True)
    sid, marta_id = client.get_cookie("sid").value, marta.id
    with statements() as seen, app.test_request_context("/", headers={"Cookie": f"sid={sid}"}):
        app.preprocess_request()
        assert g.actor.user_id == marta_id
        assert g.actor.held[0].role is Role.UNIT_MANAGER
        assert (current_user.name, g.content_language, g.interface_locale) == ("Marta", "spa", "es_GT")
    assert len(seen) == 1


def test_a_visitor_costs_no_statement(app, statements):
    with statements() as seen, app.test_request_context("/"):
        app.preprocess_request()
        assert not g.actor.is_signed_in
        assert not current_user.is_authenticated
    assert not seen


def test_a_static_file_asks_nobody_who_wants_it(app, statements):
    with statements() as seen, app.test_request_context("/static/x/css", headers={"Cookie": "sid=x"}):
        app.preprocess_request()
    assert not seen


def test_every_role_comes_with_the_branch_it_reaches(app, account, sign_in, client, db_session):
    quiche = unit("Quiché")
    rosa = account("Rosa", Role.REGISTRAR, quiche)
    sign_in(client, rosa)
    sid = client.get_cookie("sid").value
    with app.test_request_context("/", headers={"Cookie": f"sid={sid}"}):
        app.preprocess_request()
        assert [held.path for held in g.actor.held] == [quiche.path]


def test_the_cookie_is_for_the_server_alone(client, account, come_in):
    account("Lucía")
    cookie = come_in(client, "lucia").headers["Set-Cookie"]
    assert cookie.startswith("sid=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_over_https_the_cookie_is_bound_to_this_host(make_app, account, come_in):
    account("Lucía")
    client = make_app(BASE_URL="https://cursos.example.gt").test_client()
    form, headers = {"login": "lucia", "secret": PASSWORD}, {"Sec-Fetch-Site": "same-origin"}
    answer = client.post("/sign-in", data=form, headers=headers, base_url="https://cursos.example.gt")
    cookie = next(one for one in answer.headers.getlist("Set-Cookie") if "sid=" in one)
    assert cookie.startswith("__Host-sid=")
    assert "Secure" in cookie


def test_signing_in_gives_a_new_id_whatever_the_browser_held(client, account, come_in, db_session):
    account("Lucía")
    client.set_cookie("sid", "planted-by-somebody")
    come_in(client, "lucia")
    first = client.get_cookie("sid").value
    assert first != "planted-by-somebody"
    client.post("/sign-out")
    come_in(client, "lucia")
    assert client.get_cookie("sid").value != first
    assert db_session.get(SignIn, hash_of("planted-by-somebody")) is None


def test_signing_in_twice_in_one_browser_leaves_one_sign_in(client, account, come_in, db_session):
    account("Lucía")
    come_in(client, "lucia")
    come_in(client, "lucia")
    assert rows(db_session) == 1


def test_signing_out_ends_it_on_the_server_too(client, account, come_in, db_session):
    account("Lucía")
    come_in(client, "lucia")
    sid = client.get_cookie("sid").value
    assert client.post("/sign-out").status_code == 303
    assert rows(db_session) == 0
    client.set_cookie("sid", sid)  # somebody who copied it
    assert client.get("/me").status_code == 303


def test_pages_of_somebody_signed_in_stay_in_no_memory(client, account, come_in):
    account("Lucía")
    come_in(client, "lucia")
    assert "no-store" in client.get("/me").headers["Cache-Control"]


def test_a_shared_phone_left_alone_is_signed_out(client, account, come_in, clock):
    clock.hold(NOW)
    account("Lucía")
    come_in(client, "lucia")
    clock.move(minutes=29)
    assert client.get("/me").status_code == 200
    clock.move(minutes=29)
    assert client.get("/me").status_code == 200
    clock.move(minutes=30)
    assert client.get("/me").status_code == 303


def test_staff_is_signed_out_after_twelve_hours_of_work(client, account, come_in, clock):
    clock.hold(NOW)
    account("Rosa", Role.REGISTRAR)
    come_in(client, "rosa", own_phone=True)
    for _half_hour in range(24):
        assert client.get("/me").status_code == 200
        clock.move(minutes=29)
    clock.move(minutes=29)
    assert client.get("/me").status_code == 303


def test_ones_own_phone_stays_signed_in_for_thirty_days(client, account, come_in, clock):
    clock.hold(NOW)
    account("Lucía")
    come_in(client, "lucia", own_phone=True)
    clock.move(days=29)
    client.set_cookie("sid", client.get_cookie("sid").value)  # the clock of the test's browser stands still
    assert client.get("/me").status_code == 200
    clock.move(days=1)
    assert client.get("/me").status_code == 303


def test_that_somebody_was_seen_is_written_every_five_minutes_at_most(client, account, come_in, clock, statements):
    clock.hold(NOW)
    account("Lucía")
    come_in(client, "lucia")
    with statements() as seen:
        client.get("/me/names")
    assert not [one for one in seen if one.startswith("UPDATE")]
    clock.move(minutes=5)
    with statements() as seen:
        client.get("/me/names")
        client.get("/me/names")
    assert len([one for one in seen if one.startswith("UPDATE")]) == 1


def test_a_suspended_person_is_out_at_once(client, account, come_in, db_session):
    lucia = account("Lucía")
    come_in(client, "lucia")
    lucia.state = "suspended"
    db_session.commit()
    assert client.get("/me").status_code == 303


def test_a_role_that_ended_opens_nothing_from_that_minute(client, account, sign_in, db_session):

    rosa = account("Rosa", Role.REGISTRAR)
    sign_in(client, rosa)
    assert client.get("/accounts").status_code == 200
    db_session.scalars(select(Grant)).one().ended_at = NOW
    db_session.commit()
    assert client.get("/accounts").status_code == 403


def test_changing_the_password_ends_every_other_sign_in(app, account, come_in, db_session):
    account("Lucía")
    here, there = app.test_client(), app.test_client()
    come_in(here, "lucia")
    come_in(there, "lucia", own_phone=True)
    before = here.get_cookie("sid").value
    answer = here.post("/me/secret", data={"old": PASSWORD, "secret": "la marimba de mi tío"})
    assert answer.status_code == 303
    assert here.get("/me").status_code == 200
    assert here.get_cookie("sid").value != before
    assert there.get("/me").status_code == 303
    assert rows(db_session) == 1


def test_one_sees_and_ends_ones_sign_ins(app, account, come_in):
    account("Lucía")
    here, there, third = (app.test_client() for _ in range(3))
    for client in (here, there, third):
        client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Linux; Android 13) Chrome/120.0 Safari/537.36"
        come_in(client, "lucia")
    page = here.get("/me/sign-ins").get_data(as_text=True)
    assert page.count("Chrome, Android") == 3
    ends = [part.split('"')[0] for part in page.split('action="')[1:] if part.startswith("/me/sign-ins/0")]
    assert len(ends) == 2
    here.post(ends[0])
    assert [client.get("/me").status_code for client in (here, there, third)].count(303) == 1
    here.post("/me/sign-ins/end")
    assert [client.get("/me").status_code for client in (here, there, third)] == [200, 303, 303]


def test_nobody_ends_the_sign_in_of_another(app, account, come_in, db_session):
    account("Lucía")
    account("Diego")
    hers, his = app.test_client(), app.test_client()
    come_in(hers, "lucia")
    come_in(his, "diego")
    db_session.rollback()
    lucias = db_session.scalars(select(SignIn).order_by(SignIn.created_at)).first()

    his.post(f"/me/sign-ins/{id_text(lucias.id)}/end")
    assert hers.get("/me").status_code == 200


@pytest.mark.parametrize("value", ["", "x", "\u00fc" * 50, "a" * 4000, "'; DROP TABLE users;--"])
def test_a_made_up_cookie_is_a_visitor(client, value):
    client.set_cookie("sid", value)
    assert client.get("/me").status_code == 303
    assert client.get("/sign-in").status_code == 200


def test_the_remember_cookie_of_the_library_opens_nothing(client, account):
    lucia = account("Lucía")
    client.set_cookie(COOKIE_NAME, f"{lucia.id}|{'0' * 128}")
    assert client.get("/me").status_code == 303


def test_the_form_token_of_before_ends_with_the_sign_in(app, account, come_in):
    account("Lucía")
    app.config["WTF_CSRF_ENABLED"] = True
    client = app.test_client()
    page = client.get("/sign-in").get_data(as_text=True)
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    assert come_in(client, "lucia", csrf_token=token).status_code == 303
    assert client.post("/sign-out", data={"csrf_token": token}).status_code != 303
    fresh = client.get("/me").get_data(as_text=True).split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    assert client.post("/sign-out", data={"csrf_token": fresh}).status_code == 303


def test_what_ran_out_is_tidied_away_at_night(app, account, come_in, client, clock, db_session):

    clock.hold(NOW)
    lucia = account("Lucía")
    come_in(client, "lucia")
    tidy(Run(lucia.id, "accounts.tidy", None, NOW + timedelta(days=31)))
    db_session.commit()
    assert rows(db_session) == 0
