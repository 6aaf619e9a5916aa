"""The doors of everybody: signing in, invitations, the second step, one's own settings."""

from flask import Blueprint, Response

bp = Blueprint("accounts", __name__, template_folder="../templates")


@bp.after_request
def keep_no_copy(response: Response) -> Response:
    """Leave none of these pages in the memory of a shared phone."""
    response.headers["Cache-Control"] = "no-store"
    return response


from lms.accounts.views import forgotten, me, second_step, sign_in, welcome  # noqa: E402, F401  (their doors join bp)
