"""Read a whole package: every file, then what the files say of one another."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from lms.assessment.package import BankDraft, RubricDraft, read_bank, read_rubric
from lms.core.problems import N_, Problems
from lms.curriculum.package.bridge import FOLDER, joined, parted
from lms.curriculum.package.course import COURSE_FILE, read_course
from lms.curriculum.package.drafts import ActivityDraft, CourseDraft, ModuleDraft, Package
from lms.curriculum.package.lesson import Crossings
from lms.curriculum.package.marks import facts_in
from lms.curriculum.package.module import ModuleReader
from lms.curriculum.package.pictures import check_media
from lms.curriculum.package.shelf import MEDIA_NAME, PATH_LENGTH, Shelf, is_slug
from lms.library.rules import FactDraft, read_facts

FACTS_FILE = "facts.toml"  # luggage: facts that travel with a package; the library keeps them, the version does not
FILE_COUNT = 2000
TOTAL_LIMIT = 300_000_000
_BESIDE = ("readme.md", "licence.md", "license.md", "licence.txt", "license.txt")


@dataclass(frozen=True)
class Reading:
    """What reading a package gave: the package (None when course.toml says nothing) and everything wrong in it."""

    package: Package | None
    problems: Problems
    carried: list[FactDraft] = field(default_factory=list)  # facts that travel with the package

    @property
    def is_sound(self) -> bool:
        return self.package is not None and not self.problems.errors


def read_package(files: Mapping[str, bytes], known_facts: Collection[str] | None = None) -> Reading:
    """Read a package, with the short unit it may carry, and report every problem at once.

    :param files: the bytes of each file by its path inside the package's folder.
    :param known_facts: keys of the library; None leaves citations of facts unchecked.
    """
    own, carried = parted(files)
    reading = _read_one(own, known_facts)
    unit = None
    if carried:
        keys = {fact.key for fact in reading.carried}
        unit = _read_one(carried, None if known_facts is None else {*known_facts, *keys})
        reading.problems.extend(replace(one, file=FOLDER + one.file) for one in unit.problems)
        reading = replace(reading, carried=reading.carried + unit.carried)
    if reading.package is None or (unit and unit.package is None):
        return reading
    package = joined(reading.package, unit.package if unit else None, reading.problems)
    reading.problems.sort(key=lambda problem: (problem.file, problem.line))
    return replace(reading, package=package)


def _read_one(files: Mapping[str, bytes], known_facts: Collection[str] | None) -> Reading:
    problems = Problems()
    shelf = Shelf(files, problems)
    _check_paths(files, problems)
    if (course := read_course(shelf)) is None:
        return Reading(None, problems)
    reader = ModuleReader(course, shelf)
    modules = [module for slug in course.outline if (module := reader.read(slug)) is not None]
    banks = _read_banks(shelf, course)
    rubrics = _read_rubrics(shelf, course)
    media = sorted(path for path in files if path.startswith("media/"))
    for path in media:
        check_media(path, files[path], problems)
    carried = _carried_facts(shelf)
    facts = _check_facts(
        shelf, None if known_facts is None else {*known_facts, *(fact.key for fact in carried)}, reader.crossings
    )
    _check_links(modules, reader.crossings, problems)
    _check_quizzes(modules, banks, problems)
    _check_forgotten(shelf, modules, course)
    problems.sort(key=lambda problem: (problem.file, problem.line))
    recordings = sorted(set(reader.crossings.recordings))
    return Reading(Package(course, modules, banks, rubrics, media, facts, recordings), problems, carried)


def _check_paths(files: Mapping[str, bytes], problems: Problems) -> None:
    if len(files) > FILE_COUNT:
        problems.add(
            COURSE_FILE, 1, N_("The package has %(n)s files; %(limit)s at most."), n=len(files), limit=FILE_COUNT
        )
    if sum(map(len, files.values())) > TOTAL_LIMIT:
        problems.add(COURSE_FILE, 1, N_("The package is larger than %(limit)s MB."), limit=TOTAL_LIMIT // 1_000_000)
    for path in files:
        if len(path) > PATH_LENGTH:
            problems.add(path, 1, N_("The name of this file is too long."))
        elif path.startswith("media/") and not MEDIA_NAME.fullmatch(path):
            problems.add(path, 1, N_("Names of files hold lower-case letters a–z, digits, hyphens and a full stop."))


def _read_banks(shelf: Shelf, course: CourseDraft) -> list[BankDraft]:
    banks = []
    for path, slug in _toml_files(shelf, "banks"):
        if (text := shelf.text(path)) is not None and is_slug(slug):
            banks.append(read_bank(text, path, course.languages, list(course.topics), shelf, shelf.problems))
    return banks


def _read_rubrics(shelf: Shelf, course: CourseDraft) -> list[RubricDraft]:
    rubrics = []
    for path, slug in _toml_files(shelf, "rubrics"):
        if (text := shelf.text(path)) is not None and is_slug(slug):
            rubric = read_rubric(text, path, course.languages, shelf.problems)
            rubrics.extend([rubric] if rubric else [])
    return rubrics


def _toml_files(shelf: Shelf, folder: str) -> list[tuple[str, str]]:
    found = []
    for path in sorted(shelf.files):
        top, _, name = path.partition("/")
        if top == folder and name.endswith(".toml") and "/" not in name:
            slug = name.removesuffix(".toml")
            if not is_slug(slug):
                shelf.problems.add(
                    path, 1, N_("Names of files hold lower-case letters a–z, digits, hyphens and a full stop.")
                )
            found.append((path, slug))
    return found


def _carried_facts(shelf: Shelf) -> list[FactDraft]:
    if FACTS_FILE not in shelf or (text := shelf.text(FACTS_FILE)) is None:
        return []
    drafts, problems = read_facts(text, FACTS_FILE)
    shelf.problems.extend(problems)
    return drafts


def _check_facts(shelf: Shelf, known: set[str] | None, crossings: Crossings) -> list[str]:
    """Report facts nobody knows and citations written wrongly; return the keys cited."""
    cited: set[str] = set()
    for path in sorted(shelf.files):
        if path == FACTS_FILE or not path.endswith((".md", ".toml")) or path not in shelf.used:
            continue
        text = shelf.files[path].decode("utf-8", "replace")
        for number, key, written in facts_in(text):
            if key is None:
                shelf.problems.add(
                    path, number + 1, N_("A fact is cited as {fact:key}, not “%(written)s”."), written=written
                )
            else:
                cited.add(key)
                _check_fact(shelf, path, number + 1, key, known)
    for path, line, key in crossings.hotlines:
        if key not in cited or f"{{fact:{key}}}" not in shelf.files[path].decode("utf-8", "replace"):
            _check_fact(shelf, path, line, key, known)
        cited.add(key)
    return sorted(cited)


def _check_fact(shelf: Shelf, path: str, line: int, key: str, known: set[str] | None) -> None:
    if known is not None and key not in known:
        shelf.problems.add(path, line, N_("The library has no fact “%(key)s”."), key=key)


def _check_links(modules: list[ModuleDraft], crossings: Crossings, problems: Problems) -> None:
    known = {(module.slug, activity.slug) for module in modules for activity in module.activities}
    for file, line, module, activity in crossings.links:
        if (module, activity) not in known:
            problems.add(file, line, N_("The course has no activity %(name)s to link to."), name=f"{module}/{activity}")


def _check_quizzes(modules: list[ModuleDraft], banks: list[BankDraft], problems: Problems) -> None:
    """Report questions and banks that do not exist, draws larger than their bank, and banks nobody draws from."""
    quizzes = [activity for module in modules for activity in module.activities if activity.kind == "quiz"]
    sizes = {bank.slug: len(bank.questions) for bank in banks}
    questions = {f"{bank.slug}/{question.slug}" for bank in banks for question in bank.questions}
    used: set[str] = set()
    for quiz in quizzes:
        names = quiz.settings["questions"]
        used |= {name.partition("/")[0] for name in names} | {draw["bank"] for draw in quiz.settings["draw"]}
        for name in dict.fromkeys(names):
            if name not in questions:
                problems.add(quiz.file, quiz.line, N_("There is no question “%(name)s”."), name=name)
            elif names.count(name) > 1:
                problems.add(quiz.file, quiz.line, N_("The quiz asks “%(name)s” twice."), name=name)
        for draw in quiz.settings["draw"]:
            bank, count = draw["bank"], draw["count"]
            if bank not in sizes:
                problems.add(quiz.file, quiz.line, N_("There is no bank “%(bank)s”."), bank=bank)
            elif count > sizes[bank]:
                problems.add(
                    quiz.file, quiz.line, N_("The quiz draws %(count)s questions from “%(bank)s”, which has %(n)s."),
                    count=count, bank=bank, n=sizes[bank],
                )  # fmt: skip
    for unasked in banks:
        if unasked.slug not in used:
            problems.warn(unasked.file, 1, N_("No quiz asks a question of this bank."))
    _check_pair(quizzes, problems)


def _check_pair(quizzes: list[ActivityDraft], problems: Problems) -> None:
    """Report a first and a final test that cannot be compared."""
    pretests = [quiz for quiz in quizzes if quiz.settings["purpose"] == "pretest"]
    finals = [quiz for quiz in quizzes if quiz.settings["purpose"] == "final"]
    if pretests and finals:
        before = {name for quiz in pretests for name in quiz.settings["questions"]}
        after = {name for quiz in finals for name in quiz.settings["questions"]}
        if not before & after:
            problems.warn(
                finals[0].file, finals[0].line,
                N_("The first and the final test share no questions, so nobody's gain can be measured."),
            )  # fmt: skip


def _check_forgotten(shelf: Shelf, modules: list[ModuleDraft], course: CourseDraft) -> None:
    """Report files that nothing refers to: a slip in a name makes a lesson vanish quietly."""
    unread = set(course.outline) - {module.slug for module in modules}  # said once, at the missing module.toml
    for path in shelf.forgotten():
        top = path.partition("/")[0]
        if path.lower() in _BESIDE or (top in unread and not path.endswith("/module.toml")):
            continue
        if path.startswith("media/"):
            shelf.problems.warn(path, 1, N_("Nothing refers to this file."))
        elif path.endswith("/module.toml") and top not in course.outline:
            shelf.problems.add(path, 1, N_("“outline” in course.toml does not list the module “%(slug)s”."), slug=top)
        else:
            shelf.problems.add(path, 1, N_("Nothing refers to this file."))
