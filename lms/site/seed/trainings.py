"""Groups of trainers and of facilitators: meetings, tests, practice that somebody saw, certificates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lms.accounts.models import User
from lms.accounts.services.giving import give_accounts
from lms.certification.services.opening import open_under_warrant
from lms.cohorts.models import Cohort
from lms.cohorts.rules import Seen
from lms.cohorts.services.groups import add_facilitator, close_cohort, open_cohort
from lms.cohorts.services.members import add_people
from lms.cohorts.services.practice import Watched, observe, sign_own
from lms.core.database import db
from lms.curriculum.queries import outline_of
from lms.curriculum.rubrics import rubrics_of
from lms.learning.rules import Purpose
from lms.organization.models import Person
from lms.site.seed.meetings import PRACTICE, certify_all, group_plan, meet, plan_meetings
from lms.site.seed.story import Story, actor_of
from lms.site.seed.studying import Learner, Reader, members_of, most_mistakes, quizzes, read_lessons, take

TRAINERS, FACILITATORS = "formar-a-quien-forma", "facilitadoras-comunitarias"
VENUE = "Salón comunal"
STRENGTHS = (
    "Abrió con los acuerdos y con la nota de contenido. Dio los números y la ruta sin mirar el papel.",
    "Preguntó y esperó. Corrigió un mito sin avergonzar a nadie.",
    "Usó las imágenes y el idioma del grupo. Cerró con el repaso de los cinco mensajes.",
)
CHANGES = ("Dejar más tiempo para el cierre.", "Hablar menos y preguntar más.", "Repartir antes quién hace qué.")


class Fate(StrEnum):
    """How it goes for somebody in a group."""

    CERTIFIED = "certified"
    STOPPED = "stopped"  # came to the first meetings only
    FAILED = "failed"  # did not pass the last test
    UNSEEN = "unseen"  # left a critical row of the practice undone
    ABSENT = "absent"  # enrolled and never came


MET_ALL = (Fate.CERTIFIED, Fate.FAILED, Fate.UNSEEN)


@dataclass
class Training:
    """A group while it runs."""

    cohort: Cohort
    leads: Sequence[User]
    learners: Mapping[Fate, list[Learner]]
    starts: int

    def of(self, *fates: Fate) -> list[Learner]:
        return [one for fate in fates for one in self.learners.get(fate, ())]


def train_trainers(story: Story, told: dict[str, Any], teacher: User) -> None:
    """Let the agency certify those who will train facilitators."""
    version, starts = story.version(TRAINERS), told["starts"]
    people: dict[str, Person] = {}
    for one in told["trainers"]:
        people[one["key"]] = story.register(
            story.units[one["office"]], one["language"], one["is_woman"], story.at(starts + 20)
        )
    users = give_accounts(people.values(), story.at(starts + 19), story.agency())
    for user in users:
        story.let_in(user, story.agency(), story.at(starts + 19))
    plan = group_plan(story, told["name"], "01", "spa", starts, 6, 20)
    cohort = open_cohort(story.root, version, plan, [teacher.person_id], story.agency(), story.at(starts + 15))
    add_people(cohort, [one.id for one in people.values()], "staff", actor_of(teacher), story.at(starts + 14))
    training = Training(cohort, [teacher], {Fate.CERTIFIED: members_of(cohort, users)}, starts)
    ago = _hold(story, training, None)
    _practise(story, training, ago, (Seen.LED_SESSION,))
    certify_all(story, cohort, 1, [one.person_id for one in users], story.admin, ago - 5, is_agency=True)
    close_cohort(cohort, actor_of(teacher), story.at(ago - 6))
    story.trainers |= dict(zip(people, users, strict=True))


def train_facilitators(story: Story, told: dict[str, Any]) -> Training:
    """Let a trainer run a group of facilitators under her own warrant, and certify those who met everything."""
    lead, starts = story.trainers[told["trainer"]], told["starts"]
    helper = story.trainers.get(told["with"]) or story.led["Chichicastenango, grupo 1"][0]
    place = told["place"]
    fates = _fates(story, told)
    people = {fate: [_enrolled(story, told, is_woman) for is_woman in sexes] for fate, sexes in fates.items()}
    everybody = [one for some in people.values() for one in some]
    plan = group_plan(story, told["name"], place, story.languages[place], starts, 9, 30)
    person = db.session.get_one(Person, lead.person_id)
    actor, at = actor_of(lead), story.at(starts + 12)
    cohort = open_under_warrant(person, story.version(FACILITATORS), plan, actor, at, story.day(starts + 12))
    add_facilitator(cohort, db.session.get_one(Person, helper.person_id), actor, at)
    add_people(cohort, [one.id for one in everybody], "staff", actor, story.at(starts + 8))
    users = {user.person_id: user for user in give_accounts(everybody, story.at(starts + 8), actor)}
    learners = {fate: members_of(cohort, [users[one.id] for one in some]) for fate, some in people.items()}
    training = Training(cohort, [lead, helper], learners, starts)
    for one in training.of(*MET_ALL, Fate.STOPPED):
        story.let_in(one.user, actor, story.at(starts))
    ago = _hold(story, training, told.get("weeks"))
    if "weeks" not in told:
        _practise(story, training, ago, tuple(Seen))
        if "waits" not in told:
            certified = [one.user for one in training.of(Fate.CERTIFIED)]
            certify_all(story, cohort, 2, [one.person_id for one in certified], lead, ago - 6)
            close_cohort(cohort, actor, story.at(ago - 8))
            story.graduates[told["name"]] = certified
    return training


def _fates(story: Story, told: dict[str, Any]) -> dict[Fate, list[bool]]:
    """Divide the people of a group by how it goes for them; each is a woman or not."""
    found: dict[Fate, list[bool]] = {fate: [] for fate in Fate}
    for key, is_woman in (("women", True), ("men", False)):
        enrolled, came, certified = (story.some(told[of][key]) for of in ("enrolled", "took_part", "certified"))
        on_the_way = "weeks" in told
        fallen = came - certified
        failed, unseen = (fallen + 1) // 3, fallen // 4
        counts = {
            Fate.CERTIFIED: came if on_the_way else certified,
            Fate.FAILED: 0 if on_the_way else failed,
            Fate.UNSEEN: 0 if on_the_way else unseen,
            Fate.STOPPED: 0 if on_the_way else fallen - failed - unseen,
            Fate.ABSENT: enrolled - came,
        }
        for fate, count in counts.items():
            found[fate] += [is_woman] * count
    return found


def _enrolled(story: Story, told: dict[str, Any], is_woman: bool) -> Person:
    place = told["place"]
    home = story.communities[place][next(story.turn) % len(story.communities[place])]
    return story.register(story.units[place], story.languages[place], is_woman, story.at(told["starts"] + 10), home)


def _hold(story: Story, training: Training, weeks: int | None) -> int:
    """Hold the meetings, all or so many; return how many days ago the last one was."""
    cohort, starts = training.cohort, training.starts
    sessions = plan_meetings(story, cohort, starts, VENUE, actor_of(training.leads[0]))
    readers = [Reader(actor_of(one), cohort) for one in training.leads]
    ago = starts
    for week, session in enumerate(sessions[:weeks]):
        ago = starts - 7 * week
        coming = training.of(*MET_ALL) + (training.of(Fate.STOPPED) if week < 3 else [])
        is_between = week not in (0, len(sessions) - 1)  # now and then somebody is away, nobody more than once
        there = [one.user.person_id for one in coming if not (is_between and (one.number + week) % 9 == 0)]
        rest = [one.user.person_id for one in training.of(*Fate) if one.user.person_id not in there]
        meet(story, session, there, rest, training.leads[week % len(training.leads)], ago)
        _study(story, training, coming, session.module_slug or "", week, ago, readers)
    if weeks is None:
        _finish(story, training, ago - 1, readers)
    return ago


def _study(
    story: Story, training: Training, coming: list[Learner], module: str, week: int, ago: int, readers: list[Reader]
) -> None:
    """Read the lessons of a week and take its checks; before the first one, the test that asks what is known."""
    version_id = training.cohort.version_id
    outline = outline_of(version_id)
    if week == 0:
        for quiz in quizzes(outline, Purpose.PRETEST):
            for one in coming:
                mistakes = story.chance.randint(quiz.question_count * 4 // 10, quiz.question_count * 7 // 10)
                take(story, one, quiz, mistakes, story.at(ago, 9), _reader(one, readers, outline.course_slug))
    modules = {module} | ({"inicio"} if week == 0 else set()) | ({"cierre"} if module == PRACTICE else set())
    read_lessons(coming, version_id, modules, story.at(ago, 11))
    for quiz in quizzes(outline, Purpose.CHECK, [module]):
        for one in coming:
            mistakes = story.chance.randint(0, most_mistakes(quiz))
            take(story, one, quiz, mistakes, story.at(ago, 12), _reader(one, readers, outline.course_slug))


def _finish(story: Story, training: Training, ago: int, readers: list[Reader]) -> None:
    """Take the last test; who fails it fails it again a week later."""
    outline = outline_of(training.cohort.version_id)
    for quiz in quizzes(outline, Purpose.FINAL):
        for one in training.of(Fate.CERTIFIED, Fate.UNSEEN):
            mistakes = story.chance.choice((0, 1, 1, 2, 2, 3)) if quiz.question_count > 15 else 1
            take(story, one, quiz, mistakes, story.at(ago, 14), _reader(one, readers, outline.course_slug))
        for one in training.of(Fate.FAILED):
            for days in (0, 3):
                mistakes = quiz.question_count * 45 // 100
                take(story, one, quiz, mistakes, story.at(ago - days, 14), _reader(one, readers, outline.course_slug))


def _reader(one: Learner, readers: list[Reader], course: str) -> Reader | None:
    """Say who reads a test aloud: to every third facilitator one of those who lead the group."""
    is_read = course == FACILITATORS and one.number % 3 == 0
    return readers[one.number % len(readers)] if is_read else None


def _practise(story: Story, training: Training, ago: int, kinds: Sequence[Seen]) -> None:
    """Watch everybody's practice; both sign each sheet."""
    cohort = training.cohort
    sheet = rubrics_of(cohort.version_id)[0]
    critical = [place for place, row in enumerate(sheet.criteria) if row["is_critical"]]
    for number, one in enumerate(training.of(Fate.CERTIFIED, Fate.FAILED, Fate.UNSEEN)):
        observer = training.leads[number % len(training.leads)]
        for kind in kinds:
            day = {Seen.TEACH_BACK: ago + 7, Seen.CO_FACILITATION: ago, Seen.LED_SESSION: ago - 3}[kind]
            levels = [sheet.levels - (story.chance.random() < 0.3) for _row in sheet.criteria]
            if one in training.of(Fate.UNSEEN) and kind is Seen.LED_SESSION:
                levels[critical[0]] = 1
            watched = Watched(
                kind, levels, story.day(day), story.chance.choice(STRENGTHS), story.chance.choice(CHANGES)
            )
            seen = observe(
                cohort, one.user.person_id, sheet, watched, actor_of(observer), story.at(day, 16), story.day(day)
            )
            sign_own(seen, actor_of(one.user), story.at(day, 18))
