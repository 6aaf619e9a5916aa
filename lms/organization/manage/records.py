"""Two records of one person: look at both, join them, take it back."""

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action
from lms.core import clock
from lms.core.asked import words_asked
from lms.core.database import db
from lms.organization.manage import manage
from lms.organization.models import Person
from lms.organization.queries import people as queries
from lms.organization.queries.people import get_person
from lms.organization.services import people as services


@manage.route("/people/<id:person>/join", methods=["GET", "POST"])
@requires(Action.PERSON_MANAGE, person=get_person)
def join_records(person: Person) -> str | Response:
    """Find the other record of a person, compare both and join them."""
    actor = current_actor()
    other = queries.find_person(actor, Action.PERSON_MANAGE, request.values.get("with"))
    if other is None or other.id == person.id:
        return render_template(
            "organization/join_choose.html",
            person=person,
            rows=queries.perhaps_same(actor, person, words_asked()),
            words=words_asked(),
            here="people",
        )
    if request.method == "POST":
        services.merge(actor, person, other, clock.now())
        db.session.commit()
        flash(_("The two records are one person now. It can be taken back on this page."))
        return redirect(url_for("organization_manage.person", person=person.id), 303)
    return render_template(
        "organization/join.html",
        person=person,
        other=other,
        held=[(one, queries.posts_of(one)) for one in (person, other)],
        here="people",
    )


@manage.post("/people/<id:person>/separate/<id:joined>")
@requires(Action.PERSON_MANAGE, person=get_person)
def separate_records(person: Person, joined: uuid.UUID) -> Response:
    """Take the joining of two records back."""
    services.unmerge(current_actor(), queries.get_merge(person, joined), clock.now())
    db.session.commit()
    flash(_("The two records stand by themselves again."))
    return redirect(url_for("organization_manage.person", person=person.id), 303)
