"""The learner's doors: whom to call, and places of help, the nearest first."""

from flask import Blueprint, render_template, request

from lms.access.lock import current_actor, requires
from lms.access.policy import Action
from lms.core import clock
from lms.core.asked import asked
from lms.core.texts import folded
from lms.library.queries import place_of, referrals_for
from lms.library.queries.facts import hotlines
from lms.library.words import HELP
from lms.organization.fields import words_of_places

bp = Blueprint("library", __name__, template_folder="templates")


@bp.get("/who-to-call")
@requires(Action.SELF_USE)
def who_to_call() -> str:
    """Show the numbers to call, those of danger first."""
    return render_template("library/who_to_call.html", calls=hotlines(clock.today()))


@bp.get("/places-of-help")
@requires(Action.SELF_USE)
def help_nearby() -> str:
    """Show the places of help for the reader's own place, or for the one asked for."""
    words, known = asked("place"), words_of_places()
    found = known.codes.get(folded(words), set()) if words else set()
    place = next(iter(found)) if len(found) == 1 else None if words else place_of(current_actor().person_id)
    kind = request.args.get("kind", "")
    kinds = (kind,) if kind in HELP else ()
    return render_template(
        "library/help_nearby.html",
        rows=referrals_for(place, clock.today(), kinds),
        place=known.full.get(place or "", ""),
        words=words,
        is_unknown=bool(words) and not found,
        candidates=sorted(known.full[code] for code in found) if len(found) > 1 else [],
        places=sorted(known.full.values()),
        kind=kind,
        kinds=HELP,
    )
