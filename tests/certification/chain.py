"""A small cascade, written and signed as the services do: the agency, Elena, Juana, Marta."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from lms.certification.models import Credential, CredentialEvent, Level, Scheme
from lms.certification.rules.levels import rules_from_data, valid_until
from lms.certification.rules.warrants import Warrant
from lms.certification.services.schemes import load_schemes
from lms.certification.services.signing import Draft, sign
from lms.core.clock import local_day
from lms.core.database import db
from lms.core.ids import new_id
from lms.curriculum.models import Course, Version
from tests import factories
from tests.factories import NOW

MAY_SIGN = Warrant(levels=(2, 3), territory=("14",), may_delegate=True, max_depth=2)


@dataclass
class Cascade:
    """Three certificates, one under the other."""

    elena: Credential
    juana: Credential
    marta: Credential


def version() -> Version:
    """Write a course with one published version."""
    found = db.session.scalar(select(Version))
    if found is not None:
        return found
    course = Course(id=new_id(), slug="escuela", unit_id=factories.agency().id, created_at=NOW)
    db.session.add(course)
    db.session.flush()
    made = Version(
        id=new_id(),
        course_id=course.id,
        number=3,
        label="2026.1",
        state="published",
        package_sha="0" * 64,
        languages=["spa"],
        title={"spa": "La escuela que protege", "eng": "The school that protects"},
        neutral_title={"spa": "La escuela que acompaña", "eng": "The school that accompanies"},
        summary={},
        hours=12,
        pass_mark=80,
        enrolment="open",
        tags=[],
        audiences=[],
        topics={},
        details={},
        search="",
        created_at=NOW,
    )
    db.session.add(made)
    db.session.flush()
    return made


def level(number: int) -> Level:
    """Return a level of the cascade that every site begins with."""
    slug = "facilitacion-comunitaria"
    wanted = select(Level).join(Scheme, Scheme.id == Level.scheme_id)
    wanted = wanted.where(Scheme.slug == slug, Level.number == number)
    if db.session.scalar(wanted) is None:
        load_schemes(factories.agency(), NOW)
    return db.session.scalars(wanted).one()


def certificate(
    name: str, number: int, parent: Credential | None, at: datetime = NOW, warrant: Warrant | None = None, **more: Any
) -> Credential:
    """Sign a certificate."""
    of = level(number)
    rules, today = rules_from_data(of.rules), local_day(at)
    values: dict[str, Any] = {
        "holder": factories.person(name, public_name=name),
        "level": of,
        "rules": rules,
        "version": version(),
        "cohort_id": None,
        "place_code": "1406",
        "language": "spa",
        "parent": parent,
        "cosigner_id": None,
        "renews": None,
        "warrant": warrant.to_data() if warrant else None,
        "valid_from": today,
        "valid_until": valid_until(rules, today),
        "request_key": str(new_id()),
        "evidence": {},
    }
    return sign([Draft(**(values | more))], None, at)[0]


def cascade(at: datetime = NOW) -> Cascade:
    """Sign the three, a day apart, the last one at `at`."""
    elena = certificate("Elena Morales D.", 1, None, at - timedelta(days=2), MAY_SIGN)
    juana = certificate("Juana Tomasa P.", 2, elena, at - timedelta(days=1), MAY_SIGN)
    marta = certificate("Marta Xicay P.", 3, juana, at, valid_until=date(2027, 11, 20))
    db.session.commit()
    return Cascade(elena, juana, marta)


def happens(to: Credential, kind: str, at: datetime, reason: str = "") -> None:
    """Write what happened to a certificate."""
    db.session.add(CredentialEvent(credential_id=to.id, kind=kind, at=at, reason=reason))
    db.session.commit()
