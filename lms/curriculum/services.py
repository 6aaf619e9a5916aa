"""Load, publish, withdraw and export versions of courses."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete, func, select

from lms.access.policy import Action, Actor, can
from lms.core import audit, storage
from lms.core.database import db
from lms.core.errors import BadInput, RuleBroken
from lms.curriculum.models import Course, Version
from lms.curriculum.package.canonical import pack, sha_of, unpack
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
    package = reading.package
    course = _course(package.course.slug, unit, actor, now)
    latest = db.session.scalar(
        select(Version).where(Version.course_id == course.id).order_by(Version.number.desc()).limit(1)
    )
    number = 1 if latest is None else latest.number + 1
    if latest is not None and latest.state == "draft":
        number = latest.number
        remove_draft(latest)
    ensure_facts(reading.carried, now)
    storage.put(data, "application/zip", now)
    version = write_version(package, files, course, number, sha, actor.user_id if actor else None, now)
    audit.record(actor, "course.load", "version", version.id, now, after={"course": course.slug, "package": sha})
    return Loaded(version, is_new=True)


def version_of_package(sha: str) -> Version | None:
    """Find the version that holds exactly this package."""
    return db.session.scalar(select(Version).where(Version.package_sha == sha).order_by(Version.number.desc()).limit(1))


def is_left_alone(course: Course) -> bool:
    """Tell whether nobody here has published a version of their own: then a newer shipped one may take its place."""
    current = course.current_version_id and db.session.get(Version, course.current_version_id)
    return not current or current.created_by is None


def publish(version: Version, actor: Actor | None, now: datetime) -> None:
    """Make a version the one that new people are enrolled in; a draft is frozen by it. Older ones may come back so.

    :raise RuleBroken: it already is the current one.
    :raise BadInput: the library has lost a fact that it cites.
    """
    course = version.course
    if course.current_version_id == version.id:
        raise RuleBroken(_("This version is the published one already."))
    reading = read_package(unpack(storage.read_bytes(version.package_sha)), fact_keys())
    if reading.problems.errors:
        raise BadInput(_("The package has problems, so it cannot be published."), reading.problems.errors)
    before = {"current": str(course.current_version_id)}
    if version.state != "published":
        version.state = "published"
        version.published_at = now
        version.published_by = actor.user_id if actor else None
    course.current_version_id = version.id
    course.archived_at = None
    db.session.flush()
    audit.record(actor, "course.publish", "version", version.id, now, before=before, after={"current": str(version.id)})


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
    course_id = version.course_id
    remove_draft(version)
    if not db.session.scalar(select(func.count()).where(Version.course_id == course_id)):
        db.session.execute(delete(Course).where(Course.id == course_id))


def package_files(version: Version) -> dict[str, bytes]:
    """Return the files of a version, byte for byte as they were loaded."""
    return unpack(storage.read_bytes(version.package_sha))


def export_package(version: Version) -> dict[str, bytes]:
    """Return the files of a version with the facts they cite, as another server wants them."""
    files = package_files(version)
    cited = version.details.get("facts", [])
    facts = db.session.scalars(select(Fact).where(Fact.key.in_(cited)).order_by(Fact.key)).all()
    return files | ({FACTS_FILE: write_facts(list(facts)).encode()} if facts else {})


def _course(slug: str, unit: Unit, actor: Actor | None, now: datetime) -> Course:
    course = db.session.scalar(select(Course).where(Course.slug == slug).with_for_update())
    if course is None:
        course = Course(slug=slug, unit_id=unit.id, unit=unit, created_at=now)
        db.session.add(course)
        db.session.flush()
    elif actor is not None and not can(actor, Action.COURSE_MANAGE, course):
        raise RuleBroken(_("Another institution keeps a course with the name “%(slug)s”. Choose another.", slug=slug))
    return course
