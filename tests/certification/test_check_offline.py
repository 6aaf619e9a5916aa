"""The page behind the QR in a real Chromium: it checks a claim by itself, with a line and without."""

import json
import re
from datetime import timedelta

import pytest

from lms.certification.services.keys import compromise, rotate
from lms.certification.signing.claim import text
from lms.certification.signing.qr import offline_address
from lms.core.clock import now
from tests.certification.chain import cascade, happens

# Without this a browser's own Ed25519 would answer, and the library for the others would never be tried.
WITHOUT_ED25519 = """
if (self.SubtleCrypto) {
const own = SubtleCrypto.prototype.importKey;
SubtleCrypto.prototype.importKey = function (format, data, algorithm, ...more) {
  if ((algorithm.name ?? algorithm) === "Ed25519") return Promise.reject(new DOMException("", "NotSupportedError"));
  return own.call(this, format, data, algorithm, ...more);
};
}
"""


@pytest.fixture
def chain(db_session, clock, live_server):
    clock.hold(now().replace(microsecond=0) - timedelta(hours=2))  # the browser has a clock of its own
    return cascade(now() - timedelta(days=1))


def _scan(page, packed):
    page.goto("about:blank")
    page.goto(offline_address("", packed))


def _headline(page, words):
    page.get_by_role("heading", level=1).filter(has_text=re.compile(words)).wait_for()


def _forged(packed, place=-1):
    data = bytearray(packed)
    data[place] ^= 1
    return bytes(data)


@pytest.mark.parametrize("own", [True, False], ids=["own Ed25519", "library"])
def test_a_genuine_square_is_told_from_a_forged_one(new_page, chain, axe, own):
    page = new_page(language="en")
    if not own:
        page.add_init_script(WITHOUT_ED25519)
    _scan(page, chain.marta.claim)
    _headline(page, "The signature is genuine")
    shown = page.locator("main").inner_text()
    assert "Marta Xicay P." in page.locator("header").inner_text()
    assert chain.juana.code[:4] in shown and "Level 3, generation 3" in shown and "The list of revoked" in shown
    axe(page)
    page.get_by_role("link", name="Check with internet").click()
    _headline(page, "It is valid today")
    for place in (-1, 12, 30):
        _scan(page, _forged(chain.marta.claim, place))
        _headline(page, "not genuine|cannot be read")
        assert "Marta" not in page.locator("body").inner_text()
    _scan(page, b"nothing")
    _headline(page, "cannot be read")


def test_it_works_without_internet_once_it_was_opened(new_page, chain):
    page = new_page(language="es")
    page.goto("/v/")
    page.locator("#kept").filter(has_text="funciona en este teléfono").wait_for()
    page.context.set_offline(True)
    _scan(page, chain.marta.claim)
    _headline(page, "La firma es auténtica")
    assert "Comprobado sin internet" in page.locator("main").inner_text()
    _scan(page, _forged(chain.marta.claim))
    _headline(page, "No es auténtica")


def test_it_knows_the_revoked_and_the_stolen(new_page, chain, clock):
    page = new_page(language="en")
    happens(chain.marta, "revoked", now() - timedelta(hours=1), "error")
    _scan(page, chain.marta.claim)
    _headline(page, "It is not in force")
    _scan(page, chain.juana.claim)
    _headline(page, "The signature is genuine")
    rotate(clock.move(minutes=1))
    compromise(chain.juana.key_id, now(), now())
    happens(chain.elena, "suspended", now())
    _scan(page, chain.juana.claim)
    _headline(page, "Only the register can tell")


def test_without_scripts_it_says_so_and_offers_the_code(new_page, chain):
    page = new_page(language="en", javascript=False)
    page.goto(offline_address("", chain.marta.claim))
    page.get_by_text("does not run scripts").wait_for()
    page.locator("#code").fill(chain.marta.code.lower())
    page.get_by_role("button", name="Verify").click()
    _headline(page, "It is valid today")


def test_the_worker_reaches_no_further_than_its_page(client):
    answer = client.get("/v/worker.js")
    assert answer.mimetype == "text/javascript" and "Service-Worker-Allowed" not in answer.headers
    assert client.get("/v").status_code in (301, 308)


def test_a_square_holds_the_claim_behind_the_hash(chain):
    assert chain.marta.qr.startswith("<svg") and "path" in chain.marta.qr
    address = offline_address("https://cascada.example", chain.marta.claim)
    assert address == f"https://cascada.example/v/#{text(chain.marta.claim)}"
    assert len(address) < 300
    assert json.loads(chain.marta.document)


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["es", "en"])
def test_the_pages_have_no_barriers(new_page, chain, axe, width, language):
    page = new_page(width=width, language=language, dark=width == 360)
    for address in ("/verify", "/verify?code=9FX2", f"/verify/{chain.marta.code}", "/v/"):
        page.goto(address)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


STYLES = """() => [...document.querySelectorAll("html, body, body *")].map(one => one.tagName +
  ["", "::before", "::after"].map(part => { const style = getComputedStyle(one, part || null);
    return part + [...style].filter(name => !name.startsWith("--")).map(
      name => name + ":" + style.getPropertyValue(name)).join(";") }).join("|"))"""


@pytest.mark.parametrize("dark", [False, True])
def test_with_its_own_rules_alone_the_page_looks_as_with_the_whole_sheet(app, new_page, chain, dark):
    page = new_page(width=1280 if dark else 360, dark=dark)
    for address in (f"/verify/{chain.marta.code}", "/verify?code=9FX2"):
        page.context.clear_cookies()
        page.goto(address)
        assert page.locator("head > style").count() == 1
        light = page.evaluate(STYLES)
        tag = app.extensions["assets"].tag("css")
        page.context.add_cookies([{"name": "look", "value": tag, "url": page.url}])
        page.goto(address)
        assert page.locator("head > style").count() == 0
        whole = page.evaluate(STYLES)
        assert [one for one, other in zip(light, whole, strict=True) if one != other] == []
