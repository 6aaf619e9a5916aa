"""Certificates within reach: look up, suspend, revoke with a preview of everybody below, bring back, clear reviews."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action, can
from lms.certification.forms import NoteForm, RevokeForm, SuspendForm
from lms.certification.manage import manage
from lms.certification.models import Credential
from lms.certification.queries.branches import some
from lms.certification.queries.levels import get_credential
from lms.certification.queries.own import credentials_page, history_of, reviews_page
from lms.certification.rules.status import Status
from lms.certification.services import standing
from lms.certification.services.standing import Policy
from lms.core import clock
from lms.core.asked import page_asked, words_asked
from lms.core.database import db

Page = str | Response | tuple[str, int]
SHOWN = 50  # people below, on the page that asks


@manage.get("/manage/certificates")
@requires(Action.CREDENTIAL_READ)
def credentials() -> str:
    """List the certificates of people within reach; those to be renewed on demand."""
    due = request.args.get("due", "")
    due = due if due in ("soon", "late") else ""
    words = words_asked().replace("\x00", "")
    rows, pages = credentials_page(current_actor(), words, page_asked(), clock.now(), clock.today(), due)
    may_act = can(current_actor(), Action.CREDENTIAL_REVOKE)
    return render_template(
        "certification/manage/credentials.html",
        rows=rows,
        pagination=pages,
        words=words,
        due=due,
        may_act=may_act,
        here="credentials",
    )


@manage.get("/manage/certificates/<id:credential>")
@requires(Action.CREDENTIAL_READ, credential=get_credential)
def credential(credential: Credential) -> str:
    """Show a certificate, what happened to it, and what can be done."""
    line = some([credential.id], clock.now(), clock.today())[0]
    return render_template(
        "certification/manage/credential.html",
        credential=credential,
        line=line,
        history=history_of(credential),
        may_act=can(current_actor(), Action.CREDENTIAL_REVOKE, credential),
        may_suspend=line.status in (Status.VALID, Status.UNDER_REVIEW, Status.EXPIRED),
        Status=Status,
        here="credentials",
    )


@manage.route("/manage/certificates/<id:credential>/suspend", methods=["GET", "POST"])
@requires(Action.CREDENTIAL_REVOKE, credential=get_credential)
def suspend(credential: Credential) -> Page:
    """Ask for the reason, then suspend."""
    form, is_valid = SuspendForm.posted()
    if is_valid:
        standing.suspend(
            credential, form.reason.data, form.note.data or "", current_actor(), clock.now(), clock.today()
        )
        db.session.commit()
        flash(_("The certificate is suspended. Its holder is told by mail, in neutral words."), "good")
        return _back(credential)
    return _ask("certification/manage/suspend.html", credential, form)


@manage.route("/manage/certificates/<id:credential>/reinstate", methods=["GET", "POST"])
@requires(Action.CREDENTIAL_REVOKE, credential=get_credential)
def reinstate(credential: Credential) -> Page:
    """Ask, then end a suspension."""
    form, is_valid = NoteForm.posted()
    if is_valid:
        standing.reinstate(credential, form.note.data or "", current_actor(), clock.now(), clock.today())
        db.session.commit()
        flash(_("The certificate is in force again."), "good")
        return _back(credential)
    return _ask("certification/manage/reinstate.html", credential, form)


@manage.route("/manage/certificates/<id:credential>/clear", methods=["GET", "POST"])
@requires(Action.CREDENTIAL_REVOKE, credential=get_credential)
def clear(credential: Credential) -> Page:
    """Ask, then end a review: the certificate stands."""
    form, is_valid = NoteForm.posted()
    if is_valid:
        standing.clear(credential, form.note.data or "", current_actor(), clock.now(), clock.today())
        db.session.commit()
        flash(_("Looked at: the certificate stands."), "good")
        return redirect(url_for(".reviews"), 303)
    return _ask("certification/manage/clear.html", credential, form)


@manage.route("/manage/certificates/<id:credential>/revoke", methods=["GET", "POST"])
@requires(Action.CREDENTIAL_REVOKE, credential=get_credential)
def revoke(credential: Credential) -> Page:
    """Show everybody below and what each policy does to them; sure of it, revoke."""
    now, today = clock.now(), clock.today()
    form, is_valid = RevokeForm.posted()
    if is_valid:
        policy = Policy(form.policy.data)
        touched = standing.revoke(
            credential, policy, form.reason.data, form.note.data or "", current_actor(), now, today
        )
        db.session.commit()
        flash(_("The certificate is revoked. A check shows it from now on."), "good")
        if touched:
            told = ngettext("It touched one person below.", "It touched %(num)s people below.", len(touched))
            flash(told, "warn")
        return _back(credential)
    found = standing.affected(credential, SHOWN, now, today)
    return _ask("certification/manage/revoke.html", credential, form, found=found)


@manage.get("/manage/certificates/reviews")
@requires(Action.CREDENTIAL_REVOKE)
def reviews() -> str:
    """List what waits to be looked at, the oldest first."""
    rows, pages = reviews_page(current_actor(), page_asked(), clock.now(), clock.today())
    return render_template("certification/manage/reviews.html", rows=rows, pagination=pages, here="reviews")


def _back(credential: Credential) -> Response:
    return redirect(url_for(".credential", credential=credential.id), 303)


def _ask(template: str, credential: Credential, form: NoteForm, **more: object) -> Page:
    page = render_template(template, credential=credential, form=form, here="credentials", **more)
    return page, 422 if form.errors else 200
