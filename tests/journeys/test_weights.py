"""What a phone on a poor line has to fetch, weighed on the shipped courses, headers included; and what pages ask of
the database."""

import gzip
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from lms.access.policy import Actor
from lms.core import clock as time
from lms.core.database import db
from lms.curriculum.models import Course
from lms.curriculum.queries import outline_of
from lms.learning.services.enrolments import enrol
from lms.site.look import COOKIE, LOOK, assets
from tests import factories

ROOT = Path(__file__).resolve().parents[2]
COURSES = sorted(path.parent.name for path in ROOT.glob("courses/*/course.toml"))
COLD, LATER, SITTING = 13.5 * 1024, 8 * 1024, 60 * 1024


def weight(answer) -> int:
    """Return the bytes of an answer as the line carries them."""
    line = f"HTTP/1.1 {answer.status}\r\n\r\n"
    return len(line) + sum(len(f"{name}: {value}\r\n") for name, value in answer.headers) + len(answer.get_data())


def get(client, path, **more):
    answer = client.get(path, headers={"Accept-Encoding": "gzip", **more})
    assert answer.status_code == 200, (path, answer.status)
    return answer


@pytest.fixture
def pupil(client, runner, db_session, sign_in):
    """Somebody signed in and enrolled in one shipped course: `pupil(slug)` gives its outline."""

    def begin(slug: str):
        loaded = runner.invoke(args=["courses", "load", str(ROOT / "courses" / slug), "--publish"])
        assert loaded.exit_code == 0, loaded.output
        user = factories.user("Lucía Tum")
        sign_in(client, user)
        course = db.session.scalars(select(Course).where(Course.slug == slug)).one()
        enrol(user.person_id, course, "staff", Actor(), time.now())
        version = course.current_version_id
        db.session.commit()
        return outline_of(version)

    return begin


@pytest.mark.parametrize("slug", COURSES)
def test_every_lesson_is_light_and_asks_little(client, pupil, statements, app, slug):
    outline = pupil(slug)
    with app.app_context():
        known = assets().tag(LOOK)
    heavy = []
    for one in outline.activities:
        if one.kind not in ("lesson", "practice", "document"):
            continue
        for language in outline.languages:
            path = f"/courses/{slug}/{one.module_slug}/{one.slug}?lang={language}"
            client.delete_cookie(COOKIE)
            cold = weight(get(client, path))
            client.set_cookie(COOKIE, known)
            with statements() as seen:
                later = weight(get(client, path))
            if cold > COLD or later > LATER or len(seen) > 3:
                heavy.append(f"{path}: {cold} bytes cold, {later} later, {len(seen)} statements")
    assert not heavy, "\n".join(heavy)


def test_from_signing_in_to_a_finished_test_fits_in_sixty_kilobytes(client, pupil, app):
    """The pages of one sitting on a phone that has never been here: sign in, home, course, lesson, test, result."""
    outline = pupil("escuela-que-protege")
    quiz = next(one for one in outline.activities if one.kind == "quiz")
    lesson = next(one for one in outline.activities if one.kind == "lesson")
    here = f"/courses/{outline.course_slug}"
    total = weight(get(app.test_client(), "/sign-in"))  # the sheet comes inside this first page …
    with app.app_context():
        address, known = assets().address(LOOK), assets().tag(LOOK)
    total += weight(get(client, address))  # … and once more, quietly, for the pages to come
    client.set_cookie(COOKIE, known)
    for path in ("/", here, f"{here}/{lesson.module_slug}/{lesson.slug}", f"{here}/{quiz.module_slug}/{quiz.slug}"):
        total += weight(get(client, path))
    started = client.post(f"{here}/{quiz.module_slug}/{quiz.slug}", headers={"Accept-Encoding": "gzip"})
    total += weight(started)
    page = get(client, started.headers["Location"])
    total += weight(page) + scripts_of(page, client)
    handed = client.post(started.headers["Location"], data={"do": "submit", "sure": "1"})
    total += weight(handed)
    total += weight(get(client, f"{started.headers['Location']}/result"))
    assert total <= SITTING, f"{total / 1024:.1f} KB"


def scripts_of(page, client) -> int:
    text = gzip.decompress(page.get_data()).decode()
    return sum(weight(get(client, path)) for path in re.findall(r'(?:src|href)="(/static/[^"]+)"', text))
