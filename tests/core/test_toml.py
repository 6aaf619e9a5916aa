"""TOML from strangers is read, or refused with its line; it takes neither the stack nor the memory."""

import pytest

from lms.core.problems import Problems
from lms.core.toml import read_toml


def read(text):
    problems = Problems()
    return read_toml(text, "x.toml", problems), [(one.line, one.sentence) for one in problems]


def test_what_is_well_written_is_read():
    text = 'title.spa = "Sí"\n[a.b."c d"]\nlist = [[1, 2], [3]]\n'
    assert read(text) == ({"title": {"spa": "Sí"}, "a": {"b": {"c d": {"list": [[1, 2], [3]]}}}}, [])


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a = 1\nb =\n", 2, "not valid TOML"),
        ("a = 1\na = 2\n", 2, "not valid TOML"),
        ("a = " + "[" * 5000 + "]" * 5000, 1, "too many brackets"),
        ("\na = " + "{b = " * 3000 + "1" + "}" * 3000, 1, "too many brackets"),
        ("ok = 1\n\n" + "a." * 100_000 + "a = 1", 3, "too many parts"),
        ("[" + '"a b".' * 30 + "c]\n", 1, "too many parts"),
        ("a = " + "9" * 5000, 1, "not valid TOML"),
        ('a = ["x", {b = "\\u0000"}]', 1, "nobody can see"),
        ('"\\u0000" = 1', 1, "nobody can see"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text, line, said):
    values, problems = read(text)
    assert values is None
    assert [(at, said in sentence) for at, sentence in problems] == [(line, True)]


def test_a_long_row_of_quotation_marks_is_looked_at_once():
    assert read('a = "' + "'" * 200_000 + '"')[1] == []
