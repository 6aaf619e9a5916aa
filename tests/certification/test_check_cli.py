"""The commands: drills with the keys, and a certificate checked where there is no database."""

import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from sqlalchemy import update

from lms.certification.models import Credential
from lms.certification.signing.keys import folder_of, read_key
from lms.core.clock import now
from lms.core.database import db
from tests.certification.chain import cascade, certificate, happens
from tests.factories import NOW
from tests.house.tree import ROOT

JSON = {"Accept": "application/json"}


@pytest.fixture
def chain(db_session, clock):
    clock.hold(NOW)
    return cascade()


@pytest.fixture
def say(runner):
    """Say a command; return its exit status and what it answered."""

    def said(*args):
        result = runner.invoke(args=list(args))
        return result.exit_code, json.loads(result.output) if "--json" in args else result.output

    return said


def test_the_keys_are_listed_with_their_dates(chain, say):
    status, keys = say("keys", "list", "--json")
    assert status == 0
    assert [(one["id"], one["retired_at"], one["is_here"]) for one in keys] == [("2026-a", None, True)]
    assert "2026-a" in say("keys", "list")[1]


def test_before_the_first_signature_there_is_no_key(app, say):
    assert say("keys", "list", "--json") == (0, [])
    assert say("keys", "list")[0] == 0


def test_a_drill_of_rotation(chain, say, clock, client, tmp_path):
    clock.move(days=1)
    assert say("keys", "rotate", "--json") == (0, {"id": "2026-b"})
    later = certificate("Felipa Ren Q.", 3, chain.juana, clock.move(minutes=1))
    assert later.key_id == "2026-b"
    for one in (chain.marta, later):
        file = tmp_path / f"{one.code}.json"
        file.write_text(one.document)
        status, answer = say("verify-credential", str(file), "--json")
        assert (status, answer["is_valid"], answer["problems"]) == (0, True, [])
        assert answer["status_of"]


def test_a_drill_of_theft(chain, say, clock, client):
    fallen = certificate("Felipa Ren Q.", 3, chain.juana, clock.move(days=2))
    clock.move(days=1)
    at = (NOW + timedelta(days=1)).isoformat()
    status, answer = say("keys", "compromise", "2026-a", "--at", at, "--json")
    assert status == 0
    assert answer == {"id": "2026-a", "next": "2026-b", "standing": 3, "fallen": [fallen.code]}
    assert client.get(f"/verify/{chain.marta.code}", headers={"Accept-Language": "en"}).text.count("valid today") == 1
    assert "valid today" not in client.get(f"/verify/{fallen.code}", headers={"Accept-Language": "en"}).text
    again = certificate("Felipa Ren Q.", 3, chain.juana, clock.move(minutes=1))
    assert again.key_id == "2026-b"
    assert "valid today" in client.get(f"/verify/{again.code}", headers={"Accept-Language": "en"}).text
    # Said again with an earlier moment it reaches further back; it never gives back what was taken.
    assert say("keys", "compromise", "2026-a", "--at", (now()).isoformat())[0] != 0
    assert (
        say("keys", "compromise", "2026-a", "--at", (NOW - timedelta(hours=1)).isoformat(), "--json")[1]["standing"]
        == 2
    )


@pytest.mark.parametrize("args", [("2031-q",), ("2026-a", "--at", "yesterday"), ("2026-a", "--at", "2999-01-01")])
def test_a_theft_that_cannot_be_is_refused(chain, say, args):
    assert say("keys", "compromise", *args)[0] != 0
    assert say("keys", "list", "--json")[1][0]["compromised_at"] is None


def test_the_command_says_how_to_certify_again_those_who_fell(chain, say, clock):
    certificate("Felipa Ren Q.", 3, chain.juana, clock.move(days=2))
    status, lines = say("keys", "compromise", "2026-a", "--at", (NOW + timedelta(days=1)).isoformat())
    assert status == 0 and "certif" in lines.splitlines()[-1].lower()


