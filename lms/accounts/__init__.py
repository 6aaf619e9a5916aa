"""Accounts: how a person comes in, and what she was appointed to do.

User (a person's way in) · Sign-in (a signed-in browser) · Token (one-time link) · Second step (app codes, paper codes)
· Grant (a role over a unit) · Throttle (a bucket of failures).

`sessions` makes the actor of each request; `services` are what other rooms may ask for; secrets are hashed, keyed or
sealed in `hashing` and nowhere else.
"""

from flask import Flask

from lms.accounts import jobs, models  # noqa: F401  (registers the tables and the nightly work)
from lms.accounts.cli import create_admin
from lms.accounts.manage import manage
from lms.accounts.sessions import init_sessions
from lms.accounts.views import bp


def register(app: Flask) -> None:
    """Ask who stands at the door before each request; hang this room's doors and commands on the application."""
    init_sessions(app)
    app.register_blueprint(bp)
    app.register_blueprint(manage)
    app.cli.add_command(create_admin)
