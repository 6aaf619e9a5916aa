"""How gunicorn serves the site: `gunicorn -c lms/serving.py wsgi:app`.

HOST and PORT say where, WEB_CONCURRENCY how many processes, TRUSTED_PROXIES how many reverse proxies stand in front.
"""

import gc
import os
import socket
from pathlib import Path
from typing import Any

gc.disable()  # while the application loads: nothing of it is ever garbage

_PROXIES = int(os.environ.get("TRUSTED_PROXIES") or 0)
_MEMORY = Path("/dev/shm")  # noqa: S108  (heartbeats of the workers, not data)

bind = f"{os.environ.get('HOST') or '127.0.0.1'}:{os.environ.get('PORT') or '8000'}"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)

# Behind a proxy that buffers slow phones, one request at a time has the shortest tail. Without one, browsers that open
# connections and say nothing would hold such a worker, so threads wait for them.
worker_class = "sync" if _PROXIES else "gthread"
threads = 1 if _PROXIES else 8
keepalive = 5

preload_app = True  # courses and catalogues are loaded once and shared
timeout = 60
graceful_timeout = 10
worker_tmp_dir = str(_MEMORY) if os.access(_MEMORY, os.W_OK) else None

forwarded_allow_ips = ""  # who may speak for a client is decided by the application alone
accesslog = None  # who read what, and from where, is nobody's business
loglevel = "warning"
proc_name = "cascada"


def when_ready(server: Any) -> None:
    """Refuse to serve with bad secrets; accept only connections that say something; tell where to look."""
    server.app.wsgi().extensions["check_secrets"]()
    # What was loaded stays for ever: no collection looks at it again (one took 90 ms), and workers share its memory.
    gc.freeze()
    gc.enable()
    for listener in server.LISTENERS:
        if hasattr(socket, "TCP_DEFER_ACCEPT"):  # Linux waits for the first bytes in our place
            listener.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, timeout)
    host, _, port = bind.rpartition(":")
    shown = "127.0.0.1" if host in ("0.0.0.0", "[::]", "::") else host  # noqa: S104
    print(f"\n  Cascada: http://{shown}:{port}/    (Ctrl-C)\n", flush=True)
