"""What the settings page takes. Pure."""

from urllib.parse import urlsplit

from lms.core.problems import N_

SMALLEST_CELL, LARGEST_CELL = 3, 100


def exit_problem(address: str, own_host: str) -> str | None:
    """Say why somebody cannot be sent to this address in a hurry, or None.

    >>> exit_problem("https://www.google.com/search?q=clima", "cascada.example")
    >>> exit_problem("http://www.google.com/", "cascada.example")
    'Write an address that begins with https://.'
    >>> exit_problem("https://cascada.example/help", "cascada.example")
    'Write the address of another site: whoever leaves in a hurry should not stay on this one.'
    """
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc or not address.isprintable():
        return N_("Write an address that begins with https://.")
    if " " in address or "." not in parts.hostname:
        return N_("Write a whole address, such as https://www.google.com/search?q=clima.")
    if parts.hostname == own_host:
        return N_("Write the address of another site: whoever leaves in a hurry should not stay on this one.")
    return None
