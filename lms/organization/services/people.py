"""People: register, correct, move, say that somebody left or came back, and join two records of one person."""

import uuid
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import or_, select, update

from lms.access.policy import Action, Actor, can
from lms.core import audit
from lms.core.database import db
from lms.core.errors import NotAllowed, RuleBroken
from lms.core.texts import folded
from lms.organization.models import Person, PersonMerge, PersonTraits, Post, PostHolding, Unit
from lms.organization.rules.posts import Span, vacate_problem

_FIELDS = ("given_names", "family_names", "public_name", "key", "place_code", "content_language")


def add_person(actor: Actor | None, unit: Unit, values: dict[str, Any], now: datetime) -> Person:
    """Register somebody in a unit.

    :param values: given_names; family_names, public_name, key, place_code, content_language if there are any.
    :raise RuleBroken: the unit is closed, or the key is somebody else's there.
    """
    _check_open(unit)
    wanted = _plain(values)
    _check_key(unit.id, wanted["key"], None)
    person = Person(unit_id=unit.id, created_at=now, **wanted)
    person.name_folded = folded(person.name)
    db.session.add(person)
    db.session.flush()
    audit.record(actor, "person.add", "person", person.id, now, after=_told(person))
    return person


def change_person(actor: Actor, person: Person, values: dict[str, Any], now: datetime) -> bool:
    """Correct what is known of somebody; tell whether anything was different.

    :raise RuleBroken: the record was joined to another one, or the key is somebody else's there.
    """
    _check_present(person)
    before, wanted = _told(person), _plain(values)
    _check_key(person.unit_id, wanted["key"], person.id)
    if all(getattr(person, name) == value for name, value in wanted.items()):
        return False
    for name, value in wanted.items():
        setattr(person, name, value)
    person.name_folded = folded(person.name)
    audit.record(actor, "person.change", "person", person.id, now, before, _told(person))
    db.session.flush()
    return True


def move_person(actor: Actor, person: Person, unit: Unit, on: date, now: datetime) -> int:
    """Bring somebody to another unit from a day on; what she held in the old one ends that day.

    Return how many posts she left.
    :raise NotAllowed: the other unit is out of the actor's reach.
    :raise RuleBroken: the unit is closed, or her key is somebody else's there.
    """
    _check_present(person)
    if not can(actor, Action.PERSON_MANAGE, unit):
        raise NotAllowed(_("You can move people only within your own part of the tree."))
    if unit.id == person.unit_id:
        raise RuleBroken(_("%(name)s is in %(unit)s already.", name=person.name, unit=unit.name))
    _check_open(unit)
    _check_key(unit.id, person.key, person.id)
    before = _told(person)
    count = _leave_posts(person, on, person.unit_id)
    person.unit_id = unit.id
    audit.record(actor, "person.move", "person", person.id, now, before, _told(person))
    db.session.flush()
    db.session.expire(person, ["unit"])
    return count


def leave(actor: Actor, person: Person, on: date, now: datetime) -> int:
    """Write down that somebody left; her posts become vacant that day. Return how many."""
    _check_present(person)
    before = _told(person)
    count = _leave_posts(person, on, None)
    person.left_on = on
    audit.record(actor, "person.leave", "person", person.id, now, before, _told(person))
    db.session.flush()
    return count


def come_back(actor: Actor, person: Person, now: datetime) -> None:
    """Write down that somebody is back."""
    _check_present(person)
    before = _told(person)
    person.left_on = None
    audit.record(actor, "person.come_back", "person", person.id, now, before, _told(person))
    db.session.flush()


def _leave_posts(person: Person, on: date, unit_id: uuid.UUID | None) -> int:
    query = select(PostHolding).where(
        PostHolding.person_id == person.id, or_(PostHolding.until_on.is_(None), PostHolding.until_on > on)
    )
    if unit_id is not None:
        query = query.join(Post, Post.id == PostHolding.post_id).where(Post.unit_id == unit_id)
    held = db.session.scalars(query).all()
    for one in held:
        if vacate_problem(Span(one.from_on, one.until_on), on) == "backwards":
            raise RuleBroken(_("%(name)s holds a post only since a later day. Correct that first.", name=person.name))
        one.until_on = on
    return len(held)


