"""The one lock: `@requires` loads the object, checks the permission table and hands the object over."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import g

from lms.access.policy import VISITOR, Action, Actor, can
from lms.core.errors import NotAllowed, NotFound, NotSignedIn, SecondFactorNeeded

View = Callable[..., Any]


@dataclass(frozen=True)
class Lock:
    """What a door asks for; no action means that anybody may enter."""

    action: Action | None
    subjects: tuple[str, ...] = ()


def current_actor() -> Actor:
    """Return whoever stands at the door (set by accounts for each request)."""
    return g.get("actor", VISITOR)


def requires(action: Action, **loaders: Callable[[Any], Any]) -> Callable[[View], View]:
    """Lock a door: sign-in, second factor, then the permission table for every loaded object.

    :param loaders: for each URL value its loader; the view receives the object in place of the value.
    :raise NotSignedIn: nobody is signed in.
    :raise NotFound: the object is absent or outside reach; nobody can tell which.
    """

    def lock(view: View) -> View:
        @wraps(view)
        def door(**values: Any) -> Any:
            actor = current_actor()
            if not actor.is_signed_in:
                raise NotSignedIn
            if action is not Action.SELF_USE and actor.owes_second_factor:
                raise SecondFactorNeeded
            if not loaders and not can(actor, action):
                raise NotAllowed
            for name, load in loaders.items():
                values[name] = load(values[name])
                if action is not Action.SELF_USE and not can(actor, action, values[name]):
                    raise NotFound
            return view(**values)

        door.lock = Lock(action, tuple(loaders))  # type: ignore[attr-defined]
        return door

    return lock


def public(view: View) -> View:
    """Leave a door open to anybody, on purpose."""
    view.lock = Lock(None)  # type: ignore[attr-defined]
    return view
