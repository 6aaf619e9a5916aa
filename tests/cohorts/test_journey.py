"""A facilitator's way with her group, and a member's, through the doors."""

from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import func, select

from lms.access.policy import Role
from lms.accounts import hashing
from lms.accounts.models import User
from lms.assessment.rules import Guise
from lms.cohorts.models import Attendance, Cohort, CohortMember, CohortQuestion, Observation, Session
from lms.cohorts.queries.standings import lines_of
from lms.core.database import db
from lms.core.ids import id_from_text, id_text
from lms.core.models import Mail
from lms.curriculum.queries import outline_of
from lms.learning.models import Attempt, Enrolment, Progress
from lms.organization.models import Person
from tests.cohorts.conftest import meeting, open_group, path, place_of
from tests.factories import NOW, TODAY
from tests.learning.conftest import activity, sheet_of


def count(model, *where):
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model).where(*where))


def test_a_registrar_opens_a_group_and_names_who_leads_it(course, office, catarina, staff, visit):
    rosa = staff(Role.REGISTRAR)
    page = rosa.get("/groups/new")
    assert page.status_code == 200
    form = {
        "course": id_text(course.current_version_id),
        "unit": id_text(office.id),
        "facilitator": "catarina.us",
        "name": "San Andrés, grupo 2",
        "place_code": "1406",
        "language": "spa",
        "modality": "in_person",
        "starts_on": "2026-11-21",
        "ends_on": "2027-01-31",
        "capacity": "25",
        "audience": "teachers",
        "is_joinable": "y",
    }
    wrong = rosa.post("/groups/new", data=form | {"ends_on": "2026-01-01"})
    assert wrong.status_code == 422
    assert rosa.post("/groups/new", data=form | {"facilitator": "nadie"}).status_code == 422
    answer = rosa.post("/groups/new", data=form)
    assert answer.status_code == 303, answer.text
    assert rosa.get(answer.location).status_code == 200
    hers = visit(catarina)
    assert "San Andrés, grupo 2" in hers.get("/groups").text
    assert hers.get(answer.location).status_code == 200
    assert hers.get(answer.location + "/change").status_code == 200


def test_people_join_with_the_code_of_the_group_once(group, visit, client):
    from tests import factories

    lucia = factories.user("Lucía Tum")
    hers = visit(lucia)
    assert hers.get("/groups/join").status_code == 200
    code = f" {group.code[:4].lower()}-{group.code[4:]} "
    for _again in range(2):
        answer = hers.post("/groups/join", data={"code": code})
        assert answer.location.endswith(path(group, "mine"))
    assert hers.get(answer.location).status_code == 200
    enrolment = db.session.get_one(Enrolment, place_of(group, lucia).enrolment_id)
    assert (enrolment.version_id, enrolment.source) == (group.version_id, "code")
    assert count(CohortMember) == 1


def test_a_full_closed_or_ended_group_lets_nobody_in(course, office, catarina, visit, enter, group, clock):
    from tests import factories

    small = open_group(course, office, catarina, capacity=1)
    first, second = visit(factories.user("Ana Uno")), visit(factories.user("Eva Dos"))
    assert first.post("/groups/join", data={"code": small.code}).status_code == 303
    assert "lleno" in second.post("/groups/join", data={"code": small.code}).text
    hers = visit(catarina)
    assert hers.post(path(small, "close")).status_code == 303
    assert second.post("/groups/join", data={"code": small.code}).status_code == 422
    assert hers.post(path(small, "reopen")).status_code == 303
    clock.hold(NOW + timedelta(days=90))
    third = visit(factories.user("Eva Tres"))
    assert third.post("/groups/join", data={"code": group.code}).status_code == 422


def test_the_code_of_a_course_works_on_the_same_page(course, visit, group):
    from lms.learning.services.codes import open_code
    from tests import factories

    code = open_code(course, factories.agency(), 5, TODAY, None, factories.actor(), NOW).code
    answer = visit(factories.user("Lucía Tum")).post("/groups/join", data={"code": code})
    assert answer.location.endswith("/courses/hilos")


