"""The guide on paper: who prints it, what stands in it, and what its code says when the course has moved on."""

import io
import re
from datetime import timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from lms.access.policy import Role
from lms.core import jobs, storage
from lms.core.codes import spaced
from lms.core.database import db
from lms.core.ids import id_text
from lms.curriculum.guide.rules import Edition, Verdict, codes_of, is_guide_code, verdict
from lms.curriculum.guide.teachers import teachers_by
from lms.curriculum.models import Guide, GuidePrint, Version
from lms.curriculum.services import load_package, publish, withdraw
from lms.library.models import Fact
from tests import factories
from tests.curriculum.packages import SPA, changed
from tests.factories import NOW

CHOICE = {"language": "spa", "audience": "", "part": "", "paper": "letter"}


def address(version: Version, tail: str = "") -> str:
    return f"/guides/{id_text(version.id)}{tail}"


def ordered(client, version: Version, **choice: str) -> str:
    """Ask for a guide and return the address of the page that waits for it."""
    answer = client.post(address(version), data=CHOICE | choice)
    assert answer.status_code == 303, answer.text
    return answer.location


def printed(client, version: Version, **choice: str) -> PdfReader:
    """Ask for a guide, let the worker work, fetch it."""
    waiting = ordered(client, version, **choice)
    with client.application.app_context():
        jobs.drain()
    found = re.search(r'href="(/guides/print/[^"]+\.pdf[^"]*)"', client.get(waiting).text)
    assert found is not None
    answer = client.get(found.group(1))
    assert answer.mimetype == "application/pdf"
    return PdfReader(io.BytesIO(answer.data))


def words(text: str) -> str:
    return " ".join(text.split())


def next_version(old: str, new: str) -> Version:
    """Publish the example with one text changed, a day later."""
    version = load_package(changed(SPA, old, new), factories.agency(), None, NOW).version
    publish(version, None, NOW + timedelta(days=1))
    db.session.commit()
    return version


@pytest.fixture
def keeper(client, sign_in, elena):
    """The browser of somebody who keeps courses, with the pages in English."""
    elena.interface_locale = "en"
    sign_in(client, elena)
    return client


@pytest.fixture
def version(load) -> Version:
    return load(is_published=True)


# The code


def test_the_code_of_a_guide_is_derived_from_what_it_is():
    ours = next(codes_of("v", "spa", "", "f"))
    assert ours == next(codes_of("v", "spa", "", "f"))
    assert len({ours, next(codes_of("v", "eng", "", "f")), next(codes_of("v", "spa", "teachers", "f"))}) == 3


def test_one_slip_of_the_pen_makes_no_other_code():
    code = next(codes_of("v", "spa", "", "f"))
    assert is_guide_code(code)
    assert not any(is_guide_code(code[:3] + other + code[4:]) for other in "0123456789ABCDEF" if other != code[3])


def test_a_taken_code_leaves_the_next_one():
    codes = codes_of("v", "spa", "", "f")
    assert next(codes) != next(codes)


@pytest.mark.parametrize(
    ("taught", "is_withdrawn", "is_said_still", "expected"),
    [
        (1, False, True, Verdict.CURRENT),
        (1, False, False, Verdict.FACTS_CHANGED),
        (2, False, True, Verdict.SUPERSEDED),
        (2, True, True, Verdict.SUPERSEDED),
        (None, True, True, Verdict.WITHDRAWN),
    ],
)
def test_what_a_guide_is_worth(taught, is_withdrawn, is_said_still, expected):
    now = Edition(taught, NOW) if taught else None
    assert verdict(Edition(1, NOW), now, is_withdrawn, is_said_still) is expected


# On paper


def test_the_guide_says_what_the_course_says(keeper, version):
    pdf = printed(keeper, version)
    text = words("\n".join(page.extract_text() for page in pdf.pages))
    code = spaced(db.session.scalar(select(Guide.code)))
    for said in [
        "Guía para facilitar sesiones", "Contenido", "Mensajes que no pueden perderse", "Lo que usted dice",
        "¿A quién avisa primero?", "«Aquí no se cuentan casos»", "Qué hacer",
        "Qué no hacer", "A quién llamar", "Tarjetas", "Hoja de observación", "Una puerta abierta",
    ]:  # fmt: skip
        assert said in text
    for number, page in enumerate(pdf.pages[1:], 2):
        foot = words(page.extract_text())
        assert code in foot
        assert str(number) in foot
        assert "versión 1" in foot
        assert "No escriba aquí nombres ni casos." in foot


def test_the_title_of_the_file_is_neutral_and_its_parts_are_tagged(keeper, version):
    pdf = printed(keeper, version, language="eng", paper="a4")
    neutral = version.neutral_title["eng"]
    assert pdf.metadata.title == f"Facilitator guide · {neutral}"
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert pdf.trailer["/Root"]["/Lang"] == "en"
    assert round(float(pdf.pages[0].mediabox.width)) == 595
    names = [str(one.title) for one in pdf.outline if not isinstance(one, list)]
    assert names


def test_one_module_can_be_printed_alone(keeper, version):
    whole, part = printed(keeper, version), printed(keeper, version, part="m1")
    assert len(part.pages) < len(whole.pages)
    assert len(list(db.session.scalars(select(Guide)))) == 1, "it is the same guide, under the same code"


