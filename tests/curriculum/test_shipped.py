"""The courses that ship are sound and keep to their weight."""

import pytest

from lms.curriculum.package.pictures import PICTURES
from lms.curriculum.package.reader import read_package
from lms.curriculum.sources import files_of_folder, zip_of
from lms.library.rules import read_facts
from tests.curriculum.packages import SHIPPED

COURSES = sorted(path.parent for path in SHIPPED.glob("*/course.toml"))
FACTS = {fact.key for fact in read_facts((SHIPPED / "facts.toml").read_text("utf-8"), "facts.toml")[0]}


@pytest.mark.parametrize("folder", COURSES, ids=lambda path: path.name)
def test_a_shipped_course_has_no_problem(folder):
    reading = read_package(files_of_folder(folder), FACTS)
    assert [str(problem) for problem in reading.problems] == []


@pytest.mark.parametrize("folder", COURSES, ids=lambda path: path.name)
def test_a_course_of_text_and_drawings_travels_in_less_than_400_kb(folder):
    files = files_of_folder(folder)
    ends = (".md", ".toml", *(f".{end}" for end in PICTURES))
    text = {path: data for path, data in files.items() if path.endswith(ends)}
    assert len(zip_of(text, folder.name)) <= 400_000
