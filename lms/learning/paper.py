"""One attempt laid on the table: its quiz, its questions, and the names they go by in this attempt."""

from collections.abc import Collection, Mapping
from typing import Any

from flask import current_app, request

from lms.assessment.grading import Asked, marked
from lms.assessment.kinds import KINDS
from lms.assessment.rules import Answer, Guise
from lms.core import clock, guard
from lms.core.forms import guard_sentence
from lms.core.languages import content_language
from lms.curriculum.queries import asked_of, outline_of
from lms.learning.quizzes import Quiz, quiz_of
from lms.learning.speech import Speaker, guise_seed
from lms.library.queries import facts_for_lessons

_SHOWN = ("stem", "image", "image_alt", "audio")


class Paper:
    """An attempt with what its pages need; made of an `OpenedAttempt` or of a held row."""

    def __init__(self, attempt: Any) -> None:
        self.attempt = attempt
        self.outline = outline_of(attempt.version_id)
        self.quiz: Quiz = quiz_of(attempt.version_id, attempt.activity_number)
        self.asked: list[Asked] = asked_of(attempt.version_id, attempt.drawn)
        self.guise = Guise(guise_seed(current_app.config["PEPPER"], attempt.id), self.quiz.is_shuffled)

    @property
    def has_open_questions(self) -> bool:
        """Whether a person marks some of the answers."""
        return any(KINDS[one.kind].needs_person for one in self.asked)

    def speaker(self, language: str | None) -> Speaker:
        """Return who speaks to the reader: in the language of the address, the course's, her own."""
        chosen = request.values.get("lang") or language or content_language()
        facts_at = getattr(self.attempt, "facts_at", None)
        return Speaker(self.outline, chosen, facts_for_lessons(clock.today(), facts_at))

    def read(self, numbers: Collection[int]) -> dict[int, Answer]:
        """Read the answers a form sent to these questions."""
        sent = {name: request.form.getlist(name) for name in request.form}
        return {
            one.number: KINDS[one.kind].read(one.body, sent, one.number, self.guise)
            for one in self.asked
            if one.number in numbers
        }

    def refused(self, answers: Mapping[int, Answer]) -> dict[int, str]:
        """Say of each answer that names or locates somebody what has to go."""
        codes = current_app.config.get("MUNICIPALITY_CODES", ())
        found = {
            one.number: guard.found(KINDS[one.kind].typed(answers[one.number]), codes)
            for one in self.asked
            if one.number in answers and KINDS[one.kind].typed(answers[one.number])
        }
        return {number: guard_sentence(kinds) for number, kinds in found.items() if kinds}

    def unanswered(self, answers: Mapping[int, Answer]) -> list[int]:
        """Return the places, from 1, of the questions that are not wholly answered."""
        return [
            place
            for place, one in enumerate(self.asked, 1)
            if (answer := answers.get(one.number)) is None or not KINDS[one.kind].is_complete(one.body, answer)
        ]

    def asking(self, one: Asked, answer: Answer) -> dict[str, Any]:
        """Prepare a question for asking: nothing of its key comes along."""
        return {
            "number": one.number,
            "kind": one.kind,
            "is_critical": one.is_critical and self.quiz.is_passable,
            "body": {part: one.body.get(part) for part in _SHOWN},
            "view": KINDS[one.kind].view(one.body, answer, one.number, self.guise),
        }

    def reviewing(self, one: Asked, answer: Answer, marks: Mapping[int, Any]) -> dict[str, Any]:
        """Prepare a question with what was right and why."""
        mark = marks.get(one.number)
        return {
            **self.asking(one, answer),
            "view": KINDS[one.kind].review(one.body, one.key, answer, one.number, self.guise),
            "is_right": marked(one, answer, mark and mark.points).mark.is_right,
            "explain": one.key.get("explain"),
            "marked": mark,
        }
