"""Certificates renewed by their holders: the short test first, then the renewal on the strength of what they led."""

from datetime import timedelta

from sqlalchemy import select

from lms.accounts.models import User
from lms.certification.models import Credential
from lms.certification.services.own import open_update, renew
from lms.core.database import db
from lms.curriculum.queries import asked_of
from lms.learning.services.attempts import held_attempt, submit
from lms.site.seed.answers import answered
from lms.site.seed.story import Story, actor_of


def renew_own(story: Story, user: User, ago: int) -> None:
    """Let somebody renew the certificate she was given last."""
    held, at = newest_of(user), story.at(ago + 1)
    row = held_attempt(open_update(held, at, story.day(ago + 1)), user.person_id)
    submit(row, answered(asked_of(row.version_id, row.drawn), ()), at + timedelta(minutes=8))
    renew(held, actor_of(user), story.at(ago), story.day(ago))


def newest_of(user: User) -> Credential:
    """Return the certificate that somebody was given last."""
    held = select(Credential).where(Credential.holder_id == user.person_id).order_by(Credential.issued_at.desc())
    return db.session.scalars(held.limit(1)).one()
