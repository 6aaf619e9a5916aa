"""Core: the ground every room stands on.

ids, clock, texts, errors, problems · database, prepared, schema · storage (files by SHA-256) · audit (append-only,
chained) · work and jobs (a row and huey) · mail (an outbox) · markup (Markdown to safe HTML) · guard and forms ·
tabular and archive (files from strangers) · languages and catalogue (es_GT, en) · printing (HTML to PDF) · headers,
page_cookie · weave (answers from compressed pieces) · doctor and ready (is the site well?) · cli.
"""

from functools import partial
from typing import Any

from flask import Flask

from lms.core import mail, models, ready, tidying  # noqa: F401  (register jobs, tables and checks)
from lms.core.cli import register_commands
from lms.core.database import init_database
from lms.core.headers import init_headers
from lms.core.ids import IdConverter
from lms.core.jobs.doing import execute
from lms.core.languages import init_languages
from lms.core.page_cookie import init_page_cookie
from lms.core.prepared import init_prepared
from lms.core.settings import from_environment


def configure(app: Flask, overrides: dict[str, Any]) -> None:
    """Read the settings; runs before any room registers."""
    from_environment(app, overrides)
    app.url_map.converters["id"] = IdConverter


def register(app: Flask) -> None:
    """Open the database and hang the ground's services on the application."""
    init_database(app)
    init_prepared(app)
    init_page_cookie(app)
    init_languages(app)
    init_headers(app)
    register_commands(app)
    app.extensions["execute_job"] = execute
    app.extensions["check_secrets"] = partial(ready.check_secrets, app)  # for the server, which imports nothing of ours
