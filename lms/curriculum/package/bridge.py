"""The short unit on what changed: a small package of its own, carried in the folder `bridge/` of a new version."""

from collections.abc import Mapping
from dataclasses import replace

from lms.core.problems import N_, Problems
from lms.curriculum.package.course import COURSE_FILE
from lms.curriculum.package.drafts import Package

FOLDER = "bridge/"


def parted(files: Mapping[str, bytes]) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Part the files of a package from those of the unit it carries, which are named as in a package of their own.

    >>> parted({"course.toml": b"1", "bridge/course.toml": b"2"})
    ({'course.toml': b'1'}, {'course.toml': b'2'})
    """
    own = {path: data for path, data in files.items() if not path.startswith(FOLDER)}
    carried = {path.removeprefix(FOLDER): data for path, data in files.items() if path.startswith(FOLDER)}
    return own, carried


def joined(package: Package, unit: Package | None, problems: Problems) -> Package:
    """Put a package and its unit together, and report what does not go together."""
    change = package.course.change
    if unit is None:
        if change is not None and change.is_material:
            problems.add(
                COURSE_FILE, change.line,
                N_("A change that certificates rest on brings a short unit: a small package in the folder bridge/."),
            )  # fmt: skip
        return package
    file = FOLDER + COURSE_FILE
    if change is None:
        problems.add(COURSE_FILE, 1, N_("The folder bridge/ carries a short unit: say in [change] what it is about."))
    if unit.course.change is not None:
        problems.add(file, unit.course.change.line, N_("The short unit itself has no [change]."))
    if unit.course.slug == package.course.slug:
        problems.add(file, 1, N_("The short unit has a slug of its own, not that of the course."))
    for code in package.course.languages:
        if code not in unit.course.languages:
            problems.warn(file, 1, N_("The course is taught in %(code)s, and the short unit is not."), code=code)
    if not any(one.settings.get("purpose") in ("check", "final") and one.is_required for one in unit.activities):
        problems.warn(file, 1, N_("The short unit has no test: whoever opens its lessons has passed it."))
    # People come to it because their certificate needs it, never from the catalogue.
    return replace(package, bridge=replace(unit, course=replace(unit.course, enrolment="invited")))
