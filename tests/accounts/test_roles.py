"""Roles, and whose account may be touched by whom."""

import pytest
from sqlalchemy import select

from lms.access.policy import Actor, Held, Role
from lms.accounts.models import Grant, User
from lms.accounts.services import appoint, closing, end_grant, grants
from lms.core.errors import NotAllowed, RuleBroken
from lms.core.ids import id_text
from tests import factories
from tests.accounts.conftest import PIN
from tests.factories import NOW


def actor_of(user, role, path):
    return Actor(user.id, user.person_id, (Held(role, path),), has_second_factor=True)


@pytest.fixture
def quiche(db_session):
    return factories.unit("Quiché")


@pytest.fixture
def elena(account):
    return account("Elena", Role.ADMINISTRATOR, has_second_step=True)


@pytest.fixture
def marta(account, quiche):
    return account("Marta", Role.UNIT_MANAGER, quiche, has_second_step=True)


def grant_of(db_session, user):
    db_session.rollback()
    return db_session.scalars(select(Grant).where(Grant.user_id == user.id)).one()


def page(user, name):
    return f"/people/{id_text(user.person_id)}/{name}"


def test_a_manager_appoints_below_her_and_not_above(db_session, marta, quiche, account):
    rosa, actor = account("Rosa", over=quiche), actor_of(marta, Role.UNIT_MANAGER, quiche.path)
    assert appoint(actor, rosa, Role.REGISTRAR, quiche, NOW).granted_by == marta.id
    with pytest.raises(NotAllowed):
        appoint(actor, rosa, Role.REGISTRAR, factories.agency(), NOW)
    with pytest.raises(NotAllowed):
        appoint(actor, rosa, Role.ADMINISTRATOR, quiche, NOW)


def test_a_registrar_appoints_nobody(db_session, account, quiche):
    rosa, diego = account("Rosa", Role.REGISTRAR, quiche), account("Diego", over=quiche)
    for role in Role:
        with pytest.raises(NotAllowed):
            appoint(actor_of(rosa, Role.REGISTRAR, quiche.path), diego, role, quiche, NOW)


def test_a_role_is_held_once(db_session, elena, account):
    rosa, root = account("Rosa"), factories.agency()
    actor = actor_of(elena, Role.ADMINISTRATOR, root.path)
    appoint(actor, rosa, Role.REGISTRAR, root, NOW)
    with pytest.raises(RuleBroken):
        appoint(actor, rosa, Role.REGISTRAR, root, NOW)


def test_a_new_role_begins_with_a_new_sign_in(client, app, elena, account, come_in, sign_in, db_session):
    lucia = account("Lucía")
    phone = app.test_client()
    come_in(phone, "lucia", own_phone=True)
    sign_in(client, elena)
    form = {"role": "registrar", "unit": id_text(factories.agency().id)}
    assert client.post(page(lucia, "roles"), data=form).status_code == 303
    assert phone.get("/me").status_code == 303
    come_in(phone, "lucia")
    assert phone.get("/accounts").status_code == 200


def test_who_had_a_pin_chooses_a_password_for_her_role(client, app, elena, account, come_in, sign_in, reread):
    petrona = account("Petrona", pin=PIN)
    sign_in(client, elena)
    client.post(page(petrona, "roles"), data={"role": "registrar", "unit": id_text(factories.agency().id)})
    phone = app.test_client()
    assert come_in(phone, "petrona", PIN).location == "/me/secret"
    assert phone.post("/me/secret", data={"old": PIN, "secret": "135790"}).status_code == 422
    assert phone.post("/me/secret", data={"old": PIN, "secret": "la marimba de mi tío"}).status_code == 303


def test_the_page_offers_only_roles_one_may_give(client, marta, quiche, account, sign_in):
    rosa = account("Rosa", over=quiche)
    sign_in(client, marta)
    html = client.get(page(rosa, "roles")).get_data(as_text=True)
    assert 'value="registrar"' in html
    assert 'value="administrator"' not in html
    form = {"role": "administrator", "unit": id_text(quiche.id)}
    assert client.post(page(rosa, "roles"), data=form).status_code == 422


def test_an_office_out_of_reach_cannot_be_chosen(client, marta, quiche, account, sign_in, db_session):
    rosa, peten = account("Rosa", over=quiche), factories.unit("Petén")
    form = {"role": "registrar", "unit": id_text(peten.id)}
    sign_in(client, marta)
    assert client.post(page(rosa, "roles") + "?q=Petén", data=form).status_code == 422
    assert "Petén" not in client.get("/roles?q=Petén").get_data(as_text=True).split("<main")[1].split("</form>")[1]


def test_the_last_administrator_stays(client, elena, sign_in, db_session):
    sign_in(client, elena)
    grant = grant_of(db_session, elena)
    answer = client.post(f"/roles/{id_text(grant.id)}/end")
    assert answer.status_code == 422
    assert "Nombre primero a otra" in answer.get_data(as_text=True)
    assert grant_of(db_session, elena).ended_at is None


