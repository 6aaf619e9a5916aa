"""Certificates on paper: what stands on them, who gets them, each one once, and none that lost its force."""

import io
import zipfile
from datetime import timedelta

import pytest
import segno
from PIL import Image
from sqlalchemy import select

from lms.access.policy import Role
from lms.certification.models import CredentialEvent, PrintRun
from lms.certification.paper import services
from lms.certification.paper.facts import printed
from lms.certification.paper.qr import png
from lms.certification.paper.sheets import CERTIFICATE, orders
from lms.certification.signing.qr import offline_address
from lms.core import jobs, storage
from lms.core.database import db
from lms.core.errors import NotFound, RuleBroken
from lms.core.ids import id_text
from lms.core.models import Job
from lms.core.printing import Order, print_many
from lms.organization.models import Place
from tests import factories
from tests.certification.chain import MAY_SIGN, certificate
from tests.factories import NOW, TODAY
from tests.harness.paper import Paper
from tests.learning.conftest import as_actor

NAME = "María Ẍuwan Kʼichʼob Tzʼoyool Ajqʼäbꞌ"


@pytest.fixture
def visit(app, sign_in):
    """Open somebody's browser."""

    def come(user):
        db.session.commit()
        browser = app.test_client()
        sign_in(browser, user, is_shared=False)
        return browser

    return come


@pytest.fixture
def chain(app, db_session):
    """Six people, each certified by the one before, the last with a long Mayan name."""
    app.config["BASE_URL"] = "https://constancias.ejemplo.gt"
    if db.session.get(Place, "14") is None:
        db.session.add(Place(code="14", level="department", name="Quiché", name_folded="quiche", languages=[]))
    found, above = [], None
    for number, name in enumerate(["Ana Morales", "Luz Xajil", "Eva Tzoc", "Rut Us", "Sara Ixim", NAME]):
        above = certificate(name, min(number + 1, 3), above, NOW - timedelta(days=9 - number), MAY_SIGN)
        found.append(above)
    db.session.commit()
    return found


def on_paper(credentials, language="es", is_each=False):
    return list(print_many(orders(printed([one.id for one in credentials]), language, is_each)))


def squeezed(text):
    return " ".join(text.split())


def test_a_certificate_says_who_what_when_and_by_whom(chain):
    paper = Paper(on_paper(chain[-1:])[0])
    text, code = squeezed(paper.text), chain[-1].code
    assert paper.title == "Constancia de formación" and paper.language == "es" and paper.is_ua
    assert NAME in text and f"{code[:4]} {code[4:8]} {code[8:]}" in text
    assert (
        "Participante, nivel 3: asistió a las sesiones." in text and "La escuela que acompaña · versión 2026.1" in text
    )
    assert all(one in text for one in ("12 horas", "Quiché", "17 de noviembre de 2026"))
    assert "Sara Ixim" in text and "constancias.ejemplo.gt/verify" in text and "No vence." in text
    assert "La escuela que protege" not in text  # the title that tells the subject stands behind the code


def test_the_letters_of_a_mayan_name_are_glyphs_of_fonts_inside(chain):
    paper = Paper(on_paper(chain[-1:])[0])
    assert all(letter in paper.text for letter in "Ẍʼäꞌ")
    assert all(paper.fonts.values()) and any("Display" in name for name in paper.fonts)
    assert not any("\ufffd" in page for page in paper.pages)


def test_a_long_chain_shows_the_nearest_and_counts_the_rest(chain):
    text = squeezed(Paper(on_paper(chain[-1:])[0]).text)
    assert "y antes 4 más" in text and "Rut Us" not in text and "origen de la cadena" in text
    short = squeezed(Paper(on_paper(chain[2:3])[0]).text)
    assert "Luz Xajil" in short and "Ana Morales" in short and "más en la página" not in short


def test_a_certificate_speaks_english_or_both_languages_and_says_which(chain):
    english, both = (Paper(on_paper(chain[1:2], language)[0]) for language in ("en", "both"))
    assert english.language == "en" and "Community facilitator, level 2" in english.text
    text = squeezed(both.text)
    assert all(one in text for one in ("Constancia de formación", "Certificate of training"))
    assert all(one in text for one in ("Facilitadora comunitaria, nivel 2", "Community facilitator, level 2"))
    drawn = both.reader.pages[0].get_contents().get_data()
    assert drawn.count(b"/Lang (en)") > 5 and drawn.count(b"/Lang (es)") > 5


