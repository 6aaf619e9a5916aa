"""From the agency to a village and back: how the right to certify is handed down, checked by anybody, and taken away.

Berta trains facilitators under the agency's certificate. She certifies Juana, not yet Manuel; Juana opens a group of
her own and certifies two neighbours. Then the agency revokes Juana's, and looks at those who stand below.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale, gettext
from playwright.sync_api import Page, expect

from lms.accounts import hashing
from lms.core.database import db
from tests.certification.conftest import Cascade
from tests.cohorts.conftest import RUBRIC
from tests.factories import NOW
from tests.harness.stage import apart
from tests.journeys.answering import Sheet, press
from tests.learning.package import FINAL, MATCHED, MODULE, files, quiz

LOCALES = {"es": "es_GT", "en": "en"}
PIN = "274913"


def small(slug: str) -> dict[str, bytes]:
    """A course of one meeting and one test, so that it is walked in seconds."""
    whole = files(slug=slug)
    course = re.sub(r"outline = .*", 'outline = ["m1"]', whole["course.toml"].decode())
    course = re.sub(r'title.(spa|eng) = ".*"', rf'title.\1 = "{slug}"', course)
    module = MODULE.format(spa="Notar", eng="Notice") + (
        '[[activity]]\nslug = "encuentro"\nkind = "session"\nminutes = 90\n'
        'title.spa = "Encuentro"\ntitle.eng = "Meeting"\n'
    )
    return {
        "course.toml": course.encode(),
        "facts.toml": whole["facts.toml"],
        "banks/m1.toml": whole["banks/m1.toml"],
        "rubrics/charla.toml": RUBRIC.encode(),
        "m1/module.toml": (module + quiz("final", "Prueba final", "final", MATCHED, "end", FINAL)).encode(),
    }


class Person:
    """Somebody with a browser, who reads pages in her language and presses what is written there."""

    def __init__(self, page: Page, say: Callable[..., str], axe: Callable[[Page], None], seen: set[str]) -> None:
        self.page, self.say, self._axe, self._seen = page, say, axe, seen

    def open(self, path: str) -> None:
        self.page.goto(path)

    def follow(self, text: str, **values: Any) -> None:
        press(self._named("link", text, **values))

    def press(self, text: str, **values: Any) -> None:
        press(self._named("button", text, **values))

    def fill(self, label: str, value: str) -> None:
        self.page.get_by_label(self.say(label)).fill(value)

    def tick(self, label: str) -> None:
        self.page.get_by_label(self.say(label), exact=True).check()

    def reads(self, text: str, **values: Any) -> None:
        """Find this on the page, in her language."""
        expect(self.page.locator("body")).to_contain_text(self.say(text, **values))

    def looks(self) -> None:
        """Find nothing wider than the phone, and no barrier on a kind of page that nobody has looked at yet."""
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), self.page.url
        kind = re.sub(r"/\w{26}\b", "", self.page.url)
        if kind not in self._seen:
            self._seen.add(kind)
            self._axe(self.page)

    def _named(self, role: Any, text: str, **values: Any) -> Any:
        return self.page.get_by_role(role, name=self.say(text, **values), exact=True).first


@pytest.fixture
def cascade(db_session: Any, clock: Any) -> Cascade:
    """The agency on a morning in November."""
    clock.hold(NOW)
    return Cascade(small)


@pytest.fixture
def meet(new_page: Any, app: Flask, sign_in: Any, axe: Any) -> Callable[..., Person]:
    """Give somebody a phone: `meet(juana)`, `meet(juana, "en")` for a dark one, `meet(None)` without an account."""

    seen: set[str] = set()

    def come(user: Any, language: str = "es") -> Person:
        def say(text: str, **values: Any) -> str:
            def spoken() -> str:
                with app.app_context(), force_locale(LOCALES[language]):
                    return gettext(text, **values)

            return str(apart(spoken))

        page = new_page(width=360, language=language, dark=language == "en")
        if user is not None:
            user.interface_locale = LOCALES[language]
            db.session.commit()
            sign_in(page, user, is_shared=False)
            db.session.rollback()  # nothing of ours is in the way of what the browser writes
        return Person(page, say, axe, seen)

    return come


def opens_a_group(who: Person, name: str) -> str:
    """Open a group under her own right to certify; return its address."""
    who.open("/certificates")
    who.follow("Open a group")
    who.looks()
    who.page.get_by_label(who.say("Course"), exact=True).select_option(label="facilitadoras-comunitarias")
    who.fill("Name of the group", name)
    who.fill("Municipality or community", "San Andrés Sajcabajá")
    who.fill("Last day", "2027-01-31")
    who.press("Open the group")
    who.reads("The group is open. Enrol the people now, or print the code for them.")
    return who.page.url


def writes_down(who: Person, given: str, family: str) -> None:
    """Enrol somebody new, and print the slip."""
    who.follow("Enrol")
    who.follow("Somebody new")
    who.fill("Given names", given)
    who.fill("Family names", family)
    who.press("Enrol and show the slip")
    expect(who.page.locator("article.slip")).to_contain_text(f"{given} {family}")


def meets(who: Person, group: str, absent: str = "") -> None:
    """Plan the only session for today, and write down who was there."""
    who.open(group)
    who.follow("Plan the sessions")
    who.fill("Day of the first session", "2026-11-21")
    who.press("Plan them")
    who.follow("Open the session")
    for row in who.page.locator("fieldset.roll").all():
        word = "Was not there" if absent and absent in row.inner_text() else "Was there"
        row.get_by_text(who.say(word), exact=True).click()
    who.looks()
    who.press("Save the session")


def hears_the_test(who: Person, app: Flask, group: str, name: str) -> None:
    """Read the test aloud to somebody and write down what she answers."""
    who.open(group)
    press(who.page.get_by_role("link", name=name, exact=True).first)
    who.looks()
    who.follow("Read a test aloud")
    who.press("Begin")
    Sheet(app, who.page).fill()
    who.looks()
    who.press("Hand in")


def watches(who: Person, group: str, name: str, kind: str) -> None:
    """Score a practice row by row; saving is the observer's signature."""
    who.open(group)
    press(who.page.get_by_role("link", name=name, exact=True).first)
    who.follow("Observe practice")
    who.tick(kind)
    for row in who.page.locator("fieldset.crit").all():
        row.get_by_text(who.say("3 · a model")).click()
    who.looks()
    who.press("Save and sign")


