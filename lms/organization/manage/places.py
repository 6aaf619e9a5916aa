"""Places: departments, municipalities, and the communities staff add below them."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action, can
from lms.core import clock
from lms.core.asked import words_asked
from lms.core.database import db
from lms.core.errors import NotFound
from lms.organization.forms import CommunityForm
from lms.organization.manage import manage
from lms.organization.models import Place
from lms.organization.queries.places import around, content_languages, get_place, places_below, places_called
from lms.organization.services import places as services

Page = str | Response | tuple[str, int]


@manage.get("/places")
@requires(Action.UNIT_READ)
def places() -> str:
    """List the departments, or the places a search finds."""
    words = words_asked()
    rows = places_called(words) if words else places_below(None)
    return render_template(
        "organization/places.html", rows=rows, words=words, languages=content_languages(), here="places"
    )


@manage.route("/places/<code>", methods=["GET", "POST"])
@requires(Action.UNIT_READ)
def place(code: str) -> Page:
    """Show a place with what lies below it; communities are added here."""
    found = get_place(code)
    may_add = found.level == "municipality" and can(current_actor(), Action.PERSON_MANAGE)
    form = CommunityForm(data={"first": (found.languages or [""])[0]}) if may_add else None
    if form and form.validate_on_submit():
        made = services.add_community(current_actor(), found, form.name.data, form.languages(), clock.now())
        db.session.commit()
        flash(_("%(name)s is on the list, with the code %(code)s.", name=made.name, code=made.code))
        return redirect(url_for("organization_manage.place", code=code), 303)
    page = render_template(
        "organization/place.html",
        place=found,
        above=around(found),
        rows=places_below(code),
        languages=content_languages(),
        form=form,
        may_change=can(current_actor(), Action.PERSON_MANAGE),
        here="places",
    )
    return page, 422 if form and form.errors else 200


@manage.route("/places/<code>/change", methods=["GET", "POST"])
@requires(Action.PERSON_MANAGE)
def change_place(code: str) -> Page:
    """Correct the name or languages of a community."""
    found = get_place(code)
    if found.level != services.COMMUNITY:
        raise NotFound
    form, is_valid = CommunityForm.posted(data=_values(found))
    if is_valid:
        services.change_community(current_actor(), found, form.name.data, form.languages(), clock.now())
        db.session.commit()
        flash(_("Saved."))
        return redirect(url_for("organization_manage.place", code=found.parent_code), 303)
    page = render_template("organization/place_form.html", place=found, form=form, here="places")
    return page, 422 if form.errors else 200


def _values(place: Place) -> dict[str, str]:
    first, second = [*place.languages, "", ""][:2]
    return {"name": place.name, "first": first, "second": second}
