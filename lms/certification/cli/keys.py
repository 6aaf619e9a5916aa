"""Commands of certification: the signing keys, and checking a credential file without the database."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import SQLAlchemyError

from lms.certification.services.keys import all_keys, compromise, lives, rotate
from lms.certification.services.signing import issuer
from lms.certification.services.status_lists import published as published_list
from lms.certification.signing.document import status_entry
from lms.certification.signing.keys import PublicKey, read_key, sealed_export
from lms.certification.signing.publishing import did_document
from lms.certification.signing.reading import Published, Reading, check, check_chain, read_did
from lms.core import clock
from lms.core.cli import as_json, say
from lms.core.codes import spaced
from lms.core.database import db
from lms.core.errors import Refusal

keys_cli = AppGroup("keys", help="The keys that sign certificates.")

_THERE = click.Path(exists=True, dir_okay=False, path_type=Path)

PROBLEMS = {
    "unreadable": _l("This file holds no credential that can be read."),
    "no_proof": _l("It carries no signature."),
    "algorithm": _l("It is signed in a way that is not accepted here."),
    "key_unknown": _l("The key that signed it is not among the published keys."),
    "key_stolen": _l(
        "Its key was stolen later, and a thief can write any date: only the register can tell. Ask /verify."
    ),
    "key_retired": _l("It was signed with a key that was no longer in use."),
    "signature": _l("The signature does not match: something in it was altered."),
    "context": _l("The signature speaks of other meanings of the words than the document."),
    "purpose": _l("The signature was made for another purpose."),
    "undefined": _l("It holds members whose meaning is not defined, so nothing signs them."),
    "issuer": _l("Another issuer made it, not the one whose keys these are."),
    "kind": _l("It is not a certificate of this programme."),
    "cycle": _l("It names itself as its own signer."),
    "date": _l("Its dates cannot be right: it was not signed on the day it says."),
    "not_yet": _l("It is not valid yet."),
    "expired": _l("It has expired."),
    "revoked": _l("It is on the list of certificates that were revoked or suspended."),
    "status_unreadable": _l("The status list cannot be read or is not the one of this certificate."),
    "chain_missing": _l("A certificate of its chain is missing."),
    "chain_cycle": _l("Its chain comes back to itself."),
    "chain_date": _l("Somebody above it signed on a day on which their own certificate did not hold."),
    "chain_bad": _l("A certificate above it is not genuine."),
}


class Moment(click.ParamType):
    """A moment with its zone, or in UTC when it says none."""

    name = "moment"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(_("Write a moment such as 2026-11-21T08:00-06:00."), param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@keys_cli.command("list")
@as_json
@with_appcontext
def list_keys(is_json: bool) -> None:
    """List every key there ever was, with its dates; the one that signs today is marked."""
    rows = all_keys()
    data = [
        {
            "id": row.id,
            "public": PublicKey(row.id, row.public).multibase,
            "made_at": row.made_at.isoformat(),
            "retired_at": row.retired_at and row.retired_at.isoformat(),
            "compromised_at": row.compromised_at and row.compromised_at.isoformat(),
            "is_here": _is_here(row.id),
        }
        for row in rows
    ]
    say(
        is_json, data, lambda: [_line(one) for one in data] or [_("There is no key yet: the first signature makes it.")]
    )


def _is_here(key_id: str) -> bool:
    try:
        read_key(Path(current_app.config["DATA_DIR"]), key_id)
    except (OSError, ValueError):
        return False
    return True


def _line(key: dict[str, Any]) -> str:
    if key["compromised_at"]:
        state = _("stolen on %(moment)s", moment=key["compromised_at"])
    elif key["retired_at"]:
        state = _("retired on %(moment)s", moment=key["retired_at"])
    else:
        state = _("signs today") if key["is_here"] else _("should sign today, but its file is not on this machine")
    return f"{key['id']:8} {key['public']}  {state}"


@keys_cli.command("rotate")
@as_json
@with_appcontext
def rotate_key(is_json: bool) -> None:
    """Make a new key and retire the one before; what that one signed stays good."""
    key_id = rotate(clock.now())
    db.session.commit()
    say(
        is_json,
        {"id": key_id},
        lambda: [_("From now on %(id)s signs. Print it for the safe: keys export %(id)s FILE", id=key_id)],
    )


@keys_cli.command("compromise")
@click.argument("key_id")
@click.option("--at", type=Moment(), help="Since when it may have been in strange hands; now, when left out.")
@as_json
@with_appcontext
def compromise_key(key_id: str, at: datetime | None, is_json: bool) -> None:
    """Say that a key was stolen: what it signed from that moment on is not believed any more."""
    now = clock.now()
    try:
        left = compromise(key_id, at or now, now)
    except Refusal as refusal:
        raise click.ClickException(str(refusal.sentence)) from refusal
    db.session.commit()
    data = {"id": key_id, "next": left.next_id, "standing": left.standing, "fallen": left.fallen}
    say(is_json, data, lambda: _told_compromise(data))


def _told_compromise(data: dict[str, Any]) -> list[str]:
    lines = [_("The key %(id)s is not believed any more.", id=data["id"])]
    if data["next"]:
        lines.append(_("From now on %(id)s signs.", id=data["next"]))
    lines.append(_("Certificates signed before, which stand by the register: %(count)d", count=data["standing"]))
    lines.append(_("Certificates signed after, which fall: %(count)d", count=len(data["fallen"])))
    lines += [f"  {spaced(code)}" for code in data["fallen"]]
    if data["fallen"]:
        lines.append(
            _("Revoke each of those that the person earned, with the reason “error”, and certify the person again.")
        )
    return lines


@keys_cli.command("export")
@click.argument("key_id", required=False)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--passphrase", prompt=False, hide_input=True, help="Asked for when left out.")
@as_json
@with_appcontext
def export_key(key_id: str | None, file: Path | None, passphrase: str | None, is_json: bool) -> None:
    """Write a key for the safe, under a passphrase; without a name, print the published keys (the DID document)."""
    if key_id is None or file is None:
        click.echo(json.dumps(did_document(issuer(), lives().values()), ensure_ascii=False, indent=2))
        return
    try:
        key = read_key(Path(current_app.config["DATA_DIR"]), key_id)
    except FileNotFoundError as error:
        raise click.ClickException(_("The signing key %(id)s is not on this machine.", id=key_id)) from error
    words = passphrase or click.prompt(_("Passphrase"), hide_input=True, confirmation_prompt=True)
    if len(words) < 12:
        raise click.ClickException(_("A passphrase has at least 12 letters."))
    if file.exists():
        raise click.ClickException(_("The file %(name)s is there already.", name=file.name))
    file.touch(mode=0o600, exist_ok=False)
    file.write_bytes(sealed_export(key, words))
    say(
        is_json,
        {"id": key_id, "file": str(file)},
        lambda: [_("Written. Print it, put it in the safe, and delete the file.")],
    )


@click.command("verify-credential")
@click.argument("file", type=_THERE)
@click.option("--keys", "keys_file", type=_THERE, help="The published keys: did.json.")
@click.option("--status", "status_file", type=_THERE, help="The status list, as downloaded.")
@click.option("--chain", "chain_files", multiple=True, type=_THERE, help="A certificate above it; once for each.")
@as_json
@with_appcontext
def verify_credential(
    file: Path, keys_file: Path | None, status_file: Path | None, chain_files: tuple[Path, ...], is_json: bool
) -> None:
    """Check a credential file (JSON, JWT, PNG, SVG); with --keys it needs neither database nor internet."""
    now = clock.now()
    published = _published(keys_file)
    status = status_file.read_bytes() if status_file else None
    reading = check(file.read_bytes(), published, status, now)
    if keys_file is None and status is None and reading.document is not None:
        status = _own_list(reading, now)
        reading = check(file.read_bytes(), published, status, now)
    if chain_files:
        reading.problems += check_chain(reading, [check(one.read_bytes(), published, None, now) for one in chain_files])
    say(is_json, _as_data(reading), lambda: _told(reading))
    if not reading.is_good:
        raise SystemExit(1)


def _published(file: Path | None) -> Published:
    try:
        if file is not None:
            return read_did(file.read_bytes())
        return read_did(json.dumps(did_document(issuer(), lives().values())))
    except ValueError as error:
        raise click.ClickException(_("The keys cannot be read: download /.well-known/did.json again.")) from error
    except SQLAlchemyError as error:
        raise click.ClickException(
            _("There is no database here: say where the keys are with --keys did.json.")
        ) from error


def _own_list(reading: Reading, now: datetime) -> bytes:
    try:
        return published_list(status_entry(reading.document or {})[0], now) or b"{}"
    except ValueError:
        return b"{}"


def _as_data(reading: Reading) -> dict[str, Any]:
    document = reading.document or {}
    return {
        "is_valid": reading.is_good,
        "code": reading.code or None,
        "name": document.get("name") if reading.is_good else None,
        "problems": [{"code": one, "sentence": str(PROBLEMS[one])} for one in reading.problems],
        "status_of": reading.status_of and reading.status_of.isoformat(),
    }


def _told(reading: Reading) -> list[str]:
    if not reading.is_good:
        return [_("It is not valid:"), *(f"  {PROBLEMS[one]}" for one in reading.problems)]
    document = reading.document or {}
    subject = document["credentialSubject"]
    lines = [
        _("It is valid: the signature is genuine."),
        f"  {subject['identifier'][0]['identityHash']} · {document['name']} · {spaced(reading.code)}",
        f"  {document['validFrom']} – {document.get('validUntil', '')}",
    ]
    if reading.status_of is None:
        lines.append(_("Whether it was revoked was not looked at: bring the status list with --status."))
    else:
        lines.append(_("It was not revoked, as of %(moment)s.", moment=reading.status_of.isoformat()))
    return lines
