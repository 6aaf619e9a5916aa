"""The short code of a certificate: eleven Crockford symbols and a check symbol, in groups of four.

Codes whose check symbol would be one of `*~$=U` are drawn again: those cannot be read aloud.
"""

import secrets

from lms.core.codes import SYMBOLS, check_symbol, is_sound

LENGTH = 12


def new_code() -> str:
    """Draw a fresh code."""
    while True:
        body = "".join(secrets.choice(SYMBOLS) for _symbol in range(LENGTH - 1))
        if (check := check_symbol(body)) is not None:
            return body + check


def is_code(text: str) -> bool:
    """Tell whether a tidy text is the code of a certificate, as far as its letters tell."""
    return is_sound(text, LENGTH)
