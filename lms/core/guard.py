"""Recognises what nobody may write into free text: identity numbers, telephones, e-mail addresses, places on a map.

Pure: the list of municipalities arrives as an argument. It errs on the side of refusing: a person can rephrase.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from enum import StrEnum

import phonenumbers
from phonenumbers import Leniency, PhoneNumberMatcher

HOME = "GT"


class Kind(StrEnum):
    """What was found."""

    NATIONAL_ID = "national_id"
    PHONE = "phone"
    EMAIL = "email"
    COORDINATES = "coordinates"


_THIRTEEN = re.compile(r"(?<!\d)\d(?:[ .\-/]?\d){12}(?!\d)")
_DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d[-/. ]?(?:0[1-9]|1[0-2])[-/. ]?(?:0[1-9]|[12]\d|3[01])"  # 2026-11-21
    r"|(?:0?[1-9]|[12]\d|3[01])[-/.](?:0?[1-9]|1[0-2])[-/.](?:19|20)\d\d"  # 21/11/2026
    r"|(?:19|20)\d\d ?[-–/a ] ?(?:19|20)\d\d)(?!\d)"  # 2024-2026
)
_AT = r"\s*(?:@|\(at\)|\[at\]|\{at\}|\(arroba\)|\[arroba\]|\barroba\b)\s*"
_EMAIL = re.compile(r"[\w.+-]+" + _AT + r"[\w-]+(?:\s*(?:\.|\bpunto\b)\s*[\w-]+)+", re.IGNORECASE)
_PAIR = re.compile(r"(?<![\d.])([-+]?\d{1,2}\.\d{3,})\s*°?\s*[NnSs]?\s*[,; ]\s*([-+]?\d{1,3}\.\d{3,})(?![\d.])")
_DEGREES = re.compile(r"\d{1,3}\s*°\s*\d{1,2}\s*['′’´]\s*(?:\d{1,2}(?:[.,]\d+)?\s*(?:[\"″”]|''|´´)?)?\s*[NSEWO]\b")
_MAP = re.compile(
    r"\bgeo:-?\d|google\.[a-z.]+/maps|maps\.google\.|maps\.app\.goo\.gl|goo\.gl/maps|maps\.apple\.com"
    r"|openstreetmap\.org/|osm\.org/|waze\.com/|what3words\.com/|///\w+\.\w+\.\w+",
    re.IGNORECASE,
)
_PLUS_CODE = re.compile(r"(?<!\w)[23456789CFGHJMPQRVWX]{4,8}\+[23456789CFGHJMPQRVWX]{2,3}(?!\w)")


def found(text: str, municipalities: Collection[str] = ()) -> list[Kind]:
    """Name the kinds of personal data in a text, each once.

    >>> found("Llame al 5512 3456 o a ana@correo.gt")
    [<Kind.PHONE: 'phone'>, <Kind.EMAIL: 'email'>]
    >>> found("Del 21/11/2026 vinieron 15 personas; la línea es 110.")
    []

    :param municipalities: four-digit codes (department and municipality); empty: any.
    """
    plain = unicodedata.normalize("NFKC", text)
    kinds = []
    without_ids = _THIRTEEN.sub(
        lambda match: " # " if is_national_id(match.group(), municipalities) else match.group(), plain
    )
    if without_ids != plain:
        kinds.append(Kind.NATIONAL_ID)
    if any(_phones(without_ids)):
        kinds.append(Kind.PHONE)
    if _EMAIL.search(plain):
        kinds.append(Kind.EMAIL)
    if _is_place(plain):
        kinds.append(Kind.COORDINATES)
    return kinds


def is_national_id(text: str, municipalities: Collection[str] = ()) -> bool:
    """Tell whether thirteen digits are a Guatemalan CUI, or look too much like one.

    Eight digits, a check digit, department, municipality. Written without any space they are refused whatever they say.

    >>> is_national_id("1234567890101"), is_national_id("2599 13480-0101"), is_national_id("2599 13481 0101")
    (True, True, False)
    """
    digits = re.sub(r"\D", "", text)
    if len(digits) != 13:
        return False
    if text.isdigit():
        return True
    total = sum(int(digit) * weight for weight, digit in enumerate(digits[:8], 2))
    if total % 11 != int(digits[8]):
        return False
    if municipalities:
        return digits[9:] in municipalities
    return 1 <= int(digits[9:11]) <= 22 and digits[11:] != "00"


def _phones(text: str) -> Iterator[phonenumbers.PhoneNumberMatch]:
    return iter(PhoneNumberMatcher(_DATE.sub(" # ", text), HOME, Leniency.VALID))


def _is_place(text: str) -> bool:
    if any(abs(float(lat)) <= 90 and abs(float(lon)) <= 180 for lat, lon in _PAIR.findall(text)):
        return True
    return any(pattern.search(text) for pattern in (_DEGREES, _MAP, _PLUS_CODE))