def test_somebody_new_gets_a_slip_and_a_place(group, catarina, visit):
    hers = visit(catarina)
    form = {"given_names": "Manuela", "family_names": "Pérez Canil", "language": "spa"}
    page = hers.post(path(group, "new-person"), data=form)
    assert page.status_code == 200
    assert "manuela" in page.text
    again = hers.post(path(group, "new-person"), data=form)
    assert again.status_code == 422
    assert hers.post(path(group, "new-person"), data=form | {"is_another": "y"}).status_code == 200
    assert count(CohortMember) == 2
    assert count(User, User.username.startswith("manuela"), User.pin_hash.is_not(None)) == 2


def test_a_list_is_taken_in_whole_or_not_at_all(group, catarina, visit, office):
    from tests import factories

    factories.user("Diego Tzoc", over=office)
    hers = visit(catarina)

    def send(text):
        data = {"file": (BytesIO(text.encode()), "lista.csv")}
        return hers.post(path(group, "list"), data=data, content_type="multipart/form-data")

    bad = send("Nombres,Apellidos,Usuario,Idioma\nAna,Tum,,\n,,nadie,\nEva,Xol,,klingon\n")
    assert bad.status_code == 422
    assert count(CohortMember) == 0
    good = send("Nombres,Apellidos,Usuario,Idioma\nAna,Tum,,spa\nEva,Xol,,\n,,diego.tzoc,\n")
    assert good.status_code == 200, good.text
    carried = '[[2, "Ana", "Tum", "", "spa"], [3, "Eva", "Xol", "", ""], [4, "", "", "diego.tzoc", ""]]'
    answer = hers.post(path(group, "list", "take-in"), data={"rows": carried})
    assert answer.status_code == 303
    assert count(CohortMember) == 3
    again = hers.post(path(group, "list", "take-in"), data={"rows": carried})
    assert again.status_code == 422  # Ana and Eva are in the office now: the second time names them
    assert count(CohortMember) == 3
    slips = hers.post(path(group, "slips"))
    assert slips.status_code == 200
    assert count(User, User.pin_hash.is_not(None)) == 2
    for broken in ("", "[]", "[[1]]", "{}", "[null]", '[["1","a","b","c","d"]]'):
        assert hers.post(path(group, "list", "take-in"), data={"rows": broken}).status_code == 422


def test_who_is_taken_out_comes_back_with_undo(group, diego, catarina, visit):
    hers = visit(catarina)
    one = path(group, "people", id_text(diego.person_id))
    assert hers.post(one + "/remove").status_code == 303
    assert place_of(group, diego).left_at is not None
    assert hers.get(one).status_code == 200
    assert visit(diego).get(path(group, "mine")).status_code == 404
    assert hers.post(one + "/restore").status_code == 303
    assert place_of(group, diego).left_at is None


def test_sessions_are_planned_at_once_and_only_once(group, catarina, visit):
    hers = visit(catarina)
    form = {"first_on": "2026-11-28", "hour": "09:00", "every": "7", "minutes": "120", "venue": "Salón"}
    for _again in range(2):
        assert hers.post(path(group, "sessions", "plan"), data=form).status_code == 303
    planned = db.session.scalars(select(Session).order_by(Session.number)).all()
    assert [(one.number, one.module_slug) for one in planned] == [(1, "m1"), (2, "m2")]
    assert planned[1].starts_at - planned[0].starts_at == timedelta(days=7)
    assert len({one.code for one in planned}) == 2
    assert hers.get(path(group)).status_code == 200


def roll(marks, **more):
    return {f"m-{id_text(one.person_id)}": mark for one, mark in marks.items()} | more


def test_attendance_of_all_is_written_on_one_page_and_twice_is_once(group, enter, catarina, visit, course):
    people = [enter(name) for name in ("Diego Tzoc", "Lucía Zacarías", "Tomás Ixcoy")]
    held = meeting(group, module_slug="m1")
    hers, url = visit(catarina), f"/sessions/{id_text(held.id)}"
    assert hers.get(url).status_code == 200
    form = roll(
        dict(zip(people, ("present", "late", "absent"), strict=True)),
        led_by=id_text(catarina.person_id), women="4", minors="3", reflection="Más tiempo para preguntas.",
    )  # fmt: skip
    missing = {key: value for key, value in form.items() if key != f"m-{id_text(people[2].person_id)}"}
    assert hers.post(url, data=missing).status_code == 422
    for _again in range(2):
        assert hers.post(url, data=form).status_code == 303
    db.session.rollback()
    kept = db.session.get_one(Session, held.id, populate_existing=True)
    assert (kept.state, kept.held_by_id, kept.tally) == ("held", catarina.person_id, {"women": 4, "minors": 3})
    assert count(Attendance) == 3
    # Being there is the part of the course that happens face to face.
    assert count(Progress, Progress.activity_number == activity(course, "m1/encuentro")) == 2
    page = hers.get(path(group))
    assert page.status_code == 200
    assert hers.post(url, data=form | {"reflection": "llame al 5555 1234"}).status_code == 422


