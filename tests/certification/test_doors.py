"""The pages of the cascade through the door: the facilitator's way from warrant to review, and who opens what."""

import re

import pytest
from sqlalchemy import select

from lms.access.policy import Role
from lms.certification.models import Credential, Level
from lms.certification.services import standing
from lms.certification.services.standing import Policy
from lms.cohorts.models import Cohort
from lms.cohorts.services import members
from lms.core.database import db
from lms.core.ids import id_text
from lms.core.models import Mail
from lms.learning.services.enrolments import enrol
from tests import factories
from tests.certification.conftest import PLACE, staff_actor
from tests.factories import NOW, TODAY
from tests.learning.conftest import as_actor


@pytest.fixture
def visit(app, sign_in):
    """Open somebody's browser."""

    def come(user):
        db.session.commit()
        browser = app.test_client()
        sign_in(browser, user, is_shared=False)
        return browser

    return come


def certify_path(cohort):
    return f"/groups/{id_text(cohort.id)}/certify"


def credential_of(user, number):
    db.session.commit()
    query = select(Credential).join(Level, Level.id == Credential.level_id)
    return db.session.scalars(
        query.where(Credential.holder_id == user.person_id, Level.number == number).order_by(
            Credential.issued_at.desc()
        )
    ).first()


def test_from_a_warrant_to_the_next_generation_and_back_by_a_review(cascade, visit):
    berta, first = cascade.trainer()
    browser = visit(berta)
    page = browser.get("/groups/open")
    assert page.status_code == 200 and first.code[:4] in page.text
    form = {
        "course": id_text(cascade.facilitators.current_version_id), "name": "Sajcabajá, grupo 2", "place_code": PLACE,
        "language": "spa", "modality": "in_person", "starts_on": TODAY.isoformat(), "ends_on": "2026-12-20",
        "capacity": "20", "is_joinable": "y", "audience": "", "project": "",
    }  # fmt: skip
    answer = browser.post("/groups/open", data=form)
    assert answer.status_code == 303, answer.text
    db.session.commit()
    cohort = db.session.scalars(select(Cohort).where(Cohort.name == "Sajcabajá, grupo 2")).one()
    juana, pedro = cascade.user("Juana Tomás"), cascade.user("Pedro Us")
    cascade_members(cohort, berta, [juana, pedro])
    cascade.qualify(cohort, [juana], berta)

    page = browser.get(certify_path(cohort))
    assert page.status_code == 200 and "Juana Tomás" in page.text
    ids = [id_text(one.person_id) for one in (juana, pedro)]
    level = id_text(cascade.level(2).id)
    assert browser.post(certify_path(cohort), data={"level": level, "person": ids}).status_code == 422
    sent = {"level": level, "person": ids, "answers": "yes"}
    assert browser.post(certify_path(cohort), data=sent).status_code == 303
    assert browser.post(certify_path(cohort), data=sent).status_code == 303
    db.session.commit()
    second = credential_of(juana, 2)
    assert credential_of(pedro, 2) is None and second.parent_id == first.id

    # Juana certifies the next generation.
    village, (ana,) = cascade.ready_group(cascade.facilitators, juana, ["Ana Batz"])
    hers = visit(juana)
    sent = {"level": id_text(cascade.level(3).id), "person": [id_text(ana.person_id)], "answers": "yes"}
    assert hers.post(certify_path(village), data=sent).status_code == 303
    third = credential_of(ana, 3)
    assert third.parent_id == second.id
    mine = hers.get("/certificates")
    assert mine.status_code == 200 and second.code[:4] in mine.text
    tree = browser.get(f"/certificates/{id_text(first.id)}/branch?open={second.code}")
    assert tree.status_code == 200 and "Ana B." in tree.text and "<svg" in tree.text
    assert "Ana B." in browser.get(f"/certificates/{id_text(first.id)}/branch.csv").text

    # The agency revokes the first; the branch comes under review, and is looked at.
    boss = visit(cascade.elena)
    path = f"/manage/certificates/{id_text(first.id)}/revoke"
    assert "Ana B." in boss.get(path).text
    assert boss.post(path, data={"reason": "conduct", "policy": "review"}).status_code == 422
    assert boss.post(path, data={"reason": "conduct", "policy": "review", "sure": "y"}).status_code == 303
    queue = boss.get("/manage/certificates/reviews").text
    assert "Juana Tomás" in queue and "Ana Batz" in queue
    assert boss.post(f"/manage/certificates/{id_text(second.id)}/clear", data={"note": ""}).status_code == 303
    assert "Juana Tomás" not in boss.get("/manage/certificates/reviews").text
    assert "<strong>" in boss.get(f"/manage/certificates/{id_text(first.id)}").text
    assert browser.get("/groups/open").status_code == 200


