"""Addresses of our own pages: this one with other query values, and the one to come back to."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import request

from lms.accounts.rules.sign_in import safe_next


def here_with(**changes: Any) -> str:
    """Return the address of this page with some query values changed; None leaves one out."""
    values = request.args.to_dict(flat=False)
    for name, value in changes.items():
        if value is None:
            values.pop(name, None)
        else:
            values[name] = [str(value)]
    query = urlencode(values, doseq=True)
    return f"{request.path}?{query}" if query else request.path


def this_page() -> str:
    """Return the page to come back to: this one, or the one whose form was sent."""
    return request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else page_before()


def page_before() -> str:
    """Return the page of ours that led here, or the start page."""
    came_from = urlsplit(request.referrer or "")
    if came_from.netloc != request.host:
        return "/"
    return safe_next(came_from.path + (f"?{came_from.query}" if came_from.query else "")) or "/"
