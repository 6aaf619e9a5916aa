"""Zip files from strangers: walked before anything is believed, read member by member, never extracted. Pure.

Nothing touches the disk, so a name with `..` or a symbolic link could lead nowhere; they are refused all the same,
because an honest archive holds none. Sizes are counted while reading, never taken from what the archive says of itself.
"""

import io
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from lms.core.problems import N_, Problems

_LOCAL = struct.Struct("<4s5H3L2H")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_SMALL = 1_000_000  # below, a high ratio costs nobody anything: a page of zeros, a drawing that repeats
_CHUNK = 256 * 1024
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    struct.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


@dataclass(frozen=True)
class Limits:
    """How much an archive may hold."""

    members: int = 5_000
    total: int = 1_000_000_000
    member: int = 500_000_000
    ratio: int = 100
    depth: int = 12


class Members(Mapping[str, bytes]):
    """The files of an archive that was found good; each is read when asked for."""

    def __init__(self, archive: zipfile.ZipFile, infos: dict[str, zipfile.ZipInfo]) -> None:
        self._archive, self._infos = archive, infos

    def __getitem__(self, path: str) -> bytes:
        return self._archive.read(self._infos[path])

    def __iter__(self) -> Iterator[str]:
        return iter(self._infos)

    def __len__(self) -> int:
        return len(self._infos)

    def __contains__(self, path: object) -> bool:
        return path in self._infos

    def size(self, path: str) -> int:
        """Return how many bytes a file has, without reading it."""
        return self._infos[path].file_size


def read_archive(
    source: bytes | BinaryIO,
    name: str,
    limits: Limits = Limits(),
) -> tuple[Mapping[str, bytes], Problems]:
    """Return path -> bytes (read when asked for) and every problem found; with a problem the mapping is empty.

    :param source: the bytes, or a file that stays open as long as the mapping is used.
    """
    problems = Problems()
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        archive = zipfile.ZipFile(file)
    except _BROKEN:
        problems.add(name, 1, N_("This is not a zip file, or it is damaged."))
        return {}, problems
    infos = archive.infolist()
    if len(infos) > limits.members:
        problems.add(
            name, 1, N_("The zip holds %(count)d files; at most %(limit)d fit."), count=len(infos), limit=limits.members
        )
        return {}, problems
    _check_names(infos, name, limits, problems)
    _check_kinds(infos, name, problems)
    _check_sizes(infos, name, limits, problems)
    _check_places(file, infos, archive.start_dir, name, problems)
    if not problems:  # only then is it worth unpacking, which also compares every checksum
        _check_contents(archive, infos, name, limits, problems)
    if problems:
        return {}, problems
    return Members(archive, {info.filename: info for info in infos if not info.is_dir()}), problems


def _check_names(infos: list[zipfile.ZipInfo], name: str, limits: Limits, problems: Problems) -> None:
    seen: dict[str, str] = {}
    for info in infos:
        path = info.filename
        if not _is_plain(path, info.orig_filename, limits):
            problems.add(name, 1, N_("“%(path)s” is not a name a file may have in a zip."), path=path[:200])
        folded = _folded(path)
        if folded in seen:
            problems.add(name, 1, N_("“%(path)s” is there twice (as “%(other)s”)."), path=path, other=seen[folded])
        seen[folded] = path
    for info in infos:
        parts = _folded(info.filename).split("/")
        for depth in range(1, len(parts)):
            above = "/".join(parts[:depth])
            if above in seen and not seen[above].endswith("/"):
                problems.add(name, 1, N_("“%(path)s” is a file and a folder at once."), path=seen[above])


def _is_plain(path: str, original: str, limits: Limits) -> bool:
    parts = path.removesuffix("/").split("/")
    return (
        path == original  # zipfile cuts at a NUL and turns some separators round; then the two differ
        and len(path) <= 240
        and len(parts) <= limits.depth
        and not any(sign in path for sign in '\\:*?"<>|')
        and all(unicodedata.category(letter)[0] != "C" for letter in path)
        and all(part not in ("", ".", "..") and not part.endswith((" ", ".")) for part in parts)
    )


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path.removesuffix("/").casefold())


def _check_kinds(infos: list[zipfile.ZipInfo], name: str, problems: Problems) -> None:
    for info in infos:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if info.flag_bits & 0x2041:  # a password, strong encryption, a masked directory
            problems.add(name, 1, N_("“%(path)s” is locked with a password."), path=info.filename)
        elif kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            problems.add(name, 1, N_("“%(path)s” is a link or a device, not a file."), path=info.filename)
        elif info.compress_type not in _METHODS:
            problems.add(
                name, 1, N_("“%(path)s” is compressed in an unusual way; use a common zip."), path=info.filename
            )


def _check_sizes(infos: list[zipfile.ZipInfo], name: str, limits: Limits, problems: Problems) -> None:
    for info in infos:
        if info.file_size > limits.member:
            problems.add(
                name, 1, N_("“%(path)s” is larger than %(limit)d MB."), path=info.filename, limit=_mb(limits.member)
            )
        elif info.file_size > _SMALL and info.file_size > limits.ratio * max(info.compress_size, 1):
            problems.add(
                name, 1, N_("“%(path)s” grows more than %(limit)d times."), path=info.filename, limit=limits.ratio
            )
    if sum(info.file_size for info in infos) > limits.total:
        problems.add(name, 1, N_("Unpacked, the zip is larger than %(limit)d MB."), limit=_mb(limits.total))


def _mb(size: int) -> int:
    return size // 1_000_000


def _check_places(file: BinaryIO, infos: list[zipfile.ZipInfo], end: int, name: str, problems: Problems) -> None:
    """Compare the directory with what stands before each file, and see that no two share bytes."""
    here = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        file.seek(max(info.header_offset, 0))
        header = file.read(_LOCAL.size) if info.header_offset >= 0 else b""
        if len(header) < _LOCAL.size or header[:4] != b"PK\x03\x04":
            problems.add(name, 1, N_("The zip is damaged at “%(path)s”."), path=info.filename)
            return
        _sign, _version, flags, method, *_rest, name_length, extra_length = _LOCAL.unpack(header)
        raw = file.read(name_length)
        said = raw.decode("utf-8" if flags & 0x800 else "cp437", "replace")
        if said != info.orig_filename or method != info.compress_type or (flags ^ info.flag_bits) & 0x2041:
            problems.add(name, 1, N_("The zip says two different things about “%(path)s”."), path=info.filename)
        if info.header_offset < here or (here == 0 and info.header_offset > 0):
            problems.add(name, 1, N_("The zip hides something at “%(path)s”."), path=info.filename)
        here = info.header_offset + _LOCAL.size + name_length + extra_length + info.compress_size
    if here > end:
        problems.add(name, 1, N_("The zip is damaged at “%(path)s”."), path=name)


def _check_contents(
    archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], name: str, limits: Limits, problems: Problems
) -> None:
    total = 0
    for info in infos:
        size = 0
        try:
            with archive.open(info) as member:
                while chunk := member.read(_CHUNK):
                    size += len(chunk)
                    if size > limits.member or total + size > limits.total:
                        problems.add(
                            name, 1, N_("Unpacked, the zip is larger than %(limit)d MB."), limit=_mb(limits.total)
                        )
                        return
        except _BROKEN:
            problems.add(name, 1, N_("The zip is damaged at “%(path)s”."), path=info.filename)
            continue
        if size != info.file_size:
            problems.add(name, 1, N_("The zip says two different things about “%(path)s”."), path=info.filename)
        total += size
