"""Schemes, levels, and who can sign what for a group."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from lms.access.policy import Action, Actor, reach
from lms.access.queries import within
from lms.certification.models import Credential, Level, Scheme
from lms.certification.services.issuing import ANY_COURSE
from lms.core.database import db
from lms.core.errors import NotFound
from lms.curriculum.models import Course, Version
from lms.organization.models import Unit


def get_level(level_id: uuid.UUID) -> Level:
    """Load a level with its scheme; raise NotFound."""
    level = db.session.get(Level, level_id, options=[joinedload(Level.scheme).joinedload(Scheme.unit)])
    if level is None:
        raise NotFound
    return level


def get_credential(credential_id: uuid.UUID) -> Credential:
    """Load a credential with what its page shows; raise NotFound."""
    options = [
        joinedload(Credential.holder),
        joinedload(Credential.level).joinedload(Level.scheme),
        joinedload(Credential.version),
        joinedload(Credential.cohort),
    ]
    credential = db.session.get(Credential, credential_id, options=options)
    if credential is None:
        raise NotFound
    return credential


def credential_coded(code: str) -> Credential | None:
    """Return the credential of a tidy code."""
    return db.session.scalar(select(Credential).where(Credential.code == code))


def schemes_of(actor: Actor) -> Sequence[Scheme]:
    """Return the schemes within reach, the oldest first."""
    query = select(Scheme).join(Unit, Unit.id == Scheme.unit_id).order_by(Scheme.created_at, Scheme.slug)
    return db.session.scalars(query.where(within(reach(actor, Action.SCHEME_MANAGE), Unit.path))).all()


def units_of(actor: Actor) -> Sequence[Unit]:
    """Return the offices over which somebody keeps schemes, the highest first."""
    query = select(Unit).where(within(reach(actor, Action.SCHEME_MANAGE), Unit.path), Unit.closed_on.is_(None))
    return db.session.scalars(query.order_by(func.length(Unit.path), Unit.name_folded).limit(200)).all()


def courses_to_teach() -> list[Any]:
    """Return the published courses: the id of the version, slug, title, audiences."""
    query = (
        select(Version.id, Course.slug, Version.title, Version.audiences)
        .join(Course, Course.current_version_id == Version.id)
        .where(Course.archived_at.is_(None), Course.is_bridge.is_(False), Version.state == "published")
        .order_by(Version.search)
    )
    return list(db.session.execute(query))


@dataclass(frozen=True)
class Offer:
    """A level that somebody could sign for a group, in the agency's name or under her own certificate."""

    level: Level
    is_agency: bool


def offers(course: str, person_id: uuid.UUID | None, is_agency: bool) -> list[Offer]:
    """Return the levels a person could sign for people of a course, the highest first. Two statements."""
    levels = db.session.scalars(
        select(Level)
        .join(Scheme, Scheme.id == Level.scheme_id)
        .where(Level.course_slug.in_((course, ANY_COURSE)), Scheme.retired_at.is_(None))
        .options(joinedload(Level.scheme))
        .order_by((Level.course_slug == ANY_COURSE), Scheme.created_at, Level.number)
    ).all()
    mine = {
        (row.scheme_id, row.number)
        for row in db.session.execute(
            select(Level.scheme_id, Level.number)
            .join(Credential, Credential.level_id == Level.id)
            .where(Credential.holder_id == person_id, Credential.warrant.is_not(None))
        )
    }
    found = []
    for level in levels:
        signed_by = level.rules.get("signed_by") or ()
        if not signed_by and is_agency:
            found.append(Offer(level, True))
        elif any((level.scheme_id, number) in mine for number in signed_by):
            found.append(Offer(level, False))
    return found
