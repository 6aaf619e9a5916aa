"""The QR that was drawn at issue, as a picture in black and white: ten times faster to print than its paths."""

import re
import struct
import zlib

PIXELS = 2  # a module: paper needs one; two keep the edges sharp where a reader of PDF smooths pictures
_STEP = re.compile(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?")
_VIEW = re.compile(r'viewBox="0 0 (\d+) \1"')
_DARK = re.compile(r'<path[^>]*stroke="#000"[^>]* d="([^"]+)"|<path[^>]* d="([^"]+)"[^>]*stroke="#000"')


def png(svg: str) -> bytes:
    """Turn the drawing (rows of dark strokes on a grid of modules) into a PNG of one bit a pixel."""
    size, path = _VIEW.search(svg), _DARK.search(svg)
    if size is None or path is None:
        raise ValueError("this is not the drawing of a QR that certificates carry")
    rows = _rows(path[1] or path[2], int(size[1]))
    width = len(rows) * PIXELS
    lines = b"".join((b"\0" + _packed(row)) * PIXELS for row in rows)
    header = struct.pack(">IIBBBBB", width, width, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(lines)) + _chunk(b"IEND", b"")


def _rows(path: str, size: int) -> list[list[bool]]:
    rows = [[False] * size for _row in range(size)]
    x = y = 0.0
    for kind, across, down in _STEP.findall(path):
        if kind == "h":
            for column in range(int(x), int(x + float(across))):
                rows[int(y)][column] = True
            x += float(across)
        elif kind == "M":
            x, y = float(across), float(down)
        else:
            x, y = x + float(across), y + float(down)
    return rows


def _packed(row: list[bool]) -> bytes:
    """Pack a row of modules; white is 1."""
    bits = "".join(("0" if is_dark else "1") * PIXELS for is_dark in row)
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
