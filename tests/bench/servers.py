"""Gunicorn as the product runs it behind a proxy: two processes, one request at a time each."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Server:
    """A running server: where it listens and the process that leads it."""

    port: int
    pid: int

    def cpu(self, *helpers: int) -> float:
        """Return the processor seconds used so far by the server, and by the processes that work for it."""
        return sum(cpu_seconds(pid) for pid in (self.pid, *processes_of(self.pid), *helpers))

    def memory(self) -> list[float]:
        """Return the proportional set size of the leader and each worker, in MB."""
        return [memory_of(pid) for pid in (self.pid, *processes_of(self.pid))]


@contextmanager
def serving(app: str, **environment: str) -> Iterator[Server]:
    """Run `app` under gunicorn until the block ends."""
    port = free_port()
    usual = {"PORT": str(port), "BASE_URL": f"http://127.0.0.1:{port}", "TRUSTED_PROXIES": "1", "WEB_CONCURRENCY": "2"}
    env = os.environ | usual | environment
    command = [sys.executable, "-m", "gunicorn", "-c", "lms/serving.py", app]
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield Server(port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def free_port() -> int:
    """Return a port nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, seconds: float = 30) -> None:
    """Wait until somebody listens."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError(f"nobody listens on port {port}")


def processes_of(pid: int) -> list[int]:
    """Return the processes that a process started, whichever of its threads did."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in tasks for child in path.read_text().split()]


def cpu_seconds(pid: int) -> float:
    """Return the processor seconds a process used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_of(pid: int) -> float:
    """Return the proportional set size of a process in MB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0
