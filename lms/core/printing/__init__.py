"""Printing: HTML of ours becomes PDF, in processes of its own.

How to use it. Put CSS and pictures of a document into a folder and read it once, at import:
`GUIDE = Stationery.read(Path(__file__).parent / "guide", PAPER)`; `PAPER` brings fonts and colours that all paper
shares. Write HTML with Jinja (`<html lang>`, a neutral `<title>`, headings and lists that mean something, `alt` on each
picture) and call `print_pdf(html, GUIDE)`: the bytes of a tagged PDF (PDF/UA-1, fonts embedded) come back. In CSS and
HTML pictures are named `asset:NAME`, NAME being a file of the folder or a key of `pictures={"m1.png": bytes}`; nothing
else is ever fetched, and an address that is not there fails the document instead of printing a hole. Many documents:
`print_many([Order(html, GUIDE), …])` uses every core and yields them in order; pages that differ in a few words
only are given as `Sheet`s and cost a fifth. Both raise `CannotPrint` with a sentence
for the reader. A page takes some 15 to 40 ms once the process is warm; a whole guide belongs into a job
(`lms.core.jobs`), a page may be printed while somebody waits.

WeasyPrint takes half a second to load and 100 MB to live in, so no process of the site loads it: `press` is a program
that the first order starts, that answers one order after the other, and that ends after five quiet minutes. A document
that hangs, eats the memory or kills its press fails alone.

stationery (what goes on every sheet) · press (the program that prints) · house (who keeps the presses).
"""

from lms.core.printing.house import PRINTING, CannotPrint, Order, Sheet, print_many, print_pdf
from lms.core.printing.stationery import PAPER, Stationery

__all__ = ["PAPER", "PRINTING", "CannotPrint", "Order", "Sheet", "Stationery", "print_many", "print_pdf"]
