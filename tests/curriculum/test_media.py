"""The media door: right types, whole and in parts, for whoever is signed in."""

import pytest
from sqlalchemy import select

from lms.core import storage
from lms.core.database import db
from lms.curriculum.models import VersionFile
from tests import factories
from tests.curriculum.packages import body, example
from tests.factories import NOW

AUDIO = bytes(range(256)) * 10


@pytest.fixture
def urls(load, client, sign_in, db_session) -> dict[str, str]:
    files = body("::: audio media/voz.spa.opus\nHola.\n:::\n\n[plan](media/plan.pdf)")
    load(files | {"media/voz.spa.opus": AUDIO, "media/plan.pdf": b"%PDF-1.7 x"})
    sign_in(client, factories.user("Lucía Tum"))
    rows = db.session.scalars(select(VersionFile)).all()
    return {row.path: f"/media/{row.sha256}/{row.path.removeprefix('media/')}" for row in rows}


def test_a_drawing_is_a_drawing_and_cannot_run(client, urls):
    answer = client.get(urls["media/puerta.svg"])
    assert answer.data == example()["media/puerta.svg"]
    assert answer.mimetype == "image/svg+xml"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"


def test_a_recording_comes_in_parts_so_that_one_can_jump(client, urls):
    url = urls["media/voz.spa.opus"]
    assert client.get(url).data == AUDIO
    part = client.get(url, headers={"Range": "bytes=256-511"})
    assert (part.status_code, part.data) == (206, AUDIO[256:512])
    assert part.headers["Content-Range"] == f"bytes 256-511/{len(AUDIO)}"
    assert client.get(url, headers={"Range": "bytes=-6"}).data == AUDIO[-6:]
    assert client.get(url, headers={"Range": "bytes=9999-"}).status_code == 416
    assert client.head(url).headers["Content-Length"] == str(len(AUDIO))


def test_what_the_browser_has_is_not_sent_again(client, urls):
    url = urls["media/voz.spa.opus"]
    answer = client.get(url, headers={"If-None-Match": client.get(url).headers["ETag"]})
    assert (answer.status_code, answer.data) == (304, b"")


def test_an_attachment_is_downloaded(client, urls):
    answer = client.get(urls["media/plan.pdf"])
    assert answer.headers["Content-Disposition"] == 'attachment; filename="plan.pdf"'


def test_the_name_in_the_address_changes_nothing(client, urls):
    url = urls["media/voz.spa.opus"].rpartition("/")[0]
    assert client.get(f"{url}/x.html").mimetype == "audio/ogg"


def test_only_files_of_courses_come_out_of_this_door(client, urls, db_session):
    sha = storage.put(b"a backup", "application/zip", NOW)
    assert client.get(f"/media/{sha}/x.pdf").status_code == 404


def test_a_visitor_sees_no_file(client, urls):
    client.delete_cookie("sid")
    assert client.get(urls["media/puerta.svg"]).status_code == 303
