"""The one zip of a package: same files, same bytes, whoever packs them and whenever.

Members are sorted and stored without compression, because what a compressor writes differs from version to version.
"""

import hashlib
import io
import zipfile
from collections.abc import Mapping

_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first day a zip can name


def pack(files: Mapping[str, bytes]) -> bytes:
    """Pack files into the canonical zip.

    >>> pack({"b": b"2", "a": b"1"}) == pack({"a": b"1", "b": b"2"})
    True
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(files):
            member = zipfile.ZipInfo(path, _LONG_AGO)
            member.create_system = 3  # Unix: the same on every machine
            member.external_attr = 0o644 << 16
            archive.writestr(member, files[path])
    return out.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    """Read what `pack` wrote."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sha_of(data: bytes) -> str:
    """Name a package by the SHA-256 of its canonical zip."""
    return hashlib.sha256(data).hexdigest()