def test_a_file_is_made_once(keeper, version):
    first = ordered(keeper, version)
    assert "The guide is being prepared" in keeper.get(first).text
    assert ordered(keeper, version) == first
    with keeper.application.app_context():
        assert jobs.drain() == 1
    assert ordered(keeper, version) == first
    with keeper.application.app_context():
        assert jobs.drain() == 0
    assert "The guide is ready" in keeper.get(first).text
    assert len(list(db.session.scalars(select(GuidePrint)))) == 1


def test_a_lost_file_is_made_again(keeper, version, app):
    waiting = ordered(keeper, version)
    with app.app_context():
        jobs.drain()
        store = storage.store()
        store.path(db.session.scalar(select(GuidePrint.sha256))).unlink()
    assert ordered(keeper, version) == waiting
    with app.app_context():
        assert jobs.drain() == 1


def test_the_guide_can_be_read_on_the_screen(keeper, version):
    page = keeper.get(address(version, "/read?lang=spa")).text
    assert "Lo que usted dice" in page
    assert 'lang="es"' in page
    assert "What you say" in keeper.get(address(version, "/read?lang=eng")).text


# What cannot be printed


@pytest.mark.parametrize("choice", [{"language": "kek"}, {"audience": "astronauts"}, {"part": "m9"}, {"paper": "a9"}])
def test_what_there_is_no_guide_for_is_refused(keeper, version, choice):
    assert keeper.post(address(version), data=CHOICE | choice).status_code == 422
    assert db.session.scalar(select(Guide.id)) is None


def test_a_draft_is_read_but_not_printed(keeper, load):
    draft = load()
    assert "Its guide can be printed once it is published." in keeper.get(address(draft)).text
    assert keeper.post(address(draft), data=CHOICE).status_code == 422
    assert keeper.get(address(draft, "/read")).status_code == 200


def test_a_withdrawn_version_is_not_printed(keeper, version):
    withdraw(version, None, NOW)
    db.session.commit()
    answer = keeper.post(address(version), data=CHOICE)
    assert answer.status_code == 422
    assert "This version was withdrawn." in answer.text


# Who


def test_who_only_learns_finds_no_guide(client, sign_in, version):
    sign_in(client, factories.user("Lucía Tum"))
    for tail in ("", "/read"):
        assert client.get(address(version, tail)).status_code == 404


def test_who_teaches_prints_what_is_published_and_no_draft(client, sign_in, app, load):
    teacher = factories.user("Catarina Us")
    hers, draft = teacher.person_id, load()
    teachers_by(app, lambda actor, course, now, today: actor.person_id == hers)
    sign_in(client, teacher)
    assert client.get(address(draft)).status_code == 404
    publish(draft, None, NOW)
    db.session.commit()
    waiting = ordered(client, draft)
    assert client.get(waiting).status_code == 200
    sign_in(client, factories.user("Rosa Xol", Role.REGISTRAR))
    assert client.get(waiting).status_code == 404, "the address alone opens nothing"
    assert client.get(waiting + ".pdf").status_code == 404


# Later


def test_a_changed_lesson_makes_the_paper_superseded(client, keeper, version):
    ordered(keeper, version)
    old = db.session.scalar(select(Guide.code))
    assert "Current" in keeper.get(f"/g/{old}").text
    newer = next_version("Escuche con calma.", "Escuche sin prisa.")
    page = keeper.get(f"/g/{old}").text
    assert "Superseded by version 2" in page
    assert address(newer) in page, "whoever may print it is led to the new one"
    ordered(keeper, newer)
    new = db.session.scalar(select(Guide.code).where(Guide.version_id == newer.id))
    assert new != old
    assert "Current" in keeper.get(f"/g/{new}").text


def test_a_corrected_number_asks_for_a_new_print_and_gets_a_new_code(keeper, version):
    ordered(keeper, version)
    old = db.session.scalar(select(Guide))
    fact = db.session.scalars(select(Fact).where(Fact.key.in_(version.details["facts"]))).first()
    fact.value = {"spa": "1999", "eng": "1999"}
    fact.changed_at = NOW + timedelta(hours=1)
    db.session.commit()
    assert "To be printed again" in keeper.get(f"/g/{old.code}").text
    ordered(keeper, version)
    codes = set(db.session.scalars(select(Guide.code)))
    assert len(codes) == 2
    (new,) = codes - {old.code}
    assert "Current" in keeper.get(f"/g/{new}").text


def test_a_withdrawn_course_says_so(keeper, version):
    ordered(keeper, version)
    withdraw(version, None, NOW)
    db.session.commit()
    assert "Withdrawn" in keeper.get(f"/g/{db.session.scalar(select(Guide.code))}").text


def test_anybody_may_ask_and_no_machine_lists_the_answer(client, keeper, version, app):
    ordered(keeper, version)
    code = db.session.scalar(select(Guide.code))
    visitor = app.test_client()
    answer = visitor.get(f"/g/{code}")
    assert answer.status_code == 200
    assert "Vigente" in answer.text
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert version.title["spa"] not in answer.text, "the page says the neutral title"
    assert visitor.get(f"/verify?code={spaced(code).lower()}").location == f"/g/{code}"
    assert visitor.get(f"/g/{spaced(code)}").location == f"/g/{code}"


def test_an_unknown_code_is_counted_so_that_nobody_tries_them_all(client):
    code = next(codes_of("nobody", "has", "this"))
    statuses = [client.get(f"/g/{code}").status_code for _try in range(61)]
    assert statuses[:60] == [404] * 60
    assert statuses[60] == 429


def test_what_is_no_code_is_asked_for_again(client):
    assert client.get("/g/QQ").location.startswith("/verify?code=QQ")
    assert client.get("/g/").location == "/verify"
