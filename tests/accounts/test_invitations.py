"""Invitations by mail and on paper, slips with a PIN, and the way out for those who forgot."""

import re

import pytest
from sqlalchemy import func, select

from lms.access.policy import Role
from lms.accounts.links import Purpose, draw_link, outward, typed
from lms.accounts.models import Token, User
from lms.accounts.services import (
    give_account,
    give_accounts,
    invite,
    new_pin,
    printed_invitations,
    username_for,
    usernames_for,
)
from lms.core.errors import RuleBroken
from lms.core.ids import id_text
from lms.core.models import AuditEntry
from tests import factories
from tests.accounts.conftest import PASSWORD, PIN, link_in
from tests.factories import NOW

CHOICE = {"username": "lucia", "secret": "la marimba de mi tío", "interface_locale": "es_GT", "content_language": "quc"}
SUBJECT_WORDS = ("trata", "explotación", "víctima", "violencia", "trafficking", "sexual")


@pytest.fixture
def invited(db_session, clock):
    """Lucía, invited by mail a moment ago."""
    clock.hold(NOW)
    user = give_account(factories.person("Lucía Tum"), None, "Lucia@Salud.gob.gt", NOW)
    invite(user, None, NOW)
    db_session.commit()
    return user


def test_the_mail_is_neutral_and_carries_one_link(invited, mailed):
    (mail,) = mailed()
    assert mail.recipient == "lucia@salud.gob.gt"
    assert mail.subject == "Su invitación a Cascada"
    assert "Buen día, Lucía" in mail.body
    assert not any(word in (mail.subject + mail.body).lower() for word in SUBJECT_WORDS)
    assert link_in(mail.body)


def test_the_mail_speaks_the_language_of_the_invited(db_session, mailed):
    user = give_account(factories.person("Grace Hill"), None, "grace@example.org", NOW, locale="en")
    invite(user, None, NOW)
    db_session.commit()
    assert mailed()[0].subject == "Your invitation to Cascada"


def test_the_link_itself_is_nowhere_in_the_table(invited, mailed, db_session):
    code = link_in(mailed()[0].body).rsplit("/", 1)[1]
    token = db_session.scalars(select(Token)).one()
    assert code.encode() not in token.id_hash


def test_the_invited_chooses_and_is_in(client, invited, mailed, reread):
    link = link_in(mailed()[0].body)
    page = client.get(link).get_data(as_text=True)
    assert "Le damos la bienvenida, Lucía" in page
    assert 'value="lucia.tum"' in page
    assert client.post(link, data=CHOICE).status_code == 303
    assert client.get("/me").status_code == 200
    lucia = reread(invited)
    assert (lucia.username, lucia.state, lucia.person.content_language) == ("lucia", "active", "quc")


def test_looking_at_the_link_does_not_use_it_up(client, invited, mailed):
    # Mail programs look at links before people do.
    link = link_in(mailed()[0].body)
    assert [client.get(link).status_code for _ in range(3)] == [200] * 3


def test_a_link_works_once(app, invited, mailed):
    link = link_in(mailed()[0].body)
    assert app.test_client().post(link, data=CHOICE).status_code == 303
    stranger = app.test_client()
    assert stranger.get(link).status_code == 404
    assert stranger.post(link, data=CHOICE | {"username": "mallory"}).status_code == 404


def test_a_link_works_for_seven_days(client, invited, mailed, clock):
    link = link_in(mailed()[0].body)
    clock.move(days=7, seconds=-1)
    assert client.get(link).status_code == 200
    clock.move(seconds=1)
    answer = client.get(link)
    assert answer.status_code == 404
    assert "ya venció" in answer.get_data(as_text=True)


def test_a_new_invitation_replaces_the_one_before(client, invited, mailed, db_session):
    invite(invited, None, NOW)
    db_session.commit()
    first, second = (link_in(mail.body) for mail in mailed())
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200


def test_another_email_stops_the_link_sent_to_the_old_one(client, invited, mailed, sign_in, account, app):
    staff = app.test_client()
    sign_in(staff, account("Rosa", Role.REGISTRAR))
    link = link_in(mailed()[0].body)
    path = person_path(invited)
    assert staff.post(path, data={"email": "otra@salud.gob.gt", "username": "lucia.tum"}).status_code == 303
    assert client.get(link).status_code == 404


