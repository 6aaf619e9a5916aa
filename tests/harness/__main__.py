"""Fetch what the machine lacks, then run the command: `python -m tests.harness pytest …`."""

import os
import subprocess
import sys

from tests.harness import browser, debian

PRINTING = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-noto-core", "fonts-dejavu-core")
FONTS = ("usr/share/fonts/truetype/noto/NotoSans-Regular.ttf", "usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")


def can_browse() -> bool:
    """Say whether there is a Chromium, and what its driver needs."""
    return browser.find() is not None and loads("libatomic.so.1")


def can_print() -> bool:
    """Say whether the libraries and the fonts of printing are there."""
    return loads("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0", "libfontconfig.so.1") and all(
        os.path.exists(f"/{font}") or (debian.ROOT / font).exists() for font in FONTS
    )


def loads(*libraries: str) -> bool:
    """Say whether a fresh process finds these libraries."""
    look = f"import ctypes; [ctypes.CDLL(name) for name in {libraries}]"
    return subprocess.run([sys.executable, "-c", look], capture_output=True, check=False).returncode == 0


def main(command: list[str]) -> None:
    """Provide, then become the command."""
    os.environ.update(debian.environment())
    debian.provide("a browser", ("chromium", "libatomic1"), can_browse)
    debian.provide("the libraries of printing", PRINTING, can_print)
    if command:
        sys.stdout.flush()
        os.execvp(command[0], command)


main(sys.argv[1:])
