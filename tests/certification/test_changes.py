"""A change of law, from a new version of a course to the last person who passes its short unit."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from lms.access.policy import Role
from lms.certification.models import Credential
from lms.certification.queries.asks import asks_of
from lms.certification.queries.bridging import People, Wanted
from lms.certification.rules.bridging import Owed, gathered, last_day
from lms.certification.services.own import claim, renew, renewal_of
from lms.core import jobs
from lms.core.codes import spaced
from lms.core.database import db
from lms.core.ids import id_from_text, id_text, new_id
from lms.core.models import Mail
from lms.curriculum.models import Course, Version
from lms.curriculum.services import discard_draft, export_package, load_package, publish
from lms.learning.models import Enrolment, Progress
from lms.learning.services.enrolments import enrol
from lms.organization.models import Person
from tests import factories
from tests.certification.changes import WHAT, changed_files
from tests.certification.test_doors import certify_path
from tests.factories import NOW, TODAY
from tests.learning.conftest import as_actor, sheet_of
from tests.learning.test_pages import ALL_RIGHT

COURSE, UNIT = "facilitadoras-comunitarias", "cambios-2026"


@pytest.fixture
def visit(app, sign_in):
    """Open somebody's browser."""

    def come(user):
        db.session.commit()
        browser = app.test_client()
        sign_in(browser, user, is_shared=False)
        return browser

    return come


def load_change(more="", unit=UNIT):
    made = load_package(changed_files(COURSE, unit, more), factories.agency(), None, NOW).version
    db.session.commit()
    return made


def publish_change(more="", unit=UNIT, is_material=None, at=NOW):
    made = load_change(more, unit)
    publish(made, None, at, is_material)
    db.session.commit()
    return made


def path_of(change, more=""):
    return f"/manage/changes/{id_text(change.id)}{more}"


def unit_path(credential):
    return f"/certificates/{id_text(credential.id)}/unit"


def pass_unit(browser, slug=UNIT):
    """Take a short unit as a learner does: the lesson, then the test."""
    assert browser.post(f"/courses/{slug}/u1/leer").status_code in (200, 303)
    answer = browser.post(f"/courses/{slug}/u1/prueba")
    sheet = sheet_of(id_from_text(answer.location.partition("/attempts/")[2].partition("?")[0]))
    answer = browser.post(sheet.path, data=sheet.form({"cierto": True}) | {"do": "submit", "sure": "1"})
    assert answer.status_code == 303, answer.text


def owed(user, today=TODAY):
    db.session.commit()
    return [one for one, _told in asks_of(user.person_id, today).units]


def test_from_a_new_version_to_the_last_one_who_passes_its_unit(cascade, visit, clock):
    berta, above = cascade.trainer()
    cohort, (ana, rosa), (first, _second) = cascade.facilitators_of(berta, ["Ana Tum", "Rosa Coj"])
    ana.email = "ana@example.org"
    db.session.commit()
    clock.move(days=1)
    staff = visit(cascade.elena)
    change = load_change()

    page = staff.get(f"/manage/versions/{id_text(change.id)}/publish")
    assert WHAT["spa"] in page.text and "Lo que cambió en 2026" in page.text and "checked" in page.text
    staff.post(f"/manage/versions/{id_text(change.id)}/publish", data={"is_material": "y"})
    assert f'href="{path_of(change)}"' in staff.get(f"/manage/versions/{id_text(change.id)}").text

    # Down the whole chain: the facilitators, and the trainer who certifies people of this course.
    page = staff.get(path_of(change)).text
    assert all(name in page for name in ("Ana Tum", "Rosa Coj", "Berta Sic"))
    assert "Formadora principal" in page and "Quiché" in page
    only = staff.get(path_of(change, f"?level={id_text(first.level_id)}")).text
    assert "Ana Tum" in only and "Berta Sic" not in only.partition('<h2 id="people">')[2]
    table = staff.get(path_of(change, "/people.csv")).text
    assert spaced(first.code) in table and "Todavía no se envió" in table

    asked = staff.get(path_of(change, "/send"))
    assert "20 minutos" in asked.text and "3 personas" in asked.text and "Rosa Coj" in asked.text
    assert staff.post(path_of(change, "/send")).status_code == 303
    jobs.drain()
    assert staff.post(path_of(change, "/send")).status_code == 303
    jobs.drain()
    mails = db.session.scalars(select(Mail)).all()
    assert [one.recipient for one in mails] == ["ana@example.org"]
    assert not [word for word in ("trata", "avis", "Hilos") if word in mails[0].body + mails[0].subject]
    unit = db.session.scalars(select(Version).join(Course, Course.id == Version.course_id).where(Course.slug == UNIT))
    inside = select(func.count()).select_from(Enrolment).where(Enrolment.version_id == unit.one().id)
    assert db.session.scalar(inside) == 3
    assert "Todos la tienen ya" in staff.get(path_of(change, "/send")).text

    phone = visit(ana)
    home = phone.get("/").text
    mine = phone.get("/certificates").text
    assert "20 minutos" in home and "20 minutos" in mine and unit_path(first) in mine
    assert phone.post(unit_path(first)).location.endswith(f"/courses/{UNIT}")
    pass_unit(phone)
    assert owed(ana) == [] and len(owed(rosa)) == 1
    assert unit_path(first) not in phone.get("/certificates").text
    assert "unidad corta" not in phone.get("/").text
    assert "/courses/cambios-2026/certificate" not in phone.get("/certificates").text
    page = staff.get(path_of(change, "?state=passed")).text.partition('<h2 id="people">')[2]
    assert "Ana Tum" in page and "Rosa Coj" not in page
    # What was issued before can be read and checked as ever.
    assert "Es válida hoy" in phone.get(f"/verify/{first.code}").text
    assert above.version_id and cohort.version_id == first.version_id


