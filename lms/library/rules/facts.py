"""What counts as a fact, how long a check holds, and how a file of facts is read. Pure."""

import calendar
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from lms.core.problems import N_, Problems, Table, TomlLines
from lms.core.texts import Texts
from lms.core.toml import read_toml

# A wrong telephone number harms soonest, so hotlines are looked at twice a year and everything else once.
MONTHS = {
    "hotline": 6,
    "article": 12,
    "penalty": 12,
    "deadline": 12,
    "age": 12,
    "figure": 12,
    "institution": 12,
    "instrument": 12,
}
NEEDED = ("spa", "eng")
_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_CODE = re.compile(r"[a-z]{3}")
_DIAL = re.compile(r"[+*#0-9][0-9 *#-]{1,28}")
_LENGTHS = {"key": 60, "checked_by": 120, "source": 2000}


@dataclass(frozen=True)
class FactDraft:
    """One fact as a file holds it."""

    key: str
    kind: str
    value: Texts
    label: Texts
    dial: str | None = None
    is_verified: bool = False
    source: str = ""
    checked_on: date | None = None
    checked_by: str = ""
    review_by: date | None = None


CONTENT = tuple(name for name in FactDraft.__dataclass_fields__ if name != "key")


def is_stale(review_by: date | None, today: date) -> bool:
    """Tell whether the day to look again has passed.

    >>> is_stale(date(2026, 5, 1), date(2026, 5, 1)), is_stale(date(2026, 5, 1), date(2026, 5, 2))
    (False, True)
    >>> is_stale(None, date(2026, 5, 2))
    False
    """
    return review_by is not None and review_by < today


def is_certain(is_verified: bool, review_by: date | None, today: date) -> bool:
    """Tell whether learners may read it as certain: somebody verified it, and it is not time to look again."""
    return is_verified and not is_stale(review_by, today)


def review_after(checked_on: date, months: int) -> date:
    """Return the day by which something checked then has to be looked at again.

    >>> review_after(date(2026, 8, 31), 6)
    datetime.date(2027, 2, 28)
    """
    years, month = divmod(checked_on.month - 1 + months, 12)
    year = checked_on.year + years
    return date(year, month + 1, min(checked_on.day, calendar.monthrange(year, month + 1)[1]))


def fingerprint(content: Any) -> str:
    """Sum up what a fact says: a draft and a row that say the same have the same sum."""
    said = {name: getattr(content, name) for name in CONTENT}
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str, ensure_ascii=False).encode()).hexdigest()


def is_key(text: str) -> bool:
    """Tell whether lessons could cite this key: small letters a–z, digits and hyphens."""
    return len(text) <= _LENGTHS["key"] and _KEY.fullmatch(text) is not None


def is_dial(text: str) -> bool:
    """Tell whether a telephone can dial this.

    >>> [is_dial(one) for one in ("110", "+502 2320-1234", "*5565", "call us")]
    [True, True, True, False]
    """
    return _DIAL.fullmatch(text) is not None


def read_facts(text: str, file: str) -> tuple[list[FactDraft], Problems]:
    """Read a file of facts; return those that can be read, and everything that is wrong with the others."""
    problems = Problems()
    if (data := read_toml(text, file, problems)) is None:
        return [], problems
    whole = Table(data, file, TomlLines(text), problems, NEEDED)
    drafts: dict[str, FactDraft] = {}
    for entry in whole.tables("fact"):
        before = len(problems.errors)
        draft = _read(entry)
        if draft.key in drafts:
            entry.problem("key", N_("Two facts have the key “%(key)s”."), key=draft.key)
        if len(problems.errors) == before:
            drafts[draft.key] = draft
    whole.finish()
    return list(drafts.values()), problems


