"""What groups are called on pages: words for codes, sentences for verdicts."""

import math
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lms.cohorts.rules import ATTENDANCE_NEEDED, GroupProblem, JoinProblem, Lack, Mark, Modality, OralProblem, Seen

MODALITIES = {
    Modality.IN_PERSON: _l("Face to face"),
    Modality.VIRTUAL: _l("At a distance"),
    Modality.MIXED: _l("Both"),
}
MARKS = {Mark.PRESENT: _l("Was there"), Mark.LATE: _l("Came late"), Mark.ABSENT: _l("Was not there")}
DOTS = {Mark.PRESENT: "yes", Mark.LATE: "late", Mark.ABSENT: "no"}
SEEN = {
    Seen.TEACH_BACK: _l("Tells it back"),
    Seen.CO_FACILITATION: _l("Leads together with another"),
    Seen.LED_SESSION: _l("Leads a session"),
}
SESSION_STATES = {"planned": _l("Planned"), "held": _l("Held"), "cancelled": _l("Called off")}
LEVELS = (_l("0 · absent"), _l("1 · partly"), _l("2 · good"), _l("3 · a model"))


def lack_words(line: Any, held: int) -> list[str]:
    """Say in a sentence each what somebody still lacks.

    :param line: a `queries.standings.MemberLine`.
    """
    facts = line.facts
    needed = math.ceil(held * ATTENDANCE_NEEDED / 100)
    said = {
        Lack.SESSIONS: lambda: _("Sessions: %(was)s of %(held)s, needs %(needed)s.", was=facts.attended, held=held,
                                 needed=needed),
        Lack.NOT_TRIED: lambda: _("Final test not taken yet."),
        Lack.TEST: lambda: _("Test: got %(mark)s %%, needs %(needed)s %%.", mark=round(facts.best_mark),
                             needed=round(line.pass_mark)),
        Lack.CRITICAL: lambda: _("Test: a question that must be right was not."),
        Lack.PRACTICE: lambda: _("Practice not yet seen and signed by both."),
        Lack.PARTS: lambda: _("Parts of the course not done yet."),
    }  # fmt: skip
    return [said[one]() for one in line.lacks]


def group_sentence(problem: GroupProblem) -> str:
    """Say what is wrong with the plan of a group."""
    return {
        GroupProblem.DATES: _("The last day lies before the first one. Correct one of them."),
        GroupProblem.TOO_LONG: _("A group lasts three years at most. Look at the year again."),
        GroupProblem.CAPACITY: _("Write for how many people there is room, from 1 to 500."),
        GroupProblem.TOO_SMALL: _("There are more people in the group already. Write a larger number."),
        GroupProblem.MODALITY: _("Choose how the group meets."),
    }[problem]


def join_sentence(problem: JoinProblem) -> str:
    """Say why somebody does not come into a group."""
    return {
        JoinProblem.CLOSED: _("This group is closed. Ask the facilitator whether there is another one."),
        JoinProblem.ENDED: _("This group has ended. Ask the facilitator whether there is another one."),
        JoinProblem.NOT_BY_CODE: _("People do not join this group with a code. Ask the facilitator to enrol you."),
        JoinProblem.FULL: _("This group is full. Ask the facilitator."),
        JoinProblem.LEADS: _("You lead this group, so you cannot learn in it too."),
    }[problem]


def oral_sentence(problem: OralProblem) -> str:
    """Say why somebody may not enter a test for a learner."""
    return {
        OralProblem.ONESELF: _("Nobody enters a test for themselves. Ask another facilitator."),
        OralProblem.NOT_YOURS: _("Only a facilitator of the group, or an assessor, enters tests."),
        OralProblem.PURPOSE: _("Practice is not entered: it does not count."),
        OralProblem.KIND: _("This test has questions that have to be read with the eyes. Use the printed test."),
    }[problem]
