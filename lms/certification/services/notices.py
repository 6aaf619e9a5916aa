"""Mails about certificates, in neutral words: whoever reads over a shoulder learns only that there is something."""

import uuid
from collections.abc import Collection
from datetime import date, datetime, timedelta

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import exists, select

from lms.accounts.models import User
from lms.certification.models import Credential, CredentialEvent
from lms.certification.queries.bridging import Told
from lms.certification.rules.status import REMINDERS
from lms.core.database import db
from lms.core.languages import format_date
from lms.core.mail import send
from lms.organization.models import Person

_BATCH = 500
_READERS = (
    select(User.email, User.interface_locale, Person.given_names, Person.id)
    .join(Person, Person.id == User.person_id)
    .where(User.state == "active", User.email.is_not(None), Person.left_on.is_(None))
)


def tell_of_change(people: Collection[uuid.UUID], now: datetime) -> int:
    """Tell people, each once, that something changed in their certificates; return how many could be told by mail."""
    ids, count = list(dict.fromkeys(people)), 0
    for start in range(0, len(ids), _BATCH):
        for row in db.session.execute(_READERS.where(Person.id.in_(ids[start : start + _BATCH]))):
            with force_locale(row.interface_locale):
                body = _letter(row.given_names, _("Something changed in one of your certificates."))
                send(row.email, _("A change in your file"), body, now)
            count += 1
    return count


def tell_of_unit(people: Collection[uuid.UUID], told: Told, until: date, today: date, now: datetime) -> None:
    """Tell people, each once, that there is a short unit to take; the title and the mail name no subject."""
    ids = list(people)
    for start in range(0, len(ids), _BATCH):
        for row in db.session.execute(_READERS.where(Person.id.in_(ids[start : start + _BATCH]))):
            with force_locale(row.interface_locale):
                body = _letter(row.given_names, unit_words(told, until, today))
                send(row.email, _("A short unit for you"), body, now)


def unit_words(told: Told, until: date, today: date) -> str:
    """Say in the language of the moment that there is a short unit, how long it takes and until when."""
    values = {"minutes": told.minutes, "day": format_date(until)}
    if today > until:
        return _("There is a short unit on what changed, about %(minutes)s minutes. It was due on %(day)s.", **values)
    return _("There is a short unit on what changed, about %(minutes)s minutes. Take it until %(day)s.", **values)


def remind(today: date, now: datetime, limit: int = 200) -> int:
    """Remind holders whose certificates end soon, each of them once for each distance; return how many were reminded.

    What was sent stands as an event of the certificate, in the transaction of the mail.
    """
    count, nearer = 0, -1
    for days in REMINDERS:
        told = exists().where(
            CredentialEvent.credential_id == Credential.id,
            CredentialEvent.kind.in_(("renewed", "revoked"))
            | ((CredentialEvent.kind == "reminded") & (CredentialEvent.reason == str(days))),
        )
        first, last = today + timedelta(days=nearer + 1), today + timedelta(days=days)
        due = (
            select(Credential.id, Credential.holder_id, Credential.valid_until)
            .where(Credential.valid_until.between(first, last), ~told)
            .order_by(Credential.valid_until, Credential.id)
            .limit(limit)
        )
        rows, nearer = db.session.execute(due).all(), days
        readers = {
            one.id: one for one in db.session.execute(_READERS.where(Person.id.in_([r.holder_id for r in rows])))
        }
        for row in rows:
            db.session.add(CredentialEvent(credential_id=row.id, kind="reminded", at=now, by=None, reason=str(days)))
            if reader := readers.get(row.holder_id):
                with force_locale(reader.interface_locale):
                    body = _letter(
                        reader.given_names,
                        _("One of your certificates is valid until %(day)s.", day=format_date(row.valid_until)),
                    )
                    send(reader.email, _("A date is near"), body, now)
            count += 1
    db.session.flush()
    return count


def _letter(name: str, sentence: str) -> str:
    address = current_app.config["BASE_URL"] + "/certificates"
    return "\n\n".join((_("Good day, %(name)s.", name=name), sentence, _("See it here: %(address)s", address=address)))
