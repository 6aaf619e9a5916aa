"""The Spanish of the interface: one fragment a room (translations/es/<room>.po), merged into one compiled catalogue.

Nothing but Babel is needed: no msgfmt, no gettext. Message ids are English sentences, so English needs no catalogue.
"""

import io
import logging
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po

from lms.core.problems import N_, Problems

LANGUAGE = "es"
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("_", "_l", "N_", "gettext", "lazy_gettext")),
    **dict.fromkeys(("ngettext", "_n", "lazy_ngettext"), (1, 2)),
    **dict.fromkeys(("pgettext", "lazy_pgettext"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "lazy_npgettext"), ((1, "c"), 2, 3)),
}
METHODS = [("**/tests/**", "ignore"), ("**.py", "python"), ("**/templates/**", "jinja2")]
OPTIONS = {"**/templates/**": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}}

_HEAD = (
    b'msgid ""\nmsgstr ""\n"Language: es\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    b'"Plural-Forms: nplurals=2; plural=n != 1;\\n"\n\n'
)
_MO = Path(LANGUAGE) / "LC_MESSAGES" / "messages.mo"
_PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?[#0\- +]*\d*(?:\.\d+)?[diouxXeEfFgGcrs%]")
_TAG = re.compile(r"</?[a-z][a-z0-9]*")
_log = logging.getLogger(__name__)

Key = tuple[str, str | None]  # the (singular) sentence and its context


# Reading and compiling


def fragments(folder: Path) -> list[Path]:
    """List the fragments of all rooms."""
    return sorted((folder / LANGUAGE).glob("*.po"))


def read_fragment(path: Path) -> Catalog:
    """Read one fragment.

    :raise PoFileError: it is not written as a po file.
    """
    with path.open("rb") as file:
        return read_po(file, locale=LANGUAGE, abort_invalid=True)


def merged(paths: Iterable[Path]) -> Catalog:
    """Put the fragments into one catalogue; the first translation of a sentence counts, a broken file is left out."""
    whole = Catalog(locale=LANGUAGE, charset="utf-8")
    for path in paths:
        try:
            fragment = read_fragment(path)
        except (PoFileError, UnicodeDecodeError, ValueError) as error:
            _log.warning("%s is not a po file: %s", path, error)
            continue
        for message in fragment:
            if message.id and is_translated(message) and whole.get(message.id, message.context) is None:
                whole[message.id] = message
    return whole


def is_translated(message: Message) -> bool:
    """Tell whether every form of the sentence has its words, and nobody doubts them."""
    texts = forms_of(message)
    return bool(texts) and all(texts) and not message.fuzzy


def forms_of(message: Message) -> list[str]:
    """Return the translation, or its singular and plural."""
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def compile_catalogue(folder: Path, into: Path) -> Path:
    """Write the merged catalogue under `into` and return its file."""
    buffer = io.BytesIO()
    write_mo(buffer, merged(fragments(folder)))
    return _write(into / _MO, buffer.getvalue())


def is_stale(folder: Path, compiled: Path) -> bool:
    """Tell whether a fragment was written, added or taken away since the catalogue was compiled."""
    if not compiled.exists():
        return True
    read = [path for path in (folder / LANGUAGE, *fragments(folder)) if path.exists()]
    return any(path.stat().st_mtime_ns >= compiled.stat().st_mtime_ns for path in read)


def refresh_compiled(folder: Path, data: Path) -> Path:
    """Compile what is out of date and return the folder to read.

    That is the folder of the fragments, or the data folder where the program's own may not be written.
    """
    if not is_stale(folder, folder / _MO):
        return folder
    try:
        compile_catalogue(folder, folder)
    except OSError:
        fallback = data / "translations"
        if is_stale(folder, fallback / _MO):
            compile_catalogue(folder, fallback)
        return fallback
    return folder


def _write(target: Path, data: bytes) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    Path(temporary).chmod(0o644)
    os.replace(temporary, target)  # whoever reads meanwhile has the old one or the new one, whole
    return target


# What code and templates say


@dataclass(frozen=True)
class Use:
    """A sentence of the interface and the first place that says it."""

    room: str
    file: str
    line: int
    id: str | tuple[str, ...]
    context: str | None

    @property
    def key(self) -> Key:
        return key_of(self.id, self.context)


def key_of(message_id: Any, context: str | None) -> Key:
    """Return what a catalogue knows a sentence by: its singular and its context."""
    return (message_id if isinstance(message_id, str) else message_id[0], context)


def uses(package: Path, rooms: Iterable[str]) -> dict[Key, Use]:
    """Collect every sentence said under the package; the lowest room that says it owns it."""
    order = {room: number for number, room in enumerate(rooms)}
    found: dict[Key, Use] = {}
    for use in sorted(_all_uses(package), key=lambda use: (order.get(use.room, -1), use.file, use.line)):
        known = found.get(use.key)
        if known is None or (isinstance(known.id, str) and not isinstance(use.id, str)):
            found[use.key] = use
    return found


def _all_uses(package: Path) -> Iterator[Use]:
    said = extract_from_dir(
        package, METHODS, OPTIONS, keywords=KEYWORDS, directory_filter=lambda path: "__pycache__" not in str(path)
    )
    for file, line, message_id, _comments, context in said:
        parts = Path(file).parts
        room = parts[0] if len(parts) > 1 else "core"
        yield Use(room, f"{package.name}/{file}", line, message_id, context)


def extract(package: Path, rooms: Iterable[str], target: Path) -> int:
    """Write all sentences into one template for translators; return how many."""
    catalogue = Catalog(charset="utf-8")
    found = uses(package, rooms)
    for use in found.values():
        catalogue.add(use.id, locations=[(use.file, use.line)], context=use.context)
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=120, sort_by_file=True)
    _write(target, buffer.getvalue())
    return len(found)


