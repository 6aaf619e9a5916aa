"""Verbs of the site: choose for everybody, speak another language."""

import uuid
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import delete, update

from lms.access.policy import Actor
from lms.accounts.models import User
from lms.core import audit
from lms.core.choices import Choices
from lms.core.database import db
from lms.core.models import SiteSetting


def save_choices(actor: Actor, before: Choices, after: Choices, now: datetime) -> list[str]:
    """Keep what differs from the default; return the names of the choices that changed."""
    old, new, usual = asdict(before), asdict(after), asdict(Choices())
    changed = [name for name in new if new[name] != old[name]]
    for name in changed:
        if new[name] == usual[name]:
            db.session.execute(delete(SiteSetting).where(SiteSetting.key == name))
        else:
            db.session.merge(SiteSetting(key=name, value={"is": new[name]}, changed_at=now, changed_by=actor.user_id))
        audit.record(actor, "settings.change", "setting", name, now, before=old[name], after=new[name])
    db.session.flush()
    return changed


def speak(user_id: uuid.UUID, locale: str) -> None:
    """Remember in which language somebody reads the pages."""
    db.session.execute(update(User).where(User.id == user_id).values(interface_locale=locale))
