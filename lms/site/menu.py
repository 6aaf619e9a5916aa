"""What stands in the menu, by what the person may do. Pure: the actor comes in, entries go out.

The line on top holds few words; everything a member of staff may do stands on the page of tasks, in groups.
"""

from dataclasses import dataclass

from lms.access.policy import Action, Actor, can
from lms.core.problems import N_

MOST_ON_TOP = 4  # between "Home" and "Help"


@dataclass(frozen=True)
class Entry:
    """One door of the menu: `key` marks the current one, `told` is its sentence on the page of tasks."""

    key: str
    label: str
    endpoint: str
    told: str = ""
    action: Action | None = None


@dataclass(frozen=True)
class Group:
    """Doors that belong together on the page of tasks."""

    title: str
    entries: tuple[Entry, ...]


HOME = Entry("home", N_("Home"), "site.home")
HELP = Entry("help", N_("Help"), "site.help_page")
SIGN_IN = Entry("sign_in", N_("Sign in"), "accounts.sign_in")
COURSES = Entry("courses", N_("Courses"), "learning.list_courses")
MY_GROUPS = Entry("groups", N_("My groups"), "cohorts_manage.my_groups")
CERTIFICATES = Entry("certificates", N_("Certificates"), "certification.mine")
TASKS = Entry("tasks", N_("All tasks"), "site.tasks")
ACCOUNT = Entry("account", N_("My account"), "accounts.me")
MY_DATA = Entry("data", N_("My data"), "site.my_data")
PRIVACY = Entry("privacy", N_("Privacy"), "site.privacy")
VERIFY = Entry("verify", N_("Verify a certificate"), "checking.ask")

GROUPS = (
    Group(
        N_("People"),
        (
            Entry(
                "people",
                N_("People"),
                "organization_manage.people",
                N_("Look up a person, add one, or bring in a list."),
                Action.PERSON_READ,
            ),
            Entry(
                "invitations",
                N_("Invitations"),
                "accounts_manage.invitations",
                N_("Who was invited and has not come in yet; slips to print."),
                Action.PERSON_MANAGE,
            ),
            Entry(
                "enrolments",
                N_("Enrolments"),
                "learning_manage.enrolments",
                N_("Who takes which course, until when, and codes to join."),
                Action.ENROLMENT_READ,
            ),
            Entry(
                "groups",
                N_("Groups"),
                "cohorts_manage.my_groups",
                N_("Who learns together: people, sessions, attendance, practice."),
                Action.COHORT_READ,
            ),
            Entry(
                "marking",
                N_("Answers to mark"),
                "learning_manage.marking",
                N_("Open answers that wait for somebody to read them."),
                Action.RESPONSE_MARK,
            ),
            Entry(
                "grants",
                N_("Roles"),
                "accounts_manage.grants",
                N_("Who may do what, and over which office."),
                Action.GRANT_MANAGE,
            ),
        ),
    ),
    Group(
        N_("Offices"),
        (
            Entry(
                "units",
                N_("Offices"),
                "organization_manage.units",
                N_("The tree of institutions and offices."),
                Action.UNIT_READ,
            ),
            Entry(
                "posts",
                N_("Posts"),
                "organization_manage.posts",
                N_("Which posts exist, who holds them and which are vacant."),
                Action.UNIT_READ,
            ),
            Entry(
                "projects",
                N_("Projects"),
                "organization_manage.projects",
                N_("Funders and dates that group training."),
                Action.PROJECT_MANAGE,
            ),
        ),
    ),
    Group(
        N_("Content"),
        (
            Entry(
                "course_room",
                N_("Course packages"),
                "curriculum_manage.courses",
                N_("Bring in a course, look at it and publish it."),
                Action.COURSE_READ,
            ),
            Entry(
                "facts",
                N_("Facts"),
                "library_manage.facts",
                N_("Telephone numbers, articles and deadlines with source and date."),
                Action.FACT_READ,
            ),
            Entry(
                "referrals",
                N_("Where to turn"),
                "library_manage.referrals",
                N_("Services a person can be sent to, by place."),
                Action.REFERRAL_MANAGE,
            ),
        ),
    ),
    Group(
        N_("Certification"),
        (
            Entry(
                "credentials",
                N_("Certificates"),
                "certification_manage.credentials",
                N_("Who is certified, what ends soon, what was taken out of force."),
                Action.CREDENTIAL_READ,
            ),
            Entry(
                "reviews",
                N_("Certificates under review"),
                "certification_manage.reviews",
                N_("What waits to be looked at after a revocation."),
                Action.CREDENTIAL_REVOKE,
            ),
            Entry(
                "changes",
                N_("Changes in courses"),
                "certification_manage.changes",
                N_("Whose certificate needs the short unit on what changed, and how many have passed it."),
                Action.CREDENTIAL_READ,
            ),
            Entry(
                "schemes",
                N_("Schemes"),
                "certification_manage.schemes",
                N_("What each level of certification asks and gives."),
                Action.SCHEME_MANAGE,
            ),
        ),
    ),
    Group(
        N_("The site"),
        (
            Entry(
                "settings",
                N_("Settings"),
                "site_manage.settings",
                N_("Name of the agency, quick exit, language, support."),
                Action.SETTINGS_MANAGE,
            ),
            Entry(
                "jobs",
                N_("Work in progress"),
                "site_manage.jobs",
                N_("Imports and mails on their way."),
                Action.JOB_READ,
            ),
            Entry("audit", N_("Audit trail"), "site_manage.acts", N_("Who did what, and when."), Action.AUDIT_READ),
        ),
    ),
)

# Which tasks come first on the line on top; the rest is one step further.
_FIRST = ("people", "enrolments", "marking", "groups", "course_room", "facts", "units", "settings", "audit")


def groups_for(actor: Actor) -> tuple[Group, ...]:
    """Return the tasks this person may do, in groups; groups without any are left out."""
    narrowed = (Group(group.title, tuple(_allowed(actor, group.entries))) for group in GROUPS)
    return tuple(group for group in narrowed if group.entries)


def menu_for(actor: Actor, leads: bool = False) -> tuple[Entry, ...]:
    """Return the line on top of every page.

    :param leads: the person leads a group, whatever her roles.
    """
    if not actor.is_signed_in:
        return (HOME, SIGN_IN, HELP)
    tasks = {entry.key: entry for group in groups_for(actor) for entry in group.entries}
    if not tasks:
        return (HOME, COURSES, *((MY_GROUPS,) if leads else ()), CERTIFICATES, HELP)
    order = ("groups", *_FIRST) if leads else _FIRST
    first = list(dict.fromkeys(tasks[key] for key in order if key in tasks))[: MOST_ON_TOP - 1]
    return (HOME, COURSES, *first, TASKS)


def foot_for(actor: Actor) -> tuple[Entry, ...]:
    """Return what stands at the foot of every page."""
    if not actor.is_signed_in:
        return (VERIFY, PRIVACY)
    is_staff = bool(actor.held)
    return (ACCOUNT, MY_DATA, VERIFY, PRIVACY, *((CERTIFICATES, HELP) if is_staff else ()))


def _allowed(actor: Actor, entries: tuple[Entry, ...]) -> list[Entry]:
    # A person's own things are on the learner's pages; the doors of staff need a role.
    return [entry for entry in entries if entry.action is not None and actor.held and can(actor, entry.action)]
