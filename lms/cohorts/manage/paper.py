"""Pages to print: the code of a group, its people, the sign-in sheet of a session."""

from flask import render_template

from lms.access.lock import requires
from lms.access.policy import Action
from lms.accounts.links import outward
from lms.accounts.second_step import picture
from lms.cohorts.manage import manage
from lms.cohorts.manage.groups import frame_of
from lms.cohorts.models import Cohort, Session
from lms.cohorts.queries.groups import get_cohort
from lms.cohorts.queries.members import members_of
from lms.cohorts.queries.sessions import get_session
from lms.cohorts.queries.standings import lines_of
from lms.core import clock
from lms.learning.services.codes import shown_code

_SPARE = 6  # empty rows for people who come without being in the list


@manage.get("/groups/<id:cohort>/code")
@requires(Action.COHORT_READ, cohort=get_cohort)
def code_sheet(cohort: Cohort) -> str:
    """Show the code of a group large, with a picture to point a camera at, for the wall of a room."""
    return render_template(
        "cohorts/code.html",
        **frame_of(cohort),
        picture=picture(outward("cohorts.join", code=cohort.code)),
        address=outward("cohorts.join"),
        today=clock.today(),
    )


@manage.get("/groups/<id:cohort>/people/print")
@requires(Action.COHORT_READ, cohort=get_cohort)
def print_people(cohort: Cohort) -> str:
    """Set the people of a group on a sheet."""
    facts, lines = lines_of(cohort)
    return render_template(
        "cohorts/print_people.html", **frame_of(cohort), lines=lines, held=facts.sessions_held, today=clock.today()
    )


@manage.get("/sessions/<id:session>/sheet")
@requires(Action.COHORT_READ, session=get_session)
def session_sheet(session: Session) -> str:
    """Set the paper twin of a session: who was there, the count of others, the code to type it in by."""
    return render_template(
        "cohorts/sheet.html",
        **frame_of(session.cohort),
        session=session,
        code=shown_code(session.code),
        picture=picture(outward("cohorts_manage.session", session=session.id)),
        people=members_of(session.cohort_id),
        spare=_SPARE,
    )
