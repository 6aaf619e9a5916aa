"""Accepting an invitation, printed or sent; and the first administrator's first page."""

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import public
from lms.accounts import links
from lms.accounts.forms import AcceptForm, FirstForm, LinkCodeForm
from lms.accounts.languages import language_choices
from lms.accounts.links import Purpose
from lms.accounts.models import User
from lms.accounts.rules.authority import may_use_pin
from lms.accounts.services import choosing, first, giving, inviting
from lms.accounts.services.grants import roles_of
from lms.accounts.services.signing_in import enter
from lms.accounts.views import bp
from lms.accounts.views.sign_in import after_sign_in
from lms.core import choices, clock
from lms.core.database import db
from lms.core.languages import content_language, locale_name


@bp.route("/invitation", methods=["GET", "POST"])
@public
def invitation() -> str | Response | tuple[str, int]:
    """Take the code of a printed invitation from whoever has no camera."""
    form, is_valid = LinkCodeForm.posted()
    if is_valid:
        code = links.typed(form.code.data)
        if purpose := links.purpose_of(code, clock.now()):
            return redirect(url_for(inviting.LINK_PAGES[purpose], code=code), 303)
        form.code.errors = [_("We do not know this code. Look at each letter; if it is right, ask for a new one.")]
    return render_template("accounts/invitation.html", form=form), 422 if form.errors else 200


@bp.route("/invitation/<code>", methods=["GET", "POST"])
@public
def accept(code: str) -> str | Response | tuple[str, int]:
    """Let the invited choose name, secret and languages, and lead her in."""
    now = clock.now()
    token, user = links.open_link(code, [Purpose.INVITE, Purpose.ADMIN], now)
    is_first = token.purpose == Purpose.ADMIN and user.state == "invited"
    form = _form(user, is_first)
    if form.validate_on_submit() and _can_be(form, user):
        if isinstance(form, FirstForm):
            first.introduce(user, form.data, now)
        inviting.accept(
            user,
            token,
            form.username.data,
            form.secret.data,
            form.interface_locale.data,
            form.content_language.data,
            now,
        )
        entered = enter(user, form.is_shared.data, now)
        db.session.commit()
        choices.forget()
        return after_sign_in(entered, None)
    page = "accounts/first.html" if is_first else "accounts/accept.html"
    may_pin = may_use_pin(user.email, roles_of(user.id))
    return render_template(page, form=form, user=user, may_pin=may_pin), 422 if form.errors else 200


def _form(user: User, is_first: bool) -> AcceptForm:
    person, chosen = user.person, choices.choices()
    kept = {
        "username": user.username,
        "interface_locale": locale_name(),
        "content_language": content_language() if user.state == "invited" else person.content_language,
    }
    if not is_first:
        form = AcceptForm(data=kept)
    else:
        form = FirstForm(data=kept | {"given_names": person.given_names, "family_names": person.family_names})
        if chosen.agency:
            del form.agency
            del form.short_name
    form.content_language.choices = dict(language_choices(person.content_language))
    return form


def _can_be(form: AcceptForm, user: User) -> bool:
    if problem := giving.username_problem(form.username.data, user.id):
        form.username.errors = [problem]
    if problem := choosing.secret_problem(user, form.secret.data, form.username.data):
        form.secret.errors = [problem]
    return not form.errors
