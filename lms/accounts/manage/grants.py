"""Roles: who holds which over what; appointing and ending."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import MAY_APPOINT, Action, Role
from lms.accounts import queries
from lms.accounts.forms import GrantForm
from lms.accounts.manage import manage
from lms.accounts.models import Grant
from lms.accounts.services import giving
from lms.accounts.services.grants import appoint, end_grant
from lms.accounts.sessions import confirmed
from lms.accounts.words import DUTIES, ROLES
from lms.core import clock
from lms.core.asked import page_asked, words_asked
from lms.core.database import db
from lms.core.ids import id_text
from lms.core.pages import Pages
from lms.organization.models import Person
from lms.organization.queries.people import get_person


@manage.get("/roles")
@requires(Action.GRANT_MANAGE)
def grants() -> str:
    """List the roles held within reach, by office."""
    words, role = words_asked(), request.args.get("role", "")
    page = page_asked()
    rows, total = queries.list_grants(current_actor(), role if role in ROLES else "", words, page)
    return render_template(
        "accounts/grants.html",
        rows=rows,
        words=words,
        role=role,
        roles=ROLES,
        duties=DUTIES,
        pagination=Pages(page, queries.PAGE, total),
    )


@manage.route("/people/<id:person>/roles", methods=["GET", "POST"])
@requires(Action.GRANT_MANAGE, person=get_person)
@confirmed
def roles(person: Person) -> str | Response | tuple[str, int]:
    """Show a person's roles and give her another one."""
    actor, user = current_actor(), giving.user_of(person.id)
    words = words_asked()
    form = GrantForm()
    mine = {role for held in actor.held for role in MAY_APPOINT.get(held.role, ())}
    form.role.choices = {role.value: str(word) for role, word in ROLES.items() if role in mine}
    offered = queries.offices_for(actor, person, words)
    form.unit.choices = {id_text(unit.id): unit.name for unit in offered}
    if user and form.validate_on_submit():
        unit = next(unit for unit in offered if id_text(unit.id) == form.unit.data)
        appoint(actor, user, Role(form.role.data), unit, clock.now())
        db.session.commit()
        flash(_("The role is given. It holds from the next sign-in of %(name)s.", name=person.name))
        return redirect(url_for("accounts_manage.roles", person=person.id), 303)
    page = render_template(
        "accounts/roles.html",
        person=person,
        user=user,
        form=form,
        words=words,
        held=queries.grants_of(user.id) if user else [],
        roles=ROLES,
        duties=DUTIES,
    )
    return page, 422 if form.errors else 200


@manage.route("/roles/<id:grant>/end", methods=["GET", "POST"])
@requires(Action.GRANT_MANAGE, grant=queries.get_grant)
@confirmed
def end(grant: Grant) -> str | Response:
    """Ask, then end a role."""
    person = grant.user.person
    if request.method == "POST":
        end_grant(current_actor(), grant, clock.now())
        db.session.commit()
        flash(_("The role of %(name)s has ended.", name=person.name))
        return redirect(url_for("accounts_manage.grants"), 303)
    return render_template("accounts/grant_end.html", grant=grant, person=person, roles=ROLES)
