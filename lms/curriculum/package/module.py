"""Read module.toml: objective, activities, and what the printed guide is made of."""

from typing import Any

from lms.core.problems import N_, Table, required_languages
from lms.core.texts import Texts
from lms.curriculum.package.course import share
from lms.curriculum.package.drafts import ActivityDraft, CourseDraft, LessonDraft, ModuleDraft
from lms.curriculum.package.lesson import STATUSES, Crossings, read_lesson
from lms.curriculum.package.shelf import Shelf, is_slug

KINDS = ("lesson", "practice", "quiz", "session", "document")
WITH_TEXT = ("lesson", "practice", "document")  # kinds that are nothing without a text
PURPOSES = ("pretest", "check", "final", "practice")
FEEDBACK = ("each", "end", "score", "none")

_PLAN_TEXTS = (
    "audience",
    "place_and_safety",
    "content_note",
    "disclosure_plan",
    "interpreter",
    "accessibility",
    "closing",
    "facilitator_notes",
)
_PLAN_LISTS = ("objectives", "materials", "reflection")


class ModuleReader:
    """Reads the module folders of one package, counting the activities through."""

    def __init__(self, course: CourseDraft, shelf: Shelf) -> None:
        self.course, self.shelf = course, shelf
        self.crossings = Crossings()
        self.number = 0

    def read(self, slug: str) -> ModuleDraft | None:
        """Read one module folder; None when it has no readable module.toml."""
        file = f"{slug}/module.toml"
        if (table := self.shelf.toml(file, self.course.languages)) is None:
            return None
        statuses, reviewers = self._review(table)
        activities: list[ActivityDraft] = []
        for entry in table.tables("activity", required=True):
            activity = self._activity(entry, slug, statuses, reviewers)
            if any(activity.slug == known.slug for known in activities):
                entry.problem("slug", N_("Two activities of this module have the slug “%(slug)s”."), slug=activity.slug)
            activities.append(activity)
        module = ModuleDraft(
            slug=slug,
            title=table.texts("title"),
            objective=table.texts("objective"),
            minutes=natural(table, "minutes", 0),
            details={
                "core_messages": table.lists("core_messages"),
                "session_plan": self._plan(table),
                "oral_checks": self._oral_checks(table),
                "cards": self._cards(table),
            },
            activities=activities,
            file=file,
        )
        table.finish()
        return module

    def _review(self, table: Table) -> tuple[dict[str, str], dict[str, str]]:
        statuses: dict[str, str] = {}
        for code, status in table.get("status", dict, {}).items():
            if code not in self.course.languages:
                table.problem(
                    f"status.{code}", N_("“%(key)s” has the language %(code)s, which course.toml does not list."),
                    key="status", code=code,
                )  # fmt: skip
            elif status not in STATUSES:
                table.problem(f"status.{code}", N_("“status” is one of: %(words)s."), words=", ".join(STATUSES))
            else:
                statuses[code] = status
        reviewer = table.get("reviewer", (str, dict), "")
        if isinstance(reviewer, str):
            return statuses, dict.fromkeys(self.course.languages, reviewer)
        return statuses, {code: str(name) for code, name in reviewer.items()}

    def _activity(
        self, entry: Table, module: str, statuses: dict[str, str], reviewers: dict[str, str]
    ) -> ActivityDraft:
        self.number += 1
        slug = entry.get("slug", str, "", required=True)
        if slug and not is_slug(slug):
            entry.problem(
                "slug", N_("“%(slug)s” should be lower-case letters a–z, digits and hyphens, 48 at most."), slug=slug
            )
        kind = entry.get("kind", str, "", required=True)
        if kind and kind not in KINDS:
            entry.problem("kind", N_("“%(key)s” is one of: %(words)s."), key="kind", words=", ".join(KINDS))
        texts: dict[str, LessonDraft] = {}
        if kind != "quiz" and is_slug(slug):
            texts = self._texts(entry, f"{module}/{slug}", kind in WITH_TEXT, statuses, reviewers)
        title: Texts = {code: text.title for code, text in texts.items()}
        if kind not in WITH_TEXT:
            title = {**title, **entry.texts("title", required=not title)}
        settings = read_quiz(entry, self.course.pass_mark) if kind == "quiz" else {}
        activity = ActivityDraft(
            number=self.number,
            slug=slug,
            kind=kind if kind in KINDS else "lesson",
            title=title,
            minutes=natural(entry, "minutes", 0),
            is_required=entry.get("required", bool, True),
            settings=settings,
            texts=texts,
            file=entry.file,
            line=entry.lines.of(entry.path),
        )
        if kind in KINDS:
            entry.finish()
        return activity

    def _texts(
        self, entry: Table, stem: str, must_be: bool, statuses: dict[str, str], reviewers: dict[str, str]
    ) -> dict[str, LessonDraft]:
        texts: dict[str, LessonDraft] = {}
        has_any = any(f"{stem}.{code}.md" in self.shelf for code in self.course.languages)
        for code in self.course.languages:
            path = f"{stem}.{code}.md"
            if path in self.shelf:
                lesson = read_lesson(
                    path, code, statuses.get(code, "approved"), reviewers.get(code, ""), self.shelf, self.crossings
                )
                if lesson is not None:
                    texts[code] = lesson
            elif (must_be or has_any) and code in required_languages(self.course.languages):
                entry.problem("slug", N_("The file %(path)s is missing."), path=path)
        return texts

    def _plan(self, table: Table) -> dict[str, Any]:
        plan = _below(table, "session_plan")
        if plan is None:
            return {}
        steps = []
        for step in plan.tables("step"):
            texts = {
                key: step.texts(key, required=key == "activity") for key in ("activity", "method", "says", "watch")
            }
            steps.append({"minutes": natural(step, "minutes", 0), **texts})
            step.finish()
        read = {
            "group_size": plan.get("group_size", str, ""),
            "duration_minutes": natural(plan, "duration_minutes", 0),
            **{key: plan.texts(key, required=False) for key in _PLAN_TEXTS},
            **{key: plan.lists(key) for key in _PLAN_LISTS},
            "steps": steps,
        }
        plan.finish()
        return read

    @staticmethod
    def _oral_checks(table: Table) -> list[dict[str, Texts]]:
        checks = []
        for entry in table.tables("oral_check"):
            checks.append({"question": entry.texts("question"), "answer": entry.texts("answer")})
            entry.finish()
        return checks

    def _cards(self, table: Table) -> list[dict[str, Any]]:
        cards = []
        for entry in table.tables("card"):
            image = entry.get("image", str, "", required=True)
            if image:
                self.shelf.need(image, entry, "image")
            cards.append(
                {"image": image, "title": entry.texts("title"), "says": entry.texts("says"), "alt": entry.texts("alt")}
            )
            entry.finish()
        return cards


