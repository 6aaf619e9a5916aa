"""The style of a package: what is allowed and yet not good. Warnings only; pure.

Plain words for everybody: short sentences, no unexplained acronyms, every language complete, facts cited and not typed.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from markdown_it.token import Token

from lms.assessment.package import QuestionDraft
from lms.core.problems import N_, Problems, TomlLines
from lms.core.texts import folded
from lms.curriculum.package.bridge import FOLDER, parted
from lms.curriculum.package.drafts import ActivityDraft, CourseDraft, LessonDraft, ModuleDraft, Package
from lms.curriculum.package.marks import FACT, markdown
from lms.curriculum.package.pieces import pieces_of
from lms.curriculum.package.shelf import Shelf

SENTENCE_WORDS = 30
ALT_WORDS = 3

_MARKS = markdown()
_END = re.compile(r"(?:(?<=;)|(?<=[.!?…])|(?<=[.!?…][»”\")\]]))\s+(?=[«“\"¿¡(\[*_]*[\w{])")
_WORD = re.compile(r"\w[\w’'ʼ-]*")
_ACRONYM = re.compile(r"(?<![\w/.@-])[A-ZÁÉÍÓÚÑ]{2,}(?:-[A-Z]{2,})*(?![\w@])")
_ROMAN = re.compile(r"[IVXLC]+")
_IN_FULL = re.compile(r", (?:(?:el|la|los|las|the) )?[A-ZÁÉÍÓÚÑ][a-záéíóúñ]+ ")  # “PGN, la Procuraduría General …”
_COMMON = frozenset({"SMS", "PDF", "QR", "TV", "DPI", "ID", "OK"})
_TYPED = re.compile(
    r"\b(?:art[íi]culos?|articles?|decretos?|decrees?|acuerdo ministerial)\s+(?:n[úu]mero\s+)?\d", re.IGNORECASE
)
_SUBJECT = re.compile(
    r"\b(trata|traffick\w*|explota\w*|exploit\w*|v[íi]ctima\w*|victim\w*|abus\w*|prostitu\w*)\b", re.IGNORECASE
)
_LOOSE_GLOTTAL = re.compile(r"[^\W\d_]['’ꞌ](?=[^\W\d_]|\b)")


@dataclass(frozen=True)
class Said:
    """A stretch of text that somebody reads, and where it stands."""

    file: str
    line: int
    language: str
    text: str


def style_problems(package: Package, files: Mapping[str, bytes]) -> Problems:
    """Name what could be said better, as warnings."""
    problems = Problems()
    shelf = Shelf(files, Problems())
    _check_neutral(package.course, problems, shelf)
    for module in package.modules:
        for activity in module.activities:
            _check_lessons(activity, problems)
    for said in _everything(package, shelf):
        _check_sentences(said, problems)
        if said.language not in ("spa", "eng") and _LOOSE_GLOTTAL.search(said.text):
            problems.warn(said.file, said.line, N_("In Mayan languages the glottal stop is written ʼ (U+02BC)."))
    _check_copies(package, problems)
    if package.bridge is not None:
        found = style_problems(package.bridge, parted(files)[1])
        problems.extend(replace(one, file=FOLDER + one.file) for one in found)
    problems.sort(key=lambda problem: (problem.file, problem.line))
    return problems


def sentences_of(text: str) -> list[str]:
    """Split running text into sentences; what stands between semicolons is read as one too.

    >>> sentences_of("Llame al {fact:a}. «¿Y si no?» Avise.")
    ['Llame al {fact:a}.', '«¿Y si no?»', 'Avise.']
    """
    return [part for part in _END.split(text) if part.strip()]


def word_count(sentence: str) -> int:
    """Count the words of a sentence; a cited fact counts as three."""
    return len(_WORD.findall(FACT.sub(" uno dos tres ", sentence)))


def unexplained(text: str) -> list[str]:
    """Name the acronyms of a text that stand there before they were explained.

    >>> unexplained("La Procuraduría General de la Nación (PGN) y el MP. SVET, la Secretaría contra la Violencia")
    ['MP']
    """
    found: list[str] = []
    explained: set[str] = set()
    for match in _ACRONYM.finditer(text):
        acronym = match.group()
        if acronym in _COMMON or _ROMAN.fullmatch(acronym) or acronym in explained or acronym in found:
            continue
        before, after = text[: match.start()].rstrip(" *_"), text[match.end() :].lstrip(" *_")
        if before.endswith("(") or after.startswith("(") or _IN_FULL.match(after):
            explained.add(acronym)
        else:
            found.append(acronym)
    return found


def _check_sentences(said: Said, problems: Problems) -> None:
    for sentence in sentences_of(said.text):
        if (count := word_count(sentence)) > SENTENCE_WORDS:
            problems.warn(
                said.file, said.line, N_("A sentence of %(count)s words; %(limit)s at most: “%(start)s…”"),
                count=count, limit=SENTENCE_WORDS, start=" ".join(sentence.split()[:6]),
            )  # fmt: skip
        if typed := _TYPED.search(sentence):
            problems.warn(
                said.file, said.line, N_("“%(text)s” is typed here: cite it as a fact, so that it can be kept right."),
                text=typed.group(),
            )  # fmt: skip


def _check_neutral(course: CourseDraft, problems: Problems, shelf: Shelf) -> None:
    lines = _lines(shelf, "course.toml")
    if _SUBJECT.search(course.slug.replace("-", " ")):
        problems.warn(
            "course.toml",
            lines.of(("slug",)),
            N_("The slug stands in the address bar: it should not name the subject."),
        )
    for code, text in course.neutral_title.items():
        if _SUBJECT.search(text):
            problems.warn(
                "course.toml", lines.of(("neutral_title", code)),
                N_("“neutral_title” stands in the browser's tab: it should not name the subject."),
            )  # fmt: skip


def _check_lessons(activity: ActivityDraft, problems: Problems) -> None:
    shapes: dict[str, dict[str, int]] = {}
    for lesson in activity.texts.values():
        if not lesson.objective:
            problems.warn(lesson.file, 1, N_("The head says no “objective”."))
        said = list(_lesson_text(lesson))
        whole = "\n".join(one.text for one in said)
        for acronym in unexplained(whole):
            line = next((one.line for one in said if acronym in one.text), lesson.line)
            problems.warn(
                lesson.file, line, N_("“%(acronym)s” is not explained: write the name in full, then (%(acronym)s)."),
                acronym=acronym,
            )  # fmt: skip
        shapes[lesson.language] = _shape(lesson, problems)
    source = next(iter(shapes), None)
    for language, shape in shapes.items():
        for what in sorted(set(shape) | set(shapes[source or language])):
            here, there = shape.get(what, 0), shapes[source or language].get(what, 0)
            if here != there:
                problems.warn(
                    activity.texts[language].file, 1,
                    N_("“%(what)s” is here %(here)s times, in %(source)s %(there)s times."),
                    what=what, here=here, source=source, there=there,
                )  # fmt: skip


def _shape(lesson: LessonDraft, problems: Problems) -> dict[str, int]:
    """Count the parts of a lesson, to be compared with its other languages; say which pictures are told too briefly."""
    shape: dict[str, int] = {}
    for piece in pieces_of(lesson.source, lesson.line):
        if piece.name:
            shape[f"::: {piece.name}"] = shape.get(f"::: {piece.name}", 0) + 1
        for token in _MARKS.parse(piece.source):
            if token.type == "heading_open":
                shape["##"] = shape.get("##", 0) + 1
            elif token.type == "list_item_open" and piece.name in ("keep", "do", "dont", "calls"):
                key = f"{piece.name} -"
                shape[key] = shape.get(key, 0) + 1
            for child in token.children or []:
                if child.type == "image":
                    shape["![ ]"] = shape.get("![ ]", 0) + 1
                    if len(child.content.split()) < ALT_WORDS:
                        line = piece.line + (token.map[0] if token.map else 0)
                        problems.warn(
                            lesson.file,
                            line,
                            N_("This alternative text says too little: “%(text)s”."),
                            text=child.content,
                        )
    return shape


def _everything(package: Package, shelf: Shelf) -> Iterator[Said]:
    """Yield every text a learner reads."""
    lines = _lines(shelf, "course.toml")
    for key, texts in (("title", package.course.title), ("summary", package.course.summary)):
        for code, text in texts.items():
            yield Said("course.toml", lines.of((key, code)), code, text)
    for module in package.modules:
        yield from _module_texts(module, _lines(shelf, module.file))
        for activity in module.activities:
            for lesson in activity.texts.values():
                yield Said(lesson.file, 1, lesson.language, lesson.objective)
                yield Said(lesson.file, 1, lesson.language, lesson.content_note)
                yield from _lesson_text(lesson)
    for bank in package.banks:
        for question in bank.questions:
            for code, text in _texts_in([question.body, question.key]):
                yield Said(bank.file, question.line, code, text)


def _module_texts(module: ModuleDraft, lines: TomlLines) -> Iterator[Said]:
    for code, text in module.objective.items():
        yield Said(module.file, lines.of(("objective", code)), code, text)
    for code, messages in module.details["core_messages"].items():
        for message in messages:
            yield Said(module.file, lines.of(("core_messages", code)), code, message)


def _lesson_text(lesson: LessonDraft) -> Iterator[Said]:
    for piece in pieces_of(lesson.source, lesson.line):
        if piece.name == "calls":
            continue
        if piece.heading and piece.name not in ("audio", "video"):
            yield Said(lesson.file, piece.heading_line, lesson.language, piece.heading)
        for token in _MARKS.parse(piece.source):
            if token.type == "inline":
                line = piece.line + (token.map[0] if token.map else 0)
                yield Said(lesson.file, line, lesson.language, _words(token))


def _words(inline: Token) -> str:
    parts, in_title = [], False
    for token in inline.children or []:
        if token.type == "text":
            # What stands in italics is a title, such as *Tu Amig@ SVET*: nothing in it has to be explained.
            parts.append(
                _ACRONYM.sub(lambda found: found.group().title(), token.content) if in_title else token.content
            )
        elif token.type in ("em_open", "em_close"):
            in_title = token.type == "em_open"
        elif token.type == "image":
            parts.append(f"{token.content} {token.attrs.get('title') or ''}")
        elif token.type in ("softbreak", "hardbreak"):
            parts.append(" ")
    return "".join(parts)


def _texts_in(value: Any) -> Iterator[tuple[str, str]]:
    """Yield (language, text) of everything in a question that is written in several languages."""
    if isinstance(value, dict):
        is_texts = value and all(isinstance(key, str) and re.fullmatch("[a-z]{3}", key) for key in value)
        for key, inner in value.items():
            if is_texts and isinstance(inner, str):
                yield key, inner
            else:
                yield from _texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts_in(inner)


def _check_copies(package: Package, problems: Problems) -> None:
    """Report translations that are copies of the source."""
    source = package.course.languages[0] if package.course.languages else ""
    for bank in package.banks:
        for question in bank.questions:
            for code in _copied(question, source):
                problems.warn(
                    bank.file,
                    question.line,
                    N_("A text in %(code)s is the same as in %(source)s."),
                    code=code,
                    source=source,
                )
    for activity in package.activities:
        texts = activity.texts
        for code, lesson in texts.items():
            if code != source and source in texts and folded(lesson.source) == folded(texts[source].source):
                problems.warn(
                    lesson.file,
                    lesson.line,
                    N_("A text in %(code)s is the same as in %(source)s."),
                    code=code,
                    source=source,
                )


def _copied(question: QuestionDraft, source: str) -> set[str]:
    copied: set[str] = set()
    stack: list[Any] = [question.body, question.key]
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            stack.extend(value)
        elif isinstance(value, dict):
            said = value.get(source)
            if isinstance(said, str) and len(said.split()) > 4:
                copied |= {code for code, text in value.items() if code != source and text == said}
            stack.extend(inner for inner in value.values() if isinstance(inner, (dict, list)))
    return copied


def _lines(shelf: Shelf, path: str) -> TomlLines:
    return TomlLines(shelf.text(path) or "" if path in shelf else "")
