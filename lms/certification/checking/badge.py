"""The badge into which a credential is baked: the stepped seal of the look over the name of the level."""

import io
import textwrap
from functools import lru_cache
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont

_INDIGO, _MAIZE, _JADE, _PAPER = "#232a5e", "#f3b531", "#0a6651", "#fffefa"
_SIDE, _STEP, _TOP = 600, 18, 60  # the seal is 18 steps wide, 18 pixels each
_LETTERS = 24  # of a line


def _diamond(size: int) -> list[tuple[int, int, int, int]]:
    """Return the bars of a stepped diamond of `size` steps: x, y, width, height, in steps of the seal."""
    start, half = (18 - size) // 2, size // 2
    bars = []
    for row in range(0, size, 2):
        width = min(row, size - 2 - row) * 2 + 2
        bars.append((start + half - width // 2, start + row, width, 2))
    return bars


def _lines(text: str) -> list[str]:
    return textwrap.wrap(text, _LETTERS)[:3]


def drawn_svg(title: str, code: str) -> str:
    """Draw the badge as an SVG."""

    def bars(size: int, colour: str) -> str:
        cells = "".join(f"M{x} {y}h{width}v{height}h-{width}z" for x, y, width, height in _diamond(size))
        return f'<path fill="{colour}" d="{cells}"/>'

    left = (_SIDE - 18 * _STEP) // 2
    texts = "".join(
        f'<text x="300" y="{450 + 40 * line}" font-size="32">{escape(text)}</text>'
        for line, text in enumerate(_lines(title))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIDE} {_SIDE}" role="img">'
        f"<title>{escape(title)} {code}</title>"
        f'<rect width="{_SIDE}" height="{_SIDE}" rx="24" fill="{_INDIGO}"/>'
        f'<g transform="translate({left} {_TOP}) scale({_STEP})" shape-rendering="crispEdges">'
        f"{bars(18, _MAIZE)}{bars(14, _JADE)}"
        f'<path fill="none" stroke="{_PAPER}" stroke-width="1.6" '
        f'shape-rendering="auto" d="M5.6 9.2l2.4 2.4 4.6-5"/></g>'
        f'<g fill="{_PAPER}" text-anchor="middle" font-family="Noto Sans,DejaVu Sans,sans-serif">{texts}'
        f'<text x="300" y="572" font-size="22">{code}</text></g></svg>'
    )


@lru_cache(maxsize=64)
def drawn_png(title: str, code: str) -> bytes:
    """Draw the badge as a PNG."""
    image = Image.new("RGB", (_SIDE, _SIDE), _INDIGO)
    pen = ImageDraw.Draw(image)
    left = (_SIDE - 18 * _STEP) // 2
    for size, colour in ((18, _MAIZE), (14, _JADE)):
        for x, y, width, height in _diamond(size):
            start = (left + x * _STEP, _TOP + y * _STEP)
            pen.rectangle((*start, start[0] + width * _STEP - 1, start[1] + height * _STEP - 1), fill=colour)
    check = [(left + x * _STEP, _TOP + y * _STEP) for x, y in ((5.6, 9.2), (8, 11.6), (12.6, 6.6))]
    pen.line(check, fill=_PAPER, width=29, joint="curve")
    for line, text in enumerate(_lines(title)):
        pen.text((300, 438 + 40 * line), text, fill=_PAPER, font=ImageFont.load_default(32), anchor="mm")
    pen.text((300, 566), code, fill=_PAPER, font=ImageFont.load_default(22), anchor="mm")
    drawn = io.BytesIO()
    image.save(drawn, "PNG", optimize=True)
    return drawn.getvalue()
