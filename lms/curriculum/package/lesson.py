"""Read one lesson file: its head, and everything its text may not hold or refers to."""

import re
from dataclasses import dataclass, field

from lms.assessment.package import toml_table
from lms.core.problems import N_
from lms.curriculum.package.drafts import LessonDraft
from lms.curriculum.package.marks import ACTIVITY_LINK, Used, check_link, check_marks
from lms.curriculum.package.pictures import ATTACHMENTS, PICTURES, RECORDINGS
from lms.curriculum.package.pieces import Piece, call_keys, pieces_of, split_head
from lms.curriculum.package.shelf import Shelf

STATUSES = ("draft", "reviewed", "approved")
TITLE_LIMIT = 200

_NEEDS_NUMBERS = re.compile(r"^\s*\d+[.)]\s+\S", re.MULTILINE)
_NEEDS_BULLETS = re.compile(r"^\s*[-*]\s+\S", re.MULTILINE)


@dataclass
class Crossings:
    """What the files of a package say of one another, to be compared when all are read."""

    links: list[tuple[str, int, str, str]] = field(default_factory=list)  # file, line, module, activity
    hotlines: list[tuple[str, int, str]] = field(default_factory=list)  # file, line, key
    recordings: list[str] = field(default_factory=list)  # slots whose recording is still to come


def read_lesson(
    path: str, language: str, default_status: str, default_reviewer: str, shelf: Shelf, crossings: Crossings
) -> LessonDraft | None:
    """Read `path`; None when it has no readable head."""
    if (text := shelf.text(path)) is None:
        return None
    head_text, body, first_line = split_head(text)
    if head_text is None:
        shelf.problems.add(path, 1, N_("A lesson begins with its head between two lines of +++."))
        return None
    if (head := toml_table(head_text, path, [language], shelf.problems)) is None:
        return None
    title = head.get("title", str, "", required=True).strip()
    if len(title) > TITLE_LIMIT:
        head.problem("title", N_("“%(key)s” has at most %(limit)s letters."), key="title", limit=TITLE_LIMIT)
    status = head.get("status", str, default_status)
    if status not in STATUSES:
        head.problem("status", N_("“status” is one of: %(words)s."), words=", ".join(STATUSES))
    lesson = LessonDraft(
        language=language,
        status=status,
        reviewer=head.get("reviewer", str, default_reviewer),
        title=title,
        objective=head.get("objective", str, "").strip(),
        content_note=head.get("content_note", str, "").strip(),
        source=body,
        file=path,
        line=first_line,
    )
    head.finish()
    _Body(path, shelf, crossings).check(body, first_line)
    return lesson


class _Body:
    """Checks the text of one lesson, piece by piece."""

    def __init__(self, path: str, shelf: Shelf, crossings: Crossings) -> None:
        self.path, self.shelf, self.crossings = path, shelf, crossings
        self.has_heading, self.seen = False, set[str]()

    def report(self, line: int, sentence: str, /, **values: object) -> None:
        self.shelf.problems.add(self.path, line, sentence, **values)

    def check(self, body: str, first_line: int) -> None:
        if not body.strip():
            self.report(first_line, N_("This lesson has no text."))
        for piece in pieces_of(body, first_line, self.report):
            if piece.name in _CHECKS:
                _CHECKS[piece.name](self, piece)
            if piece.name != "calls":
                self.check_used(check_marks(piece.source, piece.line, self.report), piece)
            if piece.name and not piece.source.strip():
                self.report(piece.heading_line, N_("The block “%(name)s” is empty."), name=piece.name)
            self.seen.add(piece.name)

    def check_used(self, used: list[Used], piece: Piece) -> None:
        for one in used:
            if one.what == "image":
                self.need(one.target, one.line, PICTURES, N_("“%(path)s” is not a picture."))
            elif one.what == "link" and one.target.startswith("media/"):
                self.need(
                    one.target,
                    one.line,
                    ATTACHMENTS | RECORDINGS | PICTURES,
                    N_("“%(path)s” is not a file to link to."),
                )
            elif one.what == "link" and one.target.startswith("activity:"):
                found = ACTIVITY_LINK.fullmatch(one.target)
                if found:
                    self.crossings.links.append((self.path, one.line, found.group(1), found.group(2)))
                else:
                    self.report(one.line, N_("A link to an activity is written activity:module/activity."))
            elif one.what == "link":
                check_link(one.target, one.line, self.report)
            elif one.what == "heading":
                self.check_heading(one, piece)

    def check_heading(self, heading: Used, piece: Piece) -> None:
        if piece.name:
            self.report(heading.line, N_("Inside a block there are no headings: write it after the block's name."))
        elif heading.target == "h3" and not self.has_heading:
            self.report(heading.line, N_("A heading ### stands below a heading ##."))
        self.has_heading = self.has_heading or heading.target == "h2"

    def need(self, path: str, line: int, types: dict[str, str], sentence: str) -> None:
        if self.shelf.need_at(path, self.path, line) and path.rpartition(".")[2] not in types:
            self.report(line, sentence, path=path)

    def check_keep(self, piece: Piece) -> None:
        if "keep" in self.seen:
            self.report(piece.heading_line, N_("A lesson has one block “keep”; this is the second."))
        if not _NEEDS_NUMBERS.search(piece.source):
            self.report(piece.heading_line, N_("The block “keep” holds a numbered list: 1. 2. 3."))

    def check_do(self, piece: Piece) -> None:
        if not _NEEDS_BULLETS.search(piece.source):
            self.report(piece.heading_line, N_("The block “%(name)s” holds a list with hyphens."), name=piece.name)

    def check_calls(self, piece: Piece) -> None:
        for line, key in call_keys(piece):
            if key is None:
                self.report(line, N_("In “calls” each line is a hyphen and the key of a fact: - police-emergency"))
            else:
                self.crossings.hotlines.append((self.path, line, key))

    def check_reveal(self, piece: Piece) -> None:
        if not piece.heading:
            self.report(piece.heading_line, N_("The block “reveal” has its question after the name: ::: reveal Why?"))

    def check_referrals(self, piece: Piece) -> None:
        if "referrals" in self.seen:
            self.report(piece.heading_line, N_("A lesson has one block “referrals”; this is the second."))

    def check_recording(self, piece: Piece) -> None:
        path = piece.heading.strip()
        self.shelf.used.add(path)  # a recording may still be to come: readers get its script
        end = path.rpartition(".")[2]
        if not path.startswith("media/") or not RECORDINGS.get(end, "").startswith(("audio/", "video/")):
            self.report(
                piece.heading_line,
                N_("The block “%(name)s” names its recording: ::: %(name)s media/lesson.spa.opus"),
                name=piece.name,
            )
        elif path not in self.shelf:
            self.crossings.recordings.append(path)


_CHECKS = {
    "keep": _Body.check_keep,
    "do": _Body.check_do,
    "dont": _Body.check_do,
    "calls": _Body.check_calls,
    "reveal": _Body.check_reveal,
    "referrals": _Body.check_referrals,
    "audio": _Body.check_recording,
    "video": _Body.check_recording,
}
