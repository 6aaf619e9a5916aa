"""Certification: the right to teach and certify is a certificate one holds.

Scheme and Level (the rules, as data) · Credential (what a person holds) · Warrant (what it lets the holder do, within
which limits) · Lineage (the chain of issuers up to the agency) · Generation (distance from the agency) · Event (issued,
suspended, reinstated, under review, cleared, revoked, renewed: the status is folded from them).

Access is not authority: whoever may open these pages still needs a live credential of her own to sign.
"""

from flask import Flask

from lms.certification import beginnings, jobs, models  # noqa: F401  (register what begins, jobs and tables)
from lms.certification.checking import checking, documents, health  # noqa: F401  (doors and checks)
from lms.certification.checking import views as checking_views  # noqa: F401  (likewise)
from lms.certification.cli import changes_cli, keys_cli, verify_credential
from lms.certification.manage import manage
from lms.certification.paper import jobs as paper_jobs  # noqa: F401  (register jobs)
from lms.certification.paper.views import paper
from lms.certification.queries.teaching import has_warrant
from lms.certification.views import WORDS, bp
from lms.curriculum.guide.teachers import teachers_by


def register(app: Flask) -> None:
    """Hang this room's doors and commands on the application."""
    app.register_blueprint(bp)
    app.register_blueprint(manage)
    app.register_blueprint(checking)
    app.register_blueprint(paper)
    app.cli.add_command(changes_cli)
    app.cli.add_command(keys_cli)
    app.cli.add_command(verify_credential)
    teachers_by(app, has_warrant)
    app.jinja_env.globals.update(WORDS)