def signs_here(who: Person) -> None:
    """Let the person observed sign on the phone of her observer."""
    who.fill("PIN or password of the person observed", PIN)
    who.press("I have read or heard it, and sign")
    who.reads("Both have signed. The practice counts.")


def certifies(who: Person, people: list[str]) -> list[str]:
    """Sign for everybody who is ready; return the code of each."""
    who.page.locator("#answers").check()
    press(who.page.locator("form:has(#answers) button.wide"))
    rows = [who.page.get_by_role("row").filter(has_text=name) for name in people]
    for row in rows:
        expect(row).to_contain_text(who.say("Certified"))
    return [row.locator(".code").inner_text() for row in rows]


def becomes_a_facilitator(berta: Person, juana: Person, app: Flask) -> str:
    """Lead a group, with Juana who does everything and Manuel who does not come; return the code Juana is given."""
    group = opens_a_group(berta, "Sajcabajá, grupo 1")
    berta.looks()
    berta.follow("Enrol")
    berta.looks()
    berta.fill("User names", "juana.chel")
    berta.press("Enrol")
    writes_down(berta, "Manuel", "Tzoc")
    berta.looks()
    meets(berta, group, absent="Manuel")
    hears_the_test(berta, app, group, "Juana Chel")
    watches(berta, group, "Juana Chel", "Tells it back")
    juana.open("/")
    juana.follow("Sajcabajá, grupo 1")
    press(juana.page.get_by_role("link", name=juana.say("Tells it back")))
    juana.looks()
    juana.press("I have read it, and sign")
    juana.reads("Signed. It counts now.")
    for kind in ("Leads together with another", "Leads a session"):
        watches(berta, group, "Juana Chel", kind)
        signs_here(berta)
    berta.looks()
    berta.open(group)
    berta.follow("Certify")
    berta.looks()
    lacking = berta.page.get_by_role("row").filter(has_text="Manuel Tzoc")
    expect(lacking).to_contain_text(berta.say("Final test: not taken yet, %(needs)s %% needed.", needs="80"))
    return certifies(berta, ["Juana Chel"])[0]


