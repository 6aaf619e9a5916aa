"""The doors of staff: accounts of others, invitations and slips, roles."""

from flask import Blueprint, Response

manage = Blueprint("accounts_manage", __name__, template_folder="../templates")


@manage.after_request
def keep_no_copy(response: Response) -> Response:
    """Leave none of these pages in the memory of an office computer: some show a PIN."""
    response.headers["Cache-Control"] = "no-store"
    return response


from lms.accounts.manage import account, grants, invitations  # noqa: E402, F401  (their doors join manage)
