"""Certificates that wait for another signature, and who might give it."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, joinedload

from lms.certification.models import Credential, Level, SignatureRequest
from lms.cohorts.models import Cohort
from lms.core.database import db
from lms.core.errors import NotFound
from lms.organization.models import Person


def _open_to(person_id: uuid.UUID) -> Any:
    """Requests in schemes in which somebody holds a right to certify; whether it is good is weighed when she signs."""
    held = aliased(Level)
    mine = (
        select(held.scheme_id)
        .join(Credential, Credential.level_id == held.id)
        .where(Credential.holder_id == person_id, Credential.warrant.is_not(None))
    )
    return (
        select(SignatureRequest)
        .join(Level, Level.id == SignatureRequest.level_id)
        .where(SignatureRequest.closed_at.is_(None), SignatureRequest.person_id != person_id)
        .where(Level.scheme_id.in_(mine))
    )


def waiting(person_id: uuid.UUID) -> Sequence[SignatureRequest]:
    """Return what waits for a signature that this person might give, the oldest first."""
    options = [
        joinedload(SignatureRequest.person),
        joinedload(SignatureRequest.level),
        joinedload(SignatureRequest.cohort).joinedload(Cohort.place),
    ]
    return db.session.scalars(
        _open_to(person_id).options(*options).order_by(SignatureRequest.asked_at).limit(200)
    ).all()


def how_many(person_id: uuid.UUID) -> int:
    """Count what waits."""
    return db.session.scalar(select(func.count()).select_from(_open_to(person_id).subquery())) or 0


def get_request(request_id: uuid.UUID, person_id: uuid.UUID | None) -> SignatureRequest:
    """Load a request that this person might sign; raise NotFound."""
    found = None
    if person_id is not None:
        found = db.session.scalar(_open_to(person_id).where(SignatureRequest.id == request_id))
    if found is None:
        raise NotFound
    return found


def asker_of(request: SignatureRequest) -> str:
    """Return the name of whoever signed first, if somebody did."""
    if request.first_credential_id is None:
        return ""
    holder = db.session.scalar(
        select(Person)
        .join(Credential, Credential.holder_id == Person.id)
        .where(Credential.id == request.first_credential_id)
    )
    return holder.name if holder else ""
