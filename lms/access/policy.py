"""The permission table: who may do what, over which part of the tree of units.

A role is held over a unit and everything below it. Each rule has two shapes, proved equal by one test:
`can(actor, action, subject)` for one object, `reach(actor, action)` for the WHERE clause of a list.
"""

import uuid
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Role(StrEnum):
    """What a person was appointed to do; always over a unit and all below it."""

    ADMINISTRATOR = "administrator"
    EDITOR = "editor"
    UNIT_MANAGER = "unit_manager"
    REGISTRAR = "registrar"
    ASSESSOR = "assessor"
    DIRECTOR = "director"
    AUDITOR = "auditor"


class Action(StrEnum):
    """Everything a door can ask for, as `thing.verb`."""

    SELF_USE = "self.use"  # one's own pages: any signed-in person
    AUDIT_READ = "audit.read"
    COHORT_MANAGE = "cohort.manage"
    COHORT_READ = "cohort.read"
    COURSE_MANAGE = "course.manage"
    COURSE_PUBLISH = "course.publish"
    COURSE_READ = "course.read"
    CREDENTIAL_ISSUE = "credential.issue"  # in the agency's own name; everybody else signs with her own credential
    CREDENTIAL_READ = "credential.read"
    CREDENTIAL_REVOKE = "credential.revoke"
    ENROLMENT_MANAGE = "enrolment.manage"
    ENROLMENT_READ = "enrolment.read"
    FACT_MANAGE = "fact.manage"
    FACT_READ = "fact.read"
    GRANT_MANAGE = "grant.manage"
    JOB_READ = "job.read"
    PERSON_MANAGE = "person.manage"
    PERSON_READ = "person.read"
    POST_MANAGE = "post.manage"
    PROJECT_MANAGE = "project.manage"
    REFERRAL_MANAGE = "referral.manage"
    RESPONSE_MARK = "response.mark"
    SCHEME_MANAGE = "scheme.manage"
    SETTINGS_MANAGE = "settings.manage"
    UNIT_MANAGE = "unit.manage"
    UNIT_READ = "unit.read"


_A = Action
ALLOWED: dict[Role, frozenset[Action]] = {
    Role.ADMINISTRATOR: frozenset(Action),
    Role.EDITOR: frozenset({_A.COURSE_MANAGE, _A.COURSE_PUBLISH, _A.COURSE_READ, _A.FACT_MANAGE, _A.FACT_READ}),
    Role.UNIT_MANAGER: frozenset(
        {
            _A.COHORT_MANAGE,
            _A.COHORT_READ,
            _A.COURSE_READ,
            _A.CREDENTIAL_READ,
            _A.ENROLMENT_MANAGE,
            _A.ENROLMENT_READ,
            _A.FACT_READ,
            _A.GRANT_MANAGE,
            _A.JOB_READ,
            _A.PERSON_MANAGE,
            _A.PERSON_READ,
            _A.POST_MANAGE,
            _A.PROJECT_MANAGE,
            _A.REFERRAL_MANAGE,
            _A.RESPONSE_MARK,
            _A.UNIT_MANAGE,
            _A.UNIT_READ,
        }
    ),
    Role.REGISTRAR: frozenset(
        {
            _A.COHORT_MANAGE,
            _A.COHORT_READ,
            _A.CREDENTIAL_READ,
            _A.ENROLMENT_MANAGE,
            _A.ENROLMENT_READ,
            _A.JOB_READ,
            _A.PERSON_MANAGE,
            _A.PERSON_READ,
            _A.POST_MANAGE,
            _A.REFERRAL_MANAGE,
            _A.UNIT_READ,
        }
    ),
    Role.ASSESSOR: frozenset({_A.COHORT_READ, _A.COURSE_READ, _A.ENROLMENT_READ, _A.RESPONSE_MARK, _A.UNIT_READ}),
    Role.DIRECTOR: frozenset({_A.COHORT_READ, _A.COURSE_READ, _A.CREDENTIAL_READ, _A.FACT_READ, _A.UNIT_READ}),
    Role.AUDITOR: frozenset(
        {_A.AUDIT_READ, _A.COHORT_READ, _A.COURSE_READ, _A.CREDENTIAL_READ, _A.FACT_READ, _A.JOB_READ, _A.UNIT_READ}
    ),
}

