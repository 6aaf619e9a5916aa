"""Every no as a calm page in the reader's language, or as JSON for a script: what happened, and what to do next."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, current_app, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from lms.core.errors import BadInput, NotSignedIn, Refusal, SecondFactorNeeded, TooMany, TooOld
from lms.core.problems import N_, Problem
from lms.site.addresses import this_page

PAUSE = 20  # seconds after which a page may be asked for again when the database does not answer
_PG_UNIQUE = "23505"
_SQLITE_UNIQUE = (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
_KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate", "Content-Range")


@dataclass(frozen=True)
class Advice:
    """What a status means to a person: a title, a sentence, and what to do next."""

    title: str
    sentence: str
    next: str


ADVICE = {
    400: Advice(
        N_("That could not be read"),
        N_("Something in the address or the form does not have the shape we expect. Nothing was changed."),
        N_("Go back and try once more."),
    ),
    401: Advice(
        N_("Please sign in"),
        N_("This page is for people who have signed in."),
        N_("Sign in and you will come back here."),
    ),
    403: Advice(
        N_("This is not part of your role"),
        N_("You are signed in, but your role does not include this page. Nothing was changed."),
        N_("If you need it for your work, ask the person who administers your office."),
    ),
    404: Advice(
        N_("This page does not exist or is not within your reach"),
        N_("The address may be old or have a letter missing."),
        N_("If a link from your group brought you here, ask your facilitator to check it."),
    ),
    405: Advice(
        N_("This address does not do that"),
        N_("The page exists, but not in the way it was asked for. Nothing was changed."),
        N_("Go to the page from the menu and send the form again."),
    ),
    409: Advice(
        N_("Somebody changed this at the same time"),
        N_("Somebody else saved first, so that neither change would be lost unseen."),
        N_("Look at it as it is now and make your change again."),
    ),
    413: Advice(
        N_("The file is too large"),
        N_("This page takes smaller files. Nothing was kept of it."),
        N_("Send a smaller file, or send it in parts."),
    ),
    415: Advice(
        N_("We cannot read this kind of file"),
        N_("It is not one of the kinds this page takes. Nothing was kept of it."),
        N_("Look on the page before: it says which kinds of file it takes."),
    ),
    422: Advice(
        N_("That cannot be done like this"),
        N_("A rule of the programme does not allow it. Nothing was changed."),
        N_("Go back, correct it and send it again."),
    ),
    429: Advice(
        N_("Please wait a little"),
        N_("There were too many attempts in a short time. This protects your account."),
        N_("Wait and try again. What you had saved is still there."),
    ),
    500: Advice(
        N_("Something failed on our side"),
        N_("It was not your fault. What you had saved before is still there; what you have just sent may not be."),
        N_("Go back and look whether it was saved. If it happens again, tell the person who administers the site."),
    ),
    503: Advice(
        N_("The site is not available for a moment"),
        N_("What you had saved before is still there."),
        N_("Wait a minute and load this page again."),
    ),
}
_TOO_OLD = Advice(
    N_("This page was open too long"),
    N_("To protect you, forms only count while you are signed in, and that had ended. Nothing was changed."),
    N_("Go back, load the page again and send it once more."),
)

# When not even the frame can be drawn. No name of anybody, no reason, no other file.
_BARE = """<!doctype html><html lang="es"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Cascada</title><h1>Algo falló de nuestro lado</h1><p>No fue culpa suya. Lo que ya había guardado sigue ahí.
Espere un minuto y vuelva a cargar la página.</p><hr><div lang="en"><h1>Something failed on our side</h1><p>It was not
your fault. What you had saved before is still there. Wait a minute and load the page again.</p></div></html>"""


def answer_refusals(app: Flask) -> None:
    """Turn what services raise, and what the web framework raises, into answers."""
    app.register_error_handler(Refusal, refused)
    app.register_error_handler(HTTPException, stopped)


def refused(refusal: Refusal) -> AnyResponse:
    """Answer a refusal of ours with its own sentence."""
    if not wants_json():
        door = {NotSignedIn: "accounts.sign_in", SecondFactorNeeded: "accounts.second_factor"}.get(type(refusal))
        if door in current_app.view_functions:
            return redirect(url_for(door, next=this_page()), 303)
    advice = _TOO_OLD if isinstance(refusal, TooOld) else ADVICE.get(refusal.status, ADVICE[400])
    has_own = refusal.sentence is not type(refusal).default
    problems = [_problem(one) for one in refusal.problems] if isinstance(refusal, BadInput) else []
    answer = _answer(refusal.status, advice, str(refusal.sentence) if has_own else _(advice.sentence), problems)
    if isinstance(refusal, TooMany):
        answer.headers["Retry-After"] = str(refusal.retry_after)
    return answer


def stopped(error: HTTPException) -> AnyResponse:
    """Answer what the framework refused, and what failed."""
    status = error.code or 500
    if status < 400:
        return error.get_response()  # a redirect is raised, too
    cause = getattr(error, "original_exception", None)
    if isinstance(cause, OperationalError | InterfaceError | PoolTimeout):
        status = 503
    elif isinstance(cause, IntegrityError) and _is_taken(cause):
        status = 409
    advice = ADVICE.get(status, ADVICE[500 if status > 499 else 400])
    answer = _answer(status, advice, "", [])
    for name, value in error.get_headers():
        if name in _KEPT_HEADERS:
            answer.headers[name] = value
    if status == 503:
        answer.headers["Retry-After"] = str(PAUSE)
    return answer


def _is_taken(error: IntegrityError) -> bool:
    """Tell whether two people saved the same key in the same instant: each looked, saw it free, and one was first."""
    cause: Any = error.orig
    return getattr(cause, "sqlstate", None) == _PG_UNIQUE or getattr(cause, "sqlite_errorcode", None) in _SQLITE_UNIQUE


def wants_json() -> bool:
    """Tell whether a script asks: it names JSON and likes it better than a page."""
    accepts = request.accept_mimetypes
    return accepts["application/json"] > accepts["text/html"]


def _problem(problem: object) -> str:
    if isinstance(problem, Problem):
        return f"{problem.file}:{problem.line}: {_(problem.sentence, **problem.values)}"
    return str(problem)


def _answer(status: int, advice: Advice, sentence: str, problems: list[str]) -> Response:
    try:
        title, told, then = _(advice.title), sentence or _(advice.sentence), _(advice.next)
        if wants_json():
            body: dict[str, Any] = {"status": status, "title": title, "sentence": told, "next": then}
            return make_response(jsonify(body | ({"problems": problems} if problems else {})), status)
        page = render_template(
            "site/error.html", status=status, title=title, sentence=told, then=then, problems=problems, back=this_page()
        )
        return make_response(page, status)
    except Exception:
        current_app.logger.exception("the error page failed, too")
        return make_response(_BARE, status)
