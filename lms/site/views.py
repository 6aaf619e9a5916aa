"""Doors of everybody: help, privacy, the language of the page, all tasks of a person."""

import uuid

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, public, requires
from lms.access.policy import Action
from lms.core import audit, clock, languages
from lms.core.database import db
from lms.core.errors import NotFound
from lms.library.queries import facts_for_lessons
from lms.site.addresses import page_before
from lms.site.frame import present
from lms.site.home import home_page
from lms.site.menu import Group, groups_for
from lms.site.personal import counts
from lms.site.services import speak
from lms.site.takeout import takeout

bp = Blueprint("site", __name__, template_folder="templates")
HOTLINES = ("police-emergency", "missing-child", "missing-woman", "firefighters")  # keys of the library of facts
_YEAR = 31_536_000


@bp.get("/")
@public
def home() -> str:
    """Begin: what this is for a visitor, what comes next for everybody else."""
    return render_template("site/home.html", **home_page())


@bp.route("/language/<locale>", methods=["GET", "POST"])
@public
def change_language(locale: str) -> Response:
    """Speak another language from now on: for a visitor in this browser, for a person wherever she signs in."""
    if locale not in languages.LOCALES:
        raise NotFound
    if request.method == "POST" and (user_id := current_actor().user_id) is not None:
        speak(user_id, locale)
        db.session.commit()
    answer = redirect(page_before(), 303)
    is_https = bool(current_app.config["IS_HTTPS"])
    answer.set_cookie(languages.COOKIE, locale, max_age=_YEAR, secure=is_https, httponly=True, samesite="Lax")
    return answer


@bp.get("/help")
@public
def help_page() -> str:
    """Say in plain words how the site is used and whom to turn to."""
    facts = facts_for_lessons(clock.today())
    lines = [facts[key] for key in HOTLINES if key in facts and facts[key].is_certain and facts[key].dial]
    return render_template("site/help.html", hotlines=lines)


@bp.get("/privacy")
@public
def privacy() -> str:
    """Say what is kept about a person, what never is, and what she may ask for."""
    return render_template("site/privacy.html")


@bp.get("/tasks")
@requires(Action.SELF_USE)
def tasks() -> str:
    """Show everything this person may do, in groups."""
    groups = [Group(group.title, present(group.entries)) for group in groups_for(current_actor())]
    return render_template("site/tasks.html", groups=[group for group in groups if group.entries])


@bp.get("/settings/me")
@requires(Action.SELF_USE)
def my_settings() -> Response:
    """Lead to one's own account, where each person chooses for herself."""
    return redirect(url_for("accounts.me"), 303)


@bp.get("/me/data")
@requires(Action.SELF_USE)
def my_data() -> str:
    """Show a person what is kept about her."""
    return render_template("site/my_data.html", found=counts(_me()))


@bp.post("/me/data.zip")
@requires(Action.SELF_USE)
def take_my_data() -> Response:
    """Hand a person everything that is kept about her; that she took it stands in the audit trail."""
    actor, now = current_actor(), clock.now()
    audit.record(actor, "data.export", "person", _me(), now)
    db.session.commit()
    answer = Response(takeout(_me(), g.user.name, now), mimetype="application/zip")
    answer.headers["Content-Disposition"] = f"attachment; filename=cascada-{now:%Y-%m-%d}.zip"
    return answer


def _me() -> uuid.UUID:
    person_id = current_actor().person_id
    assert person_id is not None  # the lock has seen to it
    return person_id
