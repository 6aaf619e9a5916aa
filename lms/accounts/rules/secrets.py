"""Passwords and PINs: what is refused, and why. Answers in codes; pages say them in words."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from pathlib import Path

from lms.core.texts import folded

SHORTEST, LONGEST, PIN_LENGTH = 10, 256, 6
_LIST = Path(__file__).with_name("common_passwords.txt")
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertyuiopasdfghjklzxcvbnm", "0123456789")
_LEET = str.maketrans("013457@$!", "oieastasi")


def is_pin(secret: str) -> bool:
    """Tell whether a secret has the shape of a PIN: six digits."""
    return len(secret) == PIN_LENGTH and secret.isascii() and secret.isdigit()


def normal(secret: str) -> str:
    """Bring a secret to one form, so that the same word typed on two keyboards is the same password."""
    return unicodedata.normalize("NFKC", secret)


def pin_problem(pin: str) -> str | None:
    """Name what is wrong with a chosen PIN; None when nothing is.

    >>> pin_problem("12345"), pin_problem("234567"), pin_problem("121212"), pin_problem("480915")
    ('pin-shape', 'pin-easy', 'pin-easy', None)
    """
    if not is_pin(pin):
        return "pin-shape"
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    is_run = len(steps) == 1
    is_repeat = pin == pin[:2] * 3 or pin == pin[:3] * 2
    return "pin-easy" if is_run or is_repeat or len(set(pin)) < 3 else None


def password_problem(password: str, own_words: Iterable[str] = ()) -> str | None:
    """Name what is wrong with a chosen password; None when nothing is.

    :param own_words: user name, names, e-mail: what somebody who knows the person tries first.

    >>> password_problem("cafe con pan"), password_problem("corta"), password_problem("Guatemala2026!")
    (None, 'short', 'common')
    >>> password_problem("aaaaaaaaaaaa"), password_problem("marta.xicay.2026", ["marta.xicay"])
    ('common', 'own')
    """
    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    if is_common(password):
        return "common"
    bare = _letters(password)
    own = {_letters(word) for words in own_words for word in (words, *words.split(), words.split("@")[0])}
    return "own" if any(len(word) > 3 and len(bare) - len(word) < 3 and word in bare for word in own) else None


def is_common(password: str) -> bool:
    """Tell whether a guesser would try this early: a listed word dressed up with digits, a row of keys, a repeat."""
    plain = folded(password)
    squeezed = plain.replace(" ", "")
    if len(set(squeezed)) < 4 or _is_repeat(squeezed) or any(_runs_along(squeezed, row) for row in _ROWS):
        return True
    return not common_words().isdisjoint(_readings(plain))


@cache
def common_words() -> frozenset[str]:
    """Read the list shipped with the program: no password is ever sent anywhere to be checked."""
    lines = (line.strip() for line in _LIST.read_text("utf-8").splitlines())
    return frozenset(_letters(line) or line for line in lines if line and not line.startswith("#"))


def _readings(plain: str) -> set[str]:
    """The words a decorated password may stand for: “P4ssw0rd!!” reads as “password”.

    >>> "contrasena" in _readings("c0ntr4s3n42026")
    True
    """
    head = re.sub(r"^[^a-z@$]+", "", plain)
    dress = re.search(r"[^a-z]*$", head)
    # The last signs may belong to the word or be its dress: every cut between the two is tried.
    cuts = range(dress.start() if dress else 0, len(head) + 1)
    return {plain, _letters(plain)} | {_letters(head[:cut].translate(_LEET)) for cut in cuts}


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", folded(text))


def _is_repeat(text: str) -> bool:
    return (text + text).find(text, 1) < len(text)


def _runs_along(text: str, row: str) -> bool:
    return any(text in line * (len(text) // len(line) + 2) for line in (row, row[::-1]))
