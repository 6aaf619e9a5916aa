"""The examples in docstrings are true."""

import doctest
from importlib import import_module

from tests.house.tree import ROOT


def test_the_examples_of_the_docstrings_come_out_as_written():
    paths = [path for path in (ROOT / "lms").rglob("*.py") if ">>> " in path.read_text("utf-8")]
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in paths]
    assert len(names) > 50
    failed = [name for name in sorted(names) if doctest.testmod(import_module(name)).failed]
    assert not failed, failed
