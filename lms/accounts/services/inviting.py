"""Inviting: links by e-mail or on paper, accepting them, and links for those who forgot."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _

from lms.access.policy import Actor
from lms.accounts.links import Purpose, draw_link, draw_links, outward, use_up
from lms.accounts.models import Token, User
from lms.accounts.second_step import turn_off
from lms.accounts.services.choosing import choose_secret
from lms.accounts.services.giving import free_username
from lms.core import audit, mail
from lms.core.choices import choices
from lms.core.errors import RuleBroken

LINK_PAGES = {Purpose.INVITE: "accounts.accept", Purpose.ADMIN: "accounts.accept", Purpose.RESET: "accounts.new_secret"}


def invite(user: User, actor: Actor | None, now: datetime) -> str:
    """Send the invitation by e-mail, in the language of the invited and without saying what it is about.

    :raise RuleBroken: there is no e-mail to send it to.
    """
    if not user.email:
        raise RuleBroken(_("There is no e-mail to send it to. Print the invitation instead."))
    return invite_many([user], actor, now)[user.id]


def invite_many(users: Sequence[User], actor: Actor | None, now: datetime) -> dict[uuid.UUID, str]:
    """Send invitations to people who all have an e-mail; those of before stop working."""
    codes = draw_links([user.id for user in users], Purpose.INVITE, now)
    for user in users:
        _write(user, Purpose.INVITE, codes[user.id], now)
        audit.record(actor, "account.invite", "user", user.id, now)
    return codes


def printed_invitations(users: Sequence[User], actor: Actor | None, now: datetime) -> dict[uuid.UUID, str]:
    """Draw invitations to be printed; those of before stop working."""
    codes = draw_links([user.id for user in users], Purpose.INVITE, now)
    for user in users:
        audit.record(actor, "account.print", "user", user.id, now)
    return codes


def print_link(user: User, actor: Actor, now: datetime) -> tuple[Purpose, str]:
    """Draw a link to be printed: the invitation, or for somebody who came in already a new password.

    :raise RuleBroken: the account is suspended.
    """
    if user.state == "suspended":
        raise RuleBroken(_("This account is suspended. Reactivate it first."))
    purpose = Purpose.INVITE if user.state == "invited" else Purpose.RESET
    audit.record(actor, "account.print", "user", user.id, now)
    return purpose, draw_link(user, purpose, now)


def accept(
    user: User, token: Token, username: str, secret: str, interface_locale: str, content_language: str, now: datetime
) -> None:
    """Open an account with what its owner chose.

    :raise RuleBroken: the user name is taken, or the secret is one that others would guess.
    """
    user.username = free_username(username, user.id)
    user.interface_locale = interface_locale
    user.person.content_language = content_language
    choose_secret(user, secret, now)
    user.state = "active"
    if token.purpose == Purpose.ADMIN:
        turn_off(user)  # the rescue of an administrator who lost her phone: she sets the second step up again
    use_up(token, now)
    audit.record(user.id, "account.accept", "user", user.id, now)


def reset_for(user: User, actor: Actor, now: datetime) -> None:
    """Send a link to choose a new password, asked for by somebody who looks after the person.

    :raise RuleBroken: there is no e-mail to send it to, or the account is suspended.
    """
    if not user.email:
        raise RuleBroken(_("There is no e-mail to send it to. Print a slip with a new PIN instead."))
    if user.state == "suspended":
        raise RuleBroken(_("This account is suspended. Reactivate it first."))
    send_reset(user, now, actor)


def send_reset(user: User, now: datetime, actor: Actor | None = None) -> None:
    """Send a link to choose a new password, or the invitation again to somebody who never came in."""
    if user.email and user.state == "active":
        _write(user, Purpose.RESET, draw_link(user, Purpose.RESET, now), now)
        audit.record(actor, "account.reset", "user", user.id, now)
    elif user.email and user.state == "invited":
        invite(user, actor, now)


def _write(user: User, purpose: Purpose, code: str, now: datetime) -> None:
    with force_locale(user.interface_locale):
        site = choices().short_name or "Cascada"
        link = outward(LINK_PAGES[purpose], code=code)
        if purpose is Purpose.RESET:
            subject = _("Your new password at %(site)s", site=site)
            body = _(
                "Hello, %(name)s.\n\n"
                "Somebody, probably you, asked for a new password. Open this link within 24 hours and choose it:\n\n"
                "%(link)s\n\n"
                "If it was not you, do nothing: your password stays as it is.",
                name=user.person.given_names,
                link=link,
            )
        else:
            subject = _("Your invitation to %(site)s", site=site)
            body = _(
                "Hello, %(name)s.\n\n"
                "You have been invited to the courses of %(site)s. Open this link within seven days, choose a user "
                "name and a password, and you are in:\n\n"
                "%(link)s\n\n"
                "The link is yours alone: please do not forward this message.",
                name=user.person.given_names,
                site=site,
                link=link,
            )
        mail.send(user.email or "", subject, body, now)