# What the people concerned may do without any role: facilitators with their own groups, holders with what they hold.
OWN = frozenset({_A.COHORT_MANAGE, _A.COHORT_READ, _A.CREDENTIAL_READ, _A.ENROLMENT_READ, _A.PERSON_READ})

# Held over these, a password alone opens nothing.
NEEDS_SECOND_FACTOR = frozenset({Role.ADMINISTRATOR, Role.EDITOR, Role.UNIT_MANAGER, Role.AUDITOR})

# A role may appoint only roles of its own list, so that nobody raises herself.
MAY_APPOINT: dict[Role, frozenset[Role]] = {
    Role.ADMINISTRATOR: frozenset(Role),
    Role.UNIT_MANAGER: frozenset({Role.REGISTRAR, Role.ASSESSOR, Role.DIRECTOR, Role.UNIT_MANAGER}),
}


@dataclass(frozen=True)
class Held:
    """A role held over the unit at `path` and everything below it."""

    role: Role
    path: str


@dataclass(frozen=True)
class Actor:
    """Whoever stands at the door. The empty actor is a visitor who has not signed in."""

    user_id: uuid.UUID | None = None
    person_id: uuid.UUID | None = None
    held: tuple[Held, ...] = field(default=())
    has_second_factor: bool = False

    @property
    def is_signed_in(self) -> bool:
        return self.user_id is not None

    @property
    def owes_second_factor(self) -> bool:
        return not self.has_second_factor and any(held.role in NEEDS_SECOND_FACTOR for held in self.held)


VISITOR = Actor()


class Subject(Protocol):
    """What can be protected: it lies somewhere in the tree of units and may concern one person.

    What concerns several people (a group and its facilitators) names them in `access_people` besides.
    """

    @property
    def access_path(self) -> str: ...

    @property
    def access_person(self) -> uuid.UUID | None: ...


@dataclass(frozen=True)
class Reach:
    """How far an action goes: below which paths, and for which person's own things."""

    paths: tuple[str, ...] = ()
    person_id: uuid.UUID | None = None

    def __bool__(self) -> bool:
        return bool(self.paths) or self.person_id is not None


def reach(actor: Actor, action: Action) -> Reach:
    """Say below which units the actor may do this; no path lies below another one in the answer."""
    paths: tuple[str, ...] = ()
    if not actor.owes_second_factor:
        found = sorted({held.path for held in actor.held if action in ALLOWED[held.role]})
        paths = tuple(path for path in found if not any(path != up and path.startswith(up) for up in found))
    own = actor.person_id if action in OWN else None
    return Reach(paths, own)


def concerned(subject: Subject) -> frozenset[uuid.UUID]:
    """Return the people whom the subject concerns."""
    people: frozenset[uuid.UUID] = getattr(subject, "access_people", frozenset())
    return people | {subject.access_person} if subject.access_person else people


def can(actor: Actor, action: Action, subject: Subject | None = None) -> bool:
    """Tell whether the actor may do this to the subject, or to anything at all when there is no subject."""
    if action is Action.SELF_USE:
        return actor.is_signed_in
    far = reach(actor, action)
    if subject is None:
        return bool(far.paths)
    if far.person_id is not None and far.person_id in concerned(subject):
        return True
    return any(subject.access_path.startswith(path) for path in far.paths)


def may_appoint(actor: Actor, role: Role, subject: Subject) -> bool:
    """Tell whether the actor may give this role over the subject."""
    return not actor.owes_second_factor and any(
        role in MAY_APPOINT.get(held.role, frozenset()) and subject.access_path.startswith(held.path)
        for held in actor.held
    )
