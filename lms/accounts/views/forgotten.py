"""The way out for those who forgot: a link by e-mail, or a person who can help."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import public
from lms.accounts import links, throttle
from lms.accounts.forms import ForgotForm, NewSecretForm
from lms.accounts.links import Purpose
from lms.accounts.models import User
from lms.accounts.services import choosing, inviting, signing_in
from lms.accounts.views import bp
from lms.core import clock
from lms.core.database import db


@bp.route("/forgotten", methods=["GET", "POST"])
@public
def forgotten() -> str | tuple[str, int]:
    """Explain both ways out; whatever name is sent, the answer is the same."""
    form, is_valid = ForgotForm.posted(login=request.args.get("user", "")[:60])
    if is_valid:
        now = clock.now()
        claimed = signing_in.find(form.login.data)
        throttle.charge({"mail-to": claimed.key, "mail-from": throttle.here()}, now)
        if user := db.session.get(User, claimed.user_id) if claimed.user_id else None:
            inviting.send_reset(user, now)
        db.session.commit()
        return render_template("accounts/forgotten_sent.html")
    return render_template("accounts/forgotten.html", form=form), 422 if form.errors else 200


@bp.route("/reset/<code>", methods=["GET", "POST"])
@public
def new_secret(code: str) -> str | Response | tuple[str, int]:
    """Choose a new password with a link from the mail."""
    now = clock.now()
    token, user = links.open_link(code, [Purpose.RESET], now)
    form, is_valid = NewSecretForm.posted()
    if is_valid and (problem := choosing.secret_problem(user, form.secret.data)):
        form.secret.errors = [problem]
    elif is_valid:
        choosing.choose_secret(user, form.secret.data, now)
        links.use_up(token, now)
        db.session.commit()
        flash(_("Your new password is kept. Sign in with it."))
        return redirect(url_for("accounts.sign_in", user=user.username), 303)
    return render_template("accounts/new_secret.html", form=form, user=user), 422 if form.errors else 200
