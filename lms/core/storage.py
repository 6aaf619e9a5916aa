"""Files, named by the SHA-256 of their bytes: on disk by default, in an S3-compatible store by setting.

A file is there whole or not at all: it is written beside its place, brought to the disk, and renamed. Its row follows
in the transaction of whoever stores it; a file without a row (the transaction was lost) does no harm.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO, BinaryIO, Protocol
from urllib.parse import parse_qsl, urlsplit

import obstore
from flask import current_app
from obstore.exceptions import NotFoundError
from obstore.store import S3Store
from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite

from lms.core.database import db
from lms.core.errors import NotFound
from lms.core.models import Blob

CHUNK = 256 * 1024
_SHA = re.compile(r"[0-9a-f]{64}")


class Damaged(Exception):
    """The stored bytes are not those that were put there."""


class Store(Protocol):
    """Where files lie."""

    def take(self, temporary: Path, sha: str, size: int) -> None:
        """Keep a finished file."""

    def size(self, sha: str) -> int | None:
        """Return how large a file is, or None when it is not there."""

    def pieces(self, sha: str, start: int, length: int | None) -> Iterator[bytes]:
        """Yield a file or a part of it; raise FileNotFoundError."""

    def drop(self, sha: str) -> None:
        """Throw a file away, where it is there."""


def put(source: BinaryIO | bytes, media_type: str, now: datetime) -> str:
    """Store bytes and return their SHA-256; the same bytes twice are stored once."""
    folder = Path(current_app.config["DATA_DIR"]) / "blobs"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".new-", delete=False) as file:
        temporary = Path(file.name)
        try:
            sha, size = _copy(source, file)
            file.flush()
            os.fsync(file.fileno())
            if store().size(sha) != size:
                store().take(temporary, sha, size)
        finally:
            temporary.unlink(missing_ok=True)
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    row = {"sha256": sha, "size": size, "media_type": media_type, "created_at": now}
    db.session.execute(insert(Blob).values(row).on_conflict_do_nothing())
    return sha


def read_bytes(sha: str) -> bytes:
    """Return a whole file; its hash is checked on the way.

    :raise NotFound: there is no such file.
    :raise Damaged: the bytes are not those that were stored.
    """
    return b"".join(open_blob(sha))


def open_blob(sha: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
    """Yield a file, or a part of it, in pieces. The last piece of a whole file leaves only when the hash is right.

    :raise NotFound: there is no such file.
    :raise Damaged: the bytes are not those that were stored.
    """
    if not _SHA.fullmatch(sha) or store().size(sha) is None:
        raise NotFound
    pieces = store().pieces(sha, start, length)
    return pieces if start or length is not None else _checked(sha, pieces)


def exists(sha: str) -> bool:
    """Tell whether the bytes are there."""
    return bool(_SHA.fullmatch(sha)) and store().size(sha) is not None


def drop(sha: str) -> None:
    """Throw a file away that nobody refers to any more: its row with the change, its bytes at once.

    Bytes that stay behind because the change was lost, or because the store was away, do no harm.
    """
    db.session.execute(delete(Blob).where(Blob.sha256 == sha))
    store().drop(sha)


def _checked(sha: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
    digest, held = hashlib.sha256(), b""
    for piece in pieces:
        digest.update(piece)
        if held:
            yield held
        held = piece
    if digest.hexdigest() != sha:
        raise Damaged(sha)
    if held:
        yield held


def _copy(source: BinaryIO | bytes, file: IO[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    chunks = [source] if isinstance(source, bytes) else iter(lambda: source.read(CHUNK), b"")
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
        file.write(chunk)
    return digest.hexdigest(), size


def store() -> Store:
    """Return the store of this application."""
    found: Store | None = current_app.extensions.get("store")
    if found is None:
        url = str(current_app.config["STORAGE_URL"])
        found = S3(url) if url else Disk(Path(current_app.config["DATA_DIR"]) / "blobs")
        current_app.extensions["store"] = found
    return found


class Disk:
    """Files in folders, two levels of them: ab/cd/abcd…"""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha: str) -> Path:
        """Return where a file lies."""
        return self.folder / sha[:2] / sha[2:4] / sha

    def take(self, temporary: Path, sha: str, size: int) -> None:
        target = self.path(sha)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.replace(temporary, target)
        for folder in (target.parent, target.parent.parent, self.folder):
            descriptor = os.open(folder, os.O_RDONLY)
            os.fsync(descriptor)  # the name must survive a power cut too
            os.close(descriptor)

    def size(self, sha: str) -> int | None:
        with suppress(FileNotFoundError):
            return self.path(sha).stat().st_size
        return None

    def pieces(self, sha: str, start: int, length: int | None) -> Iterator[bytes]:
        with self.path(sha).open("rb") as file:
            file.seek(start)
            left = length
            while chunk := file.read(CHUNK if left is None else min(CHUNK, left)):
                yield chunk
                if left is not None:
                    left -= len(chunk)

    def drop(self, sha: str) -> None:
        self.path(sha).unlink(missing_ok=True)


class S3:
    """Any store that speaks S3: s3://bucket/prefix?endpoint=https://…&region=…&access_key_id=…&secret_access_key=…

    What the address does not say is taken from AWS_* in the environment.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query))
        endpoint = options.get("endpoint") or os.environ.get("AWS_ENDPOINT_URL") or os.environ.get("AWS_ENDPOINT")
        is_plain = bool(endpoint and endpoint.startswith("http://"))
        self._store = S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            client_options={"allow_http": is_plain, "timeout": "60s"},
            **options,  # type: ignore[arg-type]
        )

    def take(self, temporary: Path, sha: str, size: int) -> None:
        obstore.put(self._store, sha, temporary)

    def size(self, sha: str) -> int | None:
        try:
            return int(obstore.head(self._store, sha)["size"])
        except (NotFoundError, FileNotFoundError):
            return None

    def pieces(self, sha: str, start: int, length: int | None) -> Iterator[bytes]:
        if start == 0 and length is None:
            for piece in obstore.get(self._store, sha).stream(min_chunk_size=CHUNK):
                yield bytes(piece)
            return
        whole = self.size(sha) or 0
        end = whole if length is None else min(whole, start + length)
        for at in range(start, end, 4 * 1024 * 1024):
            yield bytes(obstore.get_range(self._store, sha, start=at, end=min(end, at + 4 * 1024 * 1024)))

    def drop(self, sha: str) -> None:
        with suppress(NotFoundError, FileNotFoundError):
            obstore.delete(self._store, sha)
