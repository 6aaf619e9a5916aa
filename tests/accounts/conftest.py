"""People who can sign in, and what the tests of accounts do over and over."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from lms.access.policy import Role
from lms.accounts.hashing import hashed, seal
from lms.accounts.models import User
from lms.core.models import Mail
from lms.organization.models import Unit
from tests import factories

PASSWORD = "café con pan dulce"
PIN = "480915"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LINK = re.compile(r"http://[^/\s]+(/(?:invitation|reset)/[0-9a-z]+)")


@pytest.fixture
def account(app: Flask, db_session: Any) -> Callable[..., User]:
    """Make somebody with a password (or a PIN), an e-mail and perhaps a role; a second step only when asked for."""

    def make(
        name: str,
        role: Role | None = None,
        over: Unit | None = None,
        password: str | None = PASSWORD,
        pin: str | None = None,
        email: str | None = None,
        has_second_step: bool = False,
        state: str = "active",
    ) -> User:
        made = factories.user(name, role, over)
        made.password_hash = hashed(password) if password and not pin else None
        made.pin_hash = hashed(pin) if pin else None
        made.totp_sealed = seal(SECRET, made.id.bytes) if has_second_step else None
        made.email, made.state = email, state
        db_session.commit()
        return made

    return make


@pytest.fixture
def come_in() -> Callable[..., Any]:
    """Send the sign-in form: `come_in(client, "lucia")`."""

    def send(client: Any, login: str, secret: str = PASSWORD, own_phone: bool = False, **more: str) -> Any:
        form = {"login": login, "secret": secret} | more | ({} if own_phone else {"is_shared": "y"})
        address = more.pop("address", "127.0.0.1")
        return client.post("/sign-in", data=form, environ_overrides={"REMOTE_ADDR": address})

    return send


@pytest.fixture
def mailed(db_session: Any) -> Callable[[], list[Any]]:
    """List the mails in the outbox (recipient, subject, body), the oldest first."""

    def mails() -> list[Any]:
        db_session.rollback()
        query = select(Mail.recipient, Mail.subject, Mail.body).order_by(Mail.created_at, Mail.id)
        found = list(db_session.execute(query))
        db_session.rollback()  # a browser's requests want to write
        return found

    return mails


@pytest.fixture
def reread(db_session: Any) -> Callable[[Any], Any]:
    """Read a row again, as a request left it."""

    def again(row: Any) -> Any:
        db_session.rollback()
        db_session.refresh(row)
        return row

    return again


def link_in(text: str) -> str:
    """Return the path of the link in a mail, on a page or in what a command printed."""
    found = LINK.search(text)
    assert found, text
    return found.group(1)
