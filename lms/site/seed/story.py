"""What all parts of a scenario share: the day it is told on, chance, the people met so far, how large it is."""

import random
import tomllib
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import select

from lms.access.policy import Actor, Held, Role
from lms.accounts.models import User
from lms.accounts.services.choosing import give_pin
from lms.certification.models import Level, Scheme
from lms.cohorts.rules import moment
from lms.core.database import db
from lms.curriculum.models import Course, Version
from lms.organization.models import Person, Project, Unit
from lms.organization.services.people import add_person, save_traits
from lms.site.seed.names import Names
from lms.site.seed.pins import drawn_pins

PROGRAMME = Path(__file__).parent / "programme.toml"
CASCADE, CERTIFICATE = "facilitacion-comunitaria", "constancia-de-formacion"
PILOT = "Rabinal, piloto"
FIRST = 640  # days ago: the agency opens its site
COURSES = {
    "formar-a-quien-forma", "facilitadoras-comunitarias", "escuela-para-padres", "jueces-paz-familia",
    "escuela-que-protege", "atencion-especializada",
}  # fmt: skip
SMALL = 8  # a small telling has one in so many people


@dataclass(frozen=True)
class Door:
    """Somebody who can enter the site: with a PIN, or with a link that works once."""

    who: str
    username: str
    pin: str = ""
    link: str = ""


@dataclass
class Story:
    """A scenario while it is told."""

    today: date
    is_small: bool = False
    chance: random.Random = field(default_factory=lambda: random.Random(20191001))
    root: Unit = field(init=False)
    admin: User = field(init=False)
    units: dict[str, Unit] = field(default_factory=dict)
    projects: dict[str, Project] = field(default_factory=dict)
    communities: dict[str, list[str]] = field(default_factory=dict)  # place codes, by municipality
    languages: dict[str, str] = field(default_factory=dict)  # the one most spoken, by municipality
    trainers: dict[str, User] = field(default_factory=dict)
    graduates: dict[str, list[User]] = field(default_factory=dict)  # facilitators certified, by group
    led: dict[str, list[User]] = field(default_factory=dict)  # those of them who led groups, in order
    parents: list[uuid.UUID] = field(default_factory=list)  # certified in a community
    doors: list[Door] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.told: dict[str, Any] = tomllib.loads(PROGRAMME.read_text("utf-8"))
        self.names = Names(random.Random(1572))
        self.turn = count()
        self.pins = drawn_pins()

    def has_courses(self) -> bool:
        """Tell whether every course that is taken here is published."""
        published = select(Course.slug).where(Course.current_version_id.is_not(None))
        return set(db.session.scalars(published)) >= COURSES

    @property
    def beginning(self) -> datetime:
        """Return the moment on which the agency opens its site."""
        return self.at(FIRST)

    def agency(self) -> Actor:
        """Return the administrator at the door, after her second step."""
        return Actor(self.admin.id, self.admin.person_id, (Held(Role.ADMINISTRATOR, self.root.path),), True)

    def day(self, ago: int) -> date:
        """Return the day so many days ago."""
        return self.today - timedelta(days=ago)

    def at(self, ago: int, hour: int = 9, minute: int = 0) -> datetime:
        """Return a moment so many days ago, said in local time."""
        return moment(self.day(ago), time(hour, minute)).astimezone(UTC)

    def some(self, count: int, size: int = SMALL) -> int:
        """Return how many people of a number a telling of this size has; of somebody there is always one left."""
        return -(-count // size) if self.is_small else count

    def course(self, slug: str) -> Course:
        """Return a course."""
        return db.session.scalars(select(Course).where(Course.slug == slug)).one()

    def version(self, slug: str) -> Version:
        """Return the published version of a course."""
        return db.session.get_one(Version, self.course(slug).current_version_id)

    def level(self, number: int, scheme: str = CASCADE) -> Level:
        """Return a level of a scheme."""
        query = select(Level).join(Scheme, Scheme.id == Level.scheme_id)
        return db.session.scalars(query.where(Scheme.slug == scheme, Level.number == number)).one()

    def let_in(self, user: User, actor: Actor, at: datetime) -> None:
        """Let somebody in with a PIN on a printed slip, as people come in who have no e-mail."""
        give_pin(user, next(self.pins), False, actor, at)

    def register(self, unit: Unit, language: str, is_woman: bool, at: datetime, place: str | None = None) -> Person:
        """Invent somebody and register her, with what she tells of herself."""
        given, family = self.names.person(language, is_woman)
        values = {
            "given_names": given,
            "family_names": family,
            "place_code": place or unit.place_code,
            "content_language": "spa",
        }
        actor = self.agency()
        person = add_person(actor, unit, values, at)
        traits = {
            "sex": "female" if is_woman else "male",
            "birth_year": self.today.year - self.names.chance.randint(19, 58),
            "people": "ladino" if language == "spa" else "maya",
            "linguistic_community": language,
        }
        save_traits(actor, person, traits, at)
        return person


def actor_of(user: User) -> Actor:
    """Return somebody at the door who holds no role: she acts for herself and for her own groups."""
    return Actor(user.id, user.person_id)
