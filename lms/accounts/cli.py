"""Commands of accounts."""

import json

import click
from flask.cli import with_appcontext

from lms.accounts.links import outward
from lms.accounts.services.first import admin_link, is_administered
from lms.core import clock
from lms.core.database import db


@click.command("create-admin")
@click.option("--email", help="Of the administrator; of somebody who has an account, to let her in again.")
@click.option("--name", help="Given names of a further administrator.")
@click.option("--if-none", "if_none", is_flag=True, help="Do nothing when somebody administers the site already.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
@with_appcontext
def create_admin(email: str | None, name: str | None, if_none: bool, as_json: bool) -> None:
    """Print a one-time link, valid for 60 minutes, that lets an administrator in.

    Run it again for a new link; the one of before stops working.
    """
    if if_none and is_administered():
        return
    user, code = admin_link(name, email, clock.now())
    db.session.commit()
    link = outward("accounts.accept", code=code)
    if as_json:
        click.echo(json.dumps({"username": user.username, "link": link, "minutes": 60}))
        return
    click.echo()
    click.echo("  Abra este enlace para administrar el sitio (sirve una sola vez, durante 60 minutos).")
    click.echo("  Open this link to administer the site (it works once, for 60 minutes).")
    click.echo()
    click.echo(f"    {link}")
    click.echo()
