"""Commands of the site."""

import sys
from contextlib import redirect_stdout
from dataclasses import asdict
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _
from sqlalchemy import func, select

from lms.access.policy import Role
from lms.core import clock, jobs
from lms.core.cli import as_json, say
from lms.core.database import db, read
from lms.core.settings import ROOT
from lms.curriculum.cli import load, speak_as_shell
from lms.organization.models import Person
from lms.site.seed.programme import ROLES, tell_programme
from lms.site.seed.story import Door, Story

DOORS = "demonstration.txt"  # in the data folder: who can enter, for the day on which the window was closed


@click.command()
@click.option("--scenario", type=click.Choice(["programme"]), required=True, help="Which invented programme.")
@click.option("--small", "is_small", is_flag=True, help="A few people of each kind, in a few seconds.")
@as_json
@with_appcontext
@click.pass_context
def seed(context: click.Context, scenario: str, is_small: bool, is_json: bool) -> None:
    """Fill an empty site with invented people who have lived through a whole programme."""
    speak_as_shell()
    now = clock.now()
    _check_empty()
    story = Story(clock.today(), is_small)
    if not story.has_courses():
        db.session.rollback()
        with clock.frozen(story.beginning), redirect_stdout(sys.stderr):
            context.invoke(load, path=ROOT / "courses", is_published=True)
    for sentence in tell_programme(story, now):
        db.session.commit()
        click.echo(_(sentence), err=True)
    db.session.commit()
    jobs.chain_fully(now)
    doors = story.doors
    _keep([one for one in doors if one.who != ROLES[Role.ADMINISTRATOR]])  # her link lasts an hour: `create-admin`
    say(
        is_json,
        {"scenario": scenario, "doors": [asdict(one) | {"who": str(_(one.who))} for one in doors]},
        lambda: _lines(doors),
    )


def _check_empty() -> None:
    """Let through a site on which nobody is registered: invented people must never stand beside real ones."""
    with read() as connection:
        count = connection.execute(select(func.count()).select_from(Person)).scalar() or 0
    if count:
        raise click.ClickException(
            _(
                "This site has people already, and invented ones must not stand among them. Use an empty folder:  "
                "CASCADA_DATA=demo flask --app wsgi init, then the same with seed; or  make demo"
            )
        )


def _lines(doors: list[Door]) -> list[str]:
    """Write down for people who can enter, and with what."""
    told = [
        "",
        _("Everybody here is invented. These people can sign in (a link works once):"),
        "",
    ]
    for one in doors:
        way = one.link or _("User name %(name)s, PIN %(pin)s", name=one.username, pin=one.pin)
        told += [f"  {_(one.who)}", f"    {way}"]
    return [*told, ""]


def _keep(doors: list[Door]) -> None:
    path = Path(current_app.config["DATA_DIR"]) / DOORS
    path.touch(mode=0o600)
    path.write_text("\n".join(_lines(doors)), "utf-8")
