"""Give a guide its code, and have its file made: once, whoever asks and however often."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from lms.access.policy import Actor
from lms.core import jobs, storage
from lms.core.choices import choices
from lms.core.database import db
from lms.core.errors import RuleBroken
from lms.core.ids import id_text, new_id
from lms.core.models import Job
from lms.curriculum.guide.book import facts_cited
from lms.curriculum.guide.rules import PAPERS, FactSaid, codes_of, facts_said, facts_shown, fingerprint
from lms.curriculum.models import Guide, GuidePrint, Version
from lms.curriculum.queries import outline_of

MAKE = "curriculum.print_guide"
ROOM = Path(__file__).resolve().parents[1]


def guide_for(version: Version, language: str, audience: str, facts: Mapping[str, FactSaid], now: datetime) -> Guide:
    """Return the guide of a version for a language and an audience, with the facts as they stand; new with a new code.

    :raise RuleBroken: there is no such guide, or it must not be handed out.
    """
    if version.state == "draft":
        raise RuleBroken(_("This version is a draft. Its guide can be printed once it is published."))
    if version.state == "withdrawn":
        raise RuleBroken(_("This version was withdrawn. Print the guide of the one that is taught."))
    if language not in version.languages or audience not in ("", *version.audiences):
        raise RuleBroken(_("There is no guide in this language or for these people. Choose one from the list."))
    said = facts_said(facts_cited(version.id), facts)
    identity = {"version_id": version.id, "language": language, "audience": audience, "facts_sha": said}
    wanted = select(Guide).filter_by(**identity)
    for code in codes_of(version.id.hex, language, audience, said):
        db.session.execute(_insert(Guide, id=new_id(), code=code, made_at=now, **identity))
        if (guide := db.session.scalar(wanted)) is not None:
            return guide
    raise AssertionError("codes never end")


def ask_print(
    guide: Guide, paper: str, part: str, facts: Mapping[str, FactSaid], actor: Actor, now: datetime
) -> GuidePrint:
    """Have a file made, unless it is there or being made.

    :raise RuleBroken: there is no such paper.
    :raise NotFound: the version has no such module.
    """
    if paper not in PAPERS:
        raise RuleBroken(_("There is no guide on this paper. Choose letter or A4."))
    if part:
        outline_of(guide.version_id).module(part)
    identity = {"guide_id": guide.id, "paper": paper, "part": part, "made_of": made_of(guide.version_id, facts)}
    db.session.execute(_insert(GuidePrint, **identity))
    row = db.session.scalars(select(GuidePrint).filter_by(**identity).with_for_update()).one()
    if row.sha256 is None or not storage.exists(row.sha256):
        job = db.session.get(Job, row.job_id) if row.job_id else None
        if job is None or job.state in ("done", "parked"):
            arguments = {"guide": id_text(guide.id), "paper": paper, "part": part, "made_of": row.made_of}
            row.sha256, row.job_id = None, jobs.later(MAKE, arguments, actor, now).id
            db.session.flush()
    return row


def made_of(version_id: Any, facts: Mapping[str, FactSaid]) -> str:
    """Return the fingerprint of what a file is made of besides the texts: style, names, addresses, dates of facts."""
    about = [choices().short_name, choices().agency, current_app.config["BASE_URL"]]
    return fingerprint([_style(), about, facts_shown(facts_cited(version_id), facts)])


@cache
def _style() -> str:
    """Return the fingerprint of everything that shapes a guide: a new look makes new files under the same codes."""
    folders = (ROOM / "templates" / "curriculum" / "guide" / "book", ROOM / "guide" / "sheet")
    files = [path for folder in folders for path in sorted(folder.iterdir()) if path.is_file()]
    files.append(ROOM.parent / "static" / "css" / "guide.css")
    return fingerprint([path.read_bytes().hex() for path in files])


def _insert(model: Any, **values: Any) -> Any:
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    return insert(model).values(values).on_conflict_do_nothing()
