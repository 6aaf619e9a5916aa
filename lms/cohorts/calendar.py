"""Sessions as a calendar file (RFC 5545). Titles are neutral: a calendar is seen by whoever holds the phone."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from lms.core.ids import id_text


def calendar_bytes(rows: Iterable[Any], title: str, host: str, url_of: Any, now: datetime) -> bytes:
    """Write sessions as a calendar.

    :param rows: rows of `queries.sessions.calendar_of`.
    :param title: what each meeting is called, with room for its number.
    """
    from icalendar import Calendar, Event  # slow to load, and few pages need it

    calendar = Calendar()
    calendar.add("prodid", "-//Cascada//Sessions//ES")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for row in rows:
        event = Event()
        event.add("uid", f"{id_text(row.id)}@{host}")
        event.add("dtstamp", now)
        event.add("last-modified", row.recorded_at or row.created_at)
        event.add("dtstart", row.starts_at)
        event.add("dtend", row.starts_at + timedelta(minutes=row.minutes))
        event.add("summary", f"{title} {row.number} · {row.name}")
        if row.venue:
            event.add("location", row.venue)
        event.add("status", "CANCELLED" if row.state == "cancelled" else "CONFIRMED")
        event.add("url", url_of(row))
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def name_of(key: uuid.UUID | str) -> str:
    """Return the file name of a calendar.

    >>> name_of("me")
    'cascada-me.ics'
    """
    return f"cascada-{key if isinstance(key, str) else id_text(key)[-8:]}.ics"
