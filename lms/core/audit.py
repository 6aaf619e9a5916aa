"""Audit: one entry for every act, written in the transaction of the act and chained afterwards.

Three layers. Each entry carries a seal, a keyed hash made by the program that wrote it: whoever edits or invents a row
in the database lacks the key. A chain of links follows, made by one process at a time: a removed row breaks it. Signed
heads go to a file every hour: a tail that was cut off is missed. Nothing personal stands in clear, so that erasing a
person breaks none of them.
"""

import hashlib
import hmac
import json
import logging
import os
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import Row, func, insert, select, text

from lms.core.database import db, read
from lms.core.ids import id_text, new_id
from lms.core.models import AuditEntry, AuditLink
from lms.core.problems import N_, Problem, Problems

_BATCH = 2_000
_LOCK = 0x617564  # any number, the same in every process
_GUARDS = {
    "sqlite": {f"audit_{table}_stays_on_{verb}" for table in ("entry", "link") for verb in ("update", "delete")},
    "postgresql": {f"audit_{table}_stays{what}" for table in ("entry", "link") for what in ("", "_whole")},
}
_log = logging.getLogger(__name__)


def record(
    actor: Any,
    action: str,
    object_kind: str,
    object_id: uuid.UUID | str,
    now: datetime,
    before: Any = None,
    after: Any = None,
    note: str = "",
) -> AuditEntry:
    """Write down an act in the current transaction.

    :param actor: an Actor, the id of a user, or None for the system itself.
    :param before: what the object held, as plain data; only a keyed hash of it is kept.
    :param note: a few words without any personal data.
    """
    entry = AuditEntry(
        id=new_id(),
        at=now,
        actor_id=getattr(actor, "user_id", actor),
        behalf_id=getattr(actor, "behalf_id", None),
        action=action,
        object_kind=object_kind,
        object_id=id_text(object_id) if isinstance(object_id, uuid.UUID) else object_id,
        before_hash=fingerprint(before),
        after_hash=fingerprint(after),
        note=note[:200],
    )
    entry.seal = _keyed("seal", _bytes_of(entry))
    db.session.add(entry)
    return entry


def fingerprint(state: Any) -> str | None:
    """Return the keyed hash of some plain data, the same for the same data; None for None.

    Keyed, because a plain hash of a name is the name to anybody with a list of names.
    """
    return None if state is None else _keyed("state", _canonical(state)).hex()


def link(now: datetime, is_full: bool = False) -> int:
    """Chain up to a batch of entries that are not chained yet; return how many.

    :param is_full: look at the whole trail, not only at its last hours.
    """
    if not _waiting(now, is_full):
        return 0
    if db.engine.dialect.name == "postgresql":  # on SQLite the transaction holds the write lock already
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    last = db.session.execute(select(AuditLink.seq, AuditLink.mac).order_by(AuditLink.seq.desc()).limit(1)).first()
    seq, mac = (last.seq, last.mac) if last else (0, b"")
    links = []
    for entry in db.session.execute(_unlinked(now, is_full)):
        seq += 1
        mac = _link_mac(mac, seq, entry)
        links.append({"seq": seq, "entry_id": entry.id, "mac": mac})
    if links:
        db.session.execute(insert(AuditLink), links)
    return len(links)


def sign_head(now: datetime, at_once: bool = False) -> bool:
    """Write the last committed link to the signed file, once an hour; tell whether a line was written."""
    path = heads_file()
    heads = list(_heads(path))
    if heads and not at_once and now - heads[-1][0] < timedelta(hours=1):
        return False
    with read() as connection:
        last = connection.execute(select(AuditLink.seq, AuditLink.mac).order_by(AuditLink.seq.desc()).limit(1)).first()
    if last is None or (heads and heads[-1][1] == last.seq):
        return False
    line = f"{now.astimezone(UTC).isoformat()} {last.seq} {last.mac.hex()}"
    line += f" {_keyed('head', line.encode()).hex()}\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, line.encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    _log.info("audit head %s", line.strip())  # whoever collects the log holds a copy out of reach of this machine
    return True


def heads_file() -> Path:
    """Return the file of signed heads."""
    return Path(current_app.config["DATA_DIR"]) / "audit-heads.log"


def verify() -> list[Problem]:
    """Walk the whole trail and name everything that was edited, removed, forged or cut off."""
    problems = Problems()
    heads = {seq: mac for _at, seq, mac in _heads(heads_file(), problems)}
    top = _walk(problems, heads)
    for seq in sorted(heads):
        if seq > top:
            problems.add("audit", seq, N_("The trail was cut: link %(seq)d was signed and is gone."), seq=seq)
    with read() as connection:
        for entry in connection.execute(_unlinked()).all():
            if not _is_sealed(entry):
                problems.add("audit", 0, N_("Entry %(id)s was not written by this program."), id=id_text(entry.id))
        missing = _GUARDS[connection.dialect.name] - _guards(connection)
    for guard in sorted(missing):
        problems.add("audit", 0, N_("The guard %(guard)s against changes was taken away."), guard=guard)
    return list(problems)


