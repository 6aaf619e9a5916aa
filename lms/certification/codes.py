"""The short code of a certificate: eleven Crockford symbols and a check symbol, in groups of four.

Codes whose check symbol would be one of `*~$=U` are drawn again: those cannot be read aloud.
"""

import secrets

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
_MIX = str.maketrans({"O": "0", "I": "1", "L": "1"})


def check_symbol(body: str) -> str | None:
    """Return the check symbol (Crockford, modulo 37), or None when it is not a letter or digit.

    >>> check_symbol("9FX2P7VA4KQ") is None or len(check_symbol("9FX2P7VA4KQ")) == 1
    True
    """
    value = 0
    for symbol in body:
        value = (value * 32 + SYMBOLS.index(symbol)) % 37
    return SYMBOLS[value] if value < 32 else None


def new_code() -> str:
    """Draw a fresh code."""
    while True:
        body = "".join(secrets.choice(SYMBOLS) for _symbol in range(LENGTH - 1))
        if (check := check_symbol(body)) is not None:
            return body + check


def tidy_code(text: str) -> str:
    """Read a code the way people type it: any case, spaces and hyphens, O for 0, I and L for 1.

    >>> tidy_code(" 9fx2-p7va-4kqo ")
    '9FX2P7VA4KQ0'
    """
    return "".join(letter for letter in text.upper() if letter.isalnum()).translate(_MIX)


def is_code(text: str) -> bool:
    """Tell whether a tidy text is a code whose check symbol is right: one slip of the pen is caught here."""
    if len(text) != LENGTH or any(symbol not in SYMBOLS for symbol in text):
        return False
    return check_symbol(text[:-1]) == text[-1]


def spaced(code: str) -> str:
    """Write a code in groups of four.

    >>> spaced("9FX2P7VA4KQ0")
    '9FX2-P7VA-4KQ0'
    """
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))