def _read(entry: Table) -> FactDraft:
    key = entry.get("key", str, "", required=True)
    if key and not is_key(key):
        entry.problem("key", N_("A key holds small letters a–z, digits and hyphens, at most 60: “%(key)s”."), key=key)
    kind = entry.get("kind", str, "", required=True)
    if kind and kind not in MONTHS:
        entry.problem(
            "kind", N_("“%(kind)s” is not a kind of fact. Kinds: %(kinds)s."), kind=kind, kinds=", ".join(MONTHS)
        )
    status = entry.get("status", str, "unverified")
    if status not in ("verified", "unverified"):
        entry.problem("status", N_("“status” is verified or unverified."))
    dial = entry.get("dial", str)
    if dial is not None and not is_dial(dial):
        entry.problem("dial", N_("“dial” is a number to dial, such as 110 or +502 2320 1234."))
    if dial is None and kind == "hotline":
        entry.problem(None, N_("A hotline needs “dial”, the number to dial."))
    draft = FactDraft(
        key=key,
        kind=kind,
        value=_texts(entry, "value"),
        label=_texts(entry, "label"),
        dial=dial,
        is_verified=status == "verified",
        source=_short(entry, "source"),
        checked_on=_day(entry, "checked_on"),
        checked_by=_short(entry, "checked_by"),
        review_by=_day(entry, "review_by"),
    )
    if draft.is_verified and not (draft.source and draft.checked_on and draft.checked_by):
        entry.problem(None, N_("A verified fact says its source, checked_on and checked_by."))
    entry.finish()
    return draft


def _texts(entry: Table, key: str) -> Texts:
    """Read a text; one that is the same in every language is written once."""
    found = entry.get(key, (str, dict), {}, required=True)
    texts: Texts = dict.fromkeys(NEEDED, found) if isinstance(found, str) else {}
    for code, text in found.items() if isinstance(found, dict) else ():
        if not _CODE.fullmatch(code):
            entry.problem(f"{key}.{code}", N_("“%(code)s” is not a language code of three letters."), code=code)
        elif not isinstance(text, str):
            entry.problem(f"{key}.{code}", N_("“%(key)s” should be text."), key=key)
        else:
            texts[code] = text
    for code in NEEDED:
        if not texts.get(code, "").strip() and key in entry.values:
            entry.problem(key, N_("“%(key)s” has no text in %(code)s."), key=key, code=code)
    return texts


def _short(entry: Table, key: str) -> str:
    text = str(entry.get(key, str, ""))
    if len(text) > _LENGTHS[key]:
        entry.problem(key, N_("“%(key)s” has at most %(most)s letters."), key=key, most=_LENGTHS[key])
    return text


def _day(entry: Table, key: str) -> date | None:
    day = entry.get(key, date)
    if isinstance(day, datetime):
        entry.problem(key, N_("“%(key)s” is a day, such as 2026-11-21."), key=key)
        return None
    return day if isinstance(day, date) else None


def write_facts(facts: Mapping[str, Any] | list[Any]) -> str:
    """Write facts as a file that `read_facts` reads back to the same."""
    rows = facts.values() if isinstance(facts, Mapping) else facts
    return "\n".join(_entry(fact) for fact in rows)


def _entry(fact: Any) -> str:
    lines = ["[[fact]]", f"key = {_quoted(fact.key)}", f"kind = {_quoted(fact.kind)}"]
    for name in ("value", "label"):
        texts: Texts = getattr(fact, name)
        if name == "value" and set(texts) == set(NEEDED) and len(set(texts.values())) == 1:
            lines.append(f"{name} = {_quoted(texts[NEEDED[0]])}")
        else:
            lines += [f"{name}.{code} = {_quoted(text)}" for code, text in texts.items()]
    if fact.dial is not None:
        lines.append(f"dial = {_quoted(fact.dial)}")
    lines.append(f"status = {_quoted('verified' if fact.is_verified else 'unverified')}")
    lines += [f"{name} = {_quoted(getattr(fact, name))}" for name in ("source", "checked_by") if getattr(fact, name)]
    lines += [f"{name} = {getattr(fact, name)}" for name in ("checked_on", "review_by") if getattr(fact, name)]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def plain(draft: FactDraft) -> dict[str, Any]:
    """Return the columns of a draft."""
    return asdict(draft)
