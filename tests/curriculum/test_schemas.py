"""The schemas for editors accept what the reader accepts, and refuse what it refuses."""

import json
import tomllib

import pytest
from jsonschema import Draft202012Validator

from tests.curriculum.packages import EXAMPLE, ROOT, SHIPPED, example

SCHEMAS = {"course": "course.toml", "module": "*/module.toml", "bank": "banks/*.toml", "rubric": "rubrics/*.toml"}
COURSES = sorted(path.parent for path in SHIPPED.glob("*/course.toml"))
BROKEN = [
    ("course", "course.toml", 'slug = "ejemplo"', 'slug = "El Ejemplo"'),
    ("course", "course.toml", "hours = 0.5", "hours = 0"),
    ("course", "course.toml", "hours = 0.5\n", ""),
    ("course", "course.toml", "pass_mark = 60", "pass_mark = 101"),
    ("course", "course.toml", '"open"', '"closed"'),
    ("course", "course.toml", "summary.eng", "summary.english"),
    ("course", "course.toml", "licence", "license"),
    ("module", "m1/module.toml", 'kind = "lesson"', 'kind = "talk"'),
    ("module", "m1/module.toml", 'kind = "lesson"', 'kind = "lesson"\nattempts = 1'),
    ("module", "m1/module.toml", 'purpose = "check"\n', ""),
    ("module", "m1/module.toml", "count = 1", "count = 0"),
    ("module", "m1/module.toml", "attempts = 0", 'attempts = 0\nquestions = ["m1/una-senal"]'),
    ("module", "m1/module.toml", 'status.quc = "draft"', 'status.quc = "done"'),
    ("module", "m1/module.toml", "media/puerta.svg", "puerta.svg"),
    ("bank", "banks/m1.toml", 'kind = "single"', 'kind = "poem"'),
    ("bank", "banks/m1.toml", "answer = false", 'answer = "no"'),
    ("bank", "banks/m1.toml", "why.eng", "reason.eng"),
    ("bank", "banks/m1.toml", "critical = true", "critical = 1"),
    ("rubric", "rubrics/clase.toml", "levels = 3", "levels = 0"),
    ("rubric", "rubrics/clase.toml", 'id = "calma"\n', ""),
]


def validator(name: str) -> Draft202012Validator:
    schema = json.loads((ROOT / "docs" / "schemas" / f"{name}.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("course", [EXAMPLE, *COURSES], ids=lambda path: path.name)
@pytest.mark.parametrize("name", SCHEMAS)
def test_a_shipped_course_fits_the_schemas(name, course):
    for path in course.glob(SCHEMAS[name]):
        wrong = [
            f"{path.name} {error.json_path}"
            for error in validator(name).iter_errors(tomllib.loads(path.read_text("utf-8")))
        ]
        assert not wrong


@pytest.mark.parametrize(("name", "path", "old", "new"), BROKEN)
def test_a_broken_file_does_not(name, path, old, new):
    text = example()[path].decode()
    assert old in text
    assert list(validator(name).iter_errors(tomllib.loads(text.replace(old, new, 1))))
