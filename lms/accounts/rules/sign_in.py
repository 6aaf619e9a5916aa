"""How long a sign-in lasts, where it leads, and how its owner recognises it in a list."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

CONFIRMED_FOR = timedelta(minutes=15)  # how long a proof (password or code) opens doors that ask for a fresh one
SEEN_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class Terms:
    """How long a sign-in lasts untouched, how long at most, and whether it outlives the browser."""

    idle: timedelta
    lifetime: timedelta
    is_kept: bool = False


WAITING = Terms(idle=timedelta(minutes=10), lifetime=timedelta(minutes=10))  # the second step is still to come
STAFF = Terms(idle=timedelta(minutes=30), lifetime=timedelta(hours=12))
SHARED = Terms(idle=timedelta(minutes=30), lifetime=timedelta(hours=12))
OWN = Terms(idle=timedelta(days=30), lifetime=timedelta(days=30), is_kept=True)


def terms(is_shared: bool, is_staff: bool, is_waiting: bool = False) -> Terms:
    """Choose the terms: whoever holds a role is never kept signed in, whatever phone she says it is.

    >>> terms(is_shared=False, is_staff=False).is_kept, terms(is_shared=False, is_staff=True).is_kept
    (True, False)
    """
    if is_waiting:
        return WAITING
    if is_staff:
        return STAFF
    return SHARED if is_shared else OWN


def is_live(seen_at: datetime, idle_minutes: int, expires_at: datetime, now: datetime) -> bool:
    """Tell whether a sign-in still holds."""
    return now < expires_at and now < seen_at + timedelta(minutes=idle_minutes)


def safe_next(target: str | None) -> str | None:
    r"""Return the target when it is a path of this site, else None.

    >>> safe_next("/courses?page=2"), safe_next("//evil.example"), safe_next("/\\evil.example"), safe_next("https://e.x/")
    ('/courses?page=2', None, None, None)
    """
    if not target or not target.startswith("/") or target.startswith("//") or len(target) > 2000:
        return None
    if "\\" in target or any(ord(letter) < 33 for letter in target):
        return None
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    return None if parts.scheme or parts.netloc else target


def network(address: str | None) -> str:
    """Blur an address to the network it is in: /24 or /48. Nothing finer is ever kept.

    >>> network("190.148.7.33"), network("2001:db8:1:2::9"), network("::ffff:190.148.7.33"), network(None)
    ('190.148.7.0/24', '2001:db8:1::/48', '190.148.7.0/24', '-')
    """
    try:
        ip = ip_address(address or "")
    except ValueError:
        return "-"
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ip_network((ip, 24 if ip.version == 4 else 48), strict=False))


_BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "CrOS": "ChromeOS",
    "Mac OS X": "Mac",
    "Linux": "Linux",
}


def device(user_agent: str | None) -> str:
    """Name a browser just well enough for its owner to recognise it.

    >>> device("Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36")
    'Chrome, Android'
    >>> device("curl/8"), device(None)
    ('', '')
    """
    text = user_agent or ""
    found = [
        next((name for mark, name in table.items() if re.search(rf"\b{mark}", text)), "")
        for table in (_BROWSERS, _SYSTEMS)
    ]
    return ", ".join(name for name in found if name)
