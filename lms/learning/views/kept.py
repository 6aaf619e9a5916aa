"""Pages around lessons, kept as they were compressed: people at the same step of the same course read the same page.

What can change a page stands in its key; the token of its form is the one thing that never is the same, so a page is
kept as the pieces between the places where it goes.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable

from flask import Flask, current_app, g, request, session

from lms.access.lock import current_actor
from lms.core import weave
from lms.core.choices import choices
from lms.core.languages import choose_locale
from lms.core.page_cookie import form_token

Pieces = list[weave.Piece | None]  # None: the form's token goes here

_MOST = 2048  # about 2 KB each
_LEVEL = 5
_LOOK = "look"  # the cookie that says which stylesheet this browser has


def keep_pages(app: Flask) -> None:
    """Give the application its shelf."""
    app.extensions["lesson_pages"] = OrderedDict[Hashable, tuple[Pieces, Pieces]]()


def around(what: Hashable, draw: Callable[[], tuple[str, str]]) -> tuple[list[weave.Piece], list[weave.Piece]]:
    """Return what stands before and after a lesson, drawn only when nobody has read the same page yet.

    :param what: all that the page shows besides the frame around it.
    :param draw: draws head and tail; a page that must not be kept (a message shown once, a first visit that brings its
        stylesheet along) is drawn each time.
    """
    shelf: OrderedDict[Hashable, tuple[Pieces, Pieces]] = current_app.extensions["lesson_pages"]
    key = (what, _frame())
    if "_flashes" in session:
        return _filled(_cut(draw()))
    if key in shelf:
        shelf.move_to_end(key)
        return _filled(shelf[key])
    pieces = _cut(draw())
    if not g.get("csp_style_hashes") and not current_app.debug:
        shelf[key] = pieces
        if len(shelf) > _MOST:
            shelf.popitem(last=False)
    return _filled(pieces)


def _frame() -> Hashable:
    actor, site = current_actor(), choices()
    return (
        choose_locale(),
        frozenset(held.role for held in actor.held),
        actor.has_second_factor,
        (site.agency, site.short_name, site.exit_url),
        request.cookies.get(_LOOK),
    )


def _cut(page: tuple[str, str]) -> tuple[Pieces, Pieces]:
    head, tail = page
    return _pieces(head), _pieces(tail)


def _pieces(part: str) -> Pieces:
    token, pieces = g.get("csrf_token"), Pieces()
    for index, text in enumerate(part.split(token) if token else [part]):
        if index:
            pieces.append(None)
        pieces.append(weave.Piece.of(text.encode(), _LEVEL))
    return pieces


def _filled(page: tuple[Pieces, Pieces]) -> tuple[list[weave.Piece], list[weave.Piece]]:
    needs_token = any(piece is None for part in page for piece in part)
    # Plain: compressed beside what a stranger can choose, a token could be guessed from the length.
    token = weave.Piece.plain(form_token().encode() if needs_token else b"")
    return [piece or token for piece in page[0]], [piece or token for piece in page[1]]
