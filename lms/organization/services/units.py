"""The tree of units: grow it, rename, close, and move a whole branch with everything that hangs on it."""

import uuid
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, literal, select, update

from lms.access.policy import Action, Actor, can
from lms.core import audit
from lms.core.database import db
from lms.core.errors import NotAllowed, RuleBroken
from lms.core.ids import id_text, new_id
from lms.core.texts import folded
from lms.organization.models import Unit, UnitMove
from lms.organization.rules import tree


def root() -> Unit | None:
    """Return the head of the tree, the agency itself; nothing before the first day."""
    return db.session.scalars(select(Unit).where(Unit.parent_id.is_(None)).order_by(Unit.created_at)).first()


def ensure_root(name: str, now: datetime) -> Unit:
    """Return the head of the tree, made when there is none yet."""
    return root() or _add(None, None, {"name": name, "kind": "agency"}, now)


def create_unit(actor: Actor | None, parent: Unit, values: dict[str, Any], now: datetime) -> Unit:
    """Open a unit below another one.

    :param values: name and kind; short_name, code, place_code if there are any.
    :raise RuleBroken: the tree is too deep there, the unit above is closed, or the code is taken.
    """
    if parent.closed_on is not None:
        raise RuleBroken(_("%(name)s is closed, so nothing is opened below it.", name=parent.name))
    if tree.levels(parent.path) >= tree.MOST_LEVELS:
        raise RuleBroken(_("The tree has at most %(most)s levels.", most=tree.MOST_LEVELS))
    return _add(actor, parent, values, now)


def _add(actor: Actor | None, parent: Unit | None, values: dict[str, Any], now: datetime) -> Unit:
    _check_code(values.get("code"), None)
    unit = Unit(id=new_id(), parent_id=parent.id if parent else None, created_at=now, **_plain(values))
    unit.path = tree.below(parent.path if parent else "", id_text(unit.id))
    db.session.add(unit)
    if actor is not None or parent is not None:  # a site begins with its head: nobody made it
        audit.record(actor, "unit.create", "unit", unit.id, now, after=_told(unit))
    db.session.flush()
    return unit


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    named = {
        "name": values["name"],
        "kind": values["kind"],
        "short_name": values.get("short_name") or "",
        "code": values.get("code") or None,
        "place_code": values.get("place_code") or None,
    }
    # Search finds a unit by its name and by its short name.
    return named | {"name_folded": folded(f"{named['name']} {named['short_name']}")[:200]}


def _told(unit: Unit) -> dict[str, Any]:
    return {name: getattr(unit, name) for name in ("name", "kind", "short_name", "code", "place_code", "closed_on")}


def _check_code(code: str | None, own: uuid.UUID | None) -> None:
    if code and (found := db.session.scalars(select(Unit).where(Unit.code == code)).first()) and found.id != own:
        raise RuleBroken(_("The office code %(code)s is taken. Write another one.", code=code))


def change_unit(actor: Actor, unit: Unit, values: dict[str, Any], now: datetime) -> bool:
    """Rename a unit or correct its kind, code or place; tell whether anything was different.

    :raise RuleBroken: the code is another unit's.
    """
    _check_code(values.get("code"), unit.id)
    before, wanted = _told(unit), _plain(values)
    if all(getattr(unit, name) == value for name, value in wanted.items()):
        return False
    for name, value in wanted.items():
        setattr(unit, name, value)
    audit.record(actor, "unit.change", "unit", unit.id, now, before, _told(unit))
    db.session.flush()
    return True


def close_unit(actor: Actor, unit: Unit, on: date, now: datetime) -> None:
    """Close a unit; its records stay.

    :raise RuleBroken: it is the head of the tree, or something open hangs below it.
    """
    if unit.parent_id is None:
        raise RuleBroken(_("The head of the tree stays open."))
    below = select(func.count()).select_from(Unit).where(Unit.parent_id == unit.id, Unit.closed_on.is_(None))
    if count := db.session.scalar(below):
        raise RuleBroken(
            _("%(count)s offices below it are still open. Close or move them first.", count=count)
            if count > 1
            else _("One office below it is still open. Close or move it first.")
        )
    before = _told(unit)
    unit.closed_on = on
    audit.record(actor, "unit.close", "unit", unit.id, now, before, _told(unit))
    db.session.flush()


