"""Start a whole site on this machine: what `make run` does once the libraries lie there, and `make demo` besides.

Prepares what changed since the last start (secrets, database, courses), shows the one-time link while
nobody administers the site, then keeps two processes: the web server, and the one that does the jobs. Only the standard
library is used and the application is not imported, for that takes a second and the second start must answer at once.
"""

import ctypes
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = Path(sys.executable).parent
FLASK = [str(PROGRAMS / "flask"), "--app", "wsgi"]
SERVER = [str(PROGRAMS / "gunicorn"), "-c", "lms/serving.py", "wsgi:app"]
JOBS = [*FLASK, "jobs", "run"]
WATCHED = ("courses", "migrations/versions", "lms/organization/countries")
EVERYWHERE = ("0.0.0.0", "::", "[::]")  # noqa: S104
PAUSE = 5
DEMO, DOORS = "instance/demo", "demonstration.txt"  # the folder of `make demo`, and what `seed` writes when it is done


def main() -> int:
    """Prepare, then serve until told to stop."""
    is_demo = sys.argv[1:] == ["demo"]
    if is_demo:
        os.environ["CASCADA_DATA"], os.environ["DATABASE_URL"] = DEMO, ""  # never among the people of a real site
    verb = "make demo" if is_demo else "make run"
    host, port = os.environ.get("HOST") or "127.0.0.1", int(os.environ.get("PORT") or 8000)
    os.environ.setdefault("BASE_URL", f"http://{host if host not in EVERYWHERE else '127.0.0.1'}:{port}")
    if not is_free(host, port):
        say(
            f"El puerto {port} está ocupado. Escriba otro:  PORT={port + 1} {verb}",
            f"Port {port} is taken. Type another one:  PORT={port + 1} {verb}",
        )
        return 1
    data = ROOT / (os.environ.get("CASCADA_DATA") or "instance")
    doors = data / DOORS if is_demo else None
    if doors and not invented(data, doors):
        return 1
    stamp, wanted = data / "started", fingerprint()
    if not (stamp.exists() and stamp.read_text() == wanted and has_database(data)):
        is_whole = prepare()
        stamp.write_text(wanted if is_whole else "")
    return serve(host, port, doors)


def invented(data: Path, doors: Path) -> bool:
    """Fill the folder of the demonstration, once; say whether it is filled."""
    if doors.exists():
        return True
    if has_database(data):
        say(
            f"La demostración quedó a medias. Borre la carpeta {DEMO} y pruebe otra vez:  rm -r {DEMO}",
            f"The demonstration was left half done. Delete the folder {DEMO} and try again:  rm -r {DEMO}",
        )
        return False
    # What it prints at the end is printed below once the site answers, with a fresh link for the administrator.
    return not (run("init") or run("seed", "--scenario", "programme", is_quiet=True))


def is_free(host: str, port: int) -> bool:
    """Say whether we may listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError:
            return False
    return True


def answers(host: str, port: int) -> bool:
    """Say whether somebody listens there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        return probe.connect_ex((host.strip("[]"), port)) == 0


def fingerprint() -> str:
    """Sum up everything that preparation reads: which database, and names, sizes and times of the files."""
    digest = hashlib.sha256(os.environ.get("DATABASE_URL", "").encode())
    for folder in WATCHED:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix != ".mo" and "__pycache__" not in path.parts:
                status = path.stat()
                digest.update(f"{path.relative_to(ROOT)} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def has_database(data: Path) -> bool:
    """Say whether the embedded database is still there; another one is its keeper's to look after."""
    return bool(os.environ.get("DATABASE_URL")) or (data / "cascada.db").exists()


def prepare() -> bool:
    """Make what is missing; say whether all went well. A course with mistakes keeps nobody from the others."""
    say("Secretos y base de datos …", "Secrets and database …")
    if status := run("init"):
        raise SystemExit(status)
    say("Cursos …", "Courses …")
    return run("courses", "load", "courses", "--publish") == 0


def run(*command: str, is_quiet: bool = False) -> int:
    """Run a command of ours to its end; quiet, only what it says of its progress is seen."""
    output = subprocess.DEVNULL if is_quiet else None
    return subprocess.run([*FLASK, *command], cwd=ROOT, check=False, stdout=output).returncode


def say(spanish: str, english: str) -> None:
    """Speak Spanish, or English where the shell does."""
    language = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    print(english if language.lower().startswith("en") else spanish, file=sys.stderr, flush=True)


def serve(host: str, port: int, doors: Path | None = None) -> int:
    """Hold both processes until the server ends or somebody says stop; neither outlives the other.

    :param doors: who can enter a demonstration.
    """
    server, jobs = child(SERVER), None
    is_stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal is_stopping
        is_stopping = True
        server.terminate()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    while server.poll() is None and not answers(host, port):
        time.sleep(0.05)  # people first: what follows would take the processor from the first page
    while (status := server.poll()) is None and not is_stopping:
        if jobs is None:
            jobs = child(JOBS)
            if doors:
                print(doors.read_text("utf-8"), flush=True)
            run("create-admin", "--if-none")
        elif jobs.poll() is not None:
            say("Las tareas se detuvieron; empiezan de nuevo …", "The jobs stopped; they are starting again …")
            time.sleep(PAUSE)
            jobs = child(JOBS)
        wait(server, 1)
    wait(server, 15)
    if jobs is not None:
        jobs.terminate()
        wait(jobs, 10)
    return 0 if is_stopping else status or 1


def wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Return when the process ends, or after these seconds."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


def child(command: list[str]) -> subprocess.Popen[bytes]:
    """Start a process that Ctrl-C does not reach and that ends when we do, however we end."""
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True, preexec_fn=_end_with_parent)


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # 1: PR_SET_PDEATHSIG


if __name__ == "__main__":
    raise SystemExit(main())
