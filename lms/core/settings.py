"""Settings: read from the environment, each with a working default; secrets from files that `init` made.

`SETTINGS` is the whole list; docs/settings.md explains each and a house test holds the two together.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Setting:
    """One environment variable: its name, default and one line of what it does."""

    name: str
    default: str
    meaning: str


SETTINGS = (
    Setting("CASCADA_DATA", "instance", "folder of database, files and secrets"),
    Setting("DATABASE_URL", "", "postgresql+psycopg://…; empty: SQLite in the data folder"),
    Setting("BASE_URL", "http://127.0.0.1:8000", "the address people open; links are built from it"),
    Setting("CONTENT_URL", "", "second host for uploaded active content"),
    Setting("STORAGE_URL", "", "s3://bucket/prefix; empty: files in the data folder"),
    Setting("MAIL_URL", "", "smtp://user:password@host:587; empty: mails are written to files"),
    Setting("MAIL_FROM", "", "sender of mails; empty: cascada@ the host of BASE_URL"),
    Setting("JOBS_URL", "", "postgresql://… or redis://… for the queue of jobs; empty: a file in the data folder"),
    Setting("HOST", "127.0.0.1", "address to listen on"),
    Setting("PORT", "8000", "port to listen on"),
    Setting("TRUSTED_PROXIES", "0", "how many reverse proxies stand in front"),
)

SECRETS = ("secret_key", "pepper", "audit_key")


def from_environment(app: Flask, overrides: dict[str, Any]) -> None:
    """Fill `app.config` from the environment, then from `overrides`."""
    values = {setting.name: os.environ.get(setting.name, setting.default) for setting in SETTINGS}
    values |= {name: value for name, value in overrides.items() if name in values}
    data = Path(values["CASCADA_DATA"])
    data = data if data.is_absolute() else ROOT / data
    base_url = str(values["BASE_URL"]).rstrip("/")
    is_https = base_url.startswith("https://")
    app.config.update(values)
    app.config.update(
        DATA_DIR=data,
        BASE_URL=base_url,
        IS_HTTPS=is_https,
        TRUSTED_PROXIES=int(values["TRUSTED_PROXIES"]),
        MIGRATIONS_DIR=str(ROOT / "migrations"),
        TRANSLATIONS_DIR=ROOT / "translations",
        SQLALCHEMY_DATABASE_URI=values["DATABASE_URL"] or f"sqlite:///{data / 'cascada.db'}",
        SQLALCHEMY_ENGINE_OPTIONS={"pool_pre_ping": False, "pool_size": 5, "max_overflow": 10, "hide_parameters": True},
        SESSION_COOKIE_NAME="__Host-page" if is_https else "page",
        SESSION_COOKIE_SECURE=is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a long form must not expire under somebody's hands
        WTF_CSRF_SSL_STRICT=False,  # core/headers.py asks more browsers, and more kindly
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=500_000,
        MAX_FORM_PARTS=1000,
        SEND_FILE_MAX_AGE_DEFAULT=31_536_000,  # names of static files carry their hash
    )
    for name in SECRETS:
        app.config[name.upper()] = read_secret(data, name)
    app.config.update({name: value for name, value in overrides.items() if name not in values})


def read_secret(data: Path, name: str) -> str | None:
    """Read one secret, or None when `init` has not made it yet."""
    path = data / "secrets" / name
    return path.read_text("ascii").strip() if path.exists() else None


def make_secrets(data: Path) -> list[str]:
    """Make every secret that is missing, readable by the owner alone; return the names of the new ones."""
    folder = data / "secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = []
    for name in SECRETS:
        path = folder / name
        if path.exists():
            continue
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        made.append(name)
    return made