def test_a_session_to_come_or_called_off_is_not_held(group, diego, catarina, visit):
    ahead, off = meeting(group, TODAY + timedelta(days=7)), meeting(group)
    hers = visit(catarina)
    form = roll({diego: "present"}, led_by=id_text(catarina.person_id))
    assert hers.post(f"/sessions/{id_text(ahead.id)}", data=form).status_code == 422
    assert hers.post(f"/sessions/{id_text(off.id)}/cancel").status_code == 303
    assert hers.post(f"/sessions/{id_text(off.id)}", data=form).status_code == 422
    assert hers.post(f"/sessions/{id_text(off.id)}/restore").status_code == 303
    assert hers.post(f"/sessions/{id_text(off.id)}", data=form).status_code == 303
    assert hers.post(f"/sessions/{id_text(off.id)}/cancel").status_code == 422


SEEN = {"kind": "teach_back", "observed_on": "2026-11-21", "r-preparar": "3", "r-sin-casos": "2", "r-cierre": "2"}


def watch(browser, group, user, **changes):
    return browser.post(path(group, "people", id_text(user.person_id), "observe"), data=SEEN | changes)


def test_practice_counts_once_both_have_signed(group, diego, catarina, visit):
    hers, his = visit(catarina), visit(diego)
    assert hers.get(path(group, "people", id_text(diego.person_id), "observe")).status_code == 200
    short = {key: value for key, value in SEEN.items() if key != "r-cierre"}
    where = path(group, "people", id_text(diego.person_id), "observe")
    assert hers.post(where, data=short).status_code == 422
    answer = watch(hers, group, diego, strength_1="Preguntas abiertas.", change="El tiempo.")
    assert answer.status_code == 303
    assert watch(hers, group, diego).location == answer.location  # the same form twice is one observation
    seen = db.session.scalars(select(Observation)).one()
    assert (seen.is_passed, seen.score, seen.person_signed_at) == (True, 77.8, None)
    _facts, lines = lines_of(group)
    assert not lines[0].is_practice_passed
    own = f"/practice/{id_text(seen.id)}"
    assert hers.post(own).status_code == 404
    assert his.get(own).status_code == 200
    assert his.post(own).status_code == 303
    db.session.rollback()
    assert lines_of(db.session.get_one(Cohort, group.id))[1][0].is_practice_passed
    assert hers.post(f"/observations/{id_text(seen.id)}/take-back").status_code == 422


def test_a_critical_row_below_two_fails_whatever_the_sum(group, diego, catarina, visit):
    watch(visit(catarina), group, diego, **{"r-preparar": "3", "r-sin-casos": "1", "r-cierre": "3"})
    seen = db.session.scalars(select(Observation)).one()
    assert (seen.score > 75, seen.is_passed, seen.missed_critical) == (True, False, True)


def test_the_person_observed_signs_on_the_same_phone_with_her_own_pin(group, diego, catarina, visit):
    diego.pin_hash = hashing.hashed("274913")
    hers = visit(catarina)
    url = watch(hers, group, diego).location
    assert hers.get(url).status_code == 200
    assert hers.post(url, data={"secret": "111222"}).status_code == 422
    assert count(Observation, Observation.person_signed_at.is_not(None)) == 0
    assert hers.post(url, data={"secret": "274913"}).status_code == 303
    assert count(Observation, Observation.person_signed_at.is_not(None)) == 1


def test_a_pin_that_was_handed_out_signs_nothing_until_its_owner_chose_her_own(group, diego, catarina, visit):
    diego.pin_hash, diego.must_choose_secret = hashing.hashed("274913"), True
    hers = visit(catarina)
    url = watch(hers, group, diego).location
    assert hers.post(url, data={"secret": "274913"}).status_code == 200
    assert count(Observation, Observation.person_signed_at.is_not(None)) == 0