def update(package: Path, rooms: Iterable[str], folder: Path, only: str | None = None) -> dict[str, tuple[int, int]]:
    """Give each room's fragment the sentences it lacks and take out those nobody says any more.

    :param only: the one room whose fragment is touched.
    :return: for each room how many were added and removed.
    """
    found = uses(package, rooms)
    kept = {path.stem: read_fragment(path) for path in fragments(folder)}
    translated = {
        key_of(message.id, message.context) for one in kept.values() for message in one if is_translated(message)
    }
    changes = {}
    for room in [only] if only else sorted({use.room for use in found.values()} | set(kept)):
        fragment = kept.get(room) or Catalog(locale=LANGUAGE, charset="utf-8")
        present = {key_of(message.id, message.context) for message in fragment if message.id}
        mine = [use for key, use in found.items() if use.room == room and key not in translated | present]
        gone = sorted(present - set(found), key=str)
        for key in gone:
            fragment.delete(*key)
        for use in mine:
            fragment.add(use.id, context=use.context)
        if mine or gone:
            for message in fragment:
                message.flags.discard("python-format")  # every sentence is one
            buffer = io.BytesIO(_HEAD)
            buffer.seek(0, io.SEEK_END)
            write_po(buffer, fragment, width=120, no_location=True, omit_header=True)
            _write(folder / LANGUAGE / f"{room}.po", buffer.getvalue())
            changes[room] = (len(mine), len(gone))
    return changes


# Checking


def check_catalogue(package: Path, rooms: Iterable[str], folder: Path) -> Problems:
    """Name everything a reader of Spanish would stumble over, and everything a translator wrote for nobody."""
    problems, found = Problems(), uses(package, rooms)
    said: dict[Key, tuple[str, Message]] = {}
    for path in fragments(folder):
        name = f"{folder.name}/{LANGUAGE}/{path.name}"
        try:
            fragment = read_fragment(path)
        except (PoFileError, UnicodeDecodeError, ValueError) as error:
            problems.add(
                name, (getattr(error, "lineno", 0) or 0) + 1, N_("This is not a po file: %(why)s."), why=str(error)
            )
            continue
        for message in fragment:
            if message.id:
                _check_message(message, name, found, said, problems)
    for key, use in found.items():
        if key not in said:
            problems.add(use.file, use.line, N_("“%(sentence)s” has no Spanish."), sentence=key[0])
        elif not isinstance(use.id, str) and isinstance(said[key][1].id, str):
            problems.add(use.file, use.line, N_("“%(sentence)s” needs a singular and a plural."), sentence=key[0])
    return problems


def _check_message(
    message: Message, name: str, found: dict[Key, Use], said: dict[Key, tuple[str, Message]], problems: Problems
) -> None:
    key, line = key_of(message.id, message.context), message.lineno or 1
    sentence = key[0]
    if message.fuzzy:
        problems.add(name, line, N_("“%(sentence)s” is marked as doubtful (fuzzy)."), sentence=sentence)
        return
    if not is_translated(message):
        return  # named where it is said
    if key not in found:
        problems.add(name, line, N_("“%(sentence)s” is said nowhere."), sentence=sentence)
    if key in said and said[key][1].string != message.string:
        problems.add(
            name, line, N_("“%(sentence)s” has another translation in %(file)s."), sentence=sentence, file=said[key][0]
        )
    said.setdefault(key, (name, message))
    ids = [message.id] if isinstance(message.id, str) else list(message.id)
    for text in forms_of(message):
        if _marks(_PLACEHOLDER, text) not in [_marks(_PLACEHOLDER, one) for one in ids]:
            problems.add(name, line, N_("“%(sentence)s” has other placeholders in Spanish."), sentence=sentence)
        elif _marks(_TAG, text) not in [_marks(_TAG, one) for one in ids]:
            problems.add(name, line, N_("“%(sentence)s” has other HTML tags in Spanish."), sentence=sentence)


def _marks(pattern: re.Pattern[str], text: str) -> list[str]:
    return sorted({match.group(0) for match in pattern.finditer(text)})
