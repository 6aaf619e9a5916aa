"""Send prepared requests as fast as a server answers them."""

import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path

CONNECTIONS = 16

_LUA = """
local requests, next_one = {}, 0
function init(args)
  local file = io.open(args[1], "rb")
  local text = file:read("*a")
  file:close()
  local at = 1
  while at <= #text do
    local _, stop, size = text:find("^(%d+)\\n", at)
    requests[#requests + 1] = text:sub(stop + 1, stop + tonumber(size))
    at = stop + tonumber(size) + 1
  end
end
function request()
  next_one = next_one % #requests + 1
  return requests[next_one]
end
"""


@dataclass(frozen=True)
class Rate:
    """What a round gave: requests a second, the 99th percentile in milliseconds, answers that were not 2xx or 3xx."""

    per_second: float
    p99: float
    refused: int
    sent: int


def has_wrk() -> bool:
    """Tell whether the light load generator is installed."""
    return shutil.which("wrk") is not None


def request(method: str, path: str, cookies: dict[str, str], form: bytes = b"", port: int = 80) -> bytes:
    """Write a raw HTTP request the way a phone's browser would."""
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Accept-Encoding: gzip",
        "Accept-Language: es-GT",
        "Cookie: " + "; ".join(f"{name}={value}" for name, value in cookies.items()),
    ]
    if method == "POST":
        lines += [
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(form)}",
            "Sec-Fetch-Site: same-origin",
            f"Origin: http://127.0.0.1:{port}",
        ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + form


def measure(port: int, requests: list[bytes], seconds: float = 4, once: bool = False) -> Rate:
    """Send the requests over sixteen connections.

    :param once: send each request one time only (a submission counts once), else in a circle for `seconds`.
    """
    if has_wrk() and not once:
        return _by_wrk(port, requests, seconds)
    return _by_threads(port, requests, seconds, once)


def _by_wrk(port: int, requests: list[bytes], seconds: float) -> Rate:
    with tempfile.TemporaryDirectory() as folder:
        script, prepared = Path(folder) / "load.lua", Path(folder) / "requests"
        script.write_text(_LUA)
        prepared.write_bytes(b"".join(b"%d\n%s" % (len(one), one) for one in requests))
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", "--latency", "-s", str(script)]
        text = subprocess.run(
            [*command, f"http://127.0.0.1:{port}", str(prepared)], capture_output=True, text=True, check=True
        ).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", text)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    sent = re.search(r"(\d+) requests in", text)
    if not rate or not p99:
        raise RuntimeError(text)
    factor = {"us": 0.001, "ms": 1, "s": 1000}[p99.group(2)]
    return Rate(
        float(rate.group(1)),
        float(p99.group(1)) * factor,
        int(refused.group(1)) if refused else 0,
        int(sent.group(1)) if sent else 0,
    )


def _by_threads(port: int, requests: list[bytes], seconds: float, once: bool) -> Rate:
    turn, times, refused = count(), [], []
    deadline = time.perf_counter() + (600 if once else seconds)

    def work() -> None:
        while (number := next(turn)) < len(requests) or not once:
            if time.perf_counter() > deadline:
                return
            begun = time.perf_counter()
            status = _send(port, requests[number % len(requests)])
            times.append(time.perf_counter() - begun)
            if status >= 400:
                refused.append(status)

    started = time.perf_counter()
    threads = [threading.Thread(target=work) for _connection in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - started
    return Rate(len(times) / took, sorted(times)[int(len(times) * 0.99) - 1] * 1000, len(refused), len(times))


def _send(port: int, raw: bytes) -> int:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(raw.replace(b" HTTP/1.1\r\n", b" HTTP/1.0\r\n", 1))
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return int(answer[9:12])
