"""What a credential lets its holder do, and within which limits. A warrant never reaches further than the one above."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any


class Limit(StrEnum):
    """The limits a refusal can name."""

    NO_CREDENTIAL = "no_credential"  # holds no credential that could sign this level
    CREDENTIAL_EXPIRED = "credential_expired"
    CREDENTIAL_SUSPENDED = "credential_suspended"
    CREDENTIAL_UNDER_REVIEW = "credential_under_review"
    CREDENTIAL_REVOKED = "credential_revoked"
    BRIDGE = "bridge"  # the course changed, and the days for the short unit are over
    CHAIN_BROKEN = "chain_broken"  # somebody above is not valid today
    NO_WARRANT = "no_warrant"
    WARRANT_ENDED = "warrant_ended"
    TERRITORY = "territory"
    AUDIENCE = "audience"
    COURSE = "course"
    LANGUAGE = "language"
    LEVEL = "level"
    QUOTA = "quota"
    DEPTH = "depth"
    BACKDATED = "backdated"
    CONFLICT_SELF = "conflict_self"
    CONFLICT_TRAINEE = "conflict_trainee"
    CONFLICT_UNIT = "conflict_unit"
    COSIGNATURE = "cosignature"
    HELD_BACK = "held_back"  # the person's own certificate of this level is suspended or under review
    FALLEN = "fallen"  # was certified in this group before, and that certificate no longer counts


@dataclass(frozen=True)
class Warrant:
    """Limits of a right to certify. An empty list means: no limit of this kind."""

    levels: tuple[int, ...] = ()  # the levels it may sign
    territory: tuple[str, ...] = ()  # place codes; a department stands for all below it
    audiences: tuple[str, ...] = ()
    courses: tuple[str, ...] = ()  # slugs
    languages: tuple[str, ...] = ()  # ISO 639-3
    quota: int | None = None  # how many people it may certify in all
    ends_on: date | None = None
    may_delegate: bool = False  # may sign people who will themselves sign
    max_depth: int | None = None  # generations below the holder

    def to_data(self) -> dict[str, Any]:
        """Write the warrant as plain JSON data."""
        data = asdict(self)
        data["ends_on"] = self.ends_on and self.ends_on.isoformat()
        return {key: list(value) if isinstance(value, tuple) else value for key, value in data.items()}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Warrant":
        """Read what `to_data` wrote."""
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in data.items()
        }
        if ends_on := values.get("ends_on"):
            values["ends_on"] = date.fromisoformat(ends_on)
        return cls(**values)


@dataclass(frozen=True)
class Less:
    """What an issuer leaves out of the right she hands on. Empty and None: as far as her own lets it reach."""

    territory: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    quota: int | None = None
    ends_on: date | None = None

    def to_data(self) -> dict[str, Any]:
        """Write it as plain JSON data, to be kept with the certificate."""
        data = asdict(self) | {"ends_on": self.ends_on and self.ends_on.isoformat()}
        return {key: list(value) if isinstance(value, tuple) else value for key, value in data.items()}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Less":
        """Read what `to_data` wrote."""
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in data.items()
        }
        if ends_on := values.get("ends_on"):
            values["ends_on"] = date.fromisoformat(ends_on)
        return cls(**values)


def excess(full: Warrant, less: Less, today: date) -> list[Limit]:
    """Name where a right would reach further than the one it is taken from; empty when it is less or the same.

    >>> [one.value for one in excess(Warrant(territory=("14",), quota=20), Less(("1301",), quota=30), date.min)]
    ['territory', 'quota']
    """
    ends_on = less.ends_on
    checks = {
        Limit.TERRITORY: all(covers_place(full.territory, code) for code in less.territory),
        Limit.AUDIENCE: not full.audiences or set(less.audiences) <= set(full.audiences),
        Limit.LANGUAGE: not full.languages or set(less.languages) <= set(full.languages),
        Limit.QUOTA: less.quota is None or full.quota is None or less.quota <= full.quota,
        Limit.WARRANT_ENDED: ends_on is None or (ends_on >= today and (not full.ends_on or ends_on <= full.ends_on)),
    }
    return [limit for limit, holds in checks.items() if not holds]


def lessened(full: Warrant, less: Less) -> Warrant | None:
    """Leave out of a right what its issuer leaves out; None when nothing is left."""
    wanted = replace(
        full,
        territory=less.territory,
        audiences=less.audiences,
        languages=less.languages,
        quota=less.quota,
        ends_on=less.ends_on,
    )
    found = narrowed(replace(full, max_depth=None), wanted)  # the generation was counted already
    return found and replace(found, max_depth=full.max_depth)


def covers_place(territory: Sequence[str], place: str | None) -> bool:
    """Tell whether a territory holds a place: a department's code stands for its municipalities and communities.

    >>> covers_place(["14"], "1414-003"), covers_place(["1406"], "1414"), covers_place([], "1414")
    (True, False, True)
    """
    return not territory or (place is not None and any(place == code or _below(place, code) for code in territory))


def _below(place: str, code: str) -> bool:
    if not place.startswith(code):
        return False
    rest = place[len(code) :]
    # 14 → 1406 and 1406 → 1406-003 are below; 140 → 1406 is not a place's code at all.
    return rest.startswith("-") or (len(code) == 2 and len(rest.partition("-")[0]) == 2)


def narrowed(above: Warrant, wanted: Warrant) -> Warrant | None:
    """Cut a wanted warrant down to what the one above allows: nobody hands on more than she holds.

    None when nothing is left: an empty list would mean that there is no limit.

    >>> narrowed(Warrant(levels=(2,)), Warrant(levels=(3,))) is None
    True
    """
    territory = _territory(above.territory, wanted.territory)
    lists = [
        _within(mine, theirs)
        for mine, theirs in (
            (above.levels, wanted.levels),
            (above.audiences, wanted.audiences),
            (above.courses, wanted.courses),
            (above.languages, wanted.languages),
        )
    ]
    if territory is None or any(one is None for one in lists):
        return None
    levels, audiences, courses, languages = (one or () for one in lists)
    depths = [wanted.max_depth, None if above.max_depth is None else max(0, above.max_depth - 1)]
    return Warrant(
        levels=levels,
        territory=territory,
        audiences=audiences,
        courses=courses,
        languages=languages,
        quota=_least([above.quota, wanted.quota]),
        ends_on=min([day for day in (above.ends_on, wanted.ends_on) if day], default=None),
        may_delegate=above.may_delegate and wanted.may_delegate,
        max_depth=_least(depths),
    )


def _within(mine: tuple[Any, ...], theirs: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """Return what stands in both lists, where an empty one is no limit; None when they share nothing."""
    if not mine or not theirs:
        return mine or theirs
    return tuple(one for one in theirs if one in mine) or None


def _territory(mine: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the places that lie in both territories: of a place and one inside it, the inner one."""
    if not mine or not theirs:
        return mine or theirs
    inside = [code for code in theirs if covers_place(mine, code)]
    return tuple(inside + [code for code in mine if code not in inside and covers_place(theirs, code)]) or None


def _least(numbers: Sequence[int | None]) -> int | None:
    return min([number for number in numbers if number is not None], default=None)
