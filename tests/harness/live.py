"""The application behind a real socket, for browsers."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from lms.core import clock


class _Quiet(WSGIRequestHandler):
    timeout = 5  # seconds; a browser opens lines it may never speak on

    def log(self, *_args: Any) -> None:
        """Say nothing: the test speaks."""


@contextmanager
def serving(app: Flask, moment: Callable[[], datetime | None]) -> Iterator[str]:
    """Serve `app` on a free port; yield its address. Every request sees the moment the test holds, if it holds one."""

    def at_that_moment(environ: dict[str, Any], start_response: Any) -> Any:
        held = moment()
        with clock.frozen(held) if held else nullcontext():
            return app.wsgi_app(environ, start_response)

    server = make_server("127.0.0.1", 0, at_that_moment, threaded=True, request_handler=_Quiet)
    # Wait for the last answer when closing: a thread still at work would hold a connection to a database that is gone.
    server.daemon_threads = False  # type: ignore[attr-defined]
    address = f"http://127.0.0.1:{server.server_port}"
    app.config["BASE_URL"] = address
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield address
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