def test_what_is_read_aloud_has_headings_a_list_and_the_words_of_the_qr(chain):
    tags = Paper(on_paper(chain[-1:])[0]).tags
    assert tags.count("/H1") == 1 and tags.count("/Figure") == 1 and tags.count("/LI") == 4
    first = [tag for tag in tags if tag in ("/H1", "/Figure", "/L")]
    assert first == ["/H1", "/Figure", "/L"]


def test_the_page_is_a4_and_leaves_what_letter_cuts_off_empty(chain):
    box = Paper(on_paper(chain[-1:])[0]).reader.pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == (842, 595)
    assert min(792 / 842, 612 / 595) > 0.94  # so the whole sheet stands on letter at 94 %


def test_sheets_put_together_stand_as_in_a_whole_page(chain):
    """The press lays frame and slots out apart; nobody may see that."""
    pair = [chain[-1], chain[2]]
    made = next(iter(orders(printed([one.id for one in pair]), "both", is_each=False)))
    together, read = Paper(next(iter(print_many([made])))), ["/Document"]
    for page, sheet in zip(together.reader.pages, made.sheets, strict=True):
        whole = sheet.frame
        for name, slot in sheet.slots.items():
            whole = whole.replace(f"<!-- {name} -->", slot)
        html = made.html.replace("<!-- sheets -->", whole)
        alone = Paper(next(iter(print_many([Order(html, CERTIFICATE, made.pictures)]))))
        assert laid_out(page) == laid_out(alone.reader.pages[0])
        read += alone.tags[1:]
    assert together.tags == read


def laid_out(page):
    """Every piece of a page with the place where it stands."""
    return sorted(line.rstrip() for line in page.extract_text(extraction_mode="layout").splitlines())


def test_each_certificate_is_printed_once_in_one_file_or_in_many(chain):
    codes = [f"{one.code[:4]} {one.code[4:8]} {one.code[8:]}" for one in chain]
    pages = [squeezed(page) for page in Paper(on_paper(chain)[0]).pages]
    alone = [squeezed(Paper(pdf).text) for pdf in on_paper(chain, is_each=True)]
    for found in (pages, alone):
        assert len(found) == 6 and all(code in page for code, page in zip(codes, found, strict=True))


def test_the_qr_on_paper_is_the_one_that_was_drawn_at_issue(app, chain):
    one = chain[-1]
    drawn = io.BytesIO()
    address = offline_address(app.config["BASE_URL"], one.claim)
    segno.make_qr(address, error="m", boost_error=False, mask=4).save(drawn, kind="png", scale=2)
    ours, theirs = (Image.open(io.BytesIO(data)).convert("1") for data in (png(one.qr), drawn.getvalue()))
    assert ours.size == theirs.size and ours.tobytes() == theirs.tobytes()
    with pytest.raises(ValueError, match="QR"):
        png("<svg></svg>")


def lose(credential, kind):
    db.session.add(CredentialEvent(credential_id=credential.id, kind=kind, at=NOW))
    db.session.commit()


@pytest.mark.parametrize(
    ("kind", "reason"), [("revoked", "revocada"), ("suspended", "suspendida"), ("under_review", "revisión")]
)
def test_what_lost_its_force_is_refused_with_the_way_out(cascade, visit, kind, reason):
    berta, first = cascade.trainer()
    lose(first, kind)
    answer = visit(berta).get(f"/certificates/{id_text(first.id)}/paper.pdf")
    assert answer.status_code == 422 and reason in answer.text
    cohort = first.cohort
    with pytest.raises(RuleBroken):
        services.ask(cohort, "es", "zip", as_actor(cascade.elena), NOW, TODAY)


def test_a_holder_and_staff_print_one_while_they_wait(cascade, visit):
    berta, first = cascade.trainer()
    for who in (berta, cascade.elena):
        answer = visit(who).get(f"/certificates/{id_text(first.id)}/paper.pdf?language=en")
        assert answer.status_code == 200 and answer.mimetype == "application/pdf"
        assert first.code in answer.headers["Content-Disposition"] and "no-store" in answer.headers["Cache-Control"]
        assert Paper(answer.data).language == "en"
    assert "paper.pdf" in visit(berta).get("/certificates").text
    assert "paper.pdf" in visit(cascade.elena).get(f"/manage/certificates/{id_text(first.id)}").text