def person_path(user, page="account"):

    return f"/people/{id_text(user.person_id)}/{page}"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"username": "x"}, "de 3 a 60 letras"),
        ({"username": "a@b.gt"}, "de 3 a 60 letras"),
        ({"username": "ocupada"}, "ya es de otra persona"),
        ({"secret": "corta"}, "al menos 10"),
        ({"secret": "Guatemala2026"}, "Mucha gente usa"),
        ({"secret": "luciatum2026"}, "Se parece demasiado"),
        ({"secret": PIN}, "al menos 10"),  # she has an e-mail: six digits are not enough
        ({"interface_locale": "xx"}, "Elija una de las opciones"),
        ({"content_language": "zzz"}, "Elija una de las opciones"),
    ],
)
def test_what_cannot_be_is_said_and_the_link_still_works(client, invited, mailed, account, change, said):
    account("Ocupada")
    link = link_in(mailed()[0].body)
    answer = client.post(link, data=CHOICE | change)
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)
    assert client.post(link, data=CHOICE).status_code == 303


def test_without_email_six_digits_may_be_chosen(client, db_session, clock):
    clock.hold(NOW)
    user = give_account(factories.person("Petrona Us"), None, None, NOW)
    code = printed_invitations([user], None, NOW)[user.id]
    db_session.commit()
    assert client.post(f"/invitation/{code}", data=CHOICE | {"secret": PIN}).status_code == 303


def test_a_printed_code_is_typed_by_whoever_has_no_camera(client, db_session, clock):
    clock.hold(NOW)
    user = give_account(factories.person("Petrona Us"), None, None, NOW)
    code = printed_invitations([user], None, NOW)[user.id]
    db_session.commit()
    spoken = f"{code[:4]} {code[4:8]}-{code[8:12]} {code[12:]}".upper()
    assert client.post("/invitation", data={"code": spoken}).location == f"/invitation/{code}"
    wrong = client.post("/invitation", data={"code": "0000 0000 0000 0000"})
    assert (wrong.status_code, "No conocemos ese código" in wrong.get_data(as_text=True)) == (422, True)
    assert client.post("/invitation", data={"code": "1234"}).status_code == 422


def test_letters_that_look_like_digits_are_read_as_digits():
    assert typed("OIL0-1234 5678 9abc") == "0110123456789abc"


def test_links_are_built_from_our_own_address(make_app, db_session):
    user = give_account(factories.person("Lucía Tum"), None, None, NOW)
    code = draw_link(user, Purpose.INVITE, NOW)
    app = make_app(BASE_URL="https://cursos.example.gt")
    with app.test_request_context("/", headers={"Host": "evil.example"}):
        assert outward("accounts.accept", code=code) == f"https://cursos.example.gt/invitation/{code}"


def test_an_account_is_given_once(db_session):
    lucia = factories.person("Lucía Tum")
    give_account(lucia, None, None, NOW)
    with pytest.raises(RuleBroken):
        give_account(lucia, None, None, NOW)


def test_an_email_belongs_to_one_account(db_session):
    give_account(factories.person("Lucía Tum"), None, "lucia@salud.gob.gt", NOW)
    with pytest.raises(RuleBroken):
        give_account(factories.person("Lucía Us"), None, "LUCIA@salud.gob.gt", NOW)


def test_people_of_one_name_get_different_user_names(db_session):
    people = [factories.person("María López") for _ in range(15)]
    names = set(usernames_for(people).values())
    assert len(names) == 15
    assert {"maria.lopez", "maria.lopez2", "maria.lopez11"} <= names
    give_accounts(people, NOW)
    assert username_for(factories.person("María López")) not in names


def test_a_ministry_gets_its_accounts_in_few_statements(db_session, statements):
    people = [factories.person(f"María López{number % 7}") for number in range(300)]
    with statements() as seen:
        users = give_accounts(people, NOW)
        codes = printed_invitations(users, None, NOW)
        db_session.flush()
    assert len(users) == len(codes) == len({user.username for user in users}) == 300
    assert all(user.password_hash is None and user.pin_hash is None for user in users)
    assert len(seen) < 40


def test_giving_again_changes_nothing(db_session):
    people = [factories.person(f"Alumna {number}") for number in range(3)]
    assert len(give_accounts(people, NOW)) == 3
    assert give_accounts(people, NOW) == []


# --- slips ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def rosa(client, account, sign_in):
    """Rosa registers people, and is signed in."""
    made = account("Rosa", Role.REGISTRAR)
    sign_in(client, made)
    return made


def pin_on(page):
    return "".join(re.search(r'big-code">(\d{3}) (\d{3})<', page).groups())


