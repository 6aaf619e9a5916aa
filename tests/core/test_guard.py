"""Free text names nobody: identity numbers, telephones and places are recognised, everyday numbers are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.core.guard import Kind, found, is_national_id

GUATEMALA_CITY = "0101"


def cui(number: str, place: str = GUATEMALA_CITY) -> str | None:
    """Make a valid CUI of eight digits, or None when these eight have no check digit."""
    check = sum(int(digit) * weight for weight, digit in enumerate(number, 2)) % 11
    return None if check == 10 else f"{number} {check} {place}"


@given(st.from_regex(r"[1-9][0-9]{7}", fullmatch=True).map(cui).filter(bool), st.sampled_from([" ", "-", ".", ""]))
def test_every_valid_identity_number_is_recognised_however_it_is_spaced(number, gap):
    text = f"Se presentó con DPI {number.replace(' ', gap)} ayer."
    assert Kind.NATIONAL_ID in found(text)
    assert Kind.NATIONAL_ID in found(text, {GUATEMALA_CITY})


def test_a_wrong_check_digit_or_an_unknown_municipality_is_another_number():
    assert not is_national_id("2599 13481 0101")
    assert is_national_id(cui("25991348", "1333"), {"1333"})  # Petatán, which older lists do not know
    assert not is_national_id(cui("25991348", "1399"), {"1333"})
    assert not is_national_id(cui("25991348", "2301"))
    assert not is_national_id("123")


def test_thirteen_digits_in_a_row_are_refused_whatever_they_say():
    assert found("1234567890123") == [Kind.NATIONAL_ID]


@pytest.mark.parametrize(
    "text",
    [
        "55123456",
        "5512 3456",
        "5512-3456",
        "+502 5512 3456",
        "(502) 5512-3456",
        "tel.2411-9898",
        "+1 202 555 0143",
        "５５１２３４５６",
    ],
)
def test_telephones_are_recognised(text):
    assert found(f"Mi número es {text}.") == [Kind.PHONE]


@pytest.mark.parametrize(
    "text", ["ana@correo.gt", "Ana.Xol+1@salud.gob.gt", "ana arroba gmail punto com", "ana (at) gmail.com"]
)
def test_addresses_are_recognised(text):
    assert found(f"Escríbame a {text}") == [Kind.EMAIL]


@pytest.mark.parametrize(
    "text",
    [
        "14.6349, -90.5069",
        "14.63490 -90.50690",
        "14°38'05\" N 90°30'24\" O",
        "https://maps.app.goo.gl/abc123",
        "https://www.google.com/maps/@14.6,-90.5,17z",
        "https://www.openstreetmap.org/#map=17/14.6/-90.5",
        "geo:14.63,-90.5",
        "76FV+8QX",
    ],
)
def test_places_on_a_map_are_recognised(text):
    assert Kind.COORDINATES in found(f"Vive en {text}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Llame al 110 o al 1503; también existe el 1572.",
        "Decreto 9-2009, artículo 202 Ter",
        "El 21/11/2026 a las 14:30, y el 2026-11-21",
        "Gestión 2024-2028",
        "De 2024 a 2026 se capacitó a 12,500 personas en 45 comunidades.",
        "Costó Q 25,000.00 o 25000",
        "De 10 a 15 años, unas 3.5 horas, 85.5 puntos",
        "La niña llegó con sueño 3 días seguidos.",
        "aula 12, grupo B, clave A1B2-C3D4",
        "mensaje@",
        "Nab’aj ixq’anil ri tinamït",
    ],
)
def test_everyday_numbers_are_left_alone(text):
    assert found(text) == []


def test_each_kind_is_named_once():
    assert found("ana@x.gt, eva@x.gt, 5512 3456, 5512 3457") == [Kind.PHONE, Kind.EMAIL]


@given(st.text(max_size=200))
def test_no_text_makes_it_stumble(text):
    found(text)
