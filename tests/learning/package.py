"""A small course with everything in it: texts in two languages, and a quiz for each way of asking."""

from tests.assessment.bank import TOML

COURSE = """
slug = "hilos"
version = "2026.1"
languages = ["spa", "eng"]
hours = 3
pass_mark = 70
tags = ["prevention"]
audiences = ["teachers"]
enrolment = "open"
outline = ["inicio", "m1", "m2"]
title.spa = "Hilos que avisan"
title.eng = "Threads that warn"
neutral_title.spa = "Hilos"
neutral_title.eng = "Threads"
summary.spa = "Para docentes: notar, escuchar y avisar."
summary.eng = "For teachers: notice, listen and report."
[topics.ruta]
title.spa = "La ruta"
title.eng = "The way"
[topics.senales]
title.spa = "Las señales"
title.eng = "The signs"
[topics.prevencion]
title.spa = "Prevenir"
title.eng = "Preventing"
"""

MODULE = """
title.spa = "{spa}"
title.eng = "{eng}"
objective.spa = "Al terminar, usted podrá avisar."
objective.eng = "By the end you can report."
minutes = 30
core_messages.spa = ["Avise."]
core_messages.eng = ["Report."]
"""

QUIZ = """
[[activity]]
slug = "{slug}"
kind = "quiz"
minutes = 10
title.spa = "{title}"
title.eng = "{title}"
purpose = "{purpose}"
questions = [{questions}]
feedback = "{feedback}"
{more}
"""

MATCHED = '"m1/una", "m1/varias", "m1/cierto", "m1/numero"'
EVERY = (
    '"m1/una", "m1/varias", "m1/cierto", "m1/parejas", "m1/orden", "m1/numero", "m1/corta", "m1/huecos", "m1/abierta", '
    '"m1/camino", "m1/opinion"'
)

FACTS = """
[[fact]]
key = "police-emergency"
kind = "hotline"
value = "110"
dial = "110"
label.spa = "Peligro ahora mismo"
label.eng = "Danger right now"
status = "verified"
source = "https://pgn.gob.gt/"
checked_on = 2026-11-01
checked_by = "Equipo"
review_by = 2027-05-01
"""

LESSON = """+++
title = "{title}"
objective = "{objective}"
{more}
+++
{text}
"""


def quiz(slug: str, title: str, purpose: str, questions: str, feedback: str, more: str = "") -> str:
    """Write a quiz of module.toml."""
    return QUIZ.format(slug=slug, title=title, purpose=purpose, questions=questions, feedback=feedback, more=more)


def files(**changes: str) -> dict[str, bytes]:
    """Return the files of the course; `enrolment="invited"` and the like change course.toml."""
    course = COURSE
    for key, value in changes.items():
        course = "\n".join(f'{key} = "{value}"' if line.startswith(f"{key} =") else line for line in course.split("\n"))
    note = 'content_note = "Esta lección habla de peligro, sin escenas."'
    found = {
        "course.toml": course,
        "facts.toml": FACTS,
        "banks/m1.toml": TOML,
        "inicio/module.toml": MODULE.format(spa="Antes", eng="Before")
        + quiz("antes", "Lo que sé hoy", "pretest", MATCHED, "none", "required = false\nattempts = 1"),
        "m1/module.toml": MODULE.format(spa="Notar", eng="Notice")
        + '[[activity]]\nslug = "uno"\nkind = "lesson"\nminutes = 5\n'
        + '[[activity]]\nslug = "dos"\nkind = "lesson"\nminutes = 5\n'
        + quiz("prueba", "Prueba del módulo", "check", EVERY.replace('"m1/abierta", ', ""), "each", "shuffle = false")
        + '[[activity]]\nslug = "encuentro"\nkind = "session"\nminutes = 90\nrequired = false\n'
        + 'title.spa = "Encuentro"\ntitle.eng = "Meeting"\n',
        "m1/uno.spa.md": LESSON.format(
            title="Qué es una señal",
            objective="Reconocer.",
            more=note,
            text="Una señal sola dice poco. Llame al {fact:police-emergency}.\n\n## Mire\n\n- Falta mucho.\n"
            "\n::: calls\n- police-emergency\n:::\n",
        ),
        "m1/uno.eng.md": LESSON.format(
            title="What a sign is",
            objective="Recognise.",
            more=note.replace("Esta lección habla de peligro, sin escenas.", "This lesson speaks of danger."),
            text="A sign alone says little. Call {fact:police-emergency}.\n\n## Look\n\n- Often absent.\n"
            "\n::: calls\n- police-emergency\n:::\n",
        ),
        "m1/dos.spa.md": LESSON.format(title="Avisar", objective="Avisar.", more="", text="Avise hoy."),
        "m1/dos.eng.md": LESSON.format(title="Reporting", objective="Report.", more="", text="Report today."),
        "m2/module.toml": MODULE.format(spa="Decidir", eng="Decide")
        + quiz("practica", "Decida usted", "practice", '"m1/camino"', "each", "required = false")
        + quiz("entrega", "Su plan", "practice", '"m1/abierta", "m1/opinion"', "end", "required = false")
        + quiz("todo", "De todo", "check", EVERY, "end", "required = false")
        + quiz("final", "Prueba final", "final", MATCHED, "end", FINAL),
    }
    return {path: text.encode() for path, text in found.items()}


FINAL = "attempts = 2\ncool_down_hours = 24\ntime_limit_minutes = 20"
