"""Run the migrations on the database of the application, SQLite or PostgreSQL alike."""

from alembic import context
from flask import current_app

from lms.core.database import db


def run() -> None:
    """Open one transaction and bring the schema up to date; a step that fails leaves nothing behind."""
    options = current_app.extensions["migrate"].configure_args
    with db.engine.connect() as connection:
        context.configure(connection=connection, target_metadata=db.metadata, **options)
        with context.begin_transaction():
            context.run_migrations()


run()
