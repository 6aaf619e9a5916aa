"""The page cookie is checked once a minute, and never believed because another was."""

from flask import session
from flask_wtf.csrf import generate_csrf, validate_csrf

from lms.core.page_cookie import form_token


def page_cookie(app):
    """A cookie as the server gave it out, and its raw token."""
    with app.test_request_context():
        generate_csrf()
        held = dict(session)
        return app.session_interface.get_signing_serializer(app).dumps(held), held["csrf_token"]


def opened(app, cookie):
    with app.test_request_context(headers={"Cookie": f"{app.config['SESSION_COOKIE_NAME']}={cookie}"}):
        return dict(session)


def test_a_cookie_known_from_a_moment_ago_opens_the_same_page_session(app):
    cookie, token = page_cookie(app)
    assert opened(app, cookie) == opened(app, cookie) == {"csrf_token": token}


def test_a_cookie_with_another_signature_opens_nothing(app):
    cookie, _token = page_cookie(app)
    opened(app, cookie)
    body, _dot, signature = cookie.rpartition(".")
    assert opened(app, f"{body}.{signature[:-2]}AA") == {}
    assert opened(app, f"{body}.") == {}


def test_what_is_put_into_one_page_session_does_not_show_in_the_next(app):
    cookie, token = page_cookie(app)
    name = app.config["SESSION_COOKIE_NAME"]
    for _time in range(2):
        with app.test_request_context(headers={"Cookie": f"{name}={cookie}"}):
            session["_flashes"] = [("message", "once")]
    assert opened(app, cookie) == {"csrf_token": token}


def test_the_form_token_of_a_moment_ago_is_still_a_token_of_this_cookie_only(app):
    tokens = []
    for _person in range(2):
        cookie, _token = page_cookie(app)
        for _page in range(2):
            with app.test_request_context(headers={"Cookie": f"{app.config['SESSION_COOKIE_NAME']}={cookie}"}):
                tokens.append(form_token())
                assert form_token() == generate_csrf() == tokens[-1]
                validate_csrf(tokens[-1])
    assert tokens[0] == tokens[1] != tokens[2] == tokens[3]


def test_a_first_page_gets_a_token_and_a_cookie(app):
    with app.test_request_context():
        validate_csrf(form_token())
        assert session.modified