def test_a_slip_lets_somebody_in_who_has_no_email(client, app, rosa, account, come_in, db_session):
    petrona = account("Petrona", pin="111222")
    answer = client.post(person_path(petrona, "slip"))
    page = answer.get_data(as_text=True)
    assert "no-store" in answer.headers["Cache-Control"]
    assert "petrona" in page
    assert "<svg" in page
    phone = app.test_client()
    assert come_in(phone, "petrona", "111222").status_code == 422
    assert come_in(phone, "petrona", pin_on(page)).location == "/"


def test_a_slip_gives_the_account_too(client, app, rosa, come_in, db_session):
    person = factories.person("Catarina Ajú")
    db_session.commit()

    page = client.post(f"/people/{id_text(person.id)}/slip").get_data(as_text=True)
    assert come_in(app.test_client(), "catarina.aju", pin_on(page)).status_code == 303


def test_looking_at_the_slip_page_changes_nothing(client, rosa, account, come_in, app):
    petrona = account("Petrona", pin=PIN)
    assert client.get(person_path(petrona, "slip")).status_code == 200
    assert come_in(app.test_client(), "petrona", PIN).status_code == 303


def test_a_slip_may_ask_for_a_pin_of_ones_own(client, app, rosa, account, come_in, reread):
    petrona = account("Petrona", pin=PIN)
    pin = pin_on(client.post(person_path(petrona, "slip"), data={"must_choose": "y"}).get_data(as_text=True))
    phone = app.test_client()
    assert come_in(phone, "petrona", pin, next="/me").location == "/me/secret?next=/me"
    assert phone.get("/me/names").location == "/me/secret?next=/me/names"
    assert phone.post("/me/secret?next=/me", data={"old": pin, "secret": PIN}).location == "/me"
    assert not reread(petrona).must_choose_secret


def test_a_new_pin_signs_the_person_out_everywhere(client, app, rosa, account, come_in):
    petrona = account("Petrona", pin=PIN)
    phone = app.test_client()
    come_in(phone, "petrona", PIN)
    client.post(person_path(petrona, "slip"))
    assert phone.get("/me").status_code == 303


def test_six_digits_never_open_a_role(db_session, account):
    rosa = account("Rosa", Role.REGISTRAR)
    with pytest.raises(RuleBroken):
        new_pin(rosa, None, NOW)


def test_slips_for_a_group_in_one_page(client, app, rosa, db_session, come_in):
    people = [factories.person(f"Alumna{number} Us") for number in range(3)]
    ids = [person.id for person in people]
    db_session.commit()

    form = {"do": "slips", "person": [id_text(one) for one in ids]}
    page = client.post("/accounts", data=form).get_data(as_text=True)
    pins = re.findall(r'big-code">(\d{3}) (\d{3})<', page)
    assert len(pins) == 3
    assert come_in(app.test_client(), "alumna0.us", "".join(pins[0])).status_code == 303


def test_invitations_for_everybody_of_the_list(client, rosa, db_session):
    for number in range(4):
        factories.person(f"Alumna{number} Us")
    db_session.commit()
    page = client.post("/accounts?show=none", data={"do": "print", "whom": "all"}).get_data(as_text=True)
    assert page.count('<article class="slip"') == 4
    assert db_session.scalar(select(func.count()).select_from(User).where(User.state == "invited")) == 4


def test_mails_for_everybody_who_has_one(client, rosa, db_session, mailed):
    give_account(factories.person("Lucía Tum"), None, "lucia@salud.gob.gt", NOW)
    give_account(factories.person("Diego Us"), None, None, NOW)
    db_session.commit()
    client.post("/accounts?show=invited", data={"do": "mail", "whom": "all"})
    assert [mail.recipient for mail in mailed()] == ["lucia@salud.gob.gt"]
    page = client.get("/accounts").get_data(as_text=True)
    assert "Una invitación va en camino" in page
    assert "no tiene correo o ya entró" in page


@pytest.mark.parametrize("form", [{}, {"do": "print"}, {"do": "print", "person": "x"}, {"do": "fly", "whom": "all"}])
def test_a_list_sent_half_filled_changes_nothing(client, rosa, db_session, form):
    factories.person("Lucía Tum")
    db_session.commit()
    assert client.post("/accounts?show=none", data=form).status_code == 422
    assert db_session.scalar(select(func.count()).select_from(Token)) == 0


# --- forgotten ------------------------------------------------------------------------------------------------------


