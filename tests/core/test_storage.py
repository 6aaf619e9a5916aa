"""A file is there whole or not at all, once, and never served when it was changed; on disk and on an S3 store."""

import hashlib
import io
import random
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer
from sqlalchemy import func, select

from lms.core import storage
from lms.core.clock import now
from lms.core.database import db
from lms.core.errors import NotFound
from lms.core.models import Blob

BYTES = random.Random(7).randbytes(700_000)
SHA = hashlib.sha256(BYTES).hexdigest()
KEYS = {"aws_access_key_id": "tests", "aws_secret_access_key": "tests", "region_name": "us-east-1"}


@pytest.fixture(scope="module")
def s3_address() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture(params=["disk", "s3"])
def stored_at(request, app, db_session):
    """Where files lie in this test; returns a function that spoils a stored file."""
    if request.param == "disk":
        folder = Path(app.config["DATA_DIR"]) / "blobs"
        yield lambda sha, data: (folder / sha[:2] / sha[2:4] / sha).write_bytes(data)
        return
    address = request.getfixturevalue("s3_address")
    client = boto3.client("s3", endpoint_url=address, **KEYS)
    client.create_bucket(Bucket="cascada")
    app.config["STORAGE_URL"] = (
        f"s3://cascada/some/prefix?endpoint={address}&access_key_id=tests&secret_access_key=tests&region=us-east-1"
    )
    yield lambda sha, data: client.put_object(Bucket="cascada", Key=f"some/prefix/{sha}", Body=data)
    for found in client.list_objects_v2(Bucket="cascada").get("Contents", []):
        client.delete_object(Bucket="cascada", Key=found["Key"])
    client.delete_bucket(Bucket="cascada")


def test_what_was_stored_is_read_back(stored_at, db_session):
    assert not storage.exists(SHA)
    assert storage.put(io.BytesIO(BYTES), "audio/ogg", now()) == SHA
    assert storage.exists(SHA)
    assert storage.read_bytes(SHA) == BYTES
    row = db_session.get(Blob, SHA)
    assert (row.size, row.media_type) == (len(BYTES), "audio/ogg")


def test_the_same_bytes_are_stored_once(stored_at, db_session):
    assert storage.put(BYTES, "audio/ogg", now()) == storage.put(BYTES, "text/plain", now())
    assert db_session.scalar(select(func.count()).select_from(Blob)) == 1


def test_nothing_at_all_can_be_stored_too(stored_at):
    assert storage.read_bytes(storage.put(b"", "text/plain", now())) == b""


@pytest.mark.parametrize(("start", "length"), [(0, 10), (5, 300_000), (699_990, None), (699_990, 500), (699_999, 1)])
def test_a_part_is_read_without_the_rest(stored_at, start, length):
    storage.put(BYTES, "audio/ogg", now())
    end = None if length is None else start + length
    assert b"".join(storage.open_blob(SHA, start, length)) == BYTES[start:end]


def test_a_changed_file_is_never_served_whole(stored_at):
    storage.put(BYTES, "audio/ogg", now())
    stored_at(SHA, BYTES[:-1] + bytes([BYTES[-1] ^ 1]))
    with pytest.raises(storage.Damaged):
        storage.read_bytes(SHA)


def test_storing_again_heals_a_file_that_was_cut(stored_at):
    storage.put(BYTES, "audio/ogg", now())
    stored_at(SHA, BYTES[:-100])
    storage.put(BYTES, "audio/ogg", now())
    assert storage.read_bytes(SHA) == BYTES


@pytest.mark.parametrize("sha", [hashlib.sha256(b"gone").hexdigest(), "", "..", "../secrets/pepper", SHA.upper()])
def test_what_is_not_there_is_not_found(stored_at, sha):
    assert not storage.exists(sha)
    with pytest.raises(NotFound):
        storage.read_bytes(sha)
    with pytest.raises(NotFound):
        storage.open_blob(sha, 3)


def test_a_source_that_breaks_leaves_nothing_behind(app, db_session):
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise OSError("the line is cut")
            return super().read(10)

    with pytest.raises(OSError, match="cut"):
        storage.put(Broken(BYTES), "audio/ogg", now())
    assert [path for path in (Path(app.config["DATA_DIR"]) / "blobs").rglob("*") if path.is_file()] == []


def test_a_rolled_back_transaction_leaves_no_row(db_session):
    storage.put(BYTES, "audio/ogg", now())
    db_session.rollback()
    assert db_session.get(Blob, SHA) is None
    storage.put(BYTES, "audio/ogg", now())
    assert db_session.get(Blob, SHA) is not None


def test_many_who_store_the_same_store_it_once(app, db_session):
    def store(_number):
        with app.app_context():
            sha = storage.put(BYTES, "audio/ogg", now())
            db.session.commit()
            return sha

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(store, range(12))) == {SHA}
    assert db_session.scalar(select(func.count()).select_from(Blob)) == 1
    assert storage.read_bytes(SHA) == BYTES