def cascade_members(cohort, leader, people):
    members.add_people(cohort, [one.person_id for one in people], "staff", as_actor(leader), NOW)
    db.session.commit()


def test_the_mail_of_a_change_is_neutral_and_leaves_with_it(cascade, visit):
    berta, first = cascade.trainer()
    berta.email = "berta@svet.gob.gt"
    standing.revoke(first, Policy.KEEP, "conduct", "", staff_actor(cascade.elena), NOW, TODAY)
    mail = db.session.scalars(select(Mail)).one()
    assert mail.recipient == berta.email and not re.search("revo|conduct|trata", mail.body + mail.subject, re.I)
    db.session.rollback()
    assert db.session.scalars(select(Mail)).first() is None


def test_a_learner_claims_her_certificate_through_the_door(cascade, visit):
    lucia = cascade.user("Lucía Tum")
    enrol(lucia.person_id, cascade.trainers, "self", as_actor(lucia), NOW)
    browser = visit(lucia)
    path = "/courses/formar-a-quien-forma/certificate"
    assert browser.get(path).status_code == 200
    assert browser.post(path).status_code == 422
    cascade.passed(cascade.trainers, lucia)
    assert browser.post(path).status_code == 303
    assert browser.post(path).status_code == 303
    assert credential_of(lucia, 1) is not None
    assert browser.get(path).status_code == 200 and browser.get("/certificates").status_code == 200
    assert browser.post("/certificates/name", data={"name": "Lucía Tum"}).status_code == 303
    assert browser.get("/courses/nada/certificate").status_code == 404


def test_a_level_is_changed_and_looked_at_before(cascade, visit):
    boss, level = visit(cascade.elena), cascade.level(2)
    cohort, _people = cascade.ready_group(cascade.facilitators, cascade.elena, ["Juana Tomás"])
    path = f"/manage/schemes/{id_text(level.id)}"
    shown = boss.get(path).text
    form = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', shown))
    form |= {"course": "facilitadoras-comunitarias", "give_place": "department", "renew_refresher": "",
             "ask_course": "y", "ask_mark": "95", "validity_months": "24"}  # fmt: skip
    form.pop("look", None), form.pop("csrf_token", None)
    form = {name: value for name, value in form.items() if value != "y" or name == "ask_course"}
    looked = boss.post(path, data=form | {"look": "1", "cohort": id_text(cohort.id)})
    assert looked.status_code == 200 and "95 %" in looked.text, looked.text
    assert cascade.level(2).rules["validity_months"] == 12
    assert boss.post(path, data=form).status_code == 303
    db.session.commit()
    db.session.expire_all()
    assert cascade.level(2).rules["validity_months"] == 24
    assert boss.post(path, data=form | {"signed_by": "2"}).status_code == 422
    assert boss.get("/manage/schemes").status_code == 200


