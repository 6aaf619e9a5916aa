"""Announcements to a whole group, and what a member asks her facilitator."""

import uuid
from datetime import datetime, timedelta

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from lms.access.policy import Actor
from lms.accounts.models import User
from lms.cohorts.models import Announcement, Cohort, CohortMember, CohortQuestion
from lms.cohorts.services.groups import check_open
from lms.core import audit, jobs
from lms.core.database import db
from lms.core.errors import NotFound, RuleBroken
from lms.core.ids import id_text
from lms.core.mail import send
from lms.organization.models import Person

TELL = "cohorts.tell"
_SAME = timedelta(minutes=10)
_MOST_OPEN = 20


def announce(cohort: Cohort, text: str, actor: Actor, now: datetime) -> Announcement:
    """Tell the group something: on its page at once, and by mail to whoever has an address.

    The same words sent twice within ten minutes are one announcement.
    """
    check_open(cohort)
    if actor.person_id is None:
        raise NotFound
    last = db.session.scalar(
        select(Announcement)
        .where(Announcement.cohort_id == cohort.id)
        .order_by(Announcement.written_at.desc())
        .limit(1)
        .with_for_update()
    )
    if last is not None and last.text == text and now - last.written_at < _SAME:
        return last
    made = Announcement(cohort_id=cohort.id, author_id=actor.person_id, text=text, written_at=now)
    db.session.add(made)
    db.session.flush()
    audit.record(actor, "cohort.announce", "cohort", cohort.id, now)
    jobs.later(TELL, {"announcement": id_text(made.id)}, actor, now)
    return made


def tell_members(announcement: Announcement, now: datetime) -> int:
    """Put a mail to each member into the outbox: that there is something to read, not what; return how many."""
    query = (
        select(User.email, User.interface_locale, Person.given_names)
        .join(Person, Person.id == User.person_id)
        .join(CohortMember, CohortMember.person_id == Person.id)
        .where(
            CohortMember.cohort_id == announcement.cohort_id,
            CohortMember.left_at.is_(None),
            User.state == "active",
            User.email.is_not(None),
        )
        .order_by(User.id)
    )
    rows = db.session.execute(query).all()
    path = f"/groups/{id_text(announcement.cohort_id)}/mine"
    for row in rows:
        with force_locale(row.interface_locale):
            body = "\n\n".join(
                (
                    _("Good day, %(name)s.", name=row.given_names),
                    _("Your group has a new message."),
                    _("Read it here: %(address)s", address=current_app.config["BASE_URL"] + path),
                )
            )
            send(str(row.email), _("A message from your group"), body, now)
    return len(rows)


def ask(cohort: Cohort, text: str, actor: Actor, now: datetime) -> CohortQuestion:
    """Ask the facilitator something only she reads.

    :raise RuleBroken: too many questions wait already.
    """
    check_open(cohort)
    if actor.person_id is None:
        raise NotFound
    query = select(CohortQuestion).where(
        CohortQuestion.cohort_id == cohort.id,
        CohortQuestion.person_id == actor.person_id,
        CohortQuestion.answered_at.is_(None),
    )
    waiting = db.session.scalars(query).all()
    same = next((one for one in waiting if one.text == text), None)
    if same is not None:
        return same
    if len(waiting) >= _MOST_OPEN:
        raise RuleBroken(_("Wait for the answers to what you asked before."))
    made = CohortQuestion(cohort_id=cohort.id, person_id=actor.person_id, text=text, asked_at=now, answer="")
    db.session.add(made)
    db.session.flush()
    return made


def answer(question: CohortQuestion, text: str, actor: Actor, now: datetime) -> None:
    """Answer a question, or put another answer in the place of the first."""
    check_open(question.cohort)
    question.answer, question.answered_by, question.answered_at = text, actor.person_id, now
    db.session.flush()


def is_member(cohort_id: uuid.UUID, person_id: uuid.UUID | None) -> bool:
    """Tell whether somebody learns in a group now."""
    if person_id is None:
        return False
    member = db.session.get(CohortMember, (cohort_id, person_id))
    return member is not None and member.left_at is None
