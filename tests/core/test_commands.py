"""Commands do what they say, say it in a sentence or in JSON, and end with 0 only when all is well."""

import hashlib
import json
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from lms import create_app
from lms.core import audit, doctor, jobs, ready, storage
from lms.core.clock import now
from lms.core.database import db
from lms.core.ids import id_text, new_id
from lms.core.models import Job
from lms.core.settings import SECRETS

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_english(monkeypatch):
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")


@pytest.fixture
def fresh(tmp_path):
    """An application on a machine where nothing exists yet."""
    made = []

    def build(**settings):
        made.append(create_app({"CASCADA_DATA": str(tmp_path / "data"), "DATABASE_URL": ""} | settings))
        return made[-1]

    yield build
    for app in made:
        with app.app_context():
            db.engine.dispose()


def invoke(app, *args):
    return app.test_cli_runner().invoke(args=list(args))


def as_json(result):
    assert result.exit_code in (0, 1), result.output
    return json.loads(result.output)


def test_the_first_start_makes_everything_and_the_second_nothing(fresh, tmp_path):
    first = invoke(fresh(), "init")
    assert first.exit_code == 0, first.output
    secrets = {name: (tmp_path / "data" / "secrets" / name).read_text() for name in SECRETS}
    assert len(set(secrets.values())) == 3
    assert all(secret not in first.output for secret in secrets.values())
    assert hashlib.sha256(secrets["pepper"].encode()).hexdigest()[:12] in first.output
    app = fresh()
    second = invoke(app, "init")
    assert (second.exit_code, second.output) == (0, "")
    assert {name: (tmp_path / "data" / "secrets" / name).read_text() for name in SECRETS} == secrets
    ready.check_secrets(app)


def test_nobody_else_may_look_into_the_folder(fresh, tmp_path):
    invoke(fresh(), "init")
    for path in (tmp_path / "data", *(tmp_path / "data" / "secrets").iterdir(), tmp_path / "data" / "blobs"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_database_of_a_newer_version_is_left_alone(fresh):
    app = fresh()
    invoke(app, "init")
    with app.app_context():
        db.session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        db.session.commit()
    result = invoke(app, "init")
    assert result.exit_code == 1
    assert "newer version" in result.output
    assert any("newer version" in one["sentence"] for one in as_json(invoke(app, "doctor", "--json")))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"PEPPER": None}, "The secret pepper is missing. Run: flask --app wsgi init"),
        ({"SECRET_KEY": "short"}, "The secret secret_key is too easy to guess."),
        ({"SECRET_KEY": "a" * 64}, "The secret secret_key is too easy to guess."),
        ({"AUDIT_KEY": "password" + "1" * 30}, "The secret audit_key is too easy to guess."),
        ({"DEBUG": True, "BASE_URL": "https://cascada.example"}, "Debug mode shows secrets"),
    ],
)
def test_the_server_does_not_start_with_a_bad_secret(app, settings, sentence):
    app.config.update(settings)
    with pytest.raises(SystemExit) as refused:
        ready.check_secrets(app)
    assert str(refused.value).startswith(sentence)


def test_the_jobs_do_not_run_with_a_bad_secret(app):
    app.config["PEPPER"] = None
    assert invoke(app, "jobs", "run", "--once").exit_code != 0


def test_the_server_does_not_start_when_others_can_read_a_secret(app):
    path = Path(app.config["DATA_DIR"]) / "secrets" / "pepper"
    path.chmod(0o640)
    try:
        with pytest.raises(SystemExit, match="Others can read the secret pepper"):
            ready.check_secrets(app)
    finally:
        path.chmod(0o600)


def findings(result):
    return {one["check"]: one for one in as_json(result)}


def ill(result):
    """Return what is not well; the tests' own PostgreSQL gives up durability for speed, and the doctor sees it."""
    return [one["sentence"] for one in as_json(result) if not one["is_well"] and one["check"] != "database"]


def test_the_doctor_finds_a_good_site_well(app, database):
    result = invoke(app, "doctor", "--deep", "--json")
    assert ill(result) == []
    assert database == "postgresql" or result.exit_code == 0
    assert {"secrets", "database", "schema", "storage", "files", "audit", "jobs", "translations", "mail"} <= set(
        findings(result)
    )
    assert "✓ schema" in invoke(app, "doctor").output


def test_the_doctor_says_which_database_and_how_safe_it_is(app):
    sentence = findings(invoke(app, "doctor", "--json"))["database"]["sentence"]
    assert "every commit brought to the disk" in sentence or "power cut" in sentence


