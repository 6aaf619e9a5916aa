"""Who stands at the door: the sign-in cookie, its row, and the actor made of both, once a request.

The cookie holds 256 random bits and nothing else; the row holds their SHA-256. Ending a sign-in is deleting its row.
"""

import hashlib
import secrets
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from flask import Flask, Response, current_app, g, redirect, request, session, url_for
from flask_login import LoginManager, current_user
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.exc import OperationalError

from lms.access.policy import VISITOR, Actor, Held, Role
from lms.accounts.models import Grant, SignIn, User
from lms.accounts.rules.sign_in import CONFIRMED_FOR, SEEN_EVERY, Terms, device, is_live, terms
from lms.core import clock
from lms.core.database import db
from lms.core.prepared import Prepared
from lms.organization.models import Person, Unit

WITHOUT_OWN_SECRET = {
    "accounts.secret",
    "accounts.sign_out",
    "site.change_language",
    "site.help_page",
    "static_files.show",
}

login_manager = LoginManager()
login_manager.session_protection = None  # it signs out phones that change network


@dataclass(frozen=True)
class Account:
    """The signed-in person as pages see her (`current_user`): plain values, no row, nothing to load later."""

    id: uuid.UUID
    person_id: uuid.UUID
    name: str
    given_names: str
    username: str
    interface_locale: str
    content_language: str
    unit_path: str
    sign_in_id: uuid.UUID
    is_shared: bool
    is_staff: bool
    has_second_step: bool
    confirmed_at: datetime
    must_choose_secret: bool

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        return str(self.id)


def cookie_name() -> str:
    """Name the cookie: browsers hold `__Host-` cookies to https and to this very host."""
    return "__Host-sid" if current_app.config["IS_HTTPS"] else "sid"


def hash_of(sid: str) -> bytes:
    """Return what the table holds of a cookie."""
    return hashlib.sha256(sid.encode("utf-8", "replace")).digest()


_s, _u, _p = SignIn.__table__.c, User.__table__.c, Person.__table__.c
HOME = Unit.__table__.alias("home")  # of whoever asks
_grant, _over = Grant.__table__.alias("held"), Unit.__table__.alias("over")
WHO_ASKS = (
    select(
        _s.id.label("sign_in_id"), _s.seen_at, _s.expires_at, _s.idle_minutes, _s.is_shared, _s.has_second_factor,
        _s.confirmed_at, _u.id.label("user_id"), _u.username, _u.state, _u.interface_locale, _u.must_choose_secret,
        _u.totp_sealed, _p.id.label("person_id"), _p.given_names, _p.family_names, _p.content_language,
        HOME.c.path.label("unit_path"), _grant.c.role, _over.c.path.label("over_path"),
    )
    .select_from(SignIn.__table__)
    .join(User.__table__, _u.id == _s.user_id)
    .join(Person.__table__, _p.id == _u.person_id)
    .join(HOME, HOME.c.id == _p.unit_id)
    .outerjoin(_grant, (_grant.c.user_id == _u.id) & _grant.c.ended_at.is_(None))
    .outerjoin(_over, _over.c.id == _grant.c.unit_id)
    .where(_s.id_hash == bindparam("id_hash"))
)  # fmt: skip
_WHO = Prepared(WHO_ASKS)
_ALONG: dict[str, Prepared] = {}


def brings_along(endpoint: str, statement: Prepared) -> None:
    """Let one statement answer who asks and what a much used page needs of her.

    :param statement: `WHO_ASKS` with more columns; it may ask for the values of the page's address. The view finds
        the rows in `g.along`.
    """
    _ALONG[endpoint] = statement


def load_actor() -> None:
    """Find out who asks, in one statement; none at all for a visitor or a static file."""
    g.actor, g.user, g.waiting = VISITOR, None, None
    sid = request.cookies.get(cookie_name())
    if not sid or request.path.startswith("/static/"):
        return
    along = _ALONG.get(request.endpoint or "")
    rows = along.all(id_hash=hash_of(sid), **(request.view_args or {})) if along else _WHO.all(id_hash=hash_of(sid))
    now = clock.now()
    if not rows or rows[0].state != "active":
        return
    row = rows[0]
    if not is_live(row.seen_at, row.idle_minutes, row.expires_at, now):
        return
    _welcome(rows)
    if now - row.seen_at >= SEEN_EVERY:
        _note_seen(row.sign_in_id, now)


def _welcome(rows: Any) -> None:
    g.along, row = rows, rows[0]
    g.interface_locale, g.content_language = row.interface_locale, row.content_language
    held = tuple({(one.role, one.over_path): Held(Role(one.role), one.over_path) for one in rows if one.role}.values())
    account = _account(row, is_staff=bool(held))
    if row.totp_sealed is not None and not row.has_second_factor:
        g.waiting = account  # the password alone opens nothing for somebody who set up a second step
        return
    g.user = account
    g.actor = Actor(row.user_id, row.person_id, held, row.has_second_factor)


