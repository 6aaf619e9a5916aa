"""Templates stay compiled between starts, and no page depends on it."""

from pathlib import Path

HOME = {"Accept-Language": "es"}


def shelf(app):
    (folder,) = (Path(app.config["DATA_DIR"]) / "cache").glob("templates-*")
    return folder


def test_the_next_start_finds_what_this_one_compiled(make_app):
    first = make_app()
    page = first.test_client().get("/help", headers=HOME).text
    compiled = {path: path.stat().st_mtime_ns for path in shelf(first).iterdir()}
    assert compiled and not shelf(first).stat().st_mode & 0o077
    assert make_app().test_client().get("/help", headers=HOME).text == page
    assert {path: path.stat().st_mtime_ns for path in shelf(first).iterdir()} == compiled


def test_a_page_needs_no_room_to_keep_it(make_app):
    app = make_app()
    assert app.test_client().get("/help", headers=HOME).status_code == 200
    folder = shelf(app)
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    folder.touch()  # nothing can be put there any more
    try:
        assert make_app().test_client().get("/help", headers=HOME).status_code == 200
    finally:
        folder.unlink()
