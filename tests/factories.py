"""The cast of the tests: units, people, their accounts and roles, written straight into the database.

The agency is SVET; its office in Quiché is where most things happen. Elena administers, Marta manages the office, Rosa
registers people there, Tomás directs, Lucía teaches in Chichicastenango and takes courses.
"""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select

from lms.access.policy import NEEDS_SECOND_FACTOR, Actor, Held, Role
from lms.accounts.models import Grant, User
from lms.accounts.services.first import NEUTRAL_NAME
from lms.core.database import db
from lms.core.ids import id_text, new_id
from lms.core.texts import folded
from lms.organization.models import Person, Post, PostHolding, Unit
from lms.organization.rules.tree import below

NOW = datetime(2026, 11, 21, 15, tzinfo=UTC)
TODAY = date(2026, 11, 21)
CAST = {
    "Elena": Role.ADMINISTRATOR,
    "Inés": Role.EDITOR,
    "Marta": Role.UNIT_MANAGER,
    "Rosa": Role.REGISTRAR,
    "Ana": Role.ASSESSOR,
    "Tomás": Role.DIRECTOR,
    "Olga": Role.AUDITOR,
    "Lucía": None,
}


def agency() -> Unit:
    """Return the head of the tree, made when there is none; the one a site begins with has no name of its own yet."""
    root = db.session.scalars(select(Unit).where(Unit.parent_id.is_(None))).first()
    if root is not None and root.name == NEUTRAL_NAME:
        root.name, root.name_folded = "SVET", folded("SVET")
        db.session.flush()
    return root or unit("SVET", None, "agency")


def unit(name: str, parent: Unit | None = None, kind: str = "office", **values: Any) -> Unit:
    """Write a unit below another one."""
    if parent is None and kind != "agency":
        parent = agency()
    made = Unit(id=new_id(), parent_id=parent.id if parent else None, kind=kind, name=name, created_at=NOW, **values)
    made.path = below(parent.path if parent else "", id_text(made.id))
    made.name_folded = folded(name)
    db.session.add(made)
    db.session.flush()
    return made


def person(name: str, of: Unit | None = None, **values: Any) -> Person:
    """Write a person; the last word of the name is the family name."""
    given, _, family = name.rpartition(" ")
    made = Person(
        unit_id=(of or agency()).id,
        given_names=given or family,
        family_names=family if given else "",
        name_folded=folded(name),
        created_at=NOW,
        **values,
    )
    db.session.add(made)
    db.session.flush()
    return made


def user(name: str, role: Role | None = None, over: Unit | None = None) -> User:
    """Write a person with an account and perhaps a role over a unit, where she also works."""
    made = User(person_id=person(name, over).id, username=folded(name).replace(" ", "."), created_at=NOW)
    if role in NEEDS_SECOND_FACTOR:
        made.totp_sealed = b"sealed"
    db.session.add(made)
    db.session.flush()
    if role is not None:
        db.session.add(Grant(user_id=made.id, unit_id=(over or agency()).id, role=role.value, granted_at=NOW))
        db.session.flush()
    return made


def actor(role: Role = Role.ADMINISTRATOR, over: Unit | None = None) -> Actor:
    """Return somebody who holds a role, for what stands below the doors."""
    return Actor(
        user_id=new_id(), person_id=new_id(), held=(Held(role, (over or agency()).path),), has_second_factor=True
    )


def post(of: Unit, profession: str = "psychologist", opened_on: date = date(2026, 1, 1), **values: Any) -> Post:
    """Write a vacant post."""
    made = Post(unit_id=of.id, profession_code=profession, opened_on=opened_on, **values)
    db.session.add(made)
    db.session.flush()
    return made


def holding(of: Post, by: Person, from_on: date = date(2026, 1, 1), until_on: date | None = None) -> PostHolding:
    """Let a person hold a post."""
    made = PostHolding(post_id=of.id, person_id=by.id, from_on=from_on, until_on=until_on)
    db.session.add(made)
    db.session.flush()
    return made
