"""Answers leave compressed: pages of a few kilobytes are what a village telephone line carries.

A secret compressed together with text that a stranger chose can be guessed from the length of the answer (BREACH). So
the token of the forms travels uncompressed inside the compressed page, and nothing before it is remembered after it.
"""

from flask import Flask, Response, g, request

from lms.core.weave import Piece, join

LEVEL = 6  # of 9: beyond it the page takes longer to press than it saves on the line
_SMALLEST = 600  # bytes; below, the frame of gzip and the packet eat what is won
_TYPES = ("text/", "application/json", "application/javascript", "image/svg+xml", "application/xml")


def sealed(body: bytes, secret: bytes = b"") -> bytes:
    """Compress `body` into one gzip file in which each `secret` stands as it is.

    >>> b"secret" in sealed(b"<p>abc abc</p><input value=secret><p>abc abc</p>", b"secret")
    True
    """
    pieces: list[Piece] = []
    for number, part in enumerate(body.split(secret) if secret else [body]):
        pieces += [Piece.plain(secret)] if number else []
        pieces.append(Piece.of(part, LEVEL))
    return join(pieces)


def compress(answer: Response) -> Response:
    """Compress an answer that is text, for a browser that wants it."""
    if not (answer.mimetype or "").startswith(_TYPES) or answer.status_code in (204, 304):
        return answer
    answer.vary.add("Accept-Encoding")
    if (
        answer.direct_passthrough
        or answer.is_streamed
        or "Content-Encoding" in answer.headers
        or "Content-Range" in answer.headers
        or not request.accept_encodings["gzip"]
        or (answer.content_length or 0) < _SMALLEST
    ):
        return answer
    token = str(g.get("csrf_token", "")).encode()
    answer.set_data(sealed(answer.get_data(), token))
    answer.headers["Content-Encoding"] = "gzip"
    if answer.headers.get("ETag"):
        answer.headers["ETag"] = "W/" + answer.headers["ETag"].removeprefix("W/")  # same meaning, other bytes
    return answer


def compress_answers(app: Flask) -> None:
    """Let every answer pass through `compress`, last of all."""
    app.after_request_funcs.setdefault(None, []).insert(0, compress)  # the first registered runs last
