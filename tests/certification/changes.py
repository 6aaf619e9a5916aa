"""Packages whose new version carries a short unit on what changed."""

from tests.learning.package import files

WHAT = {
    "spa": "Desde septiembre el aviso se da también por escrito.",
    "eng": "Since September the report is also made in writing.",
}
UNIT_COURSE = """
slug = "{slug}"
version = "1"
languages = ["spa", "eng"]
hours = 0.4
pass_mark = 70
enrolment = "invited"
outline = ["u1"]
title.spa = "Lo que cambió en 2026"
title.eng = "What changed in 2026"
neutral_title.spa = "Lo nuevo de 2026"
neutral_title.eng = "News of 2026"
summary.spa = "Una unidad corta."
summary.eng = "A short unit."
"""
UNIT_MODULE = """
title.spa = "Lo nuevo"
title.eng = "What is new"
objective.spa = "Al terminar, usted avisa también por escrito."
objective.eng = "By the end you also report in writing."
minutes = 20

[[activity]]
slug = "leer"
kind = "lesson"
minutes = 12

[[activity]]
slug = "prueba"
kind = "quiz"
minutes = 8
title.spa = "Prueba"
title.eng = "Test"
purpose = "check"
questions = ["u/cierto"]
feedback = "end"
"""
UNIT_BANK = """
[[question]]
id = "cierto"
kind = "true_false"
stem.spa = "El aviso se da también por escrito."
stem.eng = "The report is also made in writing."
answer = true
why_true.spa = "Así es."
why_true.eng = "So it is."
why_false.spa = "También por escrito."
why_false.eng = "In writing too."
"""
LESSON = '+++\ntitle = "{title}"\nobjective = "{title}"\n+++\n\n{title}\n'


def unit_files(slug: str = "cambios-2026") -> dict[str, bytes]:
    """Return the files of a short unit, as in a package of their own."""
    texts = {
        "course.toml": UNIT_COURSE.format(slug=slug),
        "u1/module.toml": UNIT_MODULE,
        "u1/leer.spa.md": LESSON.format(title="El aviso se da por escrito."),
        "u1/leer.eng.md": LESSON.format(title="The report is made in writing."),
        "banks/u.toml": UNIT_BANK,
    }
    return {path: text.encode() for path, text in texts.items()}


def changed_files(course: str, unit: str = "cambios-2026", more: str = "") -> dict[str, bytes]:
    """Return the next version of the small course: it says what changed, and carries the short unit."""
    found = dict(files(slug=course))
    change = f'\n[change]\non = 2026-09-01\nwhat.spa = "{WHAT["spa"]}"\nwhat.eng = "{WHAT["eng"]}"\n{more}\n'
    text = found["course.toml"].decode().replace('version = "2026.1"', 'version = "2026.2"', 1)
    found["course.toml"] = (text + change).encode()
    return found | {f"bridge/{path}": data for path, data in unit_files(unit).items()}
