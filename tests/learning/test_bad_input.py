"""What no page of ours sends, and somebody may: it is refused or left aside, and nothing fails or is lost."""

import pytest

from lms.core.database import db
from lms.learning.models import AttemptSave, Enrolment
from tests.learning.conftest import attempts

LONG = "9" * 5000  # more digits than Python reads as a number


@pytest.mark.parametrize("door", ["", "/save"])
def test_numbers_without_end_count_as_nothing(learner, begin, door):
    sheet = begin(learner, "m2/todo")
    numbers = [str(number) for number in sheet.numbers]
    form = {f"q{number}": LONG for number in numbers}
    for slug, answer in {"orden": [2, 1, 3, 4], "opinion": [0, 0], "huecos": ["24", 0]}.items():
        form |= dict.fromkeys(sheet.one(slug, answer), LONG)
    answer = learner.post(sheet.path + door, data=form | {"asked": [LONG, *numbers], "sequence": LONG})
    assert answer.status_code in (200, 303)
    assert learner.get(sheet.path).status_code == 200


@pytest.mark.parametrize("sequence", ["99999999999", "999999999", "2147483647", LONG, "-5", "1e9", "²", ""])
def test_no_sequence_a_page_claims_keeps_later_answers_out(learner, begin, sequence):
    sheet = begin(learner, "m2/entrega")
    claimed = sheet.one("abierta", "Aviso.") | {"sequence": sequence}
    assert learner.post(f"{sheet.path}/save", data=claimed).status_code == 200
    later = sheet.form({"abierta": "Aviso a la directora.", "opinion": [0, 0]})
    assert learner.post(sheet.path, data=later | {"do": "save"}).status_code == 303
    assert max(db.session.scalars(db.select(AttemptSave.sequence))) < 2**31
    assert learner.post(sheet.path, data=later | {"do": "submit"}).status_code == 303
    assert "Aviso a la directora." in attempts()[0].answers


def test_ten_thousand_fields_are_one_form(learner, begin):
    sheet = begin(learner, "m2/todo")
    body = "&".join(f"asked={number}&q{number}=x" for number in range(10_000))
    answer = learner.post(sheet.path, data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in (303, 413)


def test_codes_cannot_be_guessed_one_after_the_other(learner, course, clock):
    said = [learner.post("/join", data={"code": f"ABCD23{number}"}).status_code for number in range(23, 34)]
    assert said == [422] * 10 + [429]
    clock.move(minutes=1)
    assert learner.post("/join", data={"code": "ABCD2345"}).status_code == 422


def test_a_look_without_a_body_does_not_leave_the_course(learner, enrolment):
    assert learner.head("/courses/hilos/leave").status_code == 200
    assert db.session.get_one(Enrolment, enrolment.id, populate_existing=True).state == "active"
