"""Load, publish, withdraw and export versions of courses."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, func, select

from lms.access.policy import Action, Actor, can
from lms.core import audit, storage
from lms.core.database import db
from lms.core.errors import BadInput, RuleBroken
from lms.curriculum.models import Course, Version
from lms.curriculum.package.bridge import parted
from lms.curriculum.package.canonical import pack, sha_of, unpack
from lms.curriculum.package.drafts import Package
from lms.curriculum.package.reader import FACTS_FILE, read_package
from lms.curriculum.writing import remove_draft, write_version
from lms.library.models import Fact
from lms.library.queries import fact_keys
from lms.library.rules import write_facts
from lms.library.services import ensure_facts
from lms.organization.models import Unit


@dataclass(frozen=True)
class Loaded:
    """What loading gave; `is_new` is false when this very package was loaded before."""

    version: Version
    is_new: bool


def load_package(files: Mapping[str, bytes], unit: Unit, actor: Actor | None, now: datetime) -> Loaded:
    """Load a package as a draft; the same package twice changes nothing, a newer one replaces the draft.

    :param unit: who owns the course if it is new.
    :param actor: None for the command line, which may load anything.
    :raise BadInput: the package has problems; nothing of it is loaded.
    :raise RuleBroken: the course belongs to somebody else.
    """
    data = pack({path: content for path, content in files.items() if path != FACTS_FILE})
    sha = sha_of(data)
    if (known := version_of_package(sha)) is not None:
        return Loaded(known, is_new=False)
    reading = read_package(files, fact_keys())
    if reading.package is None or not reading.is_sound:
        raise BadInput(_("The package has problems, so nothing of it was loaded."), reading.problems)
    ensure_facts(reading.carried, now)
    own, carried = parted(files)
    package, bridge = reading.package, None
    if package.bridge is not None:
        carried.pop(FACTS_FILE, None)
        bridge = _loaded(package.bridge, carried, pack(carried), None, unit, actor, now, is_bridge=True)
    version = _loaded(package, own, data, bridge, unit, actor, now)
    return Loaded(version, is_new=True)


def _loaded(
    package: Package,
    files: Mapping[str, bytes],
    data: bytes,
    bridge: Version | None,
    unit: Unit,
    actor: Actor | None,
    now: datetime,
    is_bridge: bool = False,
) -> Version:
    """Write a sound package down as a draft of its course, in place of an earlier draft.

    :param data: the canonical zip, with the short unit inside where there is one.
    """
    sha = sha_of(data)
    course = _course(package.course.slug, unit, actor, now, is_bridge)
    if is_bridge and (known := version_of_package(sha)) is not None:
        return known
    latest = db.session.scalar(
        select(Version).where(Version.course_id == course.id).order_by(Version.number.desc()).limit(1)
    )
    number = 1 if latest is None else latest.number + 1
    if latest is not None and latest.state == "draft":
        number = latest.number
        remove_draft(latest)
    storage.put(data, "application/zip", now)
    version = write_version(package, files, course, number, sha, actor.user_id if actor else None, now, bridge)
    audit.record(actor, "course.load", "version", version.id, now, after={"course": course.slug, "package": sha})
    return version


def version_of_package(sha: str) -> Version | None:
    """Find the version that holds exactly this package."""
    return db.session.scalar(select(Version).where(Version.package_sha == sha).order_by(Version.number.desc()).limit(1))


def is_left_alone(course: Course) -> bool:
    """Tell whether nobody here has published a version of their own: then a newer shipped one may take its place."""
    current = course.current_version_id and db.session.get(Version, course.current_version_id)
    return not current or current.created_by is None


def publish(version: Version, actor: Actor | None, now: datetime, is_material: bool | None = None) -> None:
    """Make a version the one that new people are enrolled in; a draft is frozen by it. Older ones may come back so.

    The short unit it carries is published with it.

    :param is_material: whether holders of certificates of earlier versions have to take the short unit; None: as the
        package says.
    :raise RuleBroken: it already is the current one.
    :raise BadInput: the library has lost a fact that it cites.
    """
    course = version.course
    if course.current_version_id == version.id:
        raise RuleBroken(_("This version is the published one already."))
    reading = read_package(unpack(storage.read_bytes(version.package_sha)), fact_keys())
    if reading.problems.errors:
        raise BadInput(_("The package has problems, so it cannot be published."), reading.problems.errors)
    if version.bridge is not None and version.bridge.state == "draft":
        publish(version.bridge, actor, now)
    if (version.is_material if is_material is None else is_material) and version.bridge is None:
        raise RuleBroken(_("The short unit of this version is no longer here. Load the package again."))
    before: dict[str, Any] = {"current": str(course.current_version_id), "is_material": version.is_material}
    if is_material is not None:
        version.is_material = is_material
    if version.state != "published":
        version.state = "published"
        version.published_at = now
        version.published_by = actor.user_id if actor else None
    course.current_version_id = version.id
    course.archived_at = None
    db.session.flush()
    after = {"current": str(version.id), "is_material": version.is_material}
    audit.record(actor, "course.publish", "version", version.id, now, before=before, after=after)


def withdraw(version: Version, actor: Actor | None, now: datetime) -> None:
    """Take a published version back: nobody new is enrolled in it, those inside stay.

    The newest of the other published versions takes its place.


    :raise RuleBroken: it is not published.
    """
    if version.state != "published":
        raise RuleBroken(_("Only a published version can be withdrawn."))
    version.state = "withdrawn"
    course = version.course
    if course.current_version_id == version.id:
        course.current_version_id = db.session.scalar(
            select(Version.id)
            .where(Version.course_id == course.id, Version.state == "published", Version.id != version.id)
            .order_by(Version.number.desc())
            .limit(1)
        )
    db.session.flush()
    audit.record(actor, "course.withdraw", "version", version.id, now)


def discard_draft(version: Version, actor: Actor | None, now: datetime) -> None:
    """Throw a draft away.

    :raise RuleBroken: it is not a draft.
    """
    if version.state != "draft":
        raise RuleBroken(_("Only a draft can be thrown away: a published version is part of people's history."))
    audit.record(actor, "course.discard", "version", version.id, now, before={"package": version.package_sha})
    if carrier := db.session.scalar(select(Version).where(Version.bridge_id == version.id).limit(1)):
        said = {"number": carrier.number, "slug": carrier.course.slug}
        raise RuleBroken(_("This short unit belongs to version %(number)s of %(slug)s. Throw that one away.", **said))
    bridge = version.bridge
    course_id = version.course_id
    remove_draft(version)
    if bridge is not None and bridge.state == "draft" and not _is_carried(bridge.id):
        discard_draft(bridge, actor, now)
    if not db.session.scalar(select(func.count()).where(Version.course_id == course_id)):
        db.session.execute(delete(Course).where(Course.id == course_id))


def _is_carried(version_id: uuid.UUID) -> bool:
    return bool(db.session.scalar(select(func.count()).where(Version.bridge_id == version_id)))


def package_files(version: Version) -> dict[str, bytes]:
    """Return the files of a version, byte for byte as they were loaded."""
    return unpack(storage.read_bytes(version.package_sha))


def export_package(version: Version) -> dict[str, bytes]:
    """Return the files of a version with the facts they cite, as another server wants them."""
    files = package_files(version)
    carried = version.bridge.details.get("facts", []) if version.bridge else []
    cited = [*version.details.get("facts", []), *carried]
    facts = db.session.scalars(select(Fact).where(Fact.key.in_(cited)).order_by(Fact.key)).all()
    return files | ({FACTS_FILE: write_facts(list(facts)).encode()} if facts else {})


def _course(slug: str, unit: Unit, actor: Actor | None, now: datetime, is_bridge: bool = False) -> Course:
    course = db.session.scalar(select(Course).where(Course.slug == slug).with_for_update())
    if course is None:
        course = Course(slug=slug, unit_id=unit.id, unit=unit, is_bridge=is_bridge, created_at=now)
        db.session.add(course)
        db.session.flush()
    elif actor is not None and not can(actor, Action.COURSE_MANAGE, course):
        raise RuleBroken(_("Another institution keeps a course with the name “%(slug)s”. Choose another.", slug=slug))
    elif course.is_bridge != is_bridge:
        raise RuleBroken(_("“%(slug)s” names a course and a short unit. Choose another name for one.", slug=slug))
    return course
