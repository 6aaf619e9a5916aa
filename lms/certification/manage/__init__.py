"""The doors of staff: certificates within reach, taking them out of force, the review queue, changes, schemes."""

from flask import Blueprint

manage = Blueprint("certification_manage", __name__, template_folder="../templates")

from lms.certification.manage import changes, credentials, schemes  # noqa: E402, F401  (they hang on `manage`)