def read_quiz(entry: Table, course_mark: int) -> dict[str, Any]:
    """Read what a quiz asks and how often; question names are looked up when all banks are read."""
    purpose = entry.get("purpose", str, "", required=True)
    if purpose and purpose not in PURPOSES:
        entry.problem("purpose", N_("“%(key)s” is one of: %(words)s."), key="purpose", words=", ".join(PURPOSES))
    feedback = entry.get("feedback", str, "each")
    if feedback not in FEEDBACK:
        entry.problem("feedback", N_("“%(key)s” is one of: %(words)s."), key="feedback", words=", ".join(FEEDBACK))
    questions = [name for name in entry.get("questions", list, []) if isinstance(name, str)]
    draws: list[dict[str, Any]] = []
    for number, draw in enumerate(entry.get("draw", list, [])):
        if not isinstance(draw, dict) or not isinstance(draw.get("bank"), str) or set(draw) - {"bank", "count"}:
            entry.problem("draw", N_('“draw” is written [{ bank = "m1", count = 5 }].'))
            continue
        count = draw.get("count")
        if not isinstance(count, int) or isinstance(count, bool) or count < 1:
            entry.problem("draw", N_("“count” says how many questions are drawn: 1 or more."))
            continue
        if any(draw["bank"] == known["bank"] for known in draws[:number]):
            entry.problem("draw", N_("“draw” names the bank “%(bank)s” twice."), bank=draw["bank"])
        draws.append({"bank": draw["bank"], "count": count})
    if "questions" in entry.values and "draw" in entry.values:
        entry.problem("draw", N_("A quiz has either “questions” or “draw”, not both."))
    elif not questions and not draws:
        entry.problem(None, N_("This quiz has no questions: write “questions” or “draw”."))
    mark = share(entry, "pass_mark", None)
    return {
        "purpose": purpose,
        "questions": questions,
        "draw": draws,
        "pass_mark": course_mark if mark is None else mark,
        "attempts": natural(entry, "attempts", 0),
        "cool_down_hours": natural(entry, "cool_down_hours", 0),
        "time_limit_minutes": natural(entry, "time_limit_minutes", 0),
        "feedback": feedback,
        "shuffle": entry.get("shuffle", bool, True),
    }


def natural(table: Table, key: str, default: int) -> int:
    """Read a whole number that is not negative (and not absurd)."""
    value = table.get(key, int, default)
    if not 0 <= value <= 100_000:
        table.problem(key, N_("“%(key)s” is a whole number, 0 or more."), key=key)
        return default
    return int(value)


def _below(table: Table, key: str) -> Table | None:
    values = table.get(key, dict)
    if values is None:
        return None
    return Table(values, table.file, table.lines, table.problems, table.languages, (*table.path, key))
