"""Doors for anybody: check a certificate by its code, and with no line by its QR."""

from datetime import date

from flask import Response, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from lms.access.lock import public
from lms.accounts import throttle
from lms.certification.checking import checking
from lms.certification.checking.queries import Check, Verdict, check
from lms.certification.checking.words import ADVICE, HEADLINES, REASONS, STEPS
from lms.certification.codes import LENGTH, is_code
from lms.certification.queries.bridging import owed_for
from lms.certification.services.status_lists import newest_list
from lms.core import clock
from lms.core.choices import choices
from lms.core.codes import spaced, tidy_code
from lms.core.database import db
from lms.curriculum.guide.rules import LENGTH as GUIDE_LENGTH
from lms.curriculum.guide.rules import is_guide_code


@checking.get("/verify")
@public
def ask() -> AnyResponse:
    """Ask for a code; a slip of the pen is caught here, before anything is looked up."""
    written = request.args.get("code", "")[:80]
    code = tidy_code(written)
    if is_code(code):
        return redirect(url_for(".answer", code=code), 303)
    if is_guide_code(code):
        return redirect(url_for("curriculum_guide.check", code=code), 303)
    wrong = ""
    if written.strip():
        wrong = (
            _("This code is not complete: a certificate has 12 letters and numbers, a guide has 8.")
            if len(code) not in (LENGTH, GUIDE_LENGTH)
            else _("One letter or number is not right. Compare it with the paper, letter by letter.")
        )
    return _shown(render_template("certification/check.html", written=written, wrong=wrong), 422 if wrong else 200)


@checking.get("/verify/<code>")
@public
def answer(code: str) -> AnyResponse:
    """Say what a certificate is worth today, first in one sentence, then by its chain."""
    tidy = tidy_code(code)
    if not is_code(tidy):
        return redirect(url_for(".ask", code=code[:80]), 303)
    if tidy != code:
        return redirect(url_for(".answer", code=tidy), 301)
    now = clock.now()
    found = check(code, now, clock.today())
    if found.verdict is Verdict.UNKNOWN:
        count_miss()
    page = render_template(
        "certification/check_answer.html",
        found=found,
        lead=_lead(found),
        code=spaced(code),
        agency=choices().short_name or choices().agency or "Cascada",
        now=now,
        words={"headlines": HEADLINES, "advice": ADVICE, "steps": STEPS, "reasons": REASONS},
        verdict=found.verdict.value,
        owed=_pending(found),
        spaced=spaced,
    )
    return _shown(page, 404 if found.verdict is Verdict.UNKNOWN else 200)


@checking.get("/v/")
@public
def offline() -> AnyResponse:
    """Show the page that checks a QR by itself; the phone keeps it, so that it opens with no line."""
    response = _shown(render_template("certification/check_offline.html", lists=newest_list()))
    response.headers["Cache-Control"] = "no-cache"
    return response


@checking.get("/v/worker.js")
@public
def worker() -> Response:
    """Send the worker that keeps the offline page; its address decides how far it reaches: /v/ and no further."""
    found = current_app.extensions["assets"].get("js/check-worker.js")
    return Response(found.body, content_type=found.media_type, headers={"Cache-Control": "no-cache"})


def count_miss() -> None:
    """Count a code that is not there, so that nobody can try them one after the other.

    This is a GET, which holds no write lock: so the reading ends first, and the count is a transaction of its own whose
    first word is a write.
    """
    db.session.rollback()
    throttle.charge({"check": throttle.here()}, clock.now())
    db.session.commit()


def _pending(found: Check) -> date | None:
    """Return the day since which a short unit is late: what it means for who relies on the certificate, not before."""
    if found.verdict is not Verdict.VALID or found.credential is None:
        return None
    owed = owed_for([found.credential.id]).get(found.credential.id, [])
    return next((one.until for one in owed if one.is_late(clock.today())), None)


def _lead(found: Check) -> str:
    """Say in one sentence whose certificate it is and what became of it."""
    if found.credential is None or not found.is_believed or found.standing is None:
        return ""
    from_page = current_app.jinja_env.filters["date"]
    values = {"name": found.credential.public_name, "course": _course(found)}
    if found.verdict is Verdict.REVOKED:
        reason = REASONS.get(found.standing.reason)
        values |= {"day": from_page(clock.local_day(found.standing.since)) if found.standing.since else ""}
        if reason:
            return _("The certificate of %(name)s was revoked on %(day)s, %(reason)s.", reason=reason, **values)
        return _("The certificate of %(name)s was revoked on %(day)s.", **values)
    if found.verdict is Verdict.VALID and found.credential.valid_until is None:
        return _("%(name)s completed “%(course)s”. The certificate does not expire.", **values)
    if found.verdict in (Verdict.VALID, Verdict.EXPIRED) and found.credential.valid_until:
        values |= {"day": from_page(found.credential.valid_until)}
        if found.verdict is Verdict.VALID:
            return _("%(name)s completed “%(course)s” and the certificate is valid until %(day)s.", **values)
        return _("%(name)s completed “%(course)s”. The certificate was valid until %(day)s.", **values)
    return _("%(name)s completed “%(course)s”.", **values)


def _course(found: Check) -> str:
    try:
        return str(found.document["credentialSubject"]["achievement"]["description"])
    except (KeyError, TypeError):
        return ""


def _shown(page: str, status: int = 200) -> Response:
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
