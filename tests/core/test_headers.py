"""Every answer is dressed; what another site sends in somebody's name is refused; strangers' headers count nothing."""

import re

import pytest
from flask import g, request, session
from flask_wtf.csrf import generate_csrf

from lms.access.policy import Actor
from lms.core.headers import takes_other_sites, takes_uploads
from lms.core.ids import new_id


@pytest.fixture
def site(make_app):
    """Build a small site of a few doors; returns a client for it."""

    def build(**settings):
        app = make_app(**({"WTF_CSRF_ENABLED": True} | settings))

        @app.get("/-/form")
        def form():
            return f"<p>{generate_csrf()}</p>"

        @app.get("/-/mine")
        def mine():
            g.actor = Actor(user_id=new_id())
            return "mine"

        @app.get("/-/styled")
        def styled():
            g.csp_style_hashes = ["sha256-abc="]
            return "<style></style>"

        @app.get("/-/plain")
        def plain():
            return "text", {"Content-Type": "text/plain"}

        @app.get("/-/kept")
        def kept():
            return "x", {"Cache-Control": "public, max-age=60"}

        @app.get("/-/who")
        def who():
            return {"address": request.remote_addr, "is_secure": request.is_secure, "host": request.host}

        @app.post("/-/write")
        def write():
            session["x"] = 1
            return "written"

        @app.post("/-/api")
        @takes_other_sites
        def api():
            return "taken"

        @app.post("/-/upload")
        @takes_uploads(megabytes=3)
        def upload():
            return str(len(request.files["file"].read()))

        return app.test_client()

    return build


def token(client) -> str:
    return re.sub("<.*?>", "", client.get("/-/form").text)


def test_every_page_is_dressed(site):
    headers = site().get("/-/form").headers
    policy = headers["Content-Security-Policy"]
    for part in (
        "default-src 'none'",
        "script-src 'self';",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    ):
        assert part in policy
    assert "unsafe" not in policy
    assert "frame-src" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers
    assert "Server" not in headers


def test_a_style_sheet_inside_the_page_is_named_by_its_hash(site):
    assert "style-src 'self' 'sha256-abc='" in site().get("/-/styled").headers["Content-Security-Policy"]


def test_the_second_host_may_be_framed(site):
    client = site(CONTENT_URL="https://content.example")
    assert client.get("/-/form").headers["Content-Security-Policy"].endswith("frame-src https://content.example")


def test_what_is_not_a_page_may_do_nothing_at_all(site):
    assert "sandbox" in site().get("/-/plain").headers["Content-Security-Policy"]


def test_pages_of_somebody_are_kept_by_nobody(site):
    client = site()
    assert client.get("/-/mine").headers["Cache-Control"] == "private, no-store"
    assert client.get("/-/form").headers["Cache-Control"] == "private, no-cache"
    assert client.get("/-/kept").headers["Cache-Control"] == "public, max-age=60"


def test_over_https_the_browser_is_told_to_stay_there_and_cookies_are_sealed(site):
    answer = site(BASE_URL="https://cascada.example").get("/-/form", base_url="https://cascada.example")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-page=")
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "http://localhost.far.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Referer": "http://localhost/-/form"}, 200),
        ({"Referer": "https://far.example/localhost"}, 403),
    ],
)
def test_what_comes_from_another_site_is_refused_even_with_the_token(site, headers, status):
    client = site()
    data = {"csrf_token": token(client)}
    assert client.post("/-/write", data=data, headers=headers).status_code == status


def test_over_https_a_browser_says_where_a_form_comes_from(site):
    client = site(BASE_URL="https://cascada.example")
    page = client.get("/-/form", base_url="https://cascada.example")
    data = {"csrf_token": re.sub("<.*?>", "", page.text)}
    there = {"base_url": "https://cascada.example", "data": data}
    assert client.post("/-/write", **there).status_code == 403
    assert client.post("/-/write", **there, headers={"Origin": "https://cascada.example"}).status_code == 200


@pytest.mark.parametrize("sent", [None, "", "wrong"])
def test_a_form_without_its_token_is_refused(site, sent):
    client = site()
    client.get("/-/form")
    assert client.post("/-/write", data={} if sent is None else {"csrf_token": sent}).status_code == 400


def test_the_token_of_somebody_else_is_refused(site):
    client, other = site(), site()
    client.get("/-/form")
    assert client.post("/-/write", data={"csrf_token": token(other)}).status_code == 400


def test_a_door_with_tokens_of_its_own_takes_other_sites(site):
    assert site().post("/-/api", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_only_marked_doors_take_large_files(site):
    client = site(WTF_CSRF_ENABLED=False)

    def send(path, size):
        head = b'--cut\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\n\r\n'
        body = head + b"x" * size + b"\r\n--cut--\r\n"
        return client.post(path, data=body, content_type="multipart/form-data; boundary=cut")

    assert send("/-/upload", 2_500_000).text == "2500000"
    assert send("/-/upload", 3_500_000).status_code == 413


@pytest.mark.parametrize(("host", "status"), [("localhost", 200), ("127.0.0.1:8000", 200), ("far.example", 400)])
def test_only_our_own_names_are_answered_to(site, host, status):
    answer = site().get("/-/who", headers={"Host": host})
    assert answer.status_code == status
    assert status == 200 or answer.text == "Este sitio está en http://localhost/\nThis site is at http://localhost/\n"


def test_nobody_is_believed_about_addresses_without_a_proxy(site):
    forged = {"X-Forwarded-For": "10.0.0.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "far.example"}
    said = site().get("/-/who", headers=forged).json
    assert said == {"address": "127.0.0.1", "is_secure": False, "host": "localhost"}


def test_one_proxy_is_believed_about_the_last_address_and_never_about_the_host(site):
    forged = {"X-Forwarded-For": "10.0.0.9, 192.0.2.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "far.example"}
    said = site(TRUSTED_PROXIES="1").get("/-/who", headers=forged).json
    assert said == {"address": "192.0.2.7", "is_secure": True, "host": "localhost"}


def test_head_is_get_without_a_body(make_app):
    app = make_app()

    @app.route("/-/door", methods=["GET", "POST"])
    def door():
        return request.method, {"X-Acts": str(request.method != "GET")}

    answer = app.test_client().head("/-/door")
    assert (answer.status_code, answer.headers["X-Acts"], answer.data) == (200, "False", b"")