def test_past_the_days_nobody_certifies_until_the_unit_is_passed(cascade, visit, clock):
    berta, above = cascade.trainer()
    clock.move(days=1)
    publish_change(at=clock.at)
    cohort, people = cascade.ready_group(cascade.facilitators, berta, ["Ana Tum", "Rosa Coj"])
    send = {"person": [id_text(people[0].person_id)], "answers": "yes", "level": id_text(cascade.level(2).id)}

    clock.move(days=30)  # the last day still counts
    browser = visit(berta)
    assert browser.post(certify_path(cohort), data=send).status_code == 303
    held = select(func.count()).select_from(Credential).where(Credential.parent_id == above.id)
    db.session.commit()
    assert db.session.scalar(held) == 1

    clock.move(days=1)
    page = browser.get(certify_path(cohort)).text
    assert "Ver la unidad corta" in page and "se pasaron los días" in page
    browser.post(certify_path(cohort), data=send | {"person": [id_text(people[1].person_id)]})
    db.session.commit()
    assert db.session.scalar(held) == 1
    assert "unidad corta" in browser.get("/groups/open").text
    answer = browser.get(f"/verify/{above.code}").text
    assert "Es válida hoy" in answer and "pendiente" in answer

    browser.post(unit_path(above))
    pass_unit(browser)
    assert "pendiente" not in browser.get(f"/verify/{above.code}").text
    browser.post(certify_path(cohort), data=send | {"person": [id_text(people[1].person_id)]})
    db.session.commit()
    assert db.session.scalar(held) == 2


def test_a_facilitator_who_is_late_breaks_nothing_below_her(cascade, clock):
    berta, _above = cascade.trainer()
    _cohort, (ana,), _held = cascade.facilitators_of(berta, ["Ana Tum"])
    clock.move(days=1)
    publish_change(at=clock.at)
    clock.move(days=40)
    # Ana passes the unit, Berta above her does not: what Berta signed while she could goes on standing.
    person_passes(ana, clock.at)
    cohort, people = cascade.ready_group(cascade.facilitators, ana, ["Marta Xicay"])
    assert cascade.sign(cohort, 3, people, ana)[0].credential is not None


def person_passes(user, at, slug=UNIT):
    """Write a unit down as completed."""
    course = db.session.scalars(select(Course).where(Course.slug == slug)).one()
    db.session.add(
        Enrolment(person_id=user.person_id, course_id=course.id, version_id=course.current_version_id, source="staff",
                  state="completed", enrolled_at=at, completed_at=at)
    )  # fmt: skip
    db.session.commit()


