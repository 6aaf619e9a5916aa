"""Commands of certification."""

from lms.certification.cli.changes import changes_cli
from lms.certification.cli.keys import keys_cli, verify_credential

__all__ = ["changes_cli", "keys_cli", "verify_credential"]