def test_a_key_is_exported_under_a_passphrase(chain, app, say, tmp_path):
    file = tmp_path / "key.pem"
    assert say("keys", "export", "2026-a", str(file), "--passphrase", "short")[0] != 0
    assert not file.exists()
    assert say("keys", "export", "2026-a", str(file), "--passphrase", "cuatro palabras muy largas")[0] == 0
    assert file.stat().st_mode & 0o777 == 0o600
    private = load_pem_private_key(file.read_bytes(), b"cuatro palabras muy largas")
    assert private.private_bytes_raw() == read_key(app.config["DATA_DIR"], "2026-a").private.private_bytes_raw()
    assert say("keys", "export", "2026-a", str(file), "--passphrase", "cuatro palabras muy largas")[0] != 0


def test_a_private_half_is_for_its_owner_alone(chain, app):
    (file,) = folder_of(app.config["DATA_DIR"]).iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def _findings(say):
    _status, found = say("doctor", "--deep", "--json")
    return {one["check"]: one["is_well"] for one in found}


def test_the_doctor_holds_every_certificate_against_its_signature(chain, app, say):
    found = _findings(say)
    assert found["certificates"] and found["signing key"]
    db.session.execute(update(Credential).where(Credential.id == chain.juana.id).values(public_name="Otra"))
    (file,) = folder_of(app.config["DATA_DIR"]).iterdir()
    file.chmod(0o640)
    found = _findings(say)
    assert not found["certificates"] and not found["signing key"]


def test_a_revoked_certificate_is_told_by_the_register_and_by_the_list(chain, say, client, tmp_path):
    happens(chain.marta, "revoked", NOW, "error")
    file, keys, listed = (tmp_path / name for name in ("c.json", "did.json", "list.json"))
    file.write_text(chain.marta.document)
    keys.write_bytes(client.get("/.well-known/did.json").data)
    listed.write_bytes(client.get("/status/1").data)
    for more in ((), ("--keys", str(keys), "--status", str(listed))):
        status, answer = say("verify-credential", str(file), *more, "--json")
        assert status == 1 and [one["code"] for one in answer["problems"]] == ["revoked"]
    status, lines = say("verify-credential", str(file), "--keys", str(keys))
    assert status == 0 and "--status" in lines


def test_a_laptop_without_the_database_checks_every_shape(chain, client, tmp_path):
    keys = tmp_path / "did.json"
    keys.write_bytes(client.get("/.well-known/did.json").data)
    listed = tmp_path / "list.json"
    listed.write_bytes(client.get("/status/1").data)
    above = []
    for one in (chain.juana, chain.elena):
        above += ["--chain", str(tmp_path / f"{one.code}.json")]
        (tmp_path / f"{one.code}.json").write_text(one.document)
    environment = {**os.environ, "CASCADA_DATA": str(tmp_path / "none"), "DATABASE_URL": "sqlite:////nowhere/at/all.db"}

    def verify(name, *more):
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "verify-credential", str(tmp_path / name), *more]
        return subprocess.run([*command, "--json"], cwd=ROOT, env=environment, capture_output=True, text=True)

    (tmp_path / "c.json").write_bytes(client.get(f"/credentials/{chain.marta.code}", headers=JSON).data)
    bad = (tmp_path / "c.json").read_bytes().replace(b"Marta", b"Otra!")
    (tmp_path / "bad.json").write_bytes(bad)
    (tmp_path / "c.svg").write_bytes(client.get(f"/credentials/{chain.marta.code}.svg").data)
    usual = ["--keys", str(keys), "--status", str(listed)]
    for name in ("c.json", "c.svg"):
        done = verify(name, *usual, *above)
        # Its days are those of the test; on the day of the laptop it may not have begun or have ended already.
        problems = {one["code"] for one in json.loads(done.stdout)["problems"]}
        assert problems <= {"not_yet", "expired"}, done.stdout + done.stderr
    done = verify("bad.json", *usual)
    assert done.returncode == 1 and "signature" in {one["code"] for one in json.loads(done.stdout)["problems"]}
    assert verify("c.json").returncode != 0  # neither keys nor database: it does not guess
