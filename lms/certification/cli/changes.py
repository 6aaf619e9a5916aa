"""Commands about changes in courses: whose certificate needs a short unit, and sending it."""

from typing import Any

import click
from flask.cli import AppGroup, with_appcontext
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from lms.access.policy import Actor, Held, Role
from lms.certification.queries.bridging import Line, People, Wanted, changes_seen, told_of_change
from lms.certification.services.bridging import send_unit
from lms.certification.words import BRIDGE_STATES, in_words
from lms.core import clock
from lms.core.cli import as_json, say
from lms.core.codes import spaced
from lms.core.database import db
from lms.curriculum.models import Version
from lms.organization.models import Unit

changes_cli = AppGroup("changes", help="Changes in courses, and the short units about them.")
_LEVEL = click.option("--level", "number", type=int, help="Only this level of a scheme.")
_BATCH = 200


@changes_cli.command("list")
@as_json
@with_appcontext
def list_changes(is_json: bool) -> None:
    """List the changes that certificates rest upon, each with its certificates by state."""
    found = changes_seen(_everywhere(), clock.today())
    data = [
        {
            "slug": one.course.slug,
            "version": one.number,
            "unit": told_of_change(one).slug,
            "certificates": counts.total(),
        }
        | {state: counts[state] for state in BRIDGE_STATES}
        for one, counts in found
    ]
    say(is_json, data, lambda: [_line(one) for one in data] or [_("No change yet")])


def _line(one: dict[str, Any]) -> str:
    return str(
        _(
            "%(slug)s, version %(version)s: %(certificates)d certificates; passed: %(passed)d, past the day: %(late)d",
            **one,
        )
    )


@changes_cli.command("people")
@click.argument("slug")
@_LEVEL
@as_json
@with_appcontext
def list_people(slug: str, number: int | None, is_json: bool) -> None:
    """Name everybody whose certificate needs the short unit of the newest change in a course."""
    lines = _lines(_newest(slug), number)
    data = [
        {
            "code": one.code,
            "name": one.name,
            "level": in_words(one.level),
            "place": one.place_code,
            "until": one.until.isoformat(),
            "state": one.state,
        }
        for one in lines
    ]
    say(is_json, data, lambda: [f"{spaced(one.code)}  {one.name}  {BRIDGE_STATES[one.state][1]}" for one in lines])


@changes_cli.command("send")
@click.argument("slug")
@_LEVEL
@as_json
@with_appcontext
def send(slug: str, number: int | None, is_json: bool) -> None:
    """Send the short unit of the newest change in a course to everybody who needs it and has it not."""
    change, count = _newest(slug), 0
    people = [one for one in _lines(change, number) if one.state != "passed"]
    for start in range(0, len(people), _BATCH):
        count += send_unit(change, people[start : start + _BATCH], Actor(), clock.now(), clock.today())
        db.session.commit()
    said = ngettext("Sent to one person.", "Sent to %(num)s people.", count)
    say(is_json, {"sent": count}, lambda: [said])


def _newest(slug: str) -> Version:
    for change, _counts in changes_seen(_everywhere(), clock.today()):
        if change.course.slug == slug:
            return change
    raise click.ClickException(_("No change in the course %(slug)s needs a short unit.", slug=slug))


def _lines(change: Version, number: int | None) -> list[Line]:
    people = People(_everywhere(), change, clock.today())
    levels = [one for one in people.by_level() if number in (None, one.number)]
    return [line for one in levels for line in people.everybody(Wanted(level=one.id))]


def _everywhere() -> Actor:
    """Return the command line as somebody who reads about everybody."""
    roots = db.session.scalars(select(Unit.path).where(Unit.parent_id.is_(None)))
    return Actor(held=tuple(Held(Role.ADMINISTRATOR, path) for path in roots), has_second_factor=True)
