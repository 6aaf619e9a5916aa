"""What people change of themselves."""

from datetime import datetime
from typing import Any

from lms.access.policy import Actor
from lms.core import audit
from lms.core.database import db
from lms.organization.models import Person, PersonTraits
from lms.organization.services.people import change_person, save_traits

_KEPT = ("given_names", "family_names", "public_name", "key", "place_code", "content_language")
TRAITS = ("sex", "birth_year", "people", "linguistic_community", "disability")


def change_self(person: Person, told: dict[str, Any], actor: Actor, now: datetime) -> None:
    """Change how a person is called or in which language she learns; what she does not speak of stays."""
    kept = {name: getattr(person, name) for name in _KEPT}
    change_person(actor, person, kept | {name: told[name] for name in _KEPT if name in told}, now)


def tell_traits(person: Person, told: dict[str, Any], actor: Actor, now: datetime) -> None:
    """Keep what a person tells of herself; when nothing is left, nothing is kept."""
    if any(told.get(name) for name in TRAITS):
        save_traits(actor, person, told, now)
    else:
        forget_traits(person, actor, now)


def forget_traits(person: Person, actor: Actor, now: datetime) -> None:
    """Remove everything a person told of herself."""
    if traits := db.session.get(PersonTraits, person.id):
        db.session.delete(traits)
        audit.record(actor, "person.traits", "person", person.id, now)
