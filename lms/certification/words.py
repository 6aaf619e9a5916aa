"""What the cascade says to people: states, shortfalls with their numbers, limits with the way out."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from lms.certification.rules.levels import Missing, Shortfall
from lms.certification.rules.status import Renewal, Status
from lms.certification.rules.warrants import Limit, Warrant
from lms.certification.services.standing import Policy
from lms.core.languages import format_date, interface_lang
from lms.core.texts import Texts, tongue
from lms.curriculum.audiences import AUDIENCES
from lms.organization.queries.places import content_languages

# Each state with the mark that stands beside it (site/macros.html: state).
STATES: Mapping[Status, tuple[str, Any]] = {
    Status.VALID: ("done", _l("Valid")),
    Status.EXPIRED: ("none", _l("Expired")),
    Status.UNDER_REVIEW: ("soon", _l("Under review")),
    Status.SUSPENDED: ("stop", _l("Suspended")),
    Status.REVOKED: ("stop", _l("Revoked")),
    Status.NOT_YET: ("none", _l("Not valid yet")),
}

# How far somebody is with the short unit on a change.
BRIDGE_STATES: Mapping[str, tuple[str, Any]] = {
    "open": ("soon", _l("Not sent yet")),
    "sent": ("soon", _l("Sent")),
    "late": ("stop", _l("Past the day")),
    "passed": ("done", _l("Passed")),
}

PRACTICES = {
    "teach_back": _l("telling it back"),
    "co_facilitation": _l("leading together with another"),
    "led_session": _l("leading a session alone"),
}

EVENTS = {
    "issued": _l("Issued"),
    "suspended": _l("Suspended"),
    "reinstated": _l("In force again"),
    "under_review": _l("Put under review"),
    "cleared": _l("Looked at: it stands"),
    "revoked": _l("Revoked"),
    "renewed": _l("Renewed"),
    "reminded": _l("Reminder sent"),
}

REASONS = {
    "error": _l("Issued by mistake"),
    "requirements": _l("The requirements were not met"),
    "conduct": _l("Conduct against the agreements of the programme"),
    "request": _l("Asked for by the holder"),
    "left": _l("Left the programme"),
    "inquiry": _l("An inquiry is open"),
    "chain": _l("A certificate above it was revoked"),
}
SUSPENSION_REASONS = ("inquiry", "conduct", "request")
REVOCATION_REASONS = ("error", "requirements", "conduct", "request", "left")

POLICIES = {
    Policy.REVIEW: _l("Put them under review: each is looked at before signing again"),
    Policy.KEEP: _l("Let them stand: they were certified while this certificate was valid"),
    Policy.REVOKE: _l("Revoke all of them too"),
}

RENEWALS = {
    Renewal.NEVER: _l("It does not expire."),
    Renewal.EARLY: _l("It is too early to renew it."),
    Renewal.OPEN: _l("You can renew it now."),
    Renewal.LATE: _l("It has expired. You can still renew it."),
    Renewal.LAPSED: _l("It lapsed too long ago. Take part in a new group to be certified again."),
}

_LIMITS = {
    Limit.NO_CREDENTIAL: _l("You hold no certificate that lets you certify here. Whoever trains you can certify you."),
    Limit.CREDENTIAL_EXPIRED: _l("Your own certificate has expired. Renew it first."),
    Limit.CREDENTIAL_SUSPENDED: _l("Your own certificate is suspended. Ask the agency."),
    Limit.CREDENTIAL_UNDER_REVIEW: _l("Your own certificate is under review. The agency looks at it; sign afterwards."),
    Limit.CREDENTIAL_REVOKED: _l("Your own certificate was revoked. Ask the agency."),
    Limit.BRIDGE: _l(
        "The course changed and the days for its short unit are over. Pass the unit first: see Your certificates."
    ),
    Limit.CHAIN_BROKEN: _l("A certificate above yours is not valid today. Tell the agency: somebody else can sign."),
    Limit.NO_WARRANT: _l("Your certificate does not let you certify others."),
    Limit.WARRANT_ENDED: _l("Your right to certify has ended. Ask the agency."),
    Limit.TERRITORY: _l("Your right to certify does not reach this place. Somebody certified for it has to sign."),
    Limit.AUDIENCE: _l("Your right to certify is for other people than those of this group."),
    Limit.COURSE: _l("This certificate is not given for this course."),
    Limit.LANGUAGE: _l("Your right to certify is for other languages than that of this group."),
    Limit.LEVEL: _l("Your certificate does not let you sign this level. Ask whoever certified you."),
    Limit.QUOTA: _l("Your right to certify has no places left. Ask the agency, or renew your certificate."),
    Limit.DEPTH: _l("The chain would become too long. A master trainer has to sign, closer to the source."),
    Limit.BACKDATED: _l("A certificate is never dated back."),
    Limit.CONFLICT_SELF: _l("Nobody certifies themselves: somebody else has to sign."),
    Limit.CONFLICT_TRAINEE: _l("You taught this person: somebody else has to sign."),
    Limit.CONFLICT_UNIT: _l("This person is of your own office: somebody else has to sign."),
    Limit.COSIGNATURE: _l("A second signature is needed, of somebody else."),
    Limit.HELD_BACK: _l("The certificate this person holds is suspended or under review. The agency decides first."),
    Limit.FALLEN: _l("Was certified here before and that certificate no longer counts: renew it, or take a new group."),
}


def in_words(texts: Texts | None) -> str:
    """Return a text in the language of the interface."""
    return tongue(texts, "eng" if interface_lang() == "en" else "spa")


def limit_words(limit: Limit) -> str:
    """Name a limit and the way out."""
    return str(_LIMITS[limit])


def number(value: float | None) -> str:
    """Write a mark without needless decimals.

    >>> number(80.0), number(72.5)
    ('80', '72.5')
    """
    return "" if value is None else f"{value:.1f}".removesuffix(".0")


_SHORTFALLS = {
    Missing.COURSE: _l("The course is not complete."),
    Missing.CRITICAL: _l("Final test: a question that has to be right was wrong."),
    Missing.MEMBERSHIP: _l("Works in another kind of office than this certificate is for."),
    Missing.UPDATE: _l("The short test on the course is not passed yet."),
    Missing.BRIDGE: _l("The unit on what changed in the course is not done."),
}


def shortfall_words(short: Shortfall) -> str:
    """Say what is missing, with its numbers."""
    has, needs = number(short.has), number(short.needs)
    match short.what:
        case Missing.MARK if short.has is None:
            return str(_("Final test: not taken yet, %(needs)s %% needed.", needs=needs))
        case Missing.MARK:
            return str(_("Final test: %(has)s %%, %(needs)s %% needed.", has=has, needs=needs))
        case Missing.ATTENDANCE:
            return str(_("Sessions: came to %(has)s, %(needs)s needed.", has=has, needs=needs))
        case Missing.PRACTICE | Missing.PRACTICE_CRITICAL:
            return _practice_words(short)
        case Missing.SESSIONS_LED:
            return str(_("Sessions led: %(has)s, %(needs)s needed.", has=has, needs=needs))
        case Missing.PRIOR:
            return str(_("Has to hold level %(needs)s first.", needs=needs))
        case Missing.REFRESHER:
            return str(_("The refresher course “%(course)s” is not done.", course=short.detail))
        case _plain:
            return str(_SHORTFALLS[short.what])


def _practice_words(short: Shortfall) -> str:
    what = str(PRACTICES.get(short.detail, short.detail))
    if short.what is Missing.PRACTICE_CRITICAL:
        return str(_("Practice to repeat: %(what)s. Something that has to be seen was not.", what=what))
    if (short.needs or 1) > 1:
        has, needs = number(short.has), number(short.needs)
        return str(_("Practice: %(what)s, %(has)s of %(needs)s seen.", what=what, has=has, needs=needs))
    return str(_("Practice not seen yet: %(what)s.", what=what))


def warrant_words(warrant: Warrant, left: int | None, places: Mapping[str, str]) -> list[tuple[str, str]]:
    """List what a warrant allows, as terms and values.

    :param places: names by code.
    """
    anything = str(_("no limit"))
    where = ", ".join(places.get(code, code) for code in warrant.territory)
    levels = ", ".join(str(level) for level in warrant.levels)
    said = [(str(_("Where")), where or anything), (str(_("Levels it may sign")), levels or anything)]
    if warrant.languages:
        known = content_languages()
        names = [known[code].autonym if code in known else code for code in warrant.languages]
        said.append((str(_("Languages")), ", ".join(names)))
    if warrant.audiences:
        said.append((str(_("For whom")), ", ".join(str(AUDIENCES.get(code, code)) for code in warrant.audiences)))
    if warrant.courses:
        said.append((str(_("Courses")), ", ".join(warrant.courses)))
    if left is not None:
        free = ngettext("one certificate left of %(quota)s", "%(num)s certificates left of %(quota)s", max(left, 0),
                        quota=warrant.quota)  # fmt: skip
        said.append((str(_("How many")), str(free)))
    if warrant.ends_on:
        said.append((str(_("Until")), format_date(warrant.ends_on)))
    return said