def test_the_code_of_a_sheet_leads_to_its_session(group, catarina, visit):
    one, hers = meeting(group), visit(catarina)
    from tests import factories

    answer = hers.get(f"/groups?q={one.code[:4].lower()}-{one.code[4:]}")
    assert answer.location.endswith(f"/sessions/{id_text(one.id)}")
    assert visit(factories.user("Nadie Nunca")).get(f"/groups?q={one.code}").status_code == 200


def test_a_test_read_aloud_is_the_same_test_with_the_name_of_who_entered_it(group, diego, catarina, visit, course):
    hers, number = visit(catarina), activity(course, "m2/final")
    where = path(group, "people", id_text(diego.person_id), "read-aloud")
    assert hers.get(where).status_code == 200
    answer = hers.post(where, data={"quiz": number})
    assert answer.status_code == 303, answer.text
    attempt_id = id_from_text(answer.location.rpartition("/")[2])
    assert hers.post(where, data={"quiz": number}).location == answer.location  # two taps open one attempt
    db.session.rollback()
    sheet = sheet_of(attempt_id)
    assert isinstance(sheet.guise, Guise)
    attempt = db.session.get_one(Attempt, attempt_id)
    assert (attempt.entered_by, attempt.deadline_at) == (catarina.id, None)
    assert hers.get(answer.location).status_code == 200
    assert visit(diego).post(f"/attempts/{id_text(attempt_id)}", data=sheet.form({})).status_code == 404
    open_form = {**sheet.form({}), "do": "submit"}
    assert hers.post(answer.location, data=open_form).status_code == 422
    done = hers.post(answer.location, data=open_form | {"sure": "1"})
    assert done.status_code == 303
    assert hers.post(answer.location, data=open_form | {"sure": "1"}).status_code == 303
    db.session.rollback()
    graded = db.session.get_one(Attempt, attempt_id, populate_existing=True)
    assert (graded.state, graded.is_passed) == ("graded", False)


def test_a_quiz_that_asks_for_an_essay_is_not_read_aloud(group, diego, catarina, visit, course):
    where = path(group, "people", id_text(diego.person_id), "read-aloud")
    answer = visit(catarina).post(where, data={"quiz": activity(course, "m2/todo")})
    assert answer.status_code == 403


def test_an_announcement_goes_to_all_and_its_mail_says_nothing(group, diego, catarina, visit, app):
    diego.email = "diego@example.org"
    hers = visit(catarina)
    for _again in range(2):
        form = {"text": "El sábado nos vemos a las nueve."}
        assert hers.post(path(group, "messages"), data=form).status_code == 303
    assert "El sábado nos vemos" in visit(diego).get(path(group, "mine")).text
    from lms.core.jobs.doing import drain

    drain()
    mails = db.session.scalars(select(Mail)).all()
    assert [mail.recipient for mail in mails] == ["diego@example.org"]
    assert "sábado" not in mails[0].body


def test_what_a_member_asks_is_read_by_her_facilitators_alone(group, diego, enter, catarina, visit, staff):
    his = visit(diego)
    assert his.post(path(group, "mine"), data={"text": "¿Puedo llevar a mi hermana?"}).status_code == 303
    asked = db.session.scalars(select(CohortQuestion)).one()
    url = f"/groups/questions/{id_text(asked.id)}"
    assert "hermana" not in staff(Role.REGISTRAR).get(path(group, "messages")).text
    assert staff(Role.UNIT_MANAGER, name="Marta Caal").get(url).status_code == 404
    hers = visit(catarina)
    assert "hermana" in hers.get(path(group, "messages")).text
    assert hers.post(url, data={"text": "Sí, con gusto."}).status_code == 303
    assert "Sí, con gusto." in his.get(path(group, "mine")).text
    assert "hermana" not in visit(enter("Tomás Ixcoy")).get(path(group, "mine")).text


