"""Places of a country from its data files, and communities that staff add below a municipality."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import insert, select, update

from lms.access.policy import Actor
from lms.core import audit
from lms.core.database import db
from lms.core.errors import RuleBroken
from lms.core.texts import folded
from lms.organization import country
from lms.organization.models import Place
from lms.organization.rules.places import next_code

COMMUNITY = "community"


def load_country(code: str) -> int:
    """Bring in the places of a country, such as GT; return how many are new or changed.

    Repeating it changes nothing, and the communities that staff added stay.
    """
    known = {row.code: row._asdict() for row in db.session.execute(select(*Place.__table__.columns))}
    wanted = [_columns(place) for place in country.load(code).places.values()]
    fresh = [row for row in wanted if row["code"] not in known]
    changed = [row for row in wanted if row["code"] in known and known[row["code"]] != row]
    if fresh:
        db.session.execute(insert(Place), fresh)  # parents come first
    if changed:
        db.session.execute(update(Place), changed)
    return len(fresh) + len(changed)


def _columns(place: country.Place) -> dict[str, object]:
    return {
        "code": place.code,
        "parent_code": place.parent_code,
        "level": place.level,
        "name": place.name,
        "name_folded": "|".join(folded(name) for name in (place.name, *place.aliases))[:240],
        "languages": list(place.languages),
    }


def add_community(actor: Actor, municipality: Place, name: str, languages: list[str], now: datetime) -> Place:
    """Add a village, quarter or hamlet; its code follows from the municipality's.

    :raise RuleBroken: it is there already, or the place is not one that communities lie in.
    """
    lowest = _lowest_level(municipality)
    if municipality.level != lowest:
        raise RuleBroken(_("Communities lie in a municipality. Choose one first."))
    # Whoever adds here at the same time waits for the municipality's row, so no number is given twice.
    db.session.execute(select(Place.code).where(Place.code == municipality.code).with_for_update())
    there = db.session.scalars(select(Place).where(Place.parent_code == municipality.code)).all()
    if any(place.name_folded == folded(name) for place in there):
        raise RuleBroken(_("%(name)s is already on the list of %(place)s.", name=name, place=municipality.name))
    place = Place(
        code=next_code(municipality.code, [one.code for one in there]),
        parent_code=municipality.code,
        level=COMMUNITY,
        name=name,
        name_folded=folded(name),
        languages=languages,
    )
    db.session.add(place)
    audit.record(actor, "place.add", "place", place.code, now, after={"name": name})
    db.session.flush()
    return place


def _lowest_level(place: Place) -> str:
    """Return the last tier of the country's own data, below which communities lie."""
    for code in country.available():
        found = country.load(code)
        if place.code in found.places:
            return found.levels[-1].key
    return place.level


def change_community(actor: Actor, place: Place, name: str, languages: list[str], now: datetime) -> None:
    """Correct the name or languages of a community; the places of the country's data are not changed here.

    :raise RuleBroken: it is not a community, or another one has this name.
    """
    if place.level != COMMUNITY:
        raise RuleBroken(_("This place comes from the country's data and is not changed here."))
    others = select(Place.name_folded).where(Place.parent_code == place.parent_code, Place.code != place.code)
    if folded(name) in set(db.session.scalars(others)):
        raise RuleBroken(_("Another community there has this name."))
    before = {"name": place.name, "languages": place.languages}
    place.name, place.name_folded, place.languages = name, folded(name), languages
    audit.record(actor, "place.change", "place", place.code, now, before, {"name": name, "languages": languages})
    db.session.flush()
