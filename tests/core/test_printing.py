"""HTML becomes a tagged PDF in a process of its own, which has no way to the network and whose end harms nobody."""

import os
import signal
import sys

import pytest

from lms.core.printing import PAPER, CannotPrint, Order, Stationery, print_many, print_pdf
from lms.core.printing.house import House
from tests.harness.paper import Paper

PAGE = '<html lang="es"><title>Hoja</title><h1 class="display">Xuwan Kʼichʼob</h1><p>Ẍ ẍ ä ꞌ ʼ</p>'
DOT = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0H1V1H0z"/></svg>'


def test_a_page_says_its_language_its_title_and_what_is_a_heading():
    found = Paper(print_pdf(PAGE, PAPER))
    assert found.language == "es" and found.title == "Hoja" and found.is_ua
    assert [tag for tag in found.tags if tag in ("/H1", "/P")] == ["/H1", "/P"]


def test_letters_of_mayan_texts_are_printed_in_fonts_that_travel_with_the_page():
    found = Paper(print_pdf(PAGE, PAPER))
    assert "Ẍ ẍ ä ꞌ ʼ" in found.text
    assert len(found.fonts) == 2 and all(found.fonts.values())


@pytest.mark.parametrize(
    "piece",
    ['<img src="http://127.0.0.1:9/a.png">', '<img src="file:///etc/hostname">', '<img src="asset:none.png">',
     '<style>@import "http://127.0.0.1:9/a.css"</style>', '<link rel="stylesheet" href="a.css">'],
)  # fmt: skip
def test_nothing_is_fetched(piece):
    with pytest.raises(CannotPrint):
        print_pdf(PAGE + piece, PAPER)
    assert print_pdf(PAGE, PAPER)


def test_pictures_of_one_document_do_not_turn_up_in_the_next():
    red = DOT.replace(b"<path", b'<path fill="#f00"')
    page = PAGE + '<img alt="Punto" src="asset:dot.svg">'
    first, second, third = (print_pdf(page, PAPER, {"dot.svg": one}) for one in (DOT, red, DOT))
    assert b"1 0 0 rg" in _drawn(second) and b"1 0 0 rg" not in _drawn(first) + _drawn(third)


def _drawn(pdf):
    page = Paper(pdf).reader.pages[0]
    forms = page["/Resources"].get("/XObject", {}).values()
    return page.get_contents().get_data() + b"".join(one.get_object().get_data() for one in forms)


def test_stationery_brings_styles_and_pictures_over_those_it_builds_upon(tmp_path):
    (tmp_path / "a.css").write_text("@page { size: 50mm 50mm; background: url(asset:dot.svg) }")
    (tmp_path / "dot.svg").write_bytes(DOT)
    box = Paper(print_pdf(PAGE, Stationery.read(tmp_path, PAPER))).reader.pages[0].mediabox
    assert round(float(box.width)) == 142


def test_many_documents_come_in_their_order():
    pages = [PAGE.replace("Hoja", f"Hoja {number}") for number in range(9)]
    printed = print_many(Order(page, PAPER) for page in pages)
    assert [Paper(one).title for one in printed] == [f"Hoja {number}" for number in range(9)]


def test_a_press_that_was_killed_or_hangs_takes_its_order_alone():
    house = House()
    try:
        assert house.print(Order(PAGE, PAPER))
        os.kill(house.free[0].process.pid, signal.SIGKILL)
        with pytest.raises(CannotPrint):
            house.print(Order(PAGE, PAPER))
        assert house.print(Order(PAGE, PAPER))
        house.free[0].patience = 0
        with pytest.raises(CannotPrint):
            house.print(Order(PAGE, PAPER))
        assert not house.free and house.print(Order(PAGE, PAPER))
    finally:
        house.close()


def test_a_press_that_went_home_is_replaced_without_a_word():
    house = House()
    try:
        assert house.print(Order(PAGE, PAPER))
        press = house.free[0].process
        with open(os.devnull, "wb") as nobody:
            os.dup2(nobody.fileno(), press.stdin.fileno())  # it hears that nobody is there any more
        assert press.wait(10) == 0
        assert house.print(Order(PAGE, PAPER)) and house.free[0].process is not press
    finally:
        house.close()


def test_a_press_prints_for_a_program_that_holds_much_memory():
    large = "import os, sys; held = b'.' * 400_000_000; os.execv(sys.executable, [sys.executable, '-P', sys.argv[1]])"
    house = House(command=(sys.executable, "-c", large))
    try:
        assert house.print(Order(PAGE, PAPER))
    finally:
        house.close()


def test_a_missing_library_is_said_in_a_sentence_with_the_way_out(app):
    house = House(command=(sys.executable, "-S"))  # a Python without what was installed
    with app.test_request_context(headers={"Accept-Language": "es"}), pytest.raises(CannotPrint) as refusal:
        house.print(Order(PAGE, PAPER))
    assert refusal.value.status == 503 and "apt-get install" in str(refusal.value.sentence)
