"""The start page: what a visitor, a learner, a member of staff and a new administrator each see first."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, g, url_for
from flask_babel import gettext as _

from lms.access.lock import current_actor
from lms.certification.queries.asks import asks_of
from lms.cohorts.queries.own import MyGroup, my_groups
from lms.core import clock
from lms.learning.queries import CourseLine, courses_of
from lms.site.frame import present
from lms.site.menu import ACCOUNT, COURSES, Entry, groups_for
from lms.site.queries import first_steps, is_administrator, waiting_for


def home_page() -> dict[str, Any]:
    """Gather what the start page of this person shows; four statements at most, none for a visitor."""
    actor = current_actor()
    if actor.person_id is None:
        doors = {"sign_in_url": link("accounts.sign_in"), "join_url": link("cohorts.join")}
        return {"courses": [], "groups": []} | doors
    entries = {entry.key: entry for group in groups_for(actor) for entry in present(group.entries)}
    groups = my_groups(actor.person_id, clock.now())
    g.leads_groups = any(one.leads for one in groups)
    entries |= {entry.key: entry for entry in present((COURSES, ACCOUNT))}
    return {
        "courses": courses_of(actor.person_id),
        "groups": groups,
        "asks": asks_of(actor.person_id, clock.today()),
        "today": clock.today(),
        "group_url": group_url,
        "waiting": [
            {"key": one.key, "number": one.number, "url": _door(entries, one.key)}
            for one in waiting_for(actor, clock.today())
        ],
        "first_steps": [step._asdict() | {"url": link(step.endpoint)} for step in first_steps(actor)]
        if is_administrator(actor)
        else [],
        "entries": entries,
        "greeting": greeting(clock.now(), g.user.given_names),
        "join_url": link("cohorts.join"),
        "course_url": course_url,
        "next_url": next_url,
    }


def greeting(now: datetime, name: str) -> str:
    """Greet by the hour of the day where the people are."""
    hour = now.astimezone(ZoneInfo("America/Guatemala")).hour
    if 4 <= hour < 12:
        return _("Good morning, %(name)s.", name=name)
    if 12 <= hour < 19:
        return _("Good afternoon, %(name)s.", name=name)
    return _("Good evening, %(name)s.", name=name)


def next_url(line: CourseLine) -> str:
    """Return the address of what comes next in a course."""
    if line.next is None:
        return course_url(line)
    slug, module, activity = line.outline.course_slug, line.next.module_slug, line.next.slug
    return url_for("learning.show_activity", slug=slug, module=module, activity=activity)


def course_url(line: CourseLine) -> str:
    """Return the address of a course."""
    return url_for("learning.show_course", slug=line.outline.course_slug)


def group_url(one: MyGroup) -> str:
    """Return the address of a group: the page of who leads it, or of who learns in it."""
    return url_for("cohorts_manage.group" if one.leads else "cohorts.mine", cohort=one.id)


def link(endpoint: str) -> str:
    """Return the address of a door, or nothing when this installation has no such room."""
    return url_for(endpoint) if endpoint in current_app.view_functions else ""


def _door(entries: dict[str, Entry], key: str) -> str:
    return url_for(entries[key].endpoint) if key in entries else url_for("site.tasks")
