"""What a version holds is written once. Drafts are replaced whole; nothing is ever changed in place."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Connection, event, inspect
from sqlalchemy.orm import Mapper

from lms.assessment.models import Bank, Question, QuestionKey, Rubric
from lms.core.errors import RuleBroken
from lms.curriculum.models import Activity, ActivityText, Module, Version, VersionBank, VersionFile, VersionRubric

CONTENTS = (
    Module,
    Activity,
    ActivityText,
    VersionBank,
    VersionRubric,
    VersionFile,
    Bank,
    Question,
    QuestionKey,
    Rubric,
)
_SENTENCE = _l("What a course version holds cannot be changed: load a new version.")
_LIVES = frozenset({"state", "published_at", "published_by", "course"})  # what may change about a version


def _refuse(_mapper: Mapper[Any], _connection: Connection, _row: Any) -> None:
    raise RuleBroken(_SENTENCE)


def _guard_version(_mapper: Mapper[Any], _connection: Connection, version: Version) -> None:
    changed = {one.key for one in inspect(version).attrs if one.history.has_changes()}
    if changed - _LIVES:
        raise RuleBroken(_SENTENCE)


def guard() -> None:
    """Refuse changes that go round the services."""
    for model in CONTENTS:
        event.listen(model, "before_update", _refuse)
        event.listen(model, "before_delete", _refuse)
    event.listen(Version, "before_update", _guard_version)
    event.listen(Version, "before_delete", _refuse)
