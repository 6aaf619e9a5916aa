"""Who is meant by a row: by her key, else by her name in that office; and what the row changes about her."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lms.core.problems import N_
from lms.core.texts import folded
from lms.organization.rules.lists import WRITE_NAMES, Line
from lms.organization.rules.plans.known import Change, Known, KnownPerson, Wrong


@dataclass
class Draft:
    """A person of the list, as she will be."""

    person: KnownPerson
    before: KnownPerson | None  # nothing: she is new
    line: Line
    posts: dict[tuple[Any, ...], int] = field(default_factory=dict)  # what the list gives her, and in which row

    @property
    def has_moved(self) -> bool:
        return self.before is not None and self.before.unit != self.person.unit


class People:
    """Finds or makes the person of each row."""

    def __init__(self, known: Known, make_id: Callable[[], uuid.UUID], wrong: Wrong) -> None:
        self.known, self.make_id, self.wrong = known, make_id, wrong
        self.drafts: dict[uuid.UUID, Draft] = {}
        self.doubted: set[int] = set()
        self.new_by_key: dict[str, uuid.UUID] = {}
        self.new_by_name: dict[tuple[uuid.UUID, str], list[uuid.UUID]] = defaultdict(list)

    def draft_of(self, line: Line, change: Change) -> Draft | None:
        """Return the person the row means, new or known; nothing when that is in doubt."""
        found = self.find(line)
        if found is None:
            return None
        if not found:
            draft = self.add(line, change)
        elif found[0] in self.drafts:
            draft = self.meet_again(line, self.drafts[found[0]], change)
        else:
            draft = self.open(line, self.known.people[found[0]], change)
        return draft if draft is not None and self.note_post(line, draft) else None

    def now(self, one: uuid.UUID) -> KnownPerson:
        """Return a person as the rows so far leave her."""
        return self.drafts[one].person if one in self.drafts else self.known.people[one]

    def name_of(self, one: uuid.UUID) -> str:
        """Return her name, also when the list does not speak of her."""
        return self.drafts[one].person.name if one in self.drafts else self.known.names.get(one, "?")

    def find(self, line: Line) -> list[uuid.UUID] | None:
        """Return the one person a row can mean, or an empty list for somebody new; nothing when there are several."""
        unit = line.unit or self.known.branch
        here = (unit, folded(line.name))
        if line.key:
            ids = {*self.known.by_key.get(line.key, ())} | {*filter(None, [self.new_by_key.get(line.key)])}
            if len(ids) > 1:
                ids = {one for one in ids if self.now(one).unit == unit}
                if len(ids) != 1:
                    self.wrong(line.number, N_("Several people have the key “%(key)s”."), key=line.key)
                    return None
            if ids:
                return list(ids)
        named = {*self.known.by_name.get(here, ()), *self.new_by_name.get(here, ())}
        if line.key:
            named = {one for one in named if self.now(one).key is None}
        if len(named) > 1:
            self.several(line)
            return None
        return list(named)

    def check_names(self, lines: Sequence[Line], drafts: Mapping[int, Draft | None]) -> None:
        """Report rows without a key whose name, when all is done, will be that of nobody or of several people there."""
        at: dict[tuple[uuid.UUID, str], set[uuid.UUID]] = defaultdict(set)
        for person in [*self.known.people.values(), *(draft.person for draft in self.drafts.values())]:
            latest = self.now(person.id)
            at[latest.unit, folded(latest.name)].add(person.id)
        for line in lines:
            draft = drafts[line.number]
            if draft is not None and not line.key:
                here = (line.unit or self.known.branch, folded(line.name))
                if at[here] != {draft.person.id}:
                    self.several(line)

    def several(self, line: Line) -> None:
        if line.number not in self.doubted:
            self.doubted.add(line.number)
            self.wrong(line.number, N_("Several people here are called %(name)s. Write the staff key."), name=line.name)

    def add(self, line: Line, change: Change) -> Draft | None:
        if not (line.given and line.family):
            lacking = N_("Nobody has the key “%(key)s” yet, so write the names too.") if line.key else WRITE_NAMES
            self.wrong(line.number, lacking, key=line.key)
            return None
        unit = line.unit or self.known.branch
        language = line.language or "spa"
        person = KnownPerson(self.make_id(), unit, line.key, line.given, line.family, line.place, language)
        others = self.known.elsewhere.get(folded(line.name), set()) - {unit}
        if others and not line.key:
            self.wrong.perhaps(
                line.number,
                N_("Somebody called %(name)s is in %(unit)s already. If it is one person, write the staff key."),
                name=line.name,
                unit=self.known.names.get(min(others), ""),
            )
        change.state = "new"
        self.remember(person)
        self.drafts[person.id] = Draft(person, None, line)
        return self.drafts[person.id]

    def remember(self, person: KnownPerson) -> None:
        if person.key:
            self.new_by_key[person.key] = person.id
        self.new_by_name[person.unit, folded(person.name)].append(person.id)

    def open(self, line: Line, before: KnownPerson, change: Change) -> Draft | None:
        after = _updated(before, line, self.fresh_key(line))
        taken = self.known.by_key.get(after.key or "", set()) - {after.id}
        if any(self.known.people[other].unit == after.unit for other in taken):
            self.wrong(line.number, N_("Somebody else has the key “%(key)s” there."), key=after.key)
            return None
        if after.key and after.key != before.key:
            self.new_by_key[after.key] = after.id
        self.tell(before, after, change)
        self.drafts[before.id] = Draft(after, before, line)
        return self.drafts[before.id]

    def meet_again(self, line: Line, draft: Draft, change: Change) -> Draft | None:
        """Take a further row of the same person: it may add a post and a key, not another name."""
        if line.name and folded(line.name) != folded(draft.person.name):
            self.wrong(
                line.number,
                N_("Row %(row)s has another name for the person with this key."),
                row=draft.line.number,
            )
            return None
        if draft.person.key is None and (key := self.fresh_key(line)):
            draft.person = replace(draft.person, key=key)
            self.new_by_key[key] = draft.person.id
            change.tell(N_("Gets the key %(key)s."), key=key)
        return draft

    def fresh_key(self, line: Line) -> str | None:
        """Return the row's key unless a record has it: then it led here, perhaps from a record that was joined."""
        return None if line.key in self.known.by_key else line.key

    def tell(self, before: KnownPerson, after: KnownPerson, change: Change) -> None:
        if before.unit != after.unit:
            change.tell(N_("Moves here from %(unit)s."), unit=self.known.names.get(before.unit, ""))
        if before.left_on:
            change.tell(N_("Comes back."))
        if before.name != after.name:
            change.tell(N_("Until now the name was %(name)s."), name=before.name)
        if before.key != after.key:
            change.tell(N_("Gets the key %(key)s."), key=after.key)
        if before.place != after.place:
            change.tell(N_("Municipality: %(place)s."), place=after.place)
        if before.language != after.language:
            change.tell(N_("Language: %(language)s."), language=after.language)

    def note_post(self, line: Line, draft: Draft) -> bool:
        what = (line.unit, line.profession, line.post)
        if what in draft.posts:
            self.wrong(line.number, N_("This row says the same as row %(row)s."), row=draft.posts[what])
            return False
        draft.posts[what] = line.number
        return True


def _updated(before: KnownPerson, line: Line, key: str | None) -> KnownPerson:
    # A name that differs only in accents or capitals is the same name: the list may be written without them.
    is_other = bool(line.name) and folded(line.name) != folded(before.name)
    return replace(
        before,
        unit=line.unit or before.unit,
        key=before.key or key,
        given=(line.given or before.given) if is_other else before.given,
        family=(line.family or before.family) if is_other else before.family,
        place=line.place or before.place,
        language=line.language or before.language,
        left_on=None,
    )
