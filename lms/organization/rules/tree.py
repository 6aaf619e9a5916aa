"""The tree of units as paths: the ids from the root down, a stroke behind each, so that a branch is a prefix."""

from lms.core.problems import N_

MOST_LEVELS = 14  # 27 letters each fill the column of 400

# What a unit can be. The words are plain enough for any country; what they mean there is the agency's to say.
KINDS = {
    "agency": N_("Agency"),
    "ministry": N_("Ministry or secretariat"),
    "department": N_("Directorate or department"),
    "office": N_("Office"),
    "shelter": N_("Shelter"),
    "municipality": N_("Municipal government"),
    "ngo": N_("Civil society organisation"),
    "community": N_("Community organisation or authority"),
    "school": N_("School"),
    "court": N_("Court"),
    "prosecution": N_("Prosecution office"),
    "police": N_("Police station"),
    "health": N_("Health service"),
    "international": N_("International organisation"),
    "other": N_("Other"),
}


def below(parent_path: str, name: str) -> str:
    """Return the path of a unit called `name` right below another one.

    >>> below(below("", "root"), "office")
    'root/office/'
    """
    return f"{parent_path}{name}/"


def levels(path: str) -> int:
    """Count the levels of a path.

    >>> levels("root/office/")
    2
    """
    return path.count("/")


def names(path: str) -> list[str]:
    """List the names on a path from the root down.

    >>> names("root/office/")
    ['root', 'office']
    """
    return path.split("/")[:-1]


def move_problem(path: str, to_path: str, deepest: int) -> str | None:
    """Say why the branch at `path` cannot go below `to_path`, or nothing.

    :param deepest: how many levels the branch has, its own head included.

    >>> move_problem("a/b/", "a/b/c/", 2)
    'cycle'
    >>> move_problem("a/b/", "a/", 2)
    'same'
    """
    if path == "" or levels(path) == 1:
        return "root"
    if to_path.startswith(path):
        return "cycle"
    if "/".join(names(path)[:-1]) + "/" == to_path:
        return "same"
    if levels(to_path) + deepest > MOST_LEVELS:
        return "deep"
    return None
