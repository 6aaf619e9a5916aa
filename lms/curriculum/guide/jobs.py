"""A guide is printed after the page has answered."""

from typing import Any

from lms.core import clock, storage
from lms.core.database import db
from lms.core.errors import NotFound
from lms.core.ids import id_from_text
from lms.core.work import Run, job
from lms.curriculum.guide.book import Book
from lms.curriculum.guide.paper import on_paper
from lms.curriculum.guide.services import MAKE
from lms.curriculum.models import Guide, GuidePrint
from lms.curriculum.queries import outline_of
from lms.library.queries import facts_for_lessons


@job(MAKE, tries=3)
def print_guide(run: Run, guide: str, paper: str, part: str, made_of: str) -> dict[str, Any]:
    """Put a guide together, print it and keep the file."""
    found = db.session.get(Guide, id_from_text(guide))
    row = db.session.get(GuidePrint, (id_from_text(guide), paper, part, made_of))
    if found is None or row is None:
        raise NotFound
    book = Book(outline_of(found.version_id), found.language, facts_for_lessons(clock.today()), part)
    book.compose(lambda done, of: run.progress(done, of + 2))
    printed = on_paper(book, found, paper)
    run.progress(run.all_steps - 1, run.all_steps)
    row.sha256 = storage.put(printed, "application/pdf", run.now)
    run.progress(run.all_steps, run.all_steps)
    return {"bytes": len(printed)}
