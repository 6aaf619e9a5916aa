"""The rubrics of a course version: frozen with it, so they are read once and kept."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from lms.assessment.models import Rubric
from lms.core.database import read
from lms.core.texts import Texts
from lms.curriculum.models import VersionRubric


@dataclass(frozen=True)
class RubricSheet:
    """A rubric as pages show it: `criteria` hold id, text, levels_text and is_critical."""

    id: uuid.UUID
    slug: str
    title: Texts
    pass_mark: int
    levels: int
    criteria: tuple[Mapping[str, Any], ...]


@lru_cache(maxsize=64)
def rubrics_of(version_id: uuid.UUID) -> tuple[RubricSheet, ...]:
    """Return the rubrics of a version, by name."""
    query = (
        select(Rubric.__table__)
        .join(VersionRubric, VersionRubric.rubric_id == Rubric.id)
        .where(VersionRubric.version_id == version_id)
        .order_by(Rubric.slug)
    )
    with read() as connection:
        return tuple(
            RubricSheet(row.id, row.slug, row.title, row.pass_mark, row.levels, tuple(row.criteria))
            for row in connection.execute(query)
        )