def test_a_second_facilitator_leads_too_and_the_last_one_stays(group, catarina, visit, diego, office):
    from tests import factories

    other = factories.user("Juana Chel", over=office)
    hers = visit(catarina)
    assert hers.post(path(group, "facilitators"), data={"username": "diego.tzoc"}).status_code == 422
    assert hers.post(path(group, "facilitators"), data={"username": "juana.chel"}).status_code == 303
    assert visit(other).get(path(group)).status_code == 200
    one = path(group, "facilitators", id_text(catarina.person_id), "end")
    assert hers.post(one).status_code == 303
    assert hers.get(path(group)).status_code == 404
    last = path(group, "facilitators", id_text(other.person_id), "end")
    assert visit(other).post(last).status_code == 422


def test_the_calendar_says_when_and_not_what(group, diego, visit):
    meeting(group, title="¿Cómo engañan?", venue="Salón; sur")
    his = visit(diego)
    for url in (path(group, "calendar.ics"), "/me/calendar.ics"):
        answer = his.get(url)
        assert answer.mimetype == "text/calendar"
        assert "DTSTART:20261121T150000Z" in answer.text
        assert "engañan" not in answer.text
        assert "Salón\\; sur" in answer.text


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_table_of_people_can_be_taken_along(group, diego, catarina, visit, kind):
    assert visit(catarina).get(path(group, f"people.{kind}")).status_code == 200


def test_papers_carry_the_codes(group, diego, catarina, visit):
    one, hers = meeting(group), visit(catarina)
    assert f"{group.code[:4]}-{group.code[4:]}" in hers.get(path(group, "code")).text
    sheet = hers.get(f"/sessions/{id_text(one.id)}/sheet").text
    assert f"{one.code[:4]}-{one.code[4:]}" in sheet
    assert "Diego Tzoc" in sheet
    assert "Diego Tzoc" in hers.get(path(group, "people", "print")).text


def test_people_are_enrolled_by_their_user_names_and_found_within_reach(group, catarina, visit, staff, office):
    from tests import factories

    factories.user("Ana Tum", over=office)
    far = factories.user("Ana Lejos", over=factories.unit("Petén"))
    hers = visit(catarina)
    assert hers.post(path(group, "add"), data={"names": "ana.tum\nnadie"}).status_code == 422
    assert count(CohortMember) == 0
    assert hers.post(path(group, "add"), data={"names": "ana.tum\nANA.TUM"}).status_code == 303
    assert count(CohortMember) == 1
    assert hers.post(path(group, "add"), data={"person": id_text(far.person_id)}).status_code == 404
    rosa = staff(Role.REGISTRAR)
    found = rosa.get(path(group, "add") + "?q=ana").text
    assert "Ana Tum" in found
    assert "Ana Lejos" not in found
    assert count(Person, Person.given_names == "Ana") == 2


@pytest.mark.parametrize("language", ["es", "en"])
def test_no_page_of_a_group_takes_more_than_twelve_statements(
    group, office, catarina, visit, statements, course, language
):
    from lms.cohorts.services import members, sessions
    from tests import factories
    from tests.learning.conftest import as_actor

    people = [factories.person(f"Persona {number:02}", office).id for number in range(30 - 5)]
    members.add_people(group, people, "staff", as_actor(catarina), NOW)
    for number in range(12):
        one = meeting(group, TODAY - timedelta(days=12 - number), f"Sesión {number}")
        held = sessions.Held(dict.fromkeys(people, "present"), catarina.person_id)
        sessions.hold_session(one, held, as_actor(catarina), NOW)
    db.session.commit()
    outline_of(group.version_id)
    hers = visit(catarina)
    hers.set_cookie("lang", {"es": "es_GT", "en": "en"}[language])
    member = id_text(people[0])
    pages = [
        "/groups", path(group), path(group, "code"), path(group, "people", "print"), path(group, "messages"),
        path(group, "add"), path(group, "people", member), path(group, "people", member, "observe"),
        path(group, "people", member, "read-aloud"), f"/sessions/{id_text(one.id)}",
        f"/sessions/{id_text(one.id)}/sheet", path(group, "change"), path(group, "facilitators"),
        path(group, "new-person"), path(group, "list"), path(group, "slips"), path(group, "close"),
        path(group, "sessions", "plan"), path(group, "sessions", "new"), f"/sessions/{id_text(one.id)}/change",
        "/me/calendar.ics", path(group, "people.csv"),
    ]  # fmt: skip
    for url in pages:
        hers.get(url)
        with statements() as seen:
            assert hers.get(url).status_code == 200, url
        assert len(seen) <= 12, (url, list(seen))
