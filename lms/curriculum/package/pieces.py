"""A lesson's text in pieces: running text, and blocks between `::: name` and `:::`."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from lms.core.problems import N_

Report = Callable[..., None]  # (line, sentence, **values)

BLOCKS = (
    "keep",
    "do",
    "dont",
    "calls",
    "referrals",
    "note",
    "activity",
    "case",
    "reveal",
    "audio",
    "video",
)
FENCE = "+++"
_MARK = re.compile(r" {0,3}:::[ \t]*(?:([^\s:]+)(?:[ \t]+(.*?))?)?[ \t]*$")
_CALL = re.compile(r"\s*[-*]\s+(?:\{fact:)?([a-z0-9]+(?:-[a-z0-9]+)*)\}?\s*$")


@dataclass(frozen=True)
class Piece:
    """A stretch of running text (no name), or a block with its heading; `line` is where its source begins."""

    name: str
    heading: str
    source: str
    line: int

    @property
    def heading_line(self) -> int:
        return self.line - 1


def split_head(text: str) -> tuple[str | None, str, int]:
    """Split a lesson file into its head, its body and the line on which the body begins; no head: None.

    >>> split_head('+++\\ntitle = "A"\\n+++\\nText\\n')
    ('\\ntitle = "A"', 'Text\\n', 4)
    """
    lines = text.split("\n")
    if lines[0].rstrip() != FENCE:
        return None, text, 1
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() == FENCE:
            # The empty first line keeps the numbers of the head's lines as they are in the file.
            return "\n".join(["", *lines[1:number]]), "\n".join(lines[number + 1 :]), number + 2
    return None, text, 1


def pieces_of(body: str, first_line: int = 1, report: Report | None = None) -> list[Piece]:
    """Split a body into pieces; what does not fit together is reported and read as well as may be.

    >>> [(piece.name, piece.heading) for piece in pieces_of("Text\\n::: note Mire\\nMás\\n:::\\nFin")]
    [('', ''), ('note', 'Mire'), ('', '')]
    """
    tell: Report = report or (lambda line, sentence, /, **values: None)
    pieces: list[Piece] = []
    name, heading, start, held = "", "", first_line, list[str]()

    def close() -> None:
        if name or any(line.strip() for line in held):
            pieces.append(Piece(name, heading, "\n".join(held), start))

    for number, line in enumerate(body.split("\n"), first_line):
        if (mark := _MARK.match(line)) is None:
            if line.lstrip().startswith(":::"):
                tell(number, N_("A block begins with ::: and its name, and ends with ::: alone on its line."))
            held.append(line)
            continue
        if mark.group(1) is None:
            if not name:
                tell(number, N_("This ::: closes a block, but none is open."))
                continue
            close()
            name, heading, start, held = "", "", number + 1, []
            continue
        if name:
            tell(number, N_("The block “%(name)s” of line %(line)s is still open."), name=name, line=start - 1)
        close()
        name, heading, start, held = mark.group(1), mark.group(2) or "", number + 1, []
        if name not in BLOCKS:
            tell(number, N_("“%(name)s” is not a block. Blocks: %(blocks)s."), name=name, blocks=", ".join(BLOCKS))
    if name:
        tell(start - 1, N_("The block “%(name)s” is never closed with :::."), name=name)
    close()
    return pieces


def call_keys(piece: Piece) -> list[tuple[int, str | None]]:
    """Return the fact keys a `calls` block lists, each with its line; None for a line that is no key.

    >>> call_keys(Piece("calls", "", "- police-emergency\\n110", 5))
    [(5, 'police-emergency'), (6, None)]
    """
    keys: list[tuple[int, str | None]] = []
    for number, line in enumerate(piece.source.split("\n"), piece.line):
        if line.strip():
            found = _CALL.match(line)
            keys.append((number, found.group(1) if found else None))
    return keys
