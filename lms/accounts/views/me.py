"""One's own settings: names, languages, secret, second step, sign-ins, and what one chooses to tell."""

import uuid

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import requires
from lms.access.policy import Action
from lms.accounts import queries, second_step, sessions, throttle
from lms.accounts.forms import ChangeSecretForm, LanguagesForm, OwnNamesForm, TraitsForm
from lms.accounts.languages import language_choices
from lms.accounts.models import User
from lms.accounts.rules.authority import may_use_pin
from lms.accounts.rules.sign_in import safe_next
from lms.accounts.services import choosing, closing, own
from lms.accounts.services.grants import roles_of
from lms.accounts.views import bp
from lms.accounts.views.second_step import is_own_secret
from lms.accounts.views.second_step import me as own_account
from lms.accounts.words import PEOPLES, ROLES, SEXES, YES_NO
from lms.core import clock
from lms.core.database import db
from lms.core.languages import LOCALES
from lms.organization.models import PersonTraits
from lms.organization.queries.people import get_person

Page = str | Response | tuple[str, int]


@bp.get("/me")
@requires(Action.SELF_USE)
def me() -> str:
    """Show one's account at a glance, with a way into each part."""
    user = db.session.get_one(User, g.user.id)
    return render_template(
        "accounts/me.html",
        user=user,
        person=user.person,
        roles=queries.own_roles(user.id),
        sign_ins=len(queries.sign_ins_of(user.id, clock.now())),
        codes_left=second_step.codes_left(user.id) if user.totp_sealed else 0,
        languages=dict(language_choices(user.person.content_language)),
        locales=LOCALES,
        role_words=ROLES,
    )


@bp.route("/me/names", methods=["GET", "POST"])
@requires(Action.SELF_USE)
def names() -> Page:
    """Correct one's names, and choose the one that others see."""
    person = db.session.get_one(User, g.user.id).person
    form, is_valid = OwnNamesForm.posted(obj=person)
    if is_valid:
        own.change_self(person, form.data, g.actor, clock.now())
        return _kept()
    return render_template("accounts/names.html", form=form, person=person), 422 if form.errors else 200


@bp.route("/me/languages", methods=["GET", "POST"])
@requires(Action.SELF_USE)
def languages() -> Page:
    """Choose the language of buttons and the language of courses, apart."""
    user = db.session.get_one(User, g.user.id)
    chosen = {"interface_locale": user.interface_locale, "content_language": user.person.content_language}
    form = LanguagesForm(data=chosen)
    form.content_language.choices = dict(language_choices(user.person.content_language))
    if form.validate_on_submit():
        user.interface_locale = g.interface_locale = form.interface_locale.data
        own.change_self(user.person, {"content_language": form.content_language.data}, g.actor, clock.now())
        return _kept()
    return render_template("accounts/languages.html", form=form), 422 if form.errors else 200


@bp.route("/me/secret", methods=["GET", "POST"])
@requires(Action.SELF_USE)
def secret() -> Page:
    """Change one's password or PIN; every other sign-in ends."""
    user = db.session.get_one(User, g.user.id)
    form, is_valid = ChangeSecretForm.posted()
    if is_valid:
        now = clock.now()
        bucket = {"second-step": user.id.hex}
        throttle.charge(bucket, now)
        db.session.commit()
        user = own_account(g.user)
        if not is_own_secret(user, form.old.data):
            form.old.errors = [_("This is not your present password or PIN.")]
        elif problem := choosing.secret_problem(user, form.secret.data):
            form.secret.errors = [problem]
        elif form.secret.data == form.old.data:
            form.secret.errors = [_("This is the one you have now. Write another one.")]
        else:
            throttle.forget(bucket)
            choosing.choose_secret(user, form.secret.data, now)
            sessions.open_sign_in(user, g.user.is_shared, now, has_second_factor=g.actor.has_second_factor)
            return _kept(safe_next(request.args.get("next")))
    may_pin = may_use_pin(user.email, roles_of(user.id))
    return render_template("accounts/secret.html", form=form, user=user, may_pin=may_pin), 422 if form.errors else 200


@bp.get("/me/sign-ins")
@requires(Action.SELF_USE)
def sign_ins() -> str:
    """List where one is signed in."""
    return render_template("accounts/sign_ins.html", sign_ins=queries.sign_ins_of(g.user.id, clock.now()))


@bp.post("/me/sign-ins/end")
@requires(Action.SELF_USE)
def end_sign_ins() -> Response:
    """End every sign-in but the one at hand."""
    sessions.end_others(g.user.id, keep=g.user.sign_in_id)
    db.session.commit()
    flash(_("You are signed in here only."))
    return redirect(url_for("accounts.sign_ins"), 303)


@bp.post("/me/sign-ins/<id:sign_in>/end")
@requires(Action.SELF_USE)
def end_sign_in(sign_in: uuid.UUID) -> Response:
    """End one of one's own sign-ins."""
    closing.end_sign_in(g.user.id, sign_in)
    db.session.commit()
    return redirect(url_for("accounts.sign_ins"), 303)


@bp.route("/me/about", methods=["GET", "POST"])
@requires(Action.SELF_USE)
def about() -> Page:
    """Tell, change or take back what helps to see who is reached."""
    person = get_person(g.user.person_id)
    traits = db.session.get(PersonTraits, person.id)
    form = TraitsForm(obj=traits, this_year=clock.today().year)
    for field, words in ((form.sex, SEXES), (form.people, PEOPLES), (form.disability, YES_NO)):
        field.choices = {code: str(word) for code, word in words.items()}
    told = (traits.linguistic_community if traits else None) or ""
    form.linguistic_community.choices = {"": ""} | dict(language_choices(told))
    if form.validate_on_submit():
        own.tell_traits(person, form.data, g.actor, clock.now())
        return _kept()
    return render_template("accounts/about.html", form=form, has_traits=traits is not None), 422 if form.errors else 200


@bp.post("/me/about/remove")
@requires(Action.SELF_USE)
def forget_about() -> Response:
    """Take back everything one told of oneself."""
    own.forget_traits(get_person(g.user.person_id), g.actor, clock.now())
    db.session.commit()
    flash(_("It was removed."))
    return redirect(url_for("accounts.me"), 303)


def _kept(target: str | None = None) -> Response:
    db.session.commit()
    flash(_("Your changes are kept."))
    return redirect(target or url_for("accounts.me"), 303)