@pytest.mark.parametrize("shape", ["merged", "zip"])
def test_a_group_is_printed_in_the_background_and_asked_twice_is_the_same(cascade, visit, shape):
    berta, _first = cascade.trainer()
    cohort, _people, issued = cascade.facilitators_of(berta, ["Juana Tomás", "Felipa Ren", "Inés Batz"])
    browser, path = visit(berta), f"/groups/{id_text(cohort.id)}/paper"
    assert browser.get(path).status_code == 200
    assert path in browser.get(f"/groups/{id_text(cohort.id)}/certify").text
    assert browser.post(path, data={"language": "quc", "shape": shape}).status_code == 422
    sent = {"language": "es", "shape": shape}
    where = [browser.post(path, data=sent).location for _time in range(2)]
    assert where[0] == where[1]
    waiting = browser.get(where[0])
    assert waiting.status_code == 200 and waiting.headers["Refresh"] == "2"
    assert browser.get(where[0] + "/1").status_code == 404
    jobs.drain()
    db.session.expire_all()
    run = db.session.scalars(select(PrintRun)).one()
    assert run.done_at and db.session.scalars(select(Job).where(Job.name == services.JOB)).one().done_steps == 3
    ready = browser.get(where[0])
    assert where[0] + "/1" in ready.text and "Refresh" not in ready.headers
    sent_file = browser.get(where[0] + "/1").data
    if shape == "zip":
        with zipfile.ZipFile(io.BytesIO(sent_file)) as archive:
            texts = [squeezed(Paper(archive.read(name)).text) for name in archive.namelist()]
            assert sorted(name[-16:-4] for name in archive.namelist()) == sorted(one.code for one in issued)
    else:
        texts = [squeezed(page) for page in Paper(sent_file).pages]
    assert len(texts) == 3
    for one in issued:
        code = f"{one.code[:4]} {one.code[4:8]} {one.code[8:]}"
        assert sum(code in text for text in texts) == 1

    lose(issued[0], "revoked")
    assert browser.get(where[0] + "/1").status_code == 422 and where[0] + "/1" not in browser.get(where[0]).text
    again = browser.post(path, data=sent).location
    assert again != where[0]


def test_printed_files_are_swept_after_some_days(cascade):
    berta, _first = cascade.trainer()
    cohort, _people, _issued = cascade.facilitators_of(berta, ["Juana Tomás"])
    services.ask(cohort, "es", "merged", as_actor(berta), NOW, TODAY)
    jobs.drain()
    db.session.expire_all()
    sha = db.session.scalars(select(PrintRun)).one().files[0]["sha"]
    assert services.sweep(NOW + services.KEPT) == 0 and storage.exists(sha)
    assert services.sweep(NOW + services.KEPT + timedelta(minutes=1)) == 1
    assert not storage.exists(sha) and db.session.scalars(select(PrintRun)).first() is None
    with pytest.raises(NotFound):
        storage.read_bytes(sha)


MANAGERS = {Role.ADMINISTRATOR, Role.UNIT_MANAGER, Role.REGISTRAR}
READERS = MANAGERS | {Role.DIRECTOR, Role.AUDITOR}


def test_paper_is_for_who_may_see_the_certificate_or_leads_the_group(cascade, visit):
    berta, _first = cascade.trainer()
    cohort, (juana,), (second,) = cascade.facilitators_of(berta, ["Juana Tomás"])
    run = services.ask(cohort, "es", "merged", as_actor(berta), NOW, TODAY)
    db.session.commit()
    mine, group = f"/certificates/{id_text(second.id)}/paper.pdf", f"/groups/{id_text(cohort.id)}/paper"
    away = factories.unit("Oficina de Petén")
    lose(second, "suspended")  # so that nothing has to be printed to tell who may
    asked = f"{group}/{id_text(run.id)}"
    doors = [("get", mine, READERS), ("get", group, MANAGERS), ("post", group, MANAGERS), ("get", asked, MANAGERS),
             ("get", f"{asked}/1", MANAGERS)]  # fmt: skip
    for role in Role:
        near, far = (visit(factories.user(f"{role.value} {at.name}", role, at)) for at in (cascade.agency, away))
        for method, path, who in doors:
            assert getattr(far, method)(path).status_code == 404, (role, path)
            opened = getattr(near, method)(path)
            is_file = path.endswith("/1")  # not prepared: absent for everybody
            assert (opened.status_code != 404 or is_file) == (role in who or is_file), (role, path, opened.status_code)
    holder, leader = visit(juana), visit(berta)
    assert holder.get(mine).status_code == 422 and holder.get(group).status_code == 404
    assert leader.get(group).status_code == 200 and leader.get(mine).status_code == 404
    other, _people = cascade.ready_group(cascade.facilitators, berta, ["Ana Batz"])
    assert leader.get(f"/groups/{id_text(other.id)}/paper/{id_text(run.id)}").status_code == 404
