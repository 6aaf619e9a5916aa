"""Organization: who exists and where.

Unit (agency, department, office, partner: a tree) · Place (department, municipality, community) · Person ·
Profession · Post (profession x unit, filled or vacant) · Project (funder, dates).
"""

from flask import Flask

from lms.organization import beginnings, jobs, models  # noqa: F401  (register what begins, jobs and tables)
from lms.organization.country import load
from lms.organization.manage import manage


def register(app: Flask) -> None:
    """Hang this room's doors and commands on the application."""
    app.register_blueprint(manage)
    # With them the guard of free text knows a national id from any other thirteen digits.
    app.config["MUNICIPALITY_CODES"] = frozenset(place.code for place in load("GT").at("municipality"))