def test_the_last_but_one_may_go(client, elena, account, sign_in, db_session):
    account("Olga", Role.ADMINISTRATOR)
    sign_in(client, elena)
    grant = grant_of(db_session, elena)
    assert client.post(f"/roles/{id_text(grant.id)}/end").status_code == 303
    assert grant_of(db_session, elena).ended_at is not None


def test_an_administrator_who_never_came_in_does_not_count(db_session, elena, account):
    account("Olga", Role.ADMINISTRATOR, state="invited", password=None)
    assert grants.active_administrators() == 1
    with pytest.raises(RuleBroken):
        end_grant(actor_of(elena, Role.ADMINISTRATOR, factories.agency().path), grant_of(db_session, elena), NOW)


def test_the_last_administrator_is_not_suspended_either(db_session, elena, account):
    olga = account("Olga", Role.ADMINISTRATOR, state="suspended")
    with pytest.raises(RuleBroken):
        closing.suspend(elena, actor_of(olga, Role.ADMINISTRATOR, factories.agency().path), NOW)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.UNIT_MANAGER, Role.REGISTRAR, Role.DIRECTOR])
def test_a_registrar_opens_no_account_with_a_role(client, account, sign_in, reread, role):
    rosa, target = account("Rosa", Role.REGISTRAR), account("Olga", role, email="olga@svet.gob.gt")
    sign_in(client, rosa)
    before = reread(target).password_hash
    for door in ("slip", "account/reset", "account/print", "account/suspend"):
        assert client.post(page(target, door)).status_code == 403
    form = {"email": "rosa@svet.gob.gt", "username": "olga"}
    assert client.post(page(target, "account"), data=form).status_code == 403
    assert client.post("/accounts", data={"do": "slips", "person": id_text(target.person_id)}).status_code == 200
    target = reread(target)
    assert (target.password_hash, target.state, target.email) == (before, "active", "olga@svet.gob.gt")


def test_a_registrar_takes_no_second_step_away(client, account, sign_in, reread):
    rosa, elena = account("Rosa", Role.REGISTRAR), account("Elena", Role.ADMINISTRATOR, has_second_step=True)
    sign_in(client, rosa)
    assert client.post(page(elena, "account/second-step")).status_code == 403
    assert reread(elena).totp_sealed is not None


def test_an_administrator_helps_another_who_lost_her_phone(client, elena, account, sign_in, reread):
    olga = account("Olga", Role.AUDITOR, has_second_step=True)
    sign_in(client, elena)
    assert client.post(page(olga, "account/second-step")).status_code == 303
    assert reread(olga).totp_sealed is None


def test_ones_own_account_is_not_changed_by_way_of_ones_role(client, elena, sign_in):
    sign_in(client, elena)
    assert client.post(page(elena, "account/suspend")).status_code == 403
    assert "Esta es su propia cuenta" in client.get(page(elena, "account")).get_data(as_text=True)


def test_people_of_other_offices_do_not_exist(client, marta, account, sign_in):
    diego = account("Diego", over=factories.unit("Petén"))
    sign_in(client, marta)
    for door in ("account", "slip", "roles"):
        assert client.get(page(diego, door)).status_code == 404
    assert client.post(page(diego, "account/suspend")).status_code == 404
    answer = client.post("/accounts", data={"do": "slips", "person": id_text(diego.person_id)})
    assert answer.status_code == 422


def test_a_suspended_account_is_opened_again_with_its_old_secret(client, app, marta, quiche, account, sign_in, come_in):
    lucia = account("Lucía", over=quiche)
    sign_in(client, marta)
    client.post(page(lucia, "account/suspend"))
    assert come_in(app.test_client(), "lucia").status_code == 422
    client.post(page(lucia, "account/reactivate"))
    assert come_in(app.test_client(), "lucia").status_code == 303


def test_giving_an_account_by_the_page(client, marta, quiche, sign_in, db_session, mailed):
    lucia = factories.person("Lucía Tum", quiche)
    sign_in(client, marta)
    path = f"/people/{id_text(lucia.id)}/account"
    assert client.post(path, data={"email": "no es correo"}).status_code == 422
    assert client.post(path, data={"email": "lucia@salud.gob.gt"}).status_code == 303
    assert client.post(f"{path}/invite").status_code == 303
    db_session.rollback()
    user = db_session.scalars(select(User).where(User.person_id == lucia.id)).one()
    assert (user.username, user.state) == ("lucia.tum", "invited")
    assert len(mailed()) == 1


def test_a_stolen_phone_is_signed_out_from_the_office(client, app, marta, quiche, account, sign_in, come_in):
    lucia = account("Lucía", over=quiche)
    phone = app.test_client()
    come_in(phone, "lucia", own_phone=True)
    sign_in(client, marta)
    assert client.post(page(lucia, "account/sign-out")).status_code == 303
    assert phone.get("/me").status_code == 303
