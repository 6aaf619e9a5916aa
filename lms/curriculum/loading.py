"""An uploaded zip, from its bytes to a draft or to the list of everything wrong with it."""

from dataclasses import dataclass
from datetime import datetime

from lms.access.policy import Actor
from lms.core.errors import BadInput
from lms.core.problems import Problem, Problems
from lms.curriculum.models import Version
from lms.curriculum.services import load_package
from lms.curriculum.sources import files_of_zip
from lms.organization.models import Unit


@dataclass(frozen=True)
class Outcome:
    """A version, or problems; `is_new` is false when this very package was here already."""

    version: Version | None
    problems: list[Problem]
    is_new: bool = False


def load_zip(data: bytes, name: str, unit: Unit, actor: Actor, now: datetime) -> Outcome:
    """Read a zip and load it as a draft; a package with problems is not loaded, not in part either."""
    files, problems = files_of_zip(data, name)
    if problems.errors:
        return Outcome(None, list(problems))
    try:
        loaded = load_package(files, unit, actor, now)
    except BadInput as refusal:
        found = Problems(one for one in refusal.problems if isinstance(one, Problem))
        return Outcome(None, list(found))
    return Outcome(loaded.version, [], loaded.is_new)
