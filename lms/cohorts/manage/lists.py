"""A list of people as a file: every row looked at first, then all of them taken in or nobody."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from flask import Response as FileResponse
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from lms.access.lock import current_actor, requires
from lms.access.policy import Action
from lms.accounts.rules.names import written
from lms.cohorts.forms import LIST_MEGABYTES, ListForm
from lms.cohorts.manage import manage
from lms.cohorts.manage.groups import Page, frame_of
from lms.cohorts.models import Cohort
from lms.cohorts.queries.groups import get_cohort
from lms.cohorts.queries.members import members_of
from lms.cohorts.queries.people import names_in_unit, people_called
from lms.cohorts.rules import MOST_PEOPLE
from lms.cohorts.services import members as services
from lms.core import clock
from lms.core.database import db
from lms.core.errors import BadInput
from lms.core.headers import takes_uploads
from lms.core.tabular import csv_response, read_table, xlsx_response
from lms.core.texts import folded
from lms.organization.models import Person
from lms.organization.queries.places import language_words

_FORMATS = {"csv": csv_response, "xlsx": xlsx_response}
_GIVEN = ("Nombres", "Given names", "Nombre")
_FAMILY = ("Apellidos", "Family names", "Surnames")
_USER = ("Usuario", "User name", "Nombre de usuario", "Username")
_LANGUAGE = ("Idioma", "Language")


@dataclass
class Line:
    """One row of the list: what it says, whom it means, what is wrong with it."""

    number: int
    given: str
    family: str
    username: str
    language: str
    name: str = ""
    state: str = "new"  # new | known | inside
    problems: list[str] = field(default_factory=list)


@manage.get("/groups/list.<any(csv, xlsx):kind>")
@requires(Action.SELF_USE)
def list_template(kind: str) -> FileResponse:
    """Send an empty list with its headers and two rows that show how it is filled in."""
    headers = (_("Given names"), _("Family names"), _("User name"), _("Language"))
    rows = [("Catarina", "Us Tzoc", "", "Kʼicheʼ"), ("", "", "diego.tzoc", "")]
    name = _("people-of-the-group")
    return _FORMATS[kind](f"{name}.{kind}", headers, rows)


@manage.route("/groups/<id:cohort>/list", methods=["GET", "POST"])
@takes_uploads(LIST_MEGABYTES + 1)
@requires(Action.COHORT_MANAGE, cohort=get_cohort)
def bring_list(cohort: Cohort) -> Page:
    """Read a list and show what it would do; nothing is written yet."""
    form, is_valid = ListForm.posted()
    if not is_valid or form.file.data is None:
        page = render_template("cohorts/list_form.html", **frame_of(cohort), form=form)
        return page, 422 if form.errors else 200
    table = read_table(form.file.data.filename or "", form.file.data.read())
    rows = [
        (row.number, row.get(*_GIVEN), row.get(*_FAMILY), row.get(*_USER), row.get(*_LANGUAGE)) for row in table.rows
    ]
    lines = _read(cohort, rows)
    has_problems = any(line.problems for line in lines)
    page = render_template(
        "cohorts/list.html",
        **frame_of(cohort),
        lines=lines,
        has_problems=has_problems,
        carried=json.dumps([list(asdict(line).values())[:5] for line in lines], ensure_ascii=False),
        new=sum(line.state == "new" for line in lines),
    )
    return page, 422 if has_problems else 200


@manage.post("/groups/<id:cohort>/list/take-in")
@takes_uploads(LIST_MEGABYTES + 1)
@requires(Action.COHORT_MANAGE, cohort=get_cohort)
def take_in_list(cohort: Cohort) -> Page:
    """Take in the list that was looked at: read again, all of it or nothing."""
    try:
        rows = [tuple(row) for row in json.loads(request.form.get("rows", ""))]
    except (ValueError, TypeError) as error:
        raise BadInput(_("Send the list again.")) from error
    if not all(len(row) == 5 and isinstance(row[0], int) and all(isinstance(x, str) for x in row[1:]) for row in rows):
        raise BadInput(_("Send the list again."))
    lines = _read(cohort, rows)
    if any(line.problems for line in lines):
        page = render_template(
            "cohorts/list.html", **frame_of(cohort), lines=lines, has_problems=True, carried="", new=0
        )
        return page, 422
    people = people_called([line.username for line in lines])
    known = [people[written(line.username)].id for line in lines if line.state == "known"]
    new = [services.NewPerson(line.given, line.family, line.language or "spa") for line in lines if line.state == "new"]
    count = services.take_in_list(cohort, known, new, current_actor(), clock.now())
    db.session.commit()
    flash(ngettext("One person was enrolled.", "%(num)s people were enrolled.", count), "good")
    target = "cohorts_manage.group_slips" if new else "cohorts_manage.group"
    return redirect(url_for(target, cohort=cohort.id), 303)


def _read(cohort: Cohort, rows: list[Any]) -> list[Line]:
    """Understand every row, and say of each what is wrong with it."""
    if not rows:
        raise BadInput(_("The list is empty."))
    if len(rows) > MOST_PEOPLE:
        raise BadInput(_("At most %(number)s rows at a time. Send the rest afterwards.", number=MOST_PEOPLE))
    known = people_called([row[3] for row in rows])
    languages = language_words()
    inside = {row.id for row in members_of(cohort.id)}
    here = names_in_unit(cohort, [f"{row[1]} {row[2]}" for row in rows if not row[3]])
    seen: set[str] = set()
    lines = []
    for number, given, family, username, language in rows:
        line = Line(number, given[:200], family[:200], username[:80], language[:60])
        _look_up(line, known.get(written(username)) if username else None, inside, here)
        _check(line, languages, seen)
        lines.append(line)
    return lines


def _look_up(line: Line, person: Person | None, inside: set[Any], here: set[str]) -> None:
    line.name = f"{line.given} {line.family}".strip()
    if line.username:
        if person is None:
            line.problems.append(_("Nobody has the user name %(name)s.", name=line.username))
        else:
            line.name, line.state = person.name, "inside" if person.id in inside else "known"
    elif not line.given:
        line.problems.append(_("Write the given names, or the user name of somebody who has one."))
    elif any(letter.isdigit() or letter in "@<>{}[]|\\" for letter in line.name):
        line.problems.append(_("A name holds letters, not “%(text)s”.", text=line.name[:40]))
    elif len(line.given) > 100 or len(line.family) > 100:
        line.problems.append(_("A name has at most 100 letters."))
    elif folded(line.name) in here:
        line.problems.append(_("Somebody of this name is already in this office: write the user name."))


def _check(line: Line, languages: dict[str, set[str]], seen: set[str]) -> None:
    key = written(line.username) or folded(line.name)
    if key and key in seen:
        line.problems.append(_("This person stands in the list twice."))
    seen.add(key)
    if line.language:
        found = languages.get(folded(line.language), set())
        if len(found) != 1:
            line.problems.append(_("There is no language “%(text)s”.", text=line.language[:40]))
        else:
            line.language = next(iter(found))
