"""Weave: one gzip answer out of pieces that were compressed once.

A lesson's body is compressed when the course is published; a page is a small head for this reader, that body, and a
tail. The pieces end on byte boundaries (a full flush), so they may simply follow each other, and the checksum of the
whole is computed from theirs. Ten times cheaper than compressing the page, and the same size.
"""

import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from flask import Response, request

_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # deflate, no name, no time, no matter which system
_END = b"\x03\x00"  # an empty last block
_STORED = 0xFFFF  # what an uncompressed block holds at most
_POLYNOMIAL = 0xEDB88320
_PACK = struct.Struct(">II")


@dataclass(frozen=True)
class Piece:
    """Some bytes, compressed once, that can stand anywhere in an answer."""

    deflated: bytes
    length: int
    crc: int

    @classmethod
    def of(cls, data: bytes, level: int = 9) -> "Piece":
        """Compress a piece.

        >>> join([Piece.of(b"<p>"), Piece.plain(b"secret"), Piece.of(b"</p>")])[:2].hex()
        '1f8b'
        """
        if not data:
            return cls(b"", 0, 0)
        press = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
        return cls(press.compress(data) + press.flush(zlib.Z_FULL_FLUSH), len(data), zlib.crc32(data))

    @classmethod
    def plain(cls, data: bytes) -> "Piece":
        """Make a piece that is not compressed: for tokens, whose length must not tell what they hold."""
        blocks = []
        for start in range(0, len(data), _STORED):
            block = data[start : start + _STORED]
            blocks += [b"\x00", struct.pack("<HH", len(block), len(block) ^ 0xFFFF), block]
        return cls(b"".join(blocks), len(data), zlib.crc32(data))

    def pack(self) -> bytes:
        """Write the piece down, to be kept in the database."""
        return _PACK.pack(self.length, self.crc) + self.deflated

    @classmethod
    def unpack(cls, packed: bytes) -> "Piece":
        """Read what `pack` wrote."""
        length, crc = _PACK.unpack_from(packed)
        return cls(bytes(packed[_PACK.size :]), length, crc)

    def inflate(self) -> bytes:
        """Return the bytes as they were."""
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(self.deflated)

    @cached_property
    def shift(self) -> tuple[int, ...]:
        """What this many bytes do to a checksum that stands before them: one row for each of its 32 bits."""
        return _shift(self.length)

    def after(self, crc: int) -> int:
        """Return the checksum of whatever had `crc`, followed by this piece."""
        shifted = 0
        for row in self.shift:
            if not crc:
                break
            if crc & 1:
                shifted ^= row
            crc >>= 1
        return shifted ^ self.crc


def join(pieces: Iterable[Piece]) -> bytes:
    """Make one valid gzip file of the pieces."""
    parts, crc, length = [_HEADER], 0, 0
    for piece in pieces:
        parts.append(piece.deflated)
        crc = piece.after(crc) if length else piece.crc
        length += piece.length
    parts += [_END, struct.pack("<II", crc, length & 0xFFFFFFFF)]
    return b"".join(parts)


def respond(
    pieces: Iterable[Piece],
    status: int = 200,
    content_type: str = "text/html; charset=utf-8",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer with the pieces, compressed when the browser can read it."""
    is_wanted = request.accept_encodings["gzip"] > 0
    body = join(pieces) if is_wanted else b"".join(piece.inflate() for piece in pieces)
    response = Response(body, status, content_type=content_type)
    response.headers["Vary"] = "Accept-Encoding"
    if is_wanted:
        response.headers["Content-Encoding"] = "gzip"
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


# The checksum of CRC-32 is a remainder of polynomials over one bit: bytes that follow multiply what stands before
# by x to the power of eight times their number.


def _product(left: int, right: int) -> int:
    """Multiply two polynomials modulo the one of CRC-32 (the highest bit is the power nought)."""
    result, mask = 0, 1 << 31
    while left:
        if left & mask:
            result ^= right
            left ^= mask
        mask >>= 1
        right = (right >> 1) ^ _POLYNOMIAL if right & 1 else right >> 1
    return result


@lru_cache(maxsize=64)
def _power(exponent: int) -> int:
    """Return x to the power of 2 ** exponent."""
    return 1 << 30 if exponent == 0 else _product(_power(exponent - 1), _power(exponent - 1))


@lru_cache(maxsize=4096)
def _shift(length: int) -> tuple[int, ...]:
    factor, bit = 1 << 31, 3  # 2 ** 3 bits a byte
    while length:
        if length & 1:
            factor = _product(_power(bit), factor)
        length >>= 1
        bit += 1
    rows = []
    for _bit in range(32):  # from the highest power (the lowest bit of the checksum) we need factor * x ** 31 first
        rows.append(factor)
        factor = (factor >> 1) ^ _POLYNOMIAL if factor & 1 else factor >> 1
    return tuple(reversed(rows))