def hands_it_on(juana: Person) -> list[str]:
    """Open a group of her own, with two who need no account of their own; return their codes."""
    own = opens_a_group(juana, "San Andrés, grupo 2")
    for given, family in (("Pedro", "Us"), ("Ana", "Ixcoy")):
        juana.open(own)
        writes_down(juana, given, family)
    meets(juana, own)
    juana.open(own)
    juana.follow("Certify")
    codes = certifies(juana, ["Pedro Us", "Ana Ixcoy"])
    juana.open("/certificates")
    juana.looks()
    juana.follow("Your branch")
    juana.looks()
    return codes


def takes_it_back(elena: Person) -> None:
    """Revoke Juana's certificate, put those below under review, and let Pedro's stand."""
    elena.open("/manage/certificates")
    elena.looks()
    elena.fill("Name or code", "juana chel")
    elena.press("Search")
    elena.follow("Juana Chel")
    elena.looks()
    elena.follow("Revoke for ever")
    elena.looks()
    elena.tick("Conduct against the agreements of the programme")
    elena.tick("Put them under review: each is looked at before signing again")
    elena.tick("I know that this cannot be undone")
    elena.press("Revoke for ever")
    elena.reads("The certificate is revoked. A check shows it from now on.")
    elena.open("/manage/certificates")
    elena.follow("To look at")
    elena.looks()
    expect(elena.page.locator("main")).to_contain_text("Ana Ixcoy")
    row = elena.page.get_by_role("row").filter(has_text="Pedro Us")
    press(row.get_by_role("link", name=elena.say("It stands")))
    elena.looks()
    elena.press("It stands")
    elena.reads("Looked at: the certificate stands.")
    expect(elena.page.locator("main")).not_to_contain_text("Pedro Us")


def checks(anybody: Person, code: str, headline: str) -> None:
    """Ask what a certificate is worth, as anybody may."""
    anybody.open("/verify")
    anybody.fill("Code", code)
    anybody.press("Verify")
    anybody.reads(headline)
    anybody.looks()


def test_the_right_to_certify_goes_down_to_a_village_and_is_taken_back(app, cascade, meet, clock):
    trainer, _signed = cascade.trainer("Berta Sic")
    learner = cascade.user("Juana Chel")
    learner.pin_hash = hashing.hashed(PIN)
    berta, juana, anybody = meet(trainer), meet(learner), meet(None)
    hers = becomes_a_facilitator(berta, juana, app)
    checks(anybody, hers, "It is valid today")
    chain = anybody.page.locator("ol.thread")
    expect(chain).to_contain_text("Berta S.")
    expect(chain).to_contain_text(anybody.say("Valid on the day it signed"))
    pedro, ana = hands_it_on(juana)
    clock.move(days=7)
    takes_it_back(meet(cascade.elena))
    checks(anybody, hers, "Revoked: it no longer counts")
    checks(anybody, pedro, "It is valid today")
    checks(anybody, ana, "It is under review")
    juana.open("/groups/open")
    juana.reads("Your own certificate was revoked. Ask the agency.")


def test_the_same_in_english_at_night_for_somebody_certified_before(cascade, meet, clock):
    trainer, _signed = cascade.trainer("Berta Sic")
    _group, (learner,), (signed,) = cascade.facilitators_of(trainer, ["Juana Chel"])
    hers = signed.code
    clock.move(days=1)
    juana, anybody = meet(learner, "en"), meet(None, "en")
    _pedro, ana = hands_it_on(juana)
    clock.move(days=7)
    takes_it_back(meet(cascade.elena, "en"))
    checks(anybody, hers, "Revoked: it no longer counts")
    checks(anybody, ana, "It is under review")
