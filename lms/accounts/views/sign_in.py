"""Coming in and going out."""

from flask import flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import public, requires
from lms.access.policy import Action
from lms.accounts import sessions
from lms.accounts.forms import SignInForm
from lms.accounts.rules.sign_in import safe_next
from lms.accounts.services import signing_in
from lms.accounts.services.signing_in import Entered
from lms.accounts.views import bp
from lms.core import clock
from lms.core.database import db


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> str | Response | tuple[str, int]:
    if g.user and request.method == "GET":
        return redirect(safe_next(request.args.get("next")) or url_for("site.home"))
    if g.waiting and request.method == "GET":
        return redirect(url_for("accounts.second_factor", next=safe_next(request.args.get("next"))))
    form, is_valid = SignInForm.posted(next=request.args.get("next"), login=request.args.get("user", "")[:60])
    if is_valid:
        now = clock.now()
        claimed = signing_in.find(form.login.data)
        buckets, is_bearable = signing_in.count_try(claimed, now)
        db.session.commit()
        if signing_in.opens(claimed, form.secret.data) and is_bearable:
            entered = signing_in.let_in(claimed, form.secret.data, form.is_shared.data, buckets, now)
            db.session.commit()
            return after_sign_in(entered, form.next.data)
        form.form_errors.append(_("That user name does not go with that password or PIN. Look at both and try again."))
    return render_template("accounts/sign_in.html", form=form), 422 if form.errors else 200


def after_sign_in(entered: Entered, target: str | None, has_second_factor: bool = False) -> Response:
    """Lead on: to the second step, to a secret of one's own, to where one was going."""
    target = safe_next(target)
    if entered.needs_second_step and not has_second_factor:
        return redirect(url_for("accounts.second_factor", next=target), 303)
    if entered.must_choose_secret:
        return redirect(url_for("accounts.secret", next=target), 303)
    return redirect(target or url_for("site.home"), 303)


@bp.post("/sign-out")
@requires(Action.SELF_USE)
def sign_out() -> Response:
    sessions.end_here()
    db.session.commit()
    session.clear()
    flash(_("You have signed out. Nobody who uses this phone after you can see your pages."))
    return redirect(url_for("accounts.sign_in"), 303)
