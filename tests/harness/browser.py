"""A real Chromium: found on the machine, or in the private folder where the harness put it."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from tests.harness import debian

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# Tests run as root and in containers, where the sandbox cannot; pages are our own. The rest keeps it from calling home.
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
]


def find() -> str | None:
    """Return the path of a Chromium, or None."""
    if path := os.environ.get("CHROMIUM"):
        return path
    installed = next(filter(None, map(shutil.which, NAMES)), None)
    private = debian.ROOT / "usr/lib/chromium/chromium"
    return installed or (str(private) if private.exists() else None)


@contextmanager
def running(executable: str) -> Iterator[Browser]:
    """Hold a headless browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=SWITCHES)
        try:
            yield browser
        finally:
            browser.close()


class Visit:
    """One person's browser: a context and what went wrong in it."""

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:
        self.address, self.troubles = address, list[str]()
        self.context: BrowserContext = browser.new_context(base_url=address, **options)
        self.context.set_default_timeout(15_000)
        self.context.on("weberror", lambda error: self.troubles.append(f"script error: {error.error}"))
        self.context.on("request", self._watch)
        self.page: Page = self.context.new_page()

    def _watch(self, request: Request) -> None:
        if urlsplit(request.url).scheme in ("http", "https") and not request.url.startswith(self.address):
            self.troubles.append(f"asked another host: {request.url}")


def axe(page: Page) -> None:
    """Fail when axe sees a barrier in the page as it stands."""
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(result => result.violations)")
    barriers = [
        f"{barrier['id']}: {barrier['help']}\n    {node['html'][:200]}\n    {json.dumps(node['failureSummary'])}"
        for barrier in found
        for node in barrier["nodes"]
    ]
    assert not barriers, f"barriers in {page.url}:\n" + "\n".join(barriers)
