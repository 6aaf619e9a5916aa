"""What the tests need from a Debian machine: installed when we may, else unpacked into a private folder.

Anybody may ask apt for packages and unpack them; only putting them where all programs look is the administrator's. The
private folder is `.tools/debian/root`; programs find its libraries and fonts by the environment of `environment()`.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / ".tools" / "debian"
ROOT = FOLDER / "root"

FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{root}/usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>{folder}/fontconfig</cachedir>
  <include ignore_missing="yes">{root}/etc/fonts/conf.d</include>
</fontconfig>
"""


def provide(what: str, packages: Sequence[str], is_there: Callable[[], bool]) -> bool:
    """Make sure of `what`; say so when it takes a while. Return whether it is there in the end."""
    if is_there():
        return True
    if shutil.which("apt-get") is None:
        return False
    print(f"Fetching {what} ({' '.join(packages)}): a minute or two, once …", flush=True)
    return (_install(packages) and is_there()) or (_unpack(packages) and is_there())


def environment() -> dict[str, str]:
    """Return the variables by which programs find what lies in the private folder; none when it is empty."""
    if not ROOT.exists():
        return {}
    fonts = FOLDER / "fonts.conf"
    fonts.write_text(FONTS.format(root=ROOT, folder=FOLDER), "utf-8")
    libraries = [str(path) for lib in ("lib", "usr/lib") for path in (ROOT / lib).glob("*-linux-gnu*")]
    libraries += [f"{path}/pulseaudio" for path in libraries]
    return {"LD_LIBRARY_PATH": os.pathsep.join(libraries), "FONTCONFIG_FILE": str(fonts)}


def _install(packages: Sequence[str]) -> bool:
    if os.geteuid() == 0:
        administrator = ["env"]
    elif (
        shutil.which("sudo") and not subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode
    ):
        administrator = ["sudo", "-n"]
    else:
        return False
    install = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", "--no-install-recommends"]
    return _run([*administrator, "apt-get", "-q", "update"]) and _run(
        [*administrator, *install, "-o", "Dpkg::Use-Pty=0", "install", *packages]
    )


def _unpack(packages: Sequence[str]) -> bool:
    for folder in ("lists/partial", "cache/archives/partial", "root"):
        (FOLDER / folder).mkdir(parents=True, exist_ok=True)
    options = {
        "Dir::State::lists": FOLDER / "lists",
        "Dir::Cache": FOLDER / "cache",
        "Debug::NoLocking": "1",
        "APT::Sandbox::User": "",
        "Acquire::Languages": "none",
    }
    apt = ["apt-get", "-q", *(part for name, value in options.items() for part in ("-o", f"{name}={value}"))]
    fetch = [*apt, "-y", "--no-install-recommends", "--download-only", "install", *packages]
    if not (_run([*apt, "update"]) and _run(fetch)):
        return False
    archives = sorted((FOLDER / "cache" / "archives").glob("*.deb"))
    unpacked = all(_run(["dpkg", "-x", str(archive), str(ROOT)]) for archive in archives)
    for spent in ("cache", "lists"):
        shutil.rmtree(FOLDER / spent)
    os.environ.update(environment())
    return unpacked


def _run(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False).returncode == 0
    except FileNotFoundError:
        return False