def test_the_doctor_finds_lost_and_damaged_files(app, db_session):
    lost, damaged = (storage.put(data, "text/plain", now()) for data in (b"lost", b"damaged"))
    db_session.commit()
    storage.store().path(lost).unlink()
    storage.store().path(damaged).write_bytes(b"changed")
    assert ill(invoke(app, "doctor", "--json")) == []
    result = invoke(app, "doctor", "--deep", "--json")
    assert result.exit_code == 1
    said = {lost: "gone", damaged: "damaged"}
    assert ill(result) == [f"File {sha} is {said[sha]}. Restore it from the backup." for sha in sorted(said)]


def test_the_doctor_finds_jobs_that_wait_or_failed(app, db_session):
    for state in ("waiting", "parked"):
        db_session.add(
            Job(name="core.tidy", arguments={}, created_at=NOW, due_at=now() - timedelta(hours=1), state=state)
        )
    db_session.commit()
    result = invoke(app, "doctor", "--json")
    assert [one["is_well"] for one in as_json(result) if one["check"] == "jobs"] == [False, False]
    assert result.exit_code == 1


def test_the_doctor_survives_a_check_that_breaks(app, monkeypatch):
    def broken():
        raise OSError("no such disk\nand more")

    monkeypatch.setitem(doctor.CHECKS, "disk", (broken, False))
    assert findings(invoke(app, "doctor", "--json"))["disk"]["sentence"] == "OSError: no such disk"


def test_the_doctor_answers_before_anything_was_made(fresh):
    result = invoke(fresh(), "doctor", "--json")
    assert result.exit_code == 1
    assert "Run: flask --app wsgi init" in findings(result)["secrets"]["sentence"]
    assert "Run: flask --app wsgi init" in findings(result)["schema"]["sentence"]


def test_the_trail_is_chained_signed_and_verified(app, db_session):
    audit.record(new_id(), "unit.change", "unit", new_id(), NOW)
    db_session.commit()
    result = invoke(app, "verify-audit", "--json")
    assert (result.exit_code, as_json(result)) == (0, [])
    assert invoke(app, "verify-audit").output == "The audit trail is whole.\n"
    assert len(audit.heads_file().read_text().splitlines()) == 1
    audit.heads_file().write_text("nonsense\n")
    result = invoke(app, "verify-audit", "--json")
    assert result.exit_code == 1
    assert as_json(result)[0]["file"] == "audit-heads.log"


def test_every_door_is_listed_with_its_rule(app):
    doors = as_json(invoke(app, "routes", "--json"))
    assert all(set(one) == {"method", "path", "endpoint", "rule", "scope"} for one in doors)
    home = next(one for one in doors if one["path"] == "/" and one["method"] == "GET")
    assert home["rule"] == "public"
    assert "GET    /" in invoke(app, "routes").output


def test_jobs_are_listed_and_a_parked_one_tries_again(app, db_session):
    job = jobs.later("core.tidy", {}, None, NOW)
    job.state, job.problem = "parked", "OSError: full"
    db_session.commit()
    (line,) = as_json(invoke(app, "jobs", "list", "--state", "parked", "--json"))
    assert (line["name"], line["problem"], line["id"]) == ("core.tidy", "OSError: full", id_text(job.id))
    assert "core.tidy" in invoke(app, "jobs", "list").output
    assert invoke(app, "jobs", "retry", line["id"]).exit_code == 0
    assert invoke(app, "jobs", "retry", line["id"]).exit_code == 1
    assert invoke(app, "jobs", "retry", "nonsense").exit_code == 1
    assert as_json(invoke(app, "jobs", "list", "--state", "waiting", "--json"))[0]["id"] == line["id"]


def test_settings_come_from_the_environment_with_defaults(monkeypatch, tmp_path):
    monkeypatch.setenv("BASE_URL", "https://cascada.example/")
    monkeypatch.setenv("TRUSTED_PROXIES", "2")
    monkeypatch.setenv("CASCADA_DATA", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    config = create_app().config
    assert config["BASE_URL"] == "https://cascada.example"
    assert config["TRUSTED_PROXIES"] == 2
    assert config["IS_HTTPS"] is True
    assert config["SESSION_COOKIE_SECURE"] is True
    assert config["SQLALCHEMY_DATABASE_URI"] == f"sqlite:///{tmp_path}/cascada.db"
    assert os.fspath(config["DATA_DIR"]) == os.fspath(tmp_path)
