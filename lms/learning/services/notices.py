"""Mails of learning, in neutral words: whoever reads over a shoulder learns only that there is a course."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from sqlalchemy import or_, select

from lms.accounts.models import User
from lms.core.database import db
from lms.core.languages import format_date
from lms.core.mail import send
from lms.core.texts import tongue
from lms.curriculum.models import Version
from lms.learning.models import Enrolment
from lms.learning.rules import REMINDERS, reminder_due
from lms.learning.services.enrolments import note_reminder
from lms.organization.models import Person

_LANGUAGES = {"es_GT": "spa", "en": "eng"}
_WHO = (
    select(
        Enrolment.id,
        Enrolment.due_on,
        Enrolment.reminded,
        User.email,
        User.interface_locale,
        Person.given_names,
        Version.neutral_title,
    )
    .join(Person, Person.id == Enrolment.person_id)
    .join(User, User.person_id == Person.id)
    .join(Version, Version.id == Enrolment.version_id)
    .where(User.state == "active", User.email.is_not(None), Person.left_on.is_(None))
)


def remind(today: date, now: datetime, limit: int = 500) -> int:
    """Put the reminders of courses that are due soon into the outbox, each once; return how many."""
    owed = (
        (Enrolment.due_on <= today + timedelta(days=days))
        & (Enrolment.reminded.is_(None) | (Enrolment.reminded > days))
        for days in REMINDERS
    )
    soon = (
        _WHO.where(Enrolment.state == "active", Enrolment.due_on >= today, or_(*owed))
        .order_by(Enrolment.due_on, Enrolment.id)
        .limit(limit)
    )
    count = 0
    for row in db.session.execute(soon):
        due = reminder_due(row.due_on, today, row.reminded)
        if due is None or not note_reminder(row.id, due):
            continue
        with force_locale(row.interface_locale):
            send(row.email, _("A date is near"), _reminder(row, (row.due_on - today).days), now)
        count += 1
    return count


def _reminder(row: Any, left: int) -> str:
    when = _("today") if not left else ngettext("tomorrow", "in %(num)s days", left)
    return "\n\n".join(
        (
            _("Good day, %(name)s.", name=row.given_names),
            _(
                "Your course “%(course)s” is to be finished %(when)s, on %(day)s.",
                course=_title(row),
                when=when,
                day=format_date(row.due_on),
            ),
            _("Go on where you left off: %(address)s", address=current_app.config["BASE_URL"]),
        )
    )


def tell_of_result(enrolment_id: uuid.UUID, now: datetime) -> None:
    """Tell a learner that a person has marked the answers, where there is an address to tell it to."""
    row = db.session.execute(_WHO.where(Enrolment.id == enrolment_id)).first()
    if row is None:
        return
    with force_locale(row.interface_locale):
        body = "\n\n".join(
            (
                _("Good day, %(name)s.", name=row.given_names),
                _("Your answers in “%(course)s” have been read.", course=_title(row)),
                _("See the result: %(address)s", address=current_app.config["BASE_URL"] + "/history"),
            )
        )
        send(row.email, _("Your answers have been read"), body, now)


def _title(row: Any) -> str:
    return tongue(row.neutral_title, _LANGUAGES.get(row.interface_locale, "spa"))
