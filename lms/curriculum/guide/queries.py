"""Read guides: by their code, with what became of them; and the files that are there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms.core.database import db
from lms.core.errors import NotFound
from lms.core.models import Job
from lms.curriculum.guide.book import facts_cited
from lms.curriculum.guide.rules import Edition, FactSaid, Verdict, facts_said, is_guide_code, superseded_at, verdict
from lms.curriculum.models import Course, Guide, GuidePrint, Version


@dataclass(frozen=True)
class Answer:
    """What a code is worth: the guide it stands on, what is taught today and since when."""

    verdict: Verdict
    guide: Guide | None = None
    taught: Version | None = None
    since: datetime | None = None


def answer_for(code: str, facts: Mapping[str, FactSaid]) -> Answer:
    """Say what the guide with this code is worth today."""
    guide = db.session.scalar(
        select(Guide).where(Guide.code == code).options(joinedload(Guide.version).joinedload(Version.course))
    )
    if guide is None:
        return Answer(Verdict.UNKNOWN)
    printed, taught = guide.version, taught_in(guide.version.course)
    said = facts_said(facts_cited(printed.id), facts)
    mine, theirs = _edition(printed), _edition(taught) if taught else None
    found = verdict(mine, theirs, printed.state == "withdrawn", said == guide.facts_sha)
    since = superseded_at(mine, theirs) if theirs and found is Verdict.SUPERSEDED else None
    return Answer(found, guide, taught, since)


def taught_in(course: Course) -> Version | None:
    """Return the version of a course that is taught today."""
    return db.session.get(Version, course.current_version_id) if course.current_version_id else None


def _edition(version: Version) -> Edition:
    return Edition(version.number, version.published_at)


def get_guide(code: str) -> Guide:
    """Load a guide by its code; raise NotFound."""
    found = db.session.scalar(select(Guide).where(Guide.code == code)) if is_guide_code(code) else None
    if found is None:
        raise NotFound
    return found


def job_of(row: GuidePrint) -> Job | None:
    """Return the work on a file, as long as it is remembered."""
    return db.session.get(Job, row.job_id) if row.job_id else None