def test_a_renewal_waits_for_the_unit_and_stands_on_the_new_version(cascade, clock):
    berta, _above = cascade.trainer()
    _cohort, (ana,), (held,) = cascade.facilitators_of(berta, ["Ana Tum"])
    cascade.sessions(cascade.group(cascade.facilitators, ana), ana, 2, NOW + timedelta(days=200))
    clock.move(days=300)
    change = publish_change(at=clock.at)
    found = renewal_of(held, clock.at, TODAY + timedelta(days=300))
    assert [one.what.value for one in found.missing] == ["bridge"]
    person_passes(ana, clock.at)
    newer = renew(held, as_actor(ana), clock.at, TODAY + timedelta(days=300))
    db.session.commit()
    assert newer.version_id == change.id and held.version_id != change.id
    assert not owed(ana, TODAY + timedelta(days=300))


def test_the_need_follows_the_versions_and_is_never_written_down(cascade, clock):
    berta, _above = cascade.trainer()
    _cohort, (ana,), (held,) = cascade.facilitators_of(berta, ["Ana Tum"])
    before = db.session.get_one(Version, held.version_id)
    clock.move(days=1)
    change = publish_change(at=clock.at)
    assert [one.until for one in owed(ana)] == [TODAY + timedelta(days=31)]
    publish(before, None, clock.at)  # back to the version before: nothing changed after all
    assert owed(ana) == []
    publish(change, None, clock.at)
    assert owed(ana)
    # Whoever takes the whole course in its new version has learnt what changed.
    db.session.add(
        Enrolment(person_id=ana.person_id, course_id=change.course_id, version_id=change.id, source="staff",
                  state="completed", enrolled_at=NOW, completed_at=clock.at)
    )  # fmt: skip
    assert owed(ana) == []


def test_who_publishes_decides_whether_certificates_need_the_unit(cascade):
    berta, _above = cascade.trainer()
    change = publish_change("material = false")
    assert not change.is_material and owed(berta) == []
    _cohort, (ana,), _held = cascade.facilitators_of(berta, ["Ana Tum"])
    assert owed(ana) == []


def test_a_level_that_is_not_asked_owes_nothing(cascade, clock):
    berta, _above = cascade.trainer()
    _cohort, (ana,), _held = cascade.facilitators_of(berta, ["Ana Tum"])
    cohort, people = cascade.ready_group(cascade.facilitators, ana, ["Marta Xicay"])
    assert cascade.sign(cohort, 3, people, ana)[0].credential is not None
    clock.move(days=1)
    publish_change(at=clock.at)
    assert owed(people[0]) == [] and owed(ana)


def test_staff_see_and_send_within_their_reach_only(cascade, visit, clock):
    berta, _above = cascade.trainer()
    cascade.facilitators_of(berta, ["Ana Tum"])
    clock.move(days=1)
    change = publish_change(at=clock.at)
    elsewhere = factories.unit("Oficina de Petén")
    rosa = factories.user("Rosa Pérez", Role.REGISTRAR, elsewhere)
    browser = visit(rosa)
    page = browser.get(path_of(change)).text
    assert "Ana Tum" not in page and "Nadie la necesita" in page
    browser.post(path_of(change, "/send"))
    jobs.drain()
    assert db.session.scalar(select(func.count()).select_from(Enrolment).where(Enrolment.course_id == unit_id())) == 0
    olga = visit(factories.user("Olga Batz", Role.AUDITOR))
    assert olga.get(path_of(change)).status_code == 200
    assert olga.post(path_of(change, "/send")).status_code == 403
    assert olga.get(f"/manage/changes/{id_text(new_id())}").status_code == 404
    assert visit(berta).get(path_of(change)).status_code == 403


def unit_id():
    return db.session.scalars(select(Course.id).where(Course.slug == UNIT)).one()


def test_a_list_of_thousands_is_counted_in_few_statements(cascade, clock, statements):
    berta, _above = cascade.trainer()
    cascade.facilitators_of(berta, [f"Persona {number}" for number in range(6)])
    clock.move(days=1)
    change = publish_change(at=clock.at)
    elena = factories.actor()
    db.session.commit()
    with statements() as seen:
        people = People(elena, change, TODAY)
        levels, places = people.by_level(), people.by_department()
        lines, pages = people.lines(Wanted(), 1)
    assert len(seen) <= 6
    assert sum(one.total for one in levels) == sum(one.total for one in places) == pages.total == len(lines) == 7


