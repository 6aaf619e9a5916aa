"""Whose pages these are."""

import uuid

from lms.access.lock import current_actor


def my_id() -> uuid.UUID:
    """Return the id of the person who is signed in; the lock has seen to it that there is one."""
    person_id = current_actor().person_id
    assert person_id is not None
    return person_id