def merge(actor: Actor, kept: Person, other: Person, now: datetime) -> PersonMerge:
    """Say that two records are one person. Rows keep the record they were written under; readers count her once.

    :raise NotAllowed: one of them is out of the actor's reach.
    :raise RuleBroken: they are the same record, or one of them was joined to another before.
    """
    if not (can(actor, Action.PERSON_MANAGE, kept) and can(actor, Action.PERSON_MANAGE, other)):
        raise NotAllowed(_("Both records have to lie within your own part of the tree."))
    if kept.id == other.id:
        raise RuleBroken(_("This is the same record twice. Choose the other one."))
    _check_present(kept)
    _check_present(other)
    # What was joined to the other one before follows it, so that one step always leads to the record that is kept.
    db.session.execute(
        update(Person)
        .where(or_(Person.merged_into_id == other.id, Person.id == other.id))
        .values(merged_into_id=kept.id)
    )
    joined = PersonMerge(kept_id=kept.id, merged_id=other.id, merged_at=now, merged_by=actor.user_id)
    db.session.add(joined)
    db.session.flush()
    audit.record(actor, "person.merge", "person", kept.id, now, {"two": [kept.id, other.id]}, {"kept": kept.id})
    audit.record(actor, "person.merged", "person", other.id, now, _told(other), {"kept": kept.id})
    db.session.expire_all()
    return joined


def unmerge(actor: Actor, joined: PersonMerge, now: datetime) -> None:
    """Take a joining back: both records stand by themselves again, each with the rows written under it.

    :raise RuleBroken: it was taken back before, or the record was joined on to another one since.
    """
    kept = db.session.get_one(Person, joined.kept_id)
    _check_present(kept)
    if joined.undone_at is not None:
        raise RuleBroken(_("These two records were separated before."))
    # Whatever had been joined to the other record before goes back with it.
    family = _joined_below(joined.merged_id)
    db.session.execute(update(Person).where(Person.id.in_(family)).values(merged_into_id=joined.merged_id))
    db.session.execute(update(Person).where(Person.id == joined.merged_id).values(merged_into_id=None))
    joined.undone_at = now
    audit.record(actor, "person.separate", "person", joined.merged_id, now, {"kept": joined.kept_id}, None)
    db.session.flush()
    db.session.expire_all()


def _joined_below(person_id: uuid.UUID) -> set[uuid.UUID]:
    """Return every record joined to this one, and to those, and so on."""
    query = select(PersonMerge.kept_id, PersonMerge.merged_id).where(PersonMerge.undone_at.is_(None))
    found: set[uuid.UUID] = set()
    fresh = {person_id}
    while fresh:
        fresh = {one.merged_id for one in db.session.execute(query.where(PersonMerge.kept_id.in_(fresh)))} - found
        found |= fresh
    return found


def save_traits(actor: Actor, person: Person, values: dict[str, Any], now: datetime) -> None:
    """Keep what somebody chose to tell about herself; an answer that was taken back is forgotten.

    The trail says that something was told, never what.
    """
    traits = db.session.get(PersonTraits, person.id) or PersonTraits(person_id=person.id)
    for name in ("sex", "birth_year", "people", "linguistic_community", "disability"):
        setattr(traits, name, values.get(name) or None)
    traits.changed_at = now
    db.session.add(traits)
    audit.record(actor, "person.traits", "person", person.id, now)
    db.session.flush()


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    texts = {
        name: " ".join((values.get(name) or "").split()) for name in ("given_names", "family_names", "public_name")
    }
    return texts | {
        "key": (values.get("key") or "").strip() or None,
        "place_code": values.get("place_code") or None,
        "content_language": values.get("content_language") or "spa",
    }


def _told(person: Person) -> dict[str, Any]:
    return {name: getattr(person, name) for name in (*_FIELDS, "unit_id", "left_on")}


def _check_present(person: Person) -> None:
    if person.merged_into_id is not None:
        raise RuleBroken(_("This record was joined to another one. Work on that one."))


def _check_open(unit: Unit) -> None:
    if unit.closed_on is not None:
        raise RuleBroken(_("%(name)s is closed. Choose another office.", name=unit.name))


def _check_key(unit_id: uuid.UUID, key: str | None, own: uuid.UUID | None) -> None:
    if key is None:
        return
    found = db.session.scalar(select(Person.id).where(Person.unit_id == unit_id, Person.key == key))
    if found is not None and found != own:
        raise RuleBroken(_("Somebody else in this office has the key %(key)s. Write another one.", key=key))
