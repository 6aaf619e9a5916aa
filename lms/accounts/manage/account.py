"""One person's account, as those who look after people see it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action, Actor, can
from lms.accounts import queries
from lms.accounts.forms import AccountForm, SlipForm
from lms.accounts.manage import manage
from lms.accounts.manage.paper import invitation_sheets, slips
from lms.accounts.models import User
from lms.accounts.services import choosing, closing, giving, inviting
from lms.accounts.sessions import confirmed
from lms.accounts.words import ROLES, STATES
from lms.core import clock
from lms.core.database import db
from lms.core.errors import RuleBroken
from lms.core.languages import DEFAULT_LOCALE
from lms.organization.models import Person
from lms.organization.queries.people import get_person

Page = str | Response | tuple[str, int]


@manage.route("/people/<id:person>/account", methods=["GET", "POST"])
@requires(Action.PERSON_MANAGE, person=get_person)
def account(person: Person) -> Page:
    """Show an account and what can be done about it; give one to a person who has none."""
    user, now = giving.user_of(person.id), clock.now()
    form, is_valid = AccountForm.posted(obj=user)
    if is_valid and _fits(form, user):
        giving.check_authority(current_actor(), person)
        if user is None:
            giving.give_account(person, form.username.data, form.email.data, now, current_actor(), _locale(form))
        else:
            giving.change_account(user, form.username.data, form.email.data, current_actor(), now, _locale(form))
        db.session.commit()
        flash(_("The account is kept."))
        return redirect(_back(person), 303)
    page = render_template(
        "accounts/account.html",
        person=person,
        user=user,
        form=form,
        is_mine=giving.is_manageable(current_actor(), person),
        invitation=queries.invitation_of(user.id, now) if user else None,
        sign_ins=len(queries.sign_ins_of(user.id, now)) if user else 0,
        roles=queries.own_roles(user.id) if user else [],
        may_appoint=can(current_actor(), Action.GRANT_MANAGE, person),
        role_words=ROLES,
        states=STATES,
    )
    return page, 422 if form.errors else 200


def _locale(form: AccountForm) -> str:
    return form.interface_locale.data or DEFAULT_LOCALE


def _fits(form: AccountForm, user: User | None) -> bool:
    own = user.id if user else None
    if form.username.data and (problem := giving.username_problem(form.username.data, own)):
        form.username.errors = [problem]
    if form.email.data and (problem := giving.email_problem(form.email.data, own)):
        form.email.errors = [problem]
    return not form.errors


@manage.post("/people/<id:person>/account/invite")
@requires(Action.PERSON_MANAGE, person=get_person)
def invite(person: Person) -> Response:
    """Send the invitation, or send it again."""
    return _do(person, inviting.invite, _("The invitation is on its way. It is good for seven days."))


@manage.post("/people/<id:person>/account/reset")
@requires(Action.PERSON_MANAGE, person=get_person)
def send_reset(person: Person) -> Response:
    """Send a link to choose a new password."""
    return _do(person, inviting.reset_for, _("A link to choose a new password is on its way. It is good for 24 hours."))


@manage.post("/people/<id:person>/account/sign-out")
@requires(Action.PERSON_MANAGE, person=get_person)
def sign_out(person: Person) -> Response:
    """End every sign-in, for a phone that was lost or stolen."""
    return _do(person, closing.sign_out_everywhere, _("The person is signed out everywhere."))


@manage.post("/people/<id:person>/account/suspend")
@requires(Action.PERSON_MANAGE, person=get_person)
def suspend(person: Person) -> Response:
    """Close the account at once."""
    return _do(person, closing.suspend, _("The account is suspended, and signed out everywhere."))


@manage.post("/people/<id:person>/account/reactivate")
@requires(Action.PERSON_MANAGE, person=get_person)
def reactivate(person: Person) -> Response:
    """Open a suspended account again."""
    return _do(person, closing.reactivate, _("The account is open again."))


@manage.post("/people/<id:person>/account/second-step")
@requires(Action.PERSON_MANAGE, person=get_person)
@confirmed
def reset_second_step(person: Person) -> Response:
    """Take away a second step whose phone is lost."""
    return _do(person, closing.reset_second_step, _("The second step was taken away. Ask them to set it up again."))


@manage.post("/people/<id:person>/account/print")
@requires(Action.PERSON_MANAGE, person=get_person)
def print_link(person: Person) -> str:
    """Print the invitation of one person, or the link to a new password."""
    user = _mine(person)
    purpose, code = inviting.print_link(user, current_actor(), clock.now())
    db.session.commit()
    return invitation_sheets([(user, code)], [], _back(person), purpose)


@manage.route("/people/<id:person>/slip", methods=["GET", "POST"])
@requires(Action.PERSON_MANAGE, person=get_person)
def slip(person: Person) -> str:
    """Explain what a slip is; sent, draw a fresh PIN and show it this once."""
    giving.check_authority(current_actor(), person)
    form, is_valid = SlipForm.posted()
    if not is_valid:
        return render_template("accounts/slip_ask.html", form=form, person=person, user=giving.user_of(person.id))
    now = clock.now()
    user = giving.user_of(person.id) or giving.give_account(person, None, None, now, current_actor())
    pin = choosing.new_pin(user, current_actor(), now, form.must_choose.data)
    db.session.commit()
    return slips([(user, pin)], [], _back(person))


def _mine(person: Person) -> User:
    giving.check_authority(current_actor(), person)
    user = giving.user_of(person.id)
    if user is None:
        raise RuleBroken(_("%(name)s has no account yet.", name=person.name))
    return user


def _do(person: Person, verb: Callable[[User, Actor, datetime], Any], said: str) -> Response:
    verb(_mine(person), current_actor(), clock.now())
    db.session.commit()
    flash(said)
    return redirect(_back(person), 303)


def _back(person: Person) -> str:
    return url_for("accounts_manage.account", person=person.id)