def _walk(problems: Problems, heads: dict[int, str]) -> int:
    previous, expected, is_broken = b"", 1, False
    for row in _chain():
        if row.seq != expected:
            problems.add(
                "audit", expected, N_("Links %(first)d to %(last)d are gone."), first=expected, last=row.seq - 1
            )
            is_broken = True
        if row.id is None:
            problems.add("audit", row.seq, N_("The entry of link %(seq)d is gone."), seq=row.seq)
        elif not _is_sealed(row):
            problems.add("audit", row.seq, N_("Entry %(id)s was changed or forged."), id=id_text(row.id))
        elif not is_broken and not hmac.compare_digest(_link_mac(previous, row.seq, row), row.mac):
            problems.add("audit", row.seq, N_("Link %(seq)d does not fit the one before it."), seq=row.seq)
        if row.seq in heads and heads[row.seq] != row.mac.hex():
            problems.add("audit", row.seq, N_("Link %(seq)d is not the one that was signed."), seq=row.seq)
        previous, expected, is_broken = row.mac, row.seq + 1, False
    return expected - 1


def _chain() -> Iterator[Row[Any]]:
    entry, seen = AuditEntry.__table__, 0
    query = select(AuditLink.seq, AuditLink.mac, *entry.c).outerjoin(entry, entry.c.id == AuditLink.entry_id)
    while True:
        with read() as connection:
            rows = connection.execute(query.where(AuditLink.seq > seen).order_by(AuditLink.seq).limit(_BATCH)).all()
        yield from rows
        if not rows:
            return
        seen = rows[-1].seq


def _heads(path: Path, problems: Problems | None = None) -> Iterator[tuple[datetime, int, str]]:
    lines = path.read_text("utf-8", "replace").splitlines() if path.exists() else []
    for number, line in enumerate(lines, 1):
        said, _, signature = line.rpartition(" ")
        if hmac.compare_digest(
            _keyed("head", said.encode()).hex(), signature.strip().encode("ascii", "replace").decode()
        ):
            at, seq, mac = said.split(" ")
            yield datetime.fromisoformat(at), int(seq), mac
        elif problems is not None:
            problems.add(path.name, number, N_("This line was not signed by this program."))


def _unlinked(now: datetime | None = None, is_full: bool = True) -> Any:
    entry = AuditEntry.__table__
    query = select(*entry.c).outerjoin(AuditLink, AuditLink.entry_id == entry.c.id).where(AuditLink.seq.is_(None))
    if now is not None and not is_full:
        query = query.where(entry.c.at >= now - timedelta(hours=2))
    return query.order_by(entry.c.at, entry.c.id).limit(_BATCH if now is not None else None)


def _waiting(now: datetime, is_full: bool) -> bool:
    with read() as connection:
        query = select(func.count()).select_from(_unlinked(now, is_full).limit(1).subquery())
        return bool(connection.execute(query).scalar())


def _guards(connection: Any) -> set[str]:
    if connection.dialect.name == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    return set(connection.execute(text(query)).scalars())


def _is_sealed(entry: Any) -> bool:
    return hmac.compare_digest(_keyed("seal", _bytes_of(entry)), bytes(entry.seal))


def _link_mac(previous: bytes, seq: int, entry: Any) -> bytes:
    return _keyed("link", bytes(previous) + seq.to_bytes(8, "big") + _bytes_of(entry))


def _bytes_of(entry: Any) -> bytes:
    return _canonical(
        [
            id_text(entry.id),
            entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            *(id_text(who) if who else None for who in (entry.actor_id, entry.behalf_id)),
            entry.action,
            entry.object_kind,
            entry.object_id,
            entry.before_hash,
            entry.after_hash,
            entry.note,
        ]
    )


def _canonical(state: Any) -> bytes:
    return json.dumps(state, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return id_text(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=str)
    return value.hex() if isinstance(value, bytes) else str(value)


def _keyed(purpose: str, data: bytes) -> bytes:
    key = current_app.config["AUDIT_KEY"]
    if not key:
        raise RuntimeError("there is no audit key: run `flask --app wsgi init`")
    own = hmac.digest(str(key).encode(), purpose.encode(), hashlib.sha256)
    return hmac.digest(own, data, hashlib.sha256)
