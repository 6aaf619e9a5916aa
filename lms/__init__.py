"""Cascada: learning and training of trainers, run by an agency on its own server.

Features are rooms. A room may import only from rooms that stand before it in `ROOMS`; the same tuple is the order in
which the rooms are registered.
"""

from importlib import import_module
from typing import Any

from flask import Flask

ROOMS = (
    "core",
    "access",
    "organization",
    "accounts",
    "library",
    "assessment",
    "curriculum",
    "learning",
    "cohorts",
    "certification",
    "site",
)


def create_app(settings: dict[str, Any] | None = None) -> Flask:
    """Build the application: settings first, then every room in order.

    :param settings: Flask configuration that wins over the environment (tests).
    """
    app = Flask(__name__, static_folder=None, template_folder=None)  # lms.site serves static files by their hash
    for name in ROOMS:
        room = import_module(f"lms.{name}")
        if name == "core":
            room.configure(app, settings or {})
        room.register(app)
    return app
