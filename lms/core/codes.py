"""Codes that people read aloud and copy by hand: Crockford's letters, the last one checking the others."""

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
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


def tidy_code(text: str) -> str:
    """Read a code the way people type it: any case, spaces and hyphens, O for 0, I and L for 1.

    >>> tidy_code(" 9fx2-p7va-4kqo ")
    '9FX2P7VA4KQ0'
    """
    return "".join(letter for letter in text.upper() if letter.isalnum()).translate(_MIX)


def is_sound(text: str, length: int) -> bool:
    """Tell whether a tidy text is a code of this length whose check symbol is right: one slip of the pen is caught."""
    if len(text) != length or any(symbol not in SYMBOLS for symbol in text):
        return False
    return check_symbol(text[:-1]) == text[-1]


def spaced(code: str) -> str:
    """Write a code in groups of four.

    >>> spaced("9FX2P7VA4KQ0")
    '9FX2-P7VA-4KQ0'
    """
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))
