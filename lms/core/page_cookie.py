"""The page cookie: Flask's signed cookie, with the token of forms and messages to show once; nothing about who it is.

The same cookie comes with every request of a sitting, and the same token goes into every form of it: what was checked
or signed a moment ago is not checked or signed anew.
"""

import time
from collections import OrderedDict
from typing import Generic, TypeVar

from flask import Flask, Request, current_app, g, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf.csrf import generate_csrf

KEPT_SECONDS = 60
_MOST = 4096
_TOKEN = "csrf_token"  # noqa: S105  (the name Flask-WTF gives it)

Value = TypeVar("Value")


class _Recent(Generic[Value]):
    """What was worked out in the last minute, for a few thousand keys."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, tuple[float, Value]] = OrderedDict()

    def get(self, key: str) -> Value | None:
        held = self._held.get(key)
        return held[1] if held and held[0] > time.monotonic() else None

    def put(self, key: str, value: Value) -> None:
        self._held[key] = (time.monotonic() + KEPT_SECONDS, value)
        self._held.move_to_end(key)
        while len(self._held) > _MOST:
            self._held.popitem(last=False)


class PageCookies(SecureCookieSessionInterface):
    """Opens page cookies; one that held nothing but a form's token is recognised without its signature."""

    def __init__(self) -> None:
        self._tokens = _Recent[str]()

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        cookie = request.cookies.get(self.get_cookie_name(app))
        if cookie and (token := self._tokens.get(cookie)):
            return self.session_class({_TOKEN: token})
        opened = super().open_session(app, request)
        held = dict(opened or {})
        if cookie and held.keys() == {_TOKEN}:
            self._tokens.put(cookie, held[_TOKEN])
        return opened


def form_token() -> str:
    """Return the token for the forms of this page, signed a minute ago at most."""
    signed: _Recent[str] = current_app.extensions["form_tokens"]
    own: str | None = session.get(_TOKEN)
    if own and _TOKEN not in g and (token := signed.get(own)):
        g.csrf_token = token  # for the rest of the page, where Flask-WTF itself would keep it
        return token
    made: str = generate_csrf()
    signed.put(session[_TOKEN], made)
    return made


def init_page_cookie(app: Flask) -> None:
    """Open page cookies our way."""
    app.session_interface = PageCookies()
    app.extensions["form_tokens"] = _Recent[str]()
