"""Who prints a guide besides those who keep courses: whoever teaches it, as the rooms above know and say."""

import uuid
from collections.abc import Callable
from datetime import date, datetime

from flask import Flask, current_app

from lms.access.policy import Action, Actor, can
from lms.core.database import db
from lms.core.errors import NotFound
from lms.curriculum.models import Course, Version

Teaches = Callable[[Actor, Course, datetime, date], bool]
_KEY = "teaches"


def teachers_by(app: Flask, teaches: Teaches) -> None:
    """Let a room say who teaches a course; one that says yes is enough."""
    app.extensions.setdefault(_KEY, []).append(teaches)


def may_print(actor: Actor, version: Version, now: datetime, today: date) -> bool:
    """Tell whether somebody may print the guide of a version."""
    if can(actor, Action.COURSE_READ, version):
        return True
    rooms: list[Teaches] = current_app.extensions.get(_KEY, [])
    return version.state != "draft" and any(teaches(actor, version.course, now, today) for teaches in rooms)


def get_printable(version_id: uuid.UUID, actor: Actor, now: datetime, today: date) -> Version:
    """Load a version whose guide somebody may print; raise NotFound."""
    version = db.session.get(Version, version_id)
    if version is None or not may_print(actor, version, now, today):
        raise NotFound
    return version
