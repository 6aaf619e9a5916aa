"""Plan what a list of people and posts changes: rows and what is known in, changes and what is wrong out.

The same list a second time plans nothing. An empty cell changes nothing; what the list does not name stays as it is.
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from lms.core.problems import Problems
from lms.core.texts import folded
from lms.organization.rules.lists import Line
from lms.organization.rules.plans.known import Change, Known, KnownPerson, Plan, Wrong
from lms.organization.rules.plans.people import Draft, People
from lms.organization.rules.plans.posts import Posts


def make_plan(
    lines: Sequence[Line], known: Known, today: date, make_id: Callable[[], uuid.UUID], problems: Problems
) -> Plan:
    """Plan a list in rounds: who it names, posts it names, posts held already, then who is left finds vacant ones.

    Rows that contradict each other or what is known are reported.
    """
    wrong = Wrong(problems)
    people = People(known, make_id, wrong)
    posts = Posts(known, today, make_id, people.name_of, wrong)
    changes = {
        line.number: Change(line.number, line.name, known.names.get(line.unit or known.branch, "")) for line in lines
    }
    drafts: dict[int, Draft | None] = {
        line.number: people.draft_of(line, changes[line.number]) if line.has_person else None for line in lines
    }
    people.check_names(lines, drafts)
    placed = [line for line in lines if line.has_post and not (line.has_person and drafts[line.number] is None)]
    for line in lines:
        if draft := drafts[line.number]:
            changes[line.number].name = draft.person.name
            changes[line.number].unit = known.names.get(posts.place(line, draft), "")
    for line in placed:
        if line.post:
            posts.keyed_post(line, drafts[line.number], changes[line.number])
    waiting = [
        line
        for line in placed
        if not line.post and not posts.holds_already(line, drafts[line.number], changes[line.number])
    ]
    # Who is named fills a vacancy before a row that names nobody claims it as vacant.
    for line in sorted(waiting, key=lambda one: not one.has_person):
        posts.vacant_post(line, drafts[line.number], changes[line.number])
    for draft in people.drafts.values():
        if draft.has_moved:
            posts.leave_old(draft, changes[draft.line.number])
    plan = Plan([changes[line.number] for line in lines])
    for draft in people.drafts.values():
        if draft.before is None:
            plan.new_people.append(_columns(draft.person))
        elif draft.before != draft.person:
            plan.changed_people.append(_columns(draft.person))
    posts.collect(plan)
    return plan


def _columns(person: KnownPerson) -> dict[str, Any]:
    return {
        "id": person.id,
        "unit_id": person.unit,
        "given_names": person.given,
        "family_names": person.family,
        "name_folded": folded(person.name),
        "key": person.key,
        "place_code": person.place,
        "content_language": person.language,
        "left_on": person.left_on,
    }
