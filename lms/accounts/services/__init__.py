"""What is done to accounts. Each verb takes who acts and when; it flushes, and leaves the commit to its door."""

from lms.accounts.services.choosing import new_pin
from lms.accounts.services.giving import give_account, give_accounts, user_of, username_for, usernames_for
from lms.accounts.services.grants import appoint, end_grant
from lms.accounts.services.inviting import invite, printed_invitations

__all__ = [
    "appoint",
    "end_grant",
    "give_account",
    "give_accounts",
    "invite",
    "new_pin",
    "printed_invitations",
    "user_of",
    "username_for",
    "usernames_for",
]
