"""User names: how they are written, and which one to suggest."""

import re
from collections.abc import Iterable, Iterator

from lms.core.texts import folded

LONGEST = 60
_SHAPE = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?")


def written(text: str) -> str:
    """Bring a user name or e-mail to the one form that is stored and compared.

    >>> written("  Márta.Xicay "), written("Marta Xicay")
    ('marta.xicay', 'martaxicay')
    """
    return folded(text).replace(" ", "")


def is_username(text: str) -> bool:
    """Tell whether a written name may stand as a user name: easy to type on any phone, never like an e-mail.

    >>> is_username("marta.xicay"), is_username("marta@svet"), is_username("m")
    (True, False, False)
    """
    return 3 <= len(text) <= LONGEST and bool(_SHAPE.fullmatch(text))


def suggested(given_names: str, family_names: str) -> str:
    """Suggest a readable user name: first given name and first family name.

    >>> suggested("Marta Julia", "Xicay Poz"), suggested("María", "K'ucheʼ"), suggested("Ó", "")
    ('marta.xicay', 'maria.kuche', 'persona.o')
    """
    parts = [re.sub(r"[^a-z0-9]", "", folded(names).split(" ")[0])[:28] for names in (given_names, family_names)]
    name = ".".join(part for part in parts if part)
    return name if is_username(name) else f"persona.{name}".rstrip(".")


def candidates(name: str, numbers: Iterable[int]) -> Iterator[str]:
    """Number a name that is taken.

    >>> list(candidates("marta.xicay", [2, 3]))
    ['marta.xicay2', 'marta.xicay3']
    """
    for number in numbers:
        yield f"{name}{number}"


def is_email(text: str) -> bool:
    """Tell whether a text has the shape of one e-mail address.

    >>> is_email("marta@salud.gob.gt"), is_email("marta@salud"), is_email("a@b.gt, c@d.gt")
    (True, False, False)
    """
    return len(text) <= 254 and bool(re.fullmatch(r"[^\s@,;<>\"()]{1,64}@[^\s@,;<>\"()]+\.[^\s@,;<>\"().]{2,}", text))