def reopen_unit(actor: Actor, unit: Unit, now: datetime) -> None:
    """Open a closed unit again.

    :raise RuleBroken: the unit above is closed.
    """
    if unit.parent is not None and unit.parent.closed_on is not None:
        raise RuleBroken(_("%(name)s is closed. Open it first.", name=unit.parent.name))
    before = _told(unit)
    unit.closed_on = None
    audit.record(actor, "unit.reopen", "unit", unit.id, now, before, _told(unit))
    db.session.flush()


def check_move(actor: Actor, unit: Unit, to: Unit) -> None:
    """Let a move through that the actor may make and the tree can bear.

    :raise NotAllowed: one end of the move is out of the actor's reach.
    :raise RuleBroken: the branch cannot go there; the sentence says why.
    """
    if not (can(actor, Action.UNIT_MANAGE, unit) and can(actor, Action.UNIT_MANAGE, to)):
        raise NotAllowed(_("You can move offices only within your own part of the tree."))
    if to.closed_on is not None:
        raise RuleBroken(_("%(name)s is closed, so nothing is moved below it.", name=to.name))
    why = tree.move_problem(unit.path, to.path, _deepest(unit))
    sentences = {
        "root": _("The head of the tree stays where it is."),
        "cycle": _(
            "%(to)s lies below %(name)s, so the one cannot be moved below the other.", to=to.name, name=unit.name
        ),
        "same": _("%(name)s lies there already.", name=unit.name),
        "deep": _("The tree would have more than %(most)s levels.", most=tree.MOST_LEVELS),
    }
    if why is not None:
        raise RuleBroken(sentences[why])


def hold_the_tree() -> None:
    """Wait for whoever changes much of the tree at once; they pass one by one until each commits.

    The head of the tree is the latch. It is held so that people can still be registered right under it.
    """
    db.session.execute(select(Unit.id).where(Unit.parent_id.is_(None)).with_for_update(key_share=True))


def _deepest(unit: Unit) -> int:
    """Count the levels of a branch from its head down."""
    strokes = func.length(Unit.path) - func.length(func.replace(Unit.path, "/", ""))
    most = db.session.scalar(select(func.max(strokes)).where(Unit.path.startswith(unit.path, autoescape=True)))
    return (most or 0) - tree.levels(unit.path) + 1


def move_unit(actor: Actor, unit: Unit, to: Unit, now: datetime) -> None:
    """Move a branch below another unit: people, posts and records stay with their units, so all of them come along.

    One statement rewrites the paths of the whole branch.
    :raise NotAllowed: one end of the move is out of the actor's reach.
    :raise RuleBroken: the branch cannot go there; the sentence says why.
    """
    hold_the_tree()  # two moves at once could make a ring
    db.session.refresh(unit)
    db.session.refresh(to)
    check_move(actor, unit, to)
    old, new = unit.path, tree.below(to.path, id_text(unit.id))
    was = unit.parent_id
    assert was is not None
    rewritten = literal(new).concat(func.substr(Unit.path, len(old) + 1))
    db.session.execute(
        update(Unit).where(Unit.path.startswith(old, autoescape=True)).values(path=rewritten),
        execution_options={"synchronize_session": False},
    )
    unit.parent_id = to.id
    db.session.add(UnitMove(unit_id=unit.id, from_id=was, to_id=to.id, moved_at=now, moved_by=actor.user_id))
    audit.record(
        actor, "unit.move", "unit", unit.id, now, {"path": old}, {"path": new}, f"{id_text(was)} → {id_text(to.id)}"
    )
    db.session.flush()
    db.session.expire_all()
