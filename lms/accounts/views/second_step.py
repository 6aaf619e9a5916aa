"""The second step: asked for after the password, set up when a role needs it, and proofs asked for again later."""

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from lms.access.lock import public, requires
from lms.access.policy import Action
from lms.accounts import hashing, second_step, sessions, throttle
from lms.accounts.forms import CodeForm, ConfirmForm, SetUpForm
from lms.accounts.models import SignIn, User
from lms.accounts.rules.secrets import is_pin
from lms.accounts.rules.sign_in import safe_next
from lms.accounts.services.signing_in import enter
from lms.accounts.sessions import confirmed
from lms.accounts.views import bp
from lms.accounts.views.sign_in import after_sign_in
from lms.core import audit, clock
from lms.core.database import db

Page = str | Response | tuple[str, int]
FEW = 3  # paper codes left when it is time to print new ones


def me(account: sessions.Account) -> User:
    """Load one's own account, locked for this transaction."""
    return db.session.get_one(User, account.id, with_for_update=True)


@bp.route("/me/second-step", methods=["GET", "POST"])
@public
def second_factor() -> Page:
    """Ask for the code, or set it up, or lead on: whichever the moment calls for."""
    if g.waiting:
        return _ask()
    if g.user is None:
        return redirect(url_for("accounts.sign_in", next=safe_next(request.args.get("next"))))
    if g.user.has_second_step:
        return redirect(safe_next(request.args.get("next")) or url_for("site.home"))
    return _set_up()


def _ask() -> Page:
    form, is_valid = CodeForm.posted(next=request.args.get("next"))
    if is_valid:
        now = clock.now()
        bucket = {"second-step": g.waiting.id.hex}
        throttle.charge(bucket, now)
        db.session.commit()  # the try counts, whatever comes of it
        user = me(g.waiting)
        if second_step.proves(user, form.code.data, now):
            throttle.forget(bucket)
            entered = enter(user, g.waiting.is_shared, now, has_second_factor=True)
            left = second_step.codes_left(user.id)
            db.session.commit()
            if left <= FEW:
                flash(
                    ngettext(
                        "One paper code is left. Print new ones.", "%(num)s paper codes are left. Print new ones.", left
                    ),
                    "warn",
                )
            return after_sign_in(entered, form.next.data, has_second_factor=True)
        form.code.errors = [_("This code is not right, or it was used before. Wait for the next one.")]
    return render_template("accounts/second_step_ask.html", form=form), 422 if form.errors else 200


@confirmed  # or whoever holds a phone left open could lock its owner out
def _set_up() -> Page:
    user = db.session.get_one(User, g.user.id)
    form = SetUpForm(next=request.args.get("next"))
    secret = hashing.unseal_text(form.sealed.data or "", user.id.bytes) or second_step.new_secret()
    if form.validate_on_submit():
        now = clock.now()
        codes = second_step.turn_on(me(g.user), secret, form.code.data, now)
        if codes:
            sessions.end_others(user.id)
            sessions.open_sign_in(user, g.user.is_shared, now, has_second_factor=True)
            audit.record(g.actor, "account.second_step.on", "user", user.id, now)
            db.session.commit()
            return render_template("accounts/paper_codes.html", codes=codes, user=user, next=_next(form.next.data))
        form.code.errors = [_("This code does not fit. Look whether your phone has the right time, then try the next.")]
    form.sealed.data = hashing.seal_text(secret, user.id.bytes)
    picture = second_step.picture(second_step.address(user, secret))
    page = render_template("accounts/second_step_set_up.html", form=form, picture=picture, secret=secret, user=user)
    return page, 422 if form.errors else 200


@bp.post("/me/second-step/codes")
@requires(Action.SELF_USE)
@confirmed
def paper_codes() -> str:
    """Draw new paper codes in place of the old ones."""
    user, now = me(g.user), clock.now()
    codes = second_step.new_codes(user) if user.totp_sealed else []
    audit.record(g.actor, "account.second_step.codes", "user", user.id, now)
    db.session.commit()
    return render_template("accounts/paper_codes.html", codes=codes, user=user, next=url_for("accounts.me"))


@bp.route("/me/second-step/off", methods=["GET", "POST"])
@requires(Action.SELF_USE)
@confirmed
def second_step_off() -> str | Response:
    """Stop asking for a code; a role that needs one asks to set it up again."""
    if request.method == "POST":
        user, now = me(g.user), clock.now()
        second_step.turn_off(user)
        sessions.end_others(user.id, keep=g.user.sign_in_id)
        sessions.open_sign_in(user, g.user.is_shared, now)
        audit.record(g.actor, "account.second_step.off", "user", user.id, now)
        db.session.commit()
        flash(_("From now on your password alone opens your account."))
        return redirect(url_for("accounts.me"), 303)
    return render_template("accounts/second_step_off.html")


@bp.route("/me/confirm", methods=["GET", "POST"])
@requires(Action.SELF_USE)
def confirm() -> Page:
    """Ask once more who is at the keyboard, before a door that hands out power."""
    form, is_valid = ConfirmForm.posted(next=request.args.get("next"))
    if is_valid:
        now = clock.now()
        bucket = {"second-step": g.user.id.hex}
        throttle.charge(bucket, now)
        db.session.commit()
        user = me(g.user)
        if second_step.proves(user, form.secret.data, now) or is_own_secret(user, form.secret.data):
            throttle.forget(bucket)
            db.session.get_one(SignIn, user_sign_in()).confirmed_at = now
            db.session.commit()
            return redirect(_next(form.next.data), 303)
        form.secret.errors = [_("That is not your password, nor a code that is good now.")]
    return render_template("accounts/confirm.html", form=form), 422 if form.errors else 200


def is_own_secret(user: User, secret: str) -> bool:
    """Tell whether this is the password or PIN of the account."""
    return hashing.matches(user.pin_hash if is_pin(secret) else user.password_hash, secret)


def user_sign_in() -> bytes:
    """Return the key of the sign-in at hand."""
    return sessions.hash_of(request.cookies.get(sessions.cookie_name(), ""))


def _next(target: str | None) -> str:
    return safe_next(target) or url_for("site.home")
