"""Keep the facts: load them from files, correct them, confirm them; what a fact said before is never lost."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from lms.access.policy import Actor
from lms.core import audit
from lms.core.database import db
from lms.core.errors import RuleBroken
from lms.core.problems import N_, Problems
from lms.library.models import Fact, FactChange
from lms.library.rules.facts import CONTENT, MONTHS, FactDraft, fingerprint, plain, read_facts, review_after


def load_facts(text: str, file: str, now: datetime) -> tuple[int, Problems]:
    """Bring in the facts of a site's own file; return how many are new or changed, and what is wrong with the file.

    A file with a problem changes nothing. A fact that somebody edited in the library since it was loaded stays as it
    is: the list of problems then warns that the file says something else.
    """
    drafts, problems = read_facts(text, file)
    if problems.errors:
        return 0, problems
    known = {fact.key: fact for fact in db.session.scalars(select(Fact))}
    changed = []
    for position, draft in enumerate(drafts, 1):
        fact, sha = known.get(draft.key), fingerprint(draft)
        if fact is not None and fact.position != position:
            fact.position = position
        if fact is None:
            changed.append((position, draft))
        elif fact.loaded_sha == sha:
            continue
        elif fact.loaded_sha == fingerprint(fact):
            changed.append((position, draft))
        elif fingerprint(fact) != sha:
            problems.warn(
                file,
                1,
                N_("“%(key)s” was changed in the library, so what the file says about it was left out."),
                key=draft.key,
            )
    if changed:
        _write(changed, known, now)
    return len(changed), problems


def ensure_facts(drafts: Iterable[FactDraft], now: datetime) -> int:
    """Take in facts that travel with a course and are absent here; they wait, unverified, to be checked."""
    known = set(db.session.scalars(select(Fact.key)))
    wanted = {draft.key: draft for draft in drafts if draft.key not in known}
    if wanted:
        last = db.session.scalar(select(func.max(Fact.position))) or 0
        _write([(last + number, _doubted(draft)) for number, draft in enumerate(wanted.values(), 1)], {}, now)
    return len(wanted)


def _doubted(draft: FactDraft) -> FactDraft:
    return FactDraft(**(plain(draft) | {"is_verified": False}))


def _write(drafts: list[tuple[int, FactDraft]], known: dict[str, Fact], now: datetime) -> None:
    moment = next_moment(now)
    for position, draft in drafts:
        columns: dict[str, Any] = plain(draft) | {"changed_at": moment, "loaded_sha": fingerprint(draft)}
        if (fact := known.get(draft.key)) is None:
            db.session.add(Fact(**columns, position=position))
        else:
            _remember(fact, None, moment)
            for name, value in columns.items():
                setattr(fact, name, value)
    db.session.flush()


def next_moment(now: datetime) -> datetime:
    """Return the moment to write on a change: later than every other, whoever writes at the same time.

    Readers keep what they read until the latest change moves on, so two changes may never share a moment. The first
    row is the latch that makes writers wait for each other.
    """
    db.session.execute(select(Fact.key).order_by(Fact.key).limit(1).with_for_update())
    last = db.session.scalar(select(func.max(Fact.changed_at)))
    return now if last is None or last < now else last + timedelta(microseconds=1)


def _remember(fact: Fact, actor: Actor | None, now: datetime) -> None:
    """Keep what a fact says before it says something else."""
    said = {name: getattr(fact, name) for name in CONTENT if name != "kind"}
    by = actor.user_id if actor else None
    db.session.add(FactChange(key=fact.key, **said, replaced_at=now, replaced_by=by))


def save_fact(actor: Actor, fact: Fact | None, draft: FactDraft, today: date, now: datetime) -> bool:
    """Write a fact down or correct it; tell whether anything was different.

    :raise RuleBroken: it is called verified without a source and a day, checked in the future, or its key is taken.
    """
    if draft.is_verified and not (draft.source and draft.checked_on and draft.checked_by):
        raise RuleBroken(_("A verified fact says where it was seen, on which day, and who looked."))
    if draft.checked_on is not None and draft.checked_on > today:
        raise RuleBroken(_("A fact cannot have been checked on a day to come."))
    moment = next_moment(now)
    if fact is None:
        if db.session.get(Fact, draft.key):
            raise RuleBroken(_("There is a fact with the key %(key)s already.", key=draft.key))
        last = db.session.scalar(select(func.max(Fact.position))) or 0
        db.session.add(Fact(**plain(draft), changed_at=moment, position=last + 1))
        audit.record(actor, "fact.add", "fact", draft.key, now, after=plain(draft))
        db.session.flush()
        return True
    before = {name: getattr(fact, name) for name in CONTENT}
    if all(before[name] == getattr(draft, name) for name in CONTENT):
        return False
    _remember(fact, actor, moment)
    for name in CONTENT:
        setattr(fact, name, getattr(draft, name))
    fact.changed_at = moment
    audit.record(actor, "fact.change", "fact", fact.key, now, before, plain(draft))
    db.session.flush()
    return True


def confirm_fact(actor: Actor, fact: Fact, by: str, today: date, now: datetime) -> None:
    """Write down that somebody looked again today and the fact still holds.

    :raise RuleBroken: it was never verified, so there is no source to look at again.
    """
    if not fact.is_verified or not fact.source:
        raise RuleBroken(_("This fact was never verified. Write first where it was seen, then mark it as verified."))
    moment = next_moment(now)
    _remember(fact, actor, moment)
    fact.checked_on, fact.checked_by = today, by[:120]
    fact.review_by = review_after(today, MONTHS[fact.kind])
    fact.changed_at = moment
    audit.record(actor, "fact.confirm", "fact", fact.key, now, after={"checked_on": today})
    db.session.flush()
