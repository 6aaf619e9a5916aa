"""Templates stay compiled between starts: compiling those of one page takes longer than all the rest of its answer."""

from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket


class _Shelf(FileSystemBytecodeCache):
    """Jinja's own, but that a full disk or a lost folder takes no page away."""

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            folder = Path(self.directory)
            for part in (folder.parent, folder):  # the data folder itself is made by whoever guards it
                part.mkdir(mode=0o700, exist_ok=True)
            super().dump_bytecode(bucket)


def keep_compiled(app: Flask) -> None:
    """Keep what Jinja compiled in the data folder; another release of Jinja begins anew."""
    folder = Path(app.config["DATA_DIR"]) / "cache" / f"templates-{version('jinja2')}"
    app.jinja_env.bytecode_cache = _Shelf(str(folder))
