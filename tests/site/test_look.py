"""The first page is readable after one answer, later pages are small, and nothing is asked for twice."""

import gzip
import re

import brotli

from lms.site.look import COOKIE, assets

GZIP = {"Accept-Encoding": "gzip"}


def _address(text: str) -> str:
    return re.search(r'href="(/static/[^"]+/css)"', text).group(1)


def _weight(answer) -> int:
    return len(answer.data) + sum(len(name) + len(value) + 4 for name, value in answer.headers)


def test_the_first_page_brings_its_own_stylesheet(client):
    answer = client.get("/help")
    sheet = re.search(r"<style>(.*?)</style>", answer.text, re.S).group(1)
    assert "--jade" in sheet
    assert ".dialog" in sheet
    assert "'sha256-" in answer.headers["Content-Security-Policy"]


def test_the_first_page_fits_into_the_first_round_trip(client):
    assert _weight(client.get("/help", headers=GZIP)) <= 13_500 - 3_000  # what is left is a lesson's text


def test_the_whole_look_stays_light(app):
    with app.app_context():
        css = assets().css.encode()
    assert len(gzip.compress(css, 6)) <= 7_372
    assert "/*" not in css.decode()


def test_once_the_browser_has_the_sheet_pages_only_link_it(client):
    first = client.get("/help")
    sheet = client.get(_address(first.text))
    assert sheet.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert COOKIE in sheet.headers["Set-Cookie"]
    later = client.get("/help", headers=GZIP)
    text = gzip.decompress(later.data).decode()
    assert "<style>" not in text
    assert '<link rel="stylesheet" href="/static/' in text
    assert "'sha256-" not in later.headers["Content-Security-Policy"]
    assert _weight(later) <= 4_500


def test_the_sheet_is_fetched_quietly_and_blocks_nothing(client):
    assert '<link rel="stylesheet" media="print" href="/static/' in client.get("/help").text


def test_a_new_look_is_sent_to_whoever_has_the_old_one(client):
    client.set_cookie(COOKIE, "0000000000")
    assert "<style>" in client.get("/help").text


def test_static_files_travel_in_the_smallest_way_the_browser_reads(client):
    address = _address(client.get("/help").text)
    plain = client.get(address).data
    small = client.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert small.headers["Content-Encoding"] == "br"
    assert brotli.decompress(small.data) == plain
    assert gzip.decompress(client.get(address, headers=GZIP).data) == plain


def test_an_address_of_an_older_version_is_not_kept_for_ever(client):
    answer = client.get("/static/0000000000/css")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert "Set-Cookie" not in answer.headers


def test_a_static_file_that_does_not_exist_is_not_found(client):
    assert client.get("/static/0000000000/js/none.js").status_code == 404
    assert client.get("/static/0000000000/../../wsgi.py").status_code == 404


def test_pages_leave_compressed_with_the_form_token_as_it_is(make_app):
    app = make_app(WTF_CSRF_ENABLED=True)

    @app.get("/form")
    def form() -> str:
        return app.jinja_env.from_string("{{ 'much text ' * 200 }}<input value='{{ csrf_token() }}'>").render()

    answer = app.test_client().get("/form", headers=GZIP)
    token = re.search(rb"value='([^']+)'", gzip.decompress(answer.data)).group(1)
    assert token in answer.data
    assert len(answer.data) < 500
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_small_answers_and_browsers_that_cannot_read_gzip_are_left_alone(client):
    assert "Content-Encoding" not in client.get("/help").headers
    assert "Content-Encoding" not in client.get("/tasks", headers=GZIP).headers


def test_a_browser_applies_the_sheet_inside_the_page_and_then_the_linked_one(new_page):
    page = new_page()
    page.goto("/help")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == "rgb(246, 245, 239)"
    page.wait_for_load_state("networkidle")
    page.goto("/privacy")
    assert page.locator("style").count() == 0
    assert page.evaluate(ground) == "rgb(246, 245, 239)"
