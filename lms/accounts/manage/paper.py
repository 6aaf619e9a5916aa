"""Pages to print: slips with a PIN, sheets with an invitation. Shown once, in the answer that made them."""

from collections.abc import Sequence

from flask import render_template

from lms.accounts.links import Purpose, outward, spaced
from lms.accounts.models import User
from lms.accounts.second_step import picture
from lms.accounts.services.inviting import LINK_PAGES
from lms.organization.models import Person


def slips(done: Sequence[tuple[User, str]], skipped: Sequence[Person], back: str) -> str:
    """Show slips: user name, PIN, and a picture that opens the sign-in page with the user name filled in."""
    rows = [(user, pin, picture(outward("accounts.sign_in", user=user.username))) for user, pin in done]
    return render_template(
        "accounts/slips.html", rows=rows, skipped=skipped, back=back, address=outward("accounts.sign_in")
    )


def invitation_sheets(
    done: Sequence[tuple[User, str]], skipped: Sequence[Person], back: str, purpose: Purpose = Purpose.INVITE
) -> str:
    """Show printed links: a picture that opens the link, and the code to type."""
    page = LINK_PAGES[purpose]
    rows = [(user, spaced(code), picture(outward(page, code=code))) for user, code in done]
    return render_template(
        "accounts/invitation_sheets.html",
        rows=rows,
        skipped=skipped,
        back=back,
        address=outward("accounts.invitation"),
        is_reset=purpose is Purpose.RESET,
    )
