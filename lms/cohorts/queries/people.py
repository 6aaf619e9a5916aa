"""People as those who lead groups find them: by the user name a person told them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms.accounts.models import User
from lms.accounts.rules.names import written
from lms.core.database import db
from lms.organization.models import Person


def person_called(username: str | None) -> Person | None:
    """Return who has this very user name; nobody is found by half of one, or by an e-mail."""
    return people_called([username or ""]).get(written(username or ""))


def people_called(usernames: Sequence[str]) -> dict[str, Person]:
    """Return the people who have these very user names, as they are written."""
    names = {written(one) for one in usernames if one and "\x00" not in one}
    if not names:
        return {}
    query = (
        select(User)
        .join(Person, Person.id == User.person_id)
        .where(
            User.username.in_(names),
            User.state != "suspended",
            Person.left_on.is_(None),
            Person.merged_into_id.is_(None),
        )
        .options(joinedload(User.person))
    )
    return {user.username: user.person for user in db.session.scalars(query)}
