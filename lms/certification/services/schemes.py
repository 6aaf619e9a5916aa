"""Schemes and levels as data: bring in those a site begins with, change a level's rules."""

import re
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from lms.access.policy import Actor
from lms.certification.models import Level, Scheme
from lms.certification.rules.levels import LevelRules, rules_from_data, rules_to_data
from lms.core import audit
from lms.core.database import db
from lms.core.errors import RuleBroken
from lms.core.texts import Texts, folded
from lms.organization.models import Unit

SCHEMES = Path(__file__).parents[1] / "schemes.toml"


def load_schemes(unit: Unit, now: datetime) -> int:
    """Bring in the schemes that are not known yet; return how many. What the agency changed stays."""
    known = set(db.session.scalars(select(Scheme.slug)))
    fresh = [one for one in tomllib.loads(SCHEMES.read_text("utf-8"))["scheme"] if one["slug"] not in known]
    for one in fresh:
        scheme = Scheme(slug=one["slug"], unit_id=unit.id, title=one["title"], created_at=now)
        db.session.add(scheme)
        db.session.flush()
        for level in one["level"]:
            rules = rules_from_data({"validity_months": None} | level["rules"])
            db.session.add(
                Level(
                    scheme_id=scheme.id,
                    number=level["number"],
                    slug=level["slug"],
                    title=level["title"],
                    course_slug=level["course"],
                    rules=rules_to_data(rules),
                    changed_at=now,
                )
            )
    db.session.flush()
    return len(fresh)


@dataclass(frozen=True)
class LevelDraft:
    """A level that is about to be made, with the defaults of its kind."""

    number: int
    slug: str
    title: Texts
    course_slug: str
    rules: LevelRules


def drafted(kind: str, courses: dict[int, str]) -> list[LevelDraft]:
    """Return the levels that a new scheme begins with, as the proposals of the programme have them.

    :param kind: "cascade" of trainers, facilitators and participants, or "plain": one certificate.
    :param courses: by number of level; a level that is not named keeps what the proposal says.
    """
    proposed = tomllib.loads(SCHEMES.read_text("utf-8"))["scheme"]
    model = next(one for one in proposed if (len(one["level"]) > 1) == (kind == "cascade"))
    return [
        LevelDraft(
            one["number"],
            one["slug"],
            one["title"],
            courses.get(one["number"]) or one["course"],
            rules_from_data({"validity_months": None} | one["rules"]),
        )
        for one in model["level"]
    ]


def create_scheme(unit: Unit, title: Texts, levels: list[LevelDraft], actor: Actor, now: datetime) -> Scheme:
    """Make a scheme with its levels; its name in addresses comes from its title.

    :raise RuleBroken: there is a scheme of that name already.
    """
    slug = re.sub(r"[^a-z0-9]+", "-", folded(title["spa"])).strip("-")[:48].strip("-") or "esquema"
    if db.session.scalar(select(Scheme.id).where(Scheme.slug == slug)) is not None:
        raise RuleBroken(_("There is a scheme of this name already. Choose another title."))
    scheme = Scheme(slug=slug, unit_id=unit.id, title=title, created_at=now)
    db.session.add(scheme)
    db.session.flush()
    for one in levels:
        db.session.add(
            Level(
                scheme_id=scheme.id,
                number=one.number,
                slug=one.slug,
                title=one.title,
                course_slug=one.course_slug,
                rules=rules_to_data(one.rules),
                changed_at=now,
            )
        )
    db.session.flush()
    after = {"title": title, "levels": [{"title": one.title, "course": one.course_slug} for one in levels]}
    audit.record(actor, "scheme.create", "scheme", scheme.id, now, after=after)
    return scheme


def change_level(level: Level, title: Texts, course_slug: str, rules: LevelRules, actor: Actor, now: datetime) -> bool:
    """Change what a level is called and asks; certificates already issued stay as they are. Tell whether it changed.

    :raise RuleBroken: the level would be signed by itself or by a level below it, which would close a circle.
    """
    if any(number >= level.number for number in rules.signed_by):
        raise RuleBroken(_("A level is signed by levels above it: those with a smaller number, or the agency."))
    if rules.may_be_claimed and rules.signed_by:
        raise RuleBroken(_("Only a level that the agency itself signs can be claimed without a group."))
    data = rules_to_data(rules)
    before: dict[str, Any] = {"title": level.title, "course": level.course_slug, "rules": level.rules}
    after: dict[str, Any] = {"title": title, "course": course_slug, "rules": data}
    if before == after:
        return False
    level.title, level.course_slug, level.rules, level.changed_at = title, course_slug, data, now
    db.session.flush()
    audit.record(actor, "scheme.change", "scheme", level.scheme_id, now, before, after)
    return True
