"""The programme, told in the order in which it happened: pilot, first round, second round, what runs today."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from lms.access.policy import Role
from lms.accounts.links import Purpose, draw_link, outward
from lms.accounts.models import User
from lms.accounts.services.choosing import new_pin
from lms.accounts.services.giving import give_account
from lms.cohorts.services.messages import announce, answer, ask
from lms.core.database import db
from lms.core.problems import N_
from lms.organization.models import Person
from lms.site.seed.communities import lead_group
from lms.site.seed.ground import lay
from lms.site.seed.offices import teach
from lms.site.seed.renewals import renew_own
from lms.site.seed.setbacks import renew_pilot, set_back
from lms.site.seed.story import Door, Story, actor_of
from lms.site.seed.trainings import Fate, Training, train_facilitators, train_trainers

ROLES = {
    Role.ADMINISTRATOR: N_("Administrator"),
    Role.EDITOR: N_("Course editor"),
    Role.UNIT_MANAGER: N_("Office manager"),
    Role.REGISTRAR: N_("Registrar"),
    Role.ASSESSOR: N_("Assessor"),
    Role.DIRECTOR: N_("Director"),
    Role.AUDITOR: N_("Auditor"),
}
RENEWALS = 100  # days ago, before the day on which trainers renewed
CHICHI = "Chichicastenango, grupo 1"


def tell_programme(story: Story, now: datetime) -> Iterator[str]:
    """Tell the whole programme chapter by chapter, naming each before it begins; the door keeps each that is done.

    Whoever signs is read as she stands, so what one person does is told in the order in which she did it. At the end
    `story.doors` holds who can enter the site.
    """
    yield N_("Offices, communities and staff …")
    staff = lay(story)
    yield N_("Trainers …")
    for told in story.told["training"]:
        train_trainers(story, told, staff[Role.ASSESSOR])
    groups = _groups(story)
    names = {told["name"] for told in groups}
    communities = [told for told in story.told["communities"]["groups"] if told["of"] in names]
    for told in groups:
        if told.get("round", 0) < 2:
            yield told["name"]
            train_facilitators(story, told)
    yield N_("Groups in the communities …")
    for told in communities:
        if told["starts"] > RENEWALS:
            lead_group(story, told)
    yield N_("The second round …")
    for told in groups:
        if told.get("round") == 2:
            yield told["name"]
            train_facilitators(story, told)
    _renew(story, {told[key] for told in groups for key in ("trainer", "with")})
    renew_pilot(story)
    yield N_("Groups that run today …")
    for told in communities:
        if told["starts"] <= RENEWALS:
            lead_group(story, told)
    running = [train_facilitators(story, told) for told in groups if told.get("round") == 3]
    _talk(story, running[0])
    learners = {}
    for told in story.told["institution"]:
        yield told["name"]
        learners[told["key"]] = teach(story, told)
    set_back(story)
    story.doors = _doors(story, staff, running[0], learners, now)


def _groups(story: Story) -> list[dict[str, Any]]:
    """Return the groups to tell of; in a small telling the first of each round."""
    groups: list[dict[str, Any]] = story.told["group"]
    first = {one.get("round", 0): one for one in reversed(groups)}
    return [one for one in groups if one in first.values()] if story.is_small else groups


def _renew(story: Story, leading: Collection[str]) -> None:
    """Let those trainers renew what they hold who led meetings."""
    for training in story.told["training"]:
        for one in training["trainers"]:
            if "renews" in one and one["key"] in leading:
                renew_own(story, story.trainers[one["key"]], one["renews"])


def _talk(story: Story, training: Training) -> None:
    """Let a group and its leader write to each other."""
    lead = actor_of(training.leads[0])
    words = "Nos vemos en la próxima reunión, a las nueve. Traigan la guía y una pregunta de su comunidad."
    announce(training.cohort, words, lead, story.at(4, 18))
    asking = training.learners[Fate.CERTIFIED]
    first = ask(
        training.cohort, "¿Puedo llevar a mi hija pequeña a la reunión?", actor_of(asking[0].user), story.at(3, 10)
    )
    answer(first, "Sí, hay un lugar para niñas y niños junto al salón.", lead, story.at(3, 16))
    ask(training.cohort, "¿La práctica se puede hacer en mi idioma?", actor_of(asking[-1].user), story.at(1, 11))


def _doors(
    story: Story, staff: dict[Role, User], running: Training, learners: dict[str, tuple[list[User], list[User]]],
    now: datetime,
) -> list[Door]:  # fmt: skip
    """Open a door for one person of each kind: a link where a role asks for a password, else a PIN."""
    parent = give_account(db.session.get_one(Person, story.parents[0]), None, None, now, story.agency())
    with_pin = {
        N_("Master trainer"): running.leads[0],
        N_("Community facilitator, with groups and a certificate to renew"): story.led[CHICHI][0],
        N_("Future facilitator, in a group that runs"): running.learners[Fate.CERTIFIED][0].user,
        N_("Participant of a community group"): parent,
        N_("Judge, certified"): learners["courts"][0][0],
        N_("Judge, on the way"): learners["courts"][1][0],
        N_("Teacher, certified"): learners["schools"][0][0],
    }
    doors = [_linked(role, user, now) for role, user in staff.items()]
    admin = story.agency()
    return doors + [Door(who, user.username, new_pin(user, admin, now)) for who, user in with_pin.items()]


def _linked(role: Role, user: User, now: datetime) -> Door:
    purpose = Purpose.ADMIN if role is Role.ADMINISTRATOR else Purpose.INVITE
    return Door(ROLES[role], user.username, link=outward("accounts.accept", code=draw_link(user, purpose, now)))