def _account(row: Any, is_staff: bool) -> Account:
    return Account(
        id=row.user_id,
        person_id=row.person_id,
        name=f"{row.given_names} {row.family_names}".strip(),
        given_names=row.given_names,
        username=row.username,
        interface_locale=row.interface_locale,
        content_language=row.content_language,
        unit_path=row.unit_path,
        sign_in_id=row.sign_in_id,
        is_shared=row.is_shared,
        is_staff=is_staff,
        has_second_step=row.totp_sealed is not None,
        confirmed_at=row.confirmed_at,
        must_choose_secret=row.must_choose_secret,
    )


def _note_seen(sign_in_id: uuid.UUID, now: datetime) -> None:
    # Its own short transaction before the page's begins. A full disk must not close the reading pages.
    with suppress(OperationalError), db.engine.begin() as connection:
        connection.execute(update(SignIn).where(SignIn.id == sign_in_id).values(seen_at=now))


def ask_for_own_secret() -> Any:
    """Lead whoever came in with a PIN that others saw to one of her own, before anything else."""
    if g.user and g.user.must_choose_secret and request.endpoint not in WITHOUT_OWN_SECRET:
        back = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("accounts.secret", next=back), 303)
    return None


def open_sign_in(
    user: User, is_shared: bool, now: datetime, has_second_factor: bool = False, is_staff: bool | None = None
) -> SignIn:
    """Begin a sign-in under a new id, in place of whatever this browser held; the answer carries the cookie.

    :param is_staff: whether she holds a role; looked up when the caller does not know.
    """
    end_here()
    if is_staff is None:
        held = select(Grant.id).where(Grant.user_id == user.id, Grant.ended_at.is_(None))
        is_staff = db.session.scalar(held.limit(1)) is not None
    is_waiting = user.totp_sealed is not None and not has_second_factor
    kept = terms(is_shared, is_staff, is_waiting)
    sid = secrets.token_urlsafe(32)
    row = SignIn(
        id_hash=hash_of(sid),
        user_id=user.id,
        created_at=now,
        seen_at=now,
        confirmed_at=now,
        expires_at=now + kept.lifetime,
        idle_minutes=int(kept.idle.total_seconds() // 60),
        is_shared=is_shared,
        has_second_factor=has_second_factor,
        device=device(request.headers.get("User-Agent")),
    )
    db.session.add(row)
    db.session.flush()
    session.clear()  # the form token of before belongs to whoever had this browser before
    g.pop("csrf_token", None)
    g.new_cookie = (sid, kept)
    return row


def end_here() -> None:
    """End the sign-in of this browser."""
    if sid := request.cookies.get(cookie_name()):
        db.session.execute(delete(SignIn).where(SignIn.id_hash == hash_of(sid)))
    g.new_cookie = ("", None)


def end_others(user_id: uuid.UUID, keep: uuid.UUID | None = None) -> None:
    """End every sign-in of a person, but for one if she keeps the one at hand."""
    ended = delete(SignIn).where(SignIn.user_id == user_id)
    if keep is not None:
        ended = ended.where(SignIn.id != keep)
    db.session.execute(ended)


def send_cookie(response: Response) -> Response:
    """Hand the new cookie over, or take the old one back."""
    if "new_cookie" not in g:
        return response
    sid, kept = g.new_cookie
    flags: dict[str, Any] = {"secure": current_app.config["IS_HTTPS"], "httponly": True, "samesite": "Lax", "path": "/"}
    if sid:
        response.set_cookie(cookie_name(), sid, max_age=_seconds(kept), **flags)
    elif cookie_name() in request.cookies:
        response.delete_cookie(cookie_name(), **flags)
    return response


def _seconds(kept: Terms) -> int | None:
    return int(kept.lifetime.total_seconds()) if kept.is_kept else None


def confirmed(view: Callable[..., Any]) -> Callable[..., Any]:
    """Ask for a fresh proof (password, PIN or code) before a door that hands out power; stands below `@requires`."""

    @wraps(view)
    def door(**values: Any) -> Any:
        grace = 2 if request.method == "POST" else 1  # a form opened in time may be sent a little later
        if clock.now() - g.user.confirmed_at > grace * CONFIRMED_FOR:
            back = request.full_path if request.method == "GET" else request.path
            return redirect(url_for("accounts.confirm", next=back.rstrip("?")))
        return view(**values)

    return door


def init_sessions(app: Flask) -> None:
    """Ask who it is before each request. `current_user` comes from the same answer."""
    app.before_request(load_actor)
    app.before_request(ask_for_own_secret)
    app.after_request(send_cookie)
    # Not init_app: its hook would open the page session on every answer, static files included, for a remember cookie
    # that we never set.
    app.login_manager = login_manager  # type: ignore[attr-defined]
    app.jinja_env.globals["current_user"] = current_user


@login_manager.request_loader
def _load_from_request(_request: Any) -> Account | None:
    return g.get("user")