def test_whoever_forgot_gets_a_link_and_chooses_anew(client, app, account, mailed, come_in):
    account("Lucía", email="lucia@salud.gob.gt")
    old = app.test_client()
    come_in(old, "lucia", own_phone=True)
    client.post("/forgotten", data={"login": "lucia"})
    (mail,) = mailed()
    link = link_in(mail.body)
    assert client.get(link).status_code == 200
    assert client.post(link, data={"secret": "corta"}).status_code == 422
    assert client.post(link, data={"secret": "tres volcanes y un lago"}).location == "/sign-in?user=lucia"
    assert old.get("/me").status_code == 303
    assert client.get(link).status_code == 404
    assert come_in(client, "lucia", PASSWORD).status_code == 422
    assert come_in(client, "lucia", "tres volcanes y un lago").status_code == 303


def test_a_forgotten_password_tells_nobody_who_exists(client, account, mailed):
    account("Lucía", email="lucia@salud.gob.gt")
    account("Petrona", pin=PIN)
    account("Diego", email="diego@salud.gob.gt", state="suspended")
    logins = ("lucia", "petrona", "diego", "nadie", "nadie@nada.gt")
    answers = [client.post("/forgotten", data={"login": login}) for login in logins]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.get_data() for answer in answers}) == 1
    assert [mail.recipient for mail in mailed()] == ["lucia@salud.gob.gt"]


def test_nobody_is_flooded_with_mails(client, account, mailed, clock):
    clock.hold(NOW)
    account("Lucía", email="lucia@salud.gob.gt")
    answers = [client.post("/forgotten", data={"login": "lucia"}).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    assert len(mailed()) == 3


def test_the_invited_who_forgot_gets_the_invitation_again(client, invited, mailed):
    client.post("/forgotten", data={"login": "lucia@salud.gob.gt"})
    assert [mail.subject for mail in mailed()] == ["Su invitación a Cascada"] * 2


def test_the_page_says_the_way_out_without_email(client):
    assert "su facilitadora, en la próxima sesión" in client.get("/forgotten").get_data(as_text=True)


def test_every_act_is_in_the_trail_and_no_secret_with_it(client, rosa, account, db_session):
    petrona = account("Petrona", pin=PIN)
    page = client.post(person_path(petrona, "slip")).get_data(as_text=True)
    db_session.rollback()
    entry = db_session.scalars(select(AuditEntry).where(AuditEntry.action == "account.pin")).one()
    assert entry.actor_id == rosa.id
    assert pin_on(page) not in entry.note


# --- e-mails by list ------------------------------------------------------------------------------------------------


def test_two_columns_of_a_spreadsheet_give_everybody_an_email(client, rosa, db_session):
    factories.person("Lucía Tum")
    factories.person("Diego Us", key="K-17")
    db_session.commit()
    rows = "Lucía Tum\tLucia@salud.gob.gt\nk-17\tdiego@salud.gob.gt\n\n"
    assert client.post("/accounts/emails", data={"rows": rows}).location == "/accounts?show=invited"
    db_session.rollback()
    found = dict(db_session.execute(select(User.username, User.email).where(User.email.is_not(None))).all())
    assert found == {"lucia.tum": "lucia@salud.gob.gt", "diego.us": "diego@salud.gob.gt"}
    assert client.post("/accounts/emails", data={"rows": rows}).status_code == 303
    assert "Se guardaron 0 correos" in client.get("/accounts").get_data(as_text=True)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Lucía Tum\tno es correo", "Fila 2: Escriba quién es"),
        ("Nadie Nunca\tnadie@salud.gob.gt", "Fila 2: No encontramos"),
        ("María López\tmaria@salud.gob.gt", "Fila 2: Varias personas"),
        ("Lucía Tum\tdiego@salud.gob.gt", "Fila 2: Este correo ya está en la fila 1"),
        ("Lucía Tum\tolga@salud.gob.gt", "Fila 2: Otra cuenta ya usa"),
        ("olga\totra@salud.gob.gt", "Fila 2: Esta persona tiene una función"),
    ],
)
def test_one_row_that_cannot_be_keeps_the_whole_list_out(client, rosa, account, db_session, row, said):
    account("Olga", Role.DIRECTOR, email="olga@salud.gob.gt")
    for name in ("Diego Us", "Lucía Tum", "María López", "María López"):
        factories.person(name)
    db_session.commit()
    answer = client.post("/accounts/emails", data={"rows": f"Diego Us\tdiego@salud.gob.gt\n{row}"})
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)
    db_session.rollback()
    assert db_session.scalar(select(func.count()).select_from(User).where(User.email == "diego@salud.gob.gt")) == 0