def test_a_unit_travels_with_its_course_and_is_no_course_of_its_own(cascade, visit):
    draft = load_change()
    assert {path for path in export_package(draft) if path.startswith("bridge/")}
    bridge = draft.bridge
    assert bridge.course.is_bridge and bridge.state == "draft"
    again = load_change("material = true")
    assert again.bridge_id == bridge.id  # the same unit is not loaded twice
    discard_draft(again, None, NOW)
    db.session.commit()
    assert db.session.scalar(select(Course).where(Course.slug == UNIT)) is None
    publish_change()
    ana = cascade.user("Ana Tum")
    assert UNIT not in visit(ana).get("/courses").text


def test_the_newest_edition_of_a_unit_stands_for_the_earlier_ones():
    certificate, course = new_id(), new_id()
    early = Owed(certificate, new_id(), course, new_id(), 1, date(2026, 9, 1))
    late = Owed(certificate, new_id(), course, new_id(), 2, date(2027, 3, 1))
    other = Owed(certificate, new_id(), new_id(), new_id(), 1, date(2027, 1, 1))
    kept = gathered([late, other, early])
    assert [one.unit_version_id for one in kept] == [late.unit_version_id, other.unit_version_id]
    assert kept[0].until == date(2026, 9, 1)


def test_a_certificate_issued_after_the_change_is_given_all_its_days():
    assert last_day(date(2026, 9, 1), date(2026, 12, 1), 30) == date(2026, 12, 31)


def test_the_command_line_lists_and_sends_too(cascade, clock, runner):
    berta, _above = cascade.trainer()
    cascade.facilitators_of(berta, ["Ana Tum"])
    assert json.loads(runner.invoke(args=["changes", "list", "--json"]).output) == []
    clock.move(days=1)
    publish_change(at=clock.at)
    told = json.loads(runner.invoke(args=["changes", "list", "--json"]).output)
    assert [(one["slug"], one["certificates"], one["open"]) for one in told] == [(COURSE, 2, 2)]
    people = json.loads(runner.invoke(args=["changes", "people", COURSE, "--level", "2", "--json"]).output)
    assert [one["name"] for one in people] == ["Ana Tum"]
    assert json.loads(runner.invoke(args=["changes", "send", COURSE, "--json"]).output) == {"sent": 2}
    assert json.loads(runner.invoke(args=["changes", "send", COURSE, "--json"]).output) == {"sent": 0}
    assert runner.invoke(args=["changes", "people", "hilos"]).exit_code == 1


def test_a_professional_renews_with_a_short_test_taken_when_it_opens(cascade, visit, clock):
    lucia = cascade.user("Lucía Tum")
    enrol(lucia.person_id, cascade.trainers, "self", as_actor(lucia), NOW)
    cascade.passed(cascade.trainers, lucia)
    held = claim(db.session.get_one(Person, lucia.person_id), "formar-a-quien-forma", as_actor(lucia), NOW, TODAY)
    db.session.commit()
    test = f"/certificates/{id_text(held.id)}/renew/test"
    browser = visit(lucia)
    assert browser.post(test).status_code == 422  # too early

    clock.hold(NOW + timedelta(days=365 * 2 - 60))
    browser = visit(lucia)
    assert "Ya la puede renovar" in browser.get("/").text
    page = browser.get(f"/certificates/{id_text(held.id)}/renew").text
    assert "prueba corta" in page and test in page
    sheet = begun(browser.post(test))
    assert 0 < len(sheet.numbers) <= 10
    browser.post(sheet.path, data=sheet.form({"cierto": True}) | {"do": "submit", "sure": "1"})  # all wrong
    assert browser.post(test).status_code == 422  # the next one tomorrow
    clock.move(days=1)
    sheet = begun(browser.post(test))
    assert browser.get(sheet.path).status_code == 200
    browser.post(sheet.path, data=sheet.form(ALL_RIGHT) | {"do": "submit", "sure": "1"})
    assert "Volver a sus constancias" in browser.get(f"{sheet.path}/result").text
    db.session.commit()
    assert db.session.scalar(select(func.count()).select_from(Progress)) == 0
    assert browser.post(f"/certificates/{id_text(held.id)}/renew").status_code == 303
    db.session.commit()
    assert db.session.scalar(select(Credential.valid_until).where(Credential.renews_id == held.id)) is not None
    assert "Ya la puede renovar" not in browser.get("/").text


def begun(answer):
    assert answer.status_code == 303, answer.text
    return sheet_of(id_from_text(answer.location.partition("/attempts/")[2].partition("?")[0]))
