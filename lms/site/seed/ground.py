"""The ground of the programme: the agency and its administrator, offices, communities, projects, roles."""

from typing import Any

from lms.access.policy import Role
from lms.accounts.models import User
from lms.accounts.services.first import NEUTRAL_NAME, introduce
from lms.accounts.services.giving import give_account
from lms.accounts.services.grants import appoint
from lms.organization.models import Unit
from lms.organization.queries.places import get_place
from lms.organization.services.people import add_person
from lms.organization.services.places import add_community
from lms.organization.services.projects import save_project
from lms.organization.services.units import create_unit, ensure_root
from lms.site.seed.story import FIRST, Story

# Who else holds a role, over which office, with the language spoken at home.
STAFF = (
    (Role.UNIT_MANAGER, "quiche", "quc"),
    (Role.REGISTRAR, "huehuetenango", "mam"),
    (Role.ASSESSOR, "quiche", "quc"),
    (Role.EDITOR, "", "spa"),
    (Role.DIRECTOR, "", "spa"),
    (Role.AUDITOR, "", "spa"),
)


def lay(story: Story) -> dict[Role, User]:
    """Lay the ground; return who holds each role."""
    at = story.at(FIRST)
    story.root = ensure_root(NEUTRAL_NAME, at)
    story.admin = _administrator(story)
    for told in story.told["office"]:
        story.units[told["key"]] = open_unit(story, story.root, told)
    for told in story.told["municipality"]:
        _municipality(story, told)
    for told in story.told["project"]:
        values = {
            "code": told["code"],
            "name": told["name"],
            "funder": "Cooperación internacional (ejemplo)",
            "starts_on": story.day(told["starts"]),
            "ends_on": story.day(told["ends"]),
        }
        story.projects[told["code"]] = save_project(story.agency(), None, story.root, values, at)
    return {Role.ADMINISTRATOR: story.admin} | {
        role: _appointed(story, role, key, tongue) for role, key, tongue in STAFF
    }


def open_unit(story: Story, parent: Unit, told: dict[str, Any]) -> Unit:
    """Open an office below another one."""
    values = {"name": told["name"], "kind": told.get("kind", "office"), "place_code": told.get("place")}
    return create_unit(story.agency(), parent, values, story.at(FIRST))


def _administrator(story: Story) -> User:
    """Begin as the first administrator does: her record, her role, then the name of the agency."""
    at = story.at(FIRST)
    given, family = story.names.person("spa", is_woman=True)
    person = add_person(None, story.root, {"given_names": given, "family_names": family}, at)
    user = give_account(person, None, None, at)
    appoint(None, user, Role.ADMINISTRATOR, story.root, at)
    agency = story.told["agency"]
    introduce(user, {"agency": agency["name"], "short_name": agency["short_name"]}, at)
    return user


def _appointed(story: Story, role: Role, key: str, language: str) -> User:
    unit = story.units[key] if key else story.root
    person = story.register(unit, language, True, story.at(FIRST))
    user = give_account(person, None, None, story.at(FIRST), story.agency())
    appoint(story.agency(), user, role, unit, story.at(FIRST))
    return user


def _municipality(story: Story, told: dict[str, Any]) -> None:
    """Open the network of facilitators of a municipality and name the communities they are of."""
    place = get_place(told["place"])
    values = {"name": f"Red de facilitadoras de {place.name}", "kind": "community", "place": told["place"]}
    story.units[told["place"]] = open_unit(story, story.units[told["office"]], values)
    actor, at = story.agency(), story.at(FIRST)
    count = story.some(told["communities"])
    made = [add_community(actor, place, story.names.community(), [told["language"]], at) for _number in range(count)]
    story.communities[told["place"]] = [one.code for one in made]
    story.languages[told["place"]] = told["language"]
