"""Places of help: what kinds there are, and how a list of them is read row by row. No field holds an address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lms.core.guard import found
from lms.core.problems import N_, Problems
from lms.core.texts import folded
from lms.library.rules.facts import is_dial, review_after
from lms.organization.rules.lists import day_of

MONTHS = 6
KINDS = {
    "report": N_("To report"),
    "protection": N_("Protection office"),
    "health": N_("Health"),
    "psychological": N_("Psychological support"),
    "legal": N_("Legal advice"),
    "shelter": N_("Shelter"),
    "education": N_("Education"),
    "reintegration": N_("Work and reintegration"),
    "repatriation": N_("Return home"),
    "other": N_("Other help"),
}
FIELDS = (
    "kind",
    "place_code",
    "name",
    "phone",
    "how_to_reach",
    "for_whom",
    "languages",
    "checked_on",
    "checked_by",
    "review_by",
)
HEADERS = {
    "kind": (N_("Kind of help"), "Tipo de ayuda", "Tipo", "Kind of help", "Kind"),
    "name": (N_("Name"), "Nombre", "Name"),
    "place": (
        N_("Place it serves"),
        "Lugar que atiende",
        "Lugar",
        "Municipio",
        "Place it serves",
        "Place",
        "Municipality",
    ),
    "phone": (N_("Telephone"), "Teléfono", "Telephone", "Phone"),
    "how": (N_("How to ask for it"), "Cómo pedirla", "Cómo se pide", "How to ask for it"),
    "whom": (N_("For whom"), "Para quién", "For whom"),
    "languages": (N_("Languages"), "Idiomas", "Languages"),
    "checked_on": (N_("Checked on"), "Revisado el", "Checked on"),
    "checked_by": (N_("Checked by"), "Revisado por", "Checked by"),
    "review_by": (N_("Look again by"), "Revisar antes de", "Look again by"),
}
_LENGTHS = {"name": 160, "phone": 60, "how": 300, "whom": 200, "checked_by": 120}


@dataclass(frozen=True)
class ReferralDraft:
    """A place of help as somebody writes it down."""

    kind: str
    name: str
    checked_on: date
    checked_by: str
    review_by: date
    place_code: str | None = None  # whom it serves, not where it stands; nothing: the whole country
    phone: str = ""
    how_to_reach: str = ""
    for_whom: str = ""
    languages: list[str] = field(default_factory=list)


def key_of(entry: Any) -> tuple[str, str, str]:
    """Return what an entry is known again by."""
    return entry.kind, folded(entry.name), entry.place_code or ""


def read_referrals(
    rows: Iterable[tuple[int, Mapping[str, str]]],
    places: Mapping[str, set[str]],
    languages: Mapping[str, set[str]],
    kinds: Mapping[str, str],
    problems: Problems,
) -> list[ReferralDraft]:
    """Understand every row of a list; report each cell that cannot be.

    :param kinds: the kind by each folded word for it, in any language.
    """
    read: dict[tuple[str, str, str], int] = {}
    drafts = []
    for number, cells in rows:
        draft = _Row(number, cells, problems).draft(places, languages, kinds)
        if draft is None:
            continue
        if (key := key_of(draft)) in read:
            problems.add("", number, N_("This row says the same as row %(row)s."), row=read[key])
            continue
        read[key] = number
        drafts.append(draft)
    return drafts


class _Row:
    def __init__(self, number: int, cells: Mapping[str, str], problems: Problems) -> None:
        self.number, self.cells, self.problems, self.is_wrong = number, cells, problems, False

    def wrong(self, sentence: str, **values: Any) -> None:
        self.is_wrong = True
        self.problems.add("", self.number, sentence, **values)

    def draft(
        self, places: Mapping[str, set[str]], languages: Mapping[str, set[str]], kinds: Mapping[str, str]
    ) -> ReferralDraft | None:
        kind = kinds.get(folded(self.text("kind")), "")
        if not kind:
            self.wrong(N_("“%(text)s” is not a kind of help we know."), text=self.text("kind"))
        checked_on = self.day("checked_on")
        draft = ReferralDraft(
            kind=kind,
            name=self.short("name"),
            place_code=self.place(places),
            phone=self.short("phone"),
            how_to_reach=self.free("how"),
            for_whom=self.free("whom"),
            languages=self.spoken(languages),
            checked_on=checked_on or date.min,
            checked_by=self.short("checked_by"),
            review_by=self.day("review_by") or review_after(checked_on or date(2000, 1, 1), MONTHS),
        )
        if not draft.name:
            self.wrong(N_("Write the name."))
        if checked_on is None or not draft.checked_by:
            self.wrong(N_("Write who checked the entry, and on which day."))
        if draft.phone and not is_phones(draft.phone):
            self.wrong(N_("“%(text)s” is not a telephone number, such as 2320 1234 or 1546."), text=draft.phone)
        if kind == "shelter" and draft.how_to_reach:
            self.wrong(N_("Where a shelter is, or how one gets there, is never written. Leave it empty."))
        return None if self.is_wrong else draft

    def text(self, column: str) -> str:
        return " ".join(self.cells.get(column, "").split())

    def short(self, column: str) -> str:
        text = self.text(column)
        if len(text) > _LENGTHS[column]:
            self.wrong(N_("“%(text)s…” is too long: at most %(most)s letters."), text=text[:20], most=_LENGTHS[column])
        return text

    def free(self, column: str) -> str:
        text = self.short(column)
        if found(text):
            self.wrong(N_("“%(text)s” holds a number, a mail or a place on a map. Take it out."), text=text[:60])
        return text

    def place(self, places: Mapping[str, set[str]]) -> str | None:
        text = self.text("place")
        if not text:
            return None
        if text.isdigit() and text not in places:
            text = f"0{text}"
        codes = places.get(folded(text), set())
        if len(codes) != 1:
            self.wrong(
                N_("Several places are called “%(text)s”. Write the code, or the department behind a comma.")
                if codes
                else N_("There is no place “%(text)s”. Write its name or its code, such as 1406."),
                text=text,
            )
            return None
        return next(iter(codes))

    def spoken(self, languages: Mapping[str, set[str]]) -> list[str]:
        codes: list[str] = []
        for word in self.text("languages").replace(";", ",").split(","):
            if not word.strip():
                continue
            known = languages.get(folded(word), set())
            if len(known) != 1:
                self.wrong(N_("We do not know the language “%(text)s”."), text=word.strip())
            else:
                codes.append(next(iter(known)))
        return list(dict.fromkeys(codes))

    def day(self, column: str) -> date | None:
        text = self.text(column)
        if not text:
            return None
        try:
            return day_of(text)
        except ValueError:
            self.wrong(N_("“%(text)s” is not a day. Write it like 21/11/2026 or 2026-11-21."), text=text[:40])
            return None


def is_phones(text: str) -> bool:
    """Tell whether this is one or several telephone numbers.

    >>> is_phones("1546"), is_phones("2320 1234, 2320-1235"), is_phones("ask there")
    (True, True, False)
    """
    return all(is_dial(one.strip()) for one in text.replace(";", ",").replace("/", ",").split(","))