MANAGERS = {Role.ADMINISTRATOR, Role.UNIT_MANAGER, Role.REGISTRAR}
READERS = MANAGERS | {Role.DIRECTOR, Role.AUDITOR}
AGENCY = {Role.ADMINISTRATOR}
OWN = [
    ("get", "/certificates"), ("get", "/certificates/name"), ("post", "/certificates/name"), ("get", "/signatures"),
    ("get", "/signatures/" + "0" * 26), ("post", "/signatures/" + "0" * 26), ("get", "/groups/open"),
    ("post", "/groups/open"), ("get", "/courses/hilos/certificate"), ("post", "/courses/hilos/certificate"),
]  # fmt: skip
STAFF = [
    ("get", "/manage/certificates", READERS, 200), ("get", "/manage/certificates/reviews", AGENCY, 200),
    ("get", "/manage/schemes", AGENCY, 200),
]  # fmt: skip
THINGS = [
    ("get", "/groups/{cohort}/certify", MANAGERS), ("post", "/groups/{cohort}/certify", MANAGERS),
    ("post", "/groups/{cohort}/certify/ask", MANAGERS), ("get", "/certificates/{credential}/branch", READERS),
    ("get", "/certificates/{credential}/branch.csv", READERS), ("get", "/manage/certificates/{credential}", READERS),
    ("get", "/manage/certificates/{credential}/suspend", AGENCY),
    ("get", "/manage/certificates/{credential}/reinstate", AGENCY),
    ("get", "/manage/certificates/{credential}/clear", AGENCY),
    ("get", "/manage/certificates/{credential}/revoke", AGENCY), ("get", "/manage/schemes/{level}", AGENCY),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), OWN + [one[:2] for one in STAFF])
def test_a_visitor_is_led_to_the_sign_in(client, cascade, method, path):
    assert getattr(client, method)(path).status_code == 303


@pytest.mark.parametrize(("method", "path"), OWN)
def test_a_person_opens_what_is_her_own(cascade, visit, method, path):
    assert getattr(visit(cascade.user("Lucía Tum")), method)(path).status_code not in (401, 403, 500)


@pytest.mark.parametrize(("method", "path", "who", "status"), STAFF)
def test_doors_of_staff_open_to_their_roles(cascade, visit, method, path, who, status):
    for role in Role:
        user = factories.user(f"{role.value} Pérez", role)
        assert getattr(visit(user), method)(path).status_code == (status if role in who else 403), role


def test_a_thing_is_found_within_reach_alone(cascade, visit):
    berta, first = cascade.trainer()
    cohort, _people, _second = cascade.facilitators_of(berta, ["Juana Tomás"])
    told = {"cohort": id_text(cohort.id), "credential": id_text(first.id), "level": id_text(cascade.level(2).id)}
    away = factories.unit("Oficina de Petén")
    everybody = [(role, visit(factories.user(f"{role.value} Us", role, cascade.agency))) for role in Role]
    others = [(role, visit(factories.user(f"{role.value} Ac", role, away))) for role in Role]
    stranger = visit(cascade.user("Pedro Us"))
    for method, path, who in THINGS:
        where = path.format(**told)
        assert getattr(stranger, method)(where).status_code == 404, where
        for role, browser in others:
            assert getattr(browser, method)(where).status_code == 404, (where, role)
        for role, browser in everybody:
            found = getattr(browser, method)(where).status_code
            assert (found != 404) == (role in who) and found < 500, (where, role, found)
    holder = visit(berta)
    assert holder.get(f"/certificates/{told['credential']}/branch").status_code == 200
    assert holder.get(f"/certificates/{told['credential']}/renew").status_code == 200
    assert stranger.get(f"/certificates/{told['credential']}/renew").status_code == 404
    assert everybody[0][1].get(f"/certificates/{told['credential']}/renew").status_code == 404


def test_no_page_asks_more_than_twelve_statements(cascade, visit, statements):
    berta, first = cascade.trainer()
    _cohort, _people, _second = cascade.facilitators_of(berta, ["Juana Tomás", "Felipa Ren"])
    browser, boss = visit(berta), visit(cascade.elena)
    mine = ["/certificates", f"/certificates/{id_text(first.id)}/branch", f"/certificates/{id_text(first.id)}/renew"]
    staff = [
        "/manage/certificates", "/manage/certificates?due=soon", "/manage/certificates?q=berta",
        "/manage/certificates/reviews", "/manage/schemes", f"/manage/certificates/{id_text(first.id)}",
        f"/manage/certificates/{id_text(first.id)}/revoke",
    ]  # fmt: skip
    for who, paths in ((browser, mine), (boss, staff)):
        for path in paths:
            who.get(path)
            with statements() as seen:
                assert who.get(path).status_code == 200, path
            assert len(seen) <= 12, (path, len(seen), seen)
