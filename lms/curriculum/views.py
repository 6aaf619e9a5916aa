"""The media door: files of courses by their SHA-256, for anybody who is signed in."""

from collections.abc import Iterator

from flask import Blueprint, Response, request
from sqlalchemy import select
from werkzeug.http import parse_range_header

from lms.access.lock import requires
from lms.access.policy import Action
from lms.core import storage
from lms.core.database import read
from lms.core.errors import NotFound
from lms.curriculum.models import VersionFile
from lms.curriculum.package.pictures import ATTACHMENTS, media_type

bp = Blueprint("curriculum", __name__, template_folder="templates")

FOREVER = "private, max-age=31536000, immutable"  # the address holds the hash of the bytes


@bp.get("/media/<sha>/<name>")
@requires(Action.SELF_USE)
def media(sha: str, name: str) -> Response:
    """Send a file of a course; parts of it too, so that a player can jump."""
    with read() as connection:
        path = connection.scalar(select(VersionFile.path).where(VersionFile.sha256 == sha).limit(1))
    size = storage.store().size(sha) if path else None
    if path is None or size is None:
        raise NotFound
    headers = {
        "Cache-Control": FOREVER,
        "ETag": f'"{sha}"',
        "Accept-Ranges": "bytes",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    }
    if path.rpartition(".")[2] in ATTACHMENTS:
        headers["Content-Disposition"] = f'attachment; filename="{path.rpartition("/")[2]}"'
    if request.if_none_match.contains_weak(sha):
        return Response(status=304, headers=headers)
    start, length, status = 0, size, 200
    if asked := parse_range_header(request.headers.get("Range", "")):
        found = asked.range_for_length(size)
        if found is None:
            return Response(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
        start, length, status = found[0], found[1] - found[0], 206
        headers["Content-Range"] = f"bytes {start}-{found[1] - 1}/{size}"
    headers["Content-Length"] = str(length)
    body: bytes | Iterator[bytes] = storage.open_blob(sha, start, length) if status == 206 else storage.open_blob(sha)
    if status == 200 and path.endswith(".svg"):
        body = storage.read_bytes(sha)  # whole, so that it is compressed on its way out
    return Response(body, status=status, mimetype=media_type(path), headers=headers)
