"""Refusals, each with its status and a sentence for the person.

    Refusal
    ├── TooOld           400  the page stood open too long; load it again
    ├── NotSignedIn      401  sign in first
    ├── NotAllowed       403  signed in, but this is not for you
    │   └── SecondFactorNeeded   a role that needs a second step
    ├── NotFound         404  absent, or outside your reach: nobody can tell which
    ├── Conflict         409  somebody else was first
    ├── TooLarge         413  more bytes than this door takes
    ├── RuleBroken       422  a rule of the programme says no, and which
    │   └── BadInput     422  what was written cannot be read; `problems` lists each
    └── TooMany          429  slow down; `retry_after` seconds

Services raise them, doors do not catch them; `lms.site` turns them into pages, APIs into JSON.
"""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l


class Refusal(Exception):
    """A no with a reason. `sentence` is shown to the person as it is."""

    status = 400
    default = _l("That could not be done.")

    def __init__(self, sentence: object | None = None) -> None:
        super().__init__(str(sentence) if isinstance(sentence, str) else "")
        self.sentence = sentence if sentence is not None else self.default


class TooOld(Refusal):
    default = _l("This page was open for too long. Please load it again and repeat the last step.")


class NotSignedIn(Refusal):
    status = 401
    default = _l("Please sign in to continue.")


class NotAllowed(Refusal):
    status = 403
    default = _l("Your role does not include this.")


class SecondFactorNeeded(NotAllowed):
    default = _l("Your role needs a second step when you sign in.")


class NotFound(Refusal):
    status = 404
    default = _l("This page does not exist or is not within your reach.")


class Conflict(Refusal):
    status = 409
    default = _l("Somebody changed this at the same time. Please look at it again.")


class TooLarge(Refusal):
    status = 413
    default = _l("The file is too large.")


class RuleBroken(Refusal):
    status = 422


class BadInput(RuleBroken):
    """Input that cannot be read; `problems` holds one sentence each."""

    default = _l("Some of what you sent cannot be read.")

    def __init__(self, sentence: object | None = None, problems: Sequence[object] = ()) -> None:
        super().__init__(sentence)
        self.problems = list(problems)


class TooMany(Refusal):
    status = 429
    default = _l("Too many attempts. Please wait a little and try again.")

    def __init__(self, sentence: object | None = None, retry_after: int = 60) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after
