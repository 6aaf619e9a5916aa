"""From an empty folder: an administrator invites a teacher, and she passes a whole course on a phone."""

import re
from email import message_from_bytes, policy
from pathlib import Path

import pyotp
import pytest

from lms.core import jobs
from tests.harness.stage import apart
from tests.journeys.answering import Sheet, press

COURSE = "escuela-que-protege"
ROOT = Path(__file__).resolve().parents[2]
SECRET = "la marimba de mi tío"


@pytest.fixture
def school(runner):
    """The shipped course for teachers, published as `make run` does it."""
    loaded = runner.invoke(args=["courses", "load", str(ROOT / "courses" / COURSE), "--publish"])
    assert loaded.exit_code == 0, loaded.output


def link_in(text: str) -> str:
    return re.search(r"https?://[^/\s]+(/\S+)", text).group(1)


def mails(app) -> list[str]:
    """Send what waits; return the texts of all letters, the newest last."""

    def send():
        with app.app_context():
            jobs.drain()

    apart(send)
    letters = sorted(Path(app.config["DATA_DIR"]).glob("mail/*.eml"), key=lambda path: path.stat().st_mtime)
    parsed = [message_from_bytes(letter.read_bytes(), policy=policy.default) for letter in letters]
    return [letter.get_body().get_content() for letter in parsed]


def start_the_site(page, live_server, runner) -> None:
    page.goto(live_server + link_in(runner.invoke(args=["create-admin"]).output))
    page.fill("[name=given_names]", "Elena")
    page.fill("[name=family_names]", "Cojtí")
    page.fill("[name=agency]", "Secretaría")
    page.fill("[name=short_name]", "SVET")
    page.fill("[name=secret]", SECRET)
    press(page.locator("main form button").last)
    secret = re.sub(r"\s", "", page.locator(".key-text").inner_text())
    page.fill("[name=code]", pyotp.TOTP(secret).now())
    press(page.locator("main form button").last)


def invite_a_teacher(page, live_server) -> None:
    page.goto(live_server + "/units")
    agency = page.locator('main a[href^="/units/"]').evaluate_all(
        "links => links.map(link => link.getAttribute('href')).find(href => /^\\/units\\/[0-9a-z]{26}$/.test(href))"
    )
    page.goto(f"{live_server}{agency}/people/new")
    page.fill("[name=given_names]", "Marta")
    page.fill("[name=family_names]", "Xicay")
    press(page.locator("main form[novalidate] button").last)
    page.goto(page.url.split("?")[0] + "/account")
    page.fill("[name=email]", "marta@escuela.gt")
    press(page.locator("main form[novalidate] button").last)
    press(page.locator('form[action$="/account/invite"] button'))


def take(page, app) -> None:
    """Answer the open attempt to its end, whichever way it is shown."""
    while not page.url.split("?")[0].endswith("/result"):
        if page.locator("input[name=asked]").count():
            Sheet(app, page).fill()
            button = page.locator("button[name=do][value=check]:not(.vh), button[name=do][value=submit]")
            if button.count():
                press(button.first)
        elif page.locator("button[name=do][value=submit]").count():
            press(page.locator("button[name=do][value=submit]"))
        else:
            press(page.locator("main a.btn:not(.second)").first)


@pytest.mark.long_walk
def test_a_teacher_passes_a_whole_course_on_a_phone(new_page, live_server, runner, app, axe, school, language):
    desk = new_page(width=1280)
    start_the_site(desk, live_server, runner)
    invite_a_teacher(desk, live_server)
    page = new_page(width=360, language=language, dark=language == "en")
    page.goto(live_server + link_in(mails(app)[-1]))
    page.fill("[name=secret]", SECRET)
    if language == "en":
        page.check("[name=interface_locale][value=en]")
        page.select_option("[name=content_language]", "eng")
    press(page.locator("main form button").last)
    page.goto(live_server + f"/courses/{COURSE}")
    axe(page)
    press(page.locator(f'form[action$="/courses/{COURSE}/enrol"] button'))
    looked_at, steps = set(), 0
    press(page.locator("main a.btn.now, .cloth a.btn.now, main a.btn").first)
    while not page.url.endswith("/completion"):
        steps += 1
        assert steps < 200, f"the way does not end: {page.url}"
        kind = page_kind(page)
        if kind not in looked_at:
            looked_at.add(kind)
            axe(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, page.url
        go_on(page, app, live_server)
    axe(page)
    assert "Marta Xicay" in page.inner_text("body")
    assert {"lesson", "cover", "attempt", "result"} <= looked_at
    page.goto(live_server + "/history")
    axe(page)


def page_kind(page) -> str:
    path = page.url.split("?")[0]
    if path.endswith("/result"):
        return "result"
    if "/attempts/" in path:
        return "attempt"
    if re.search(r"/courses/[^/]+/[^/]+/[^/]+$", path):
        return "lesson" if page.locator("article .lead + *").count() and not is_cover(page) else "cover"
    return "course"


def is_cover(page) -> bool:
    return page.locator("main dl.facts").count() > 0


def go_on(page, app, live_server) -> None:
    """Take the next step the page offers."""
    kind = page_kind(page)
    if kind == "attempt":
        take(page, app)
    elif kind == "lesson":
        press(page.locator("main form.sec.row button, main .sec.row a.btn:not(.second)").first)
    elif kind == "cover" and page.locator("main form button.btn.wide").count():
        press(page.locator("main form button.btn.wide").first)
    elif kind == "course" and page.locator('a[href$="/completion"]').count():
        press(page.locator('a[href$="/completion"]').first)
    else:
        page.goto(live_server + f"/courses/{COURSE}")
        if page.locator('a[href$="/completion"]').count():
            press(page.locator('a[href$="/completion"]').first)
        else:
            press(page.locator(".cloth a.btn.now, main a.btn.now, main a.btn").first)
