"""A bank with one question of each kind, in Spanish and English. Every explanation holds PORQUE, to be looked for."""

from functools import cache
from typing import Any

from lms.assessment.grading import Asked
from lms.assessment.package import BankDraft, read_bank
from lms.assessment.rules import Guise
from lms.core.problems import Problems, Table

TOML = """
[[question]]
id = "una"
kind = "single"
critical = true
topic = "ruta"
stem.spa = "¿Qué hace **primero**?"
stem.eng = "What do you do **first**?"
explain.spa = "PORQUE avisar es lo primero."
explain.eng = "PORQUE reporting comes first."
[[question.option]]
text.spa = "Pregunta a la familia"
text.eng = "Asks the family"
why.spa = "PORQUE no: puede ser peligroso."
why.eng = "PORQUE not: it may be dangerous."
[[question.option]]
correct = true
text.spa = "Avisa a la dirección"
text.eng = "Tells the head teacher"
why.spa = "PORQUE sí: es la ruta."
why.eng = "PORQUE yes: that is the way."
[[question.option]]
text.spa = "Espera pruebas"
text.eng = "Waits for proof"
why.spa = "PORQUE no: no le toca probar."
why.eng = "PORQUE not: proof is not your task."

[[question]]
id = "varias"
kind = "multiple"
topic = "senales"
stem.spa = "¿Cuáles señales, juntas, piden avisar?"
stem.eng = "Which signs, together, ask you to report?"
[[question.option]]
correct = true
text.spa = "Se duerme en clase"
text.eng = "Falls asleep in class"
why.spa = "PORQUE sí."
why.eng = "PORQUE yes."
[[question.option]]
correct = true
text.spa = "Otra persona cobra por él"
text.eng = "Somebody else is paid for him"
why.spa = "PORQUE sí."
why.eng = "PORQUE yes."
[[question.option]]
text.spa = "Zapatos nuevos"
text.eng = "New shoes"
why.spa = "PORQUE no."
why.eng = "PORQUE not."
[[question.option]]
text.spa = "Habla en su idioma"
text.eng = "Speaks her language"
why.spa = "PORQUE no."
why.eng = "PORQUE not."

[[question]]
id = "cierto"
kind = "true_false"
topic = "ruta"
stem.spa = "Hay que esperar 24 horas para avisar."
stem.eng = "One has to wait 24 hours before reporting."
answer = false
why_true.spa = "PORQUE no: se avisa de inmediato."
why_true.eng = "PORQUE not: one reports at once."
why_false.spa = "PORQUE sí: se avisa de inmediato."
why_false.eng = "PORQUE yes: one reports at once."

[[question]]
id = "parejas"
kind = "matching"
topic = "ruta"
stem.spa = "Una cada situación con su número."
stem.eng = "Match each situation with its number."
[[question.pair]]
left.spa = "Peligro ahora mismo"
left.eng = "Danger right now"
right.spa = "110"
right.eng = "110"
[[question.pair]]
left.spa = "No aparece"
left.eng = "Missing"
right.spa = "1546"
right.eng = "1546"
[[question.pair]]
left.spa = "Denuncia en la escuela"
left.eng = "Report at school"
right.spa = "1503"
right.eng = "1503"
[[question.distractor]]
text.spa = "1500"
text.eng = "1500"

[[question]]
id = "orden"
kind = "ordering"
topic = "ruta"
stem.spa = "Ponga en orden."
stem.eng = "Put in order."
[[question.item]]
text.spa = "Noto"
text.eng = "I notice"
[[question.item]]
text.spa = "Escucho"
text.eng = "I listen"
[[question.item]]
text.spa = "Aviso"
text.eng = "I report"
[[question.item]]
text.spa = "Acompaño"
text.eng = "I accompany"

[[question]]
id = "numero"
kind = "numeric"
stem.spa = "¿En cuántas horas se levanta el acta?"
stem.eng = "Within how many hours is the record written?"
answer = 24
tolerance = 0.5
unit.spa = "horas"
unit.eng = "hours"

[[question]]
id = "corta"
kind = "short_text"
stem.spa = "¿Quién vela por la niñez? Tres letras."
stem.eng = "Who looks after children? Three letters."
accept.spa = ["PGN", "la PGN"]
accept.eng = ["the PGN"]

[[question]]
id = "huecos"
kind = "cloze"
stem.spa = "Complete."
stem.eng = "Complete."
text.spa = "El acta se levanta en [[plazo]] horas y se avisa a [[quien]]."
text.eng = "The record is written within [[plazo]] hours and [[quien]] is told."
[[question.blank]]
id = "plazo"
accept.spa = ["24", "veinticuatro"]
accept.eng = ["24", "twenty-four"]
[[question.blank]]
id = "quien"
choices.spa = ["la dirección", "la familia", "nadie"]
choices.eng = ["the head teacher", "the family", "nobody"]

[[question]]
id = "abierta"
kind = "open"
topic = "prevencion"
stem.spa = "Escriba su plan.\\n\\nUse pocas palabras."
stem.eng = "Write your plan.\\n\\nUse few words."
[[question.criterion]]
text.spa = "Dice a quién avisa"
text.eng = "Says whom to tell"
points = 2
critical = true
[[question.criterion]]
text.spa = "Es breve"
text.eng = "Is short"
points = 1

[[question]]
id = "camino"
kind = "scenario"
topic = "ruta"
stem.spa = "Al final de la clase."
stem.eng = "At the end of the class."
[[question.step]]
id = "inicio"
text.spa = "Una alumna le pide un momento."
text.eng = "A pupil asks for a moment."
[[question.step.choice]]
text.spa = "La escucho"
text.eng = "I listen"
why.spa = "PORQUE abre una puerta."
why.eng = "PORQUE it opens a door."
points = 2
next = "fin"
[[question.step.choice]]
text.spa = "Mañana"
text.eng = "Tomorrow"
why.spa = "PORQUE la puerta se cierra."
why.eng = "PORQUE the door closes."
next = "segunda"
[[question.step]]
id = "segunda"
text.spa = "Se va despacio."
text.eng = "She walks away slowly."
[[question.step.choice]]
text.spa = "La alcanzo"
text.eng = "I catch up with her"
why.spa = "PORQUE todavía hay tiempo."
why.eng = "PORQUE there is still time."
points = 1
next = "fin"
[[question.step.choice]]
text.spa = "La dejo ir"
text.eng = "I let her go"
why.spa = "PORQUE puede no volver."
why.eng = "PORQUE she may not come back."
[[question.step]]
id = "fin"
text.spa = "Le cuenta algo grave."
text.eng = "She tells something serious."
[[question.step.choice]]
text.spa = "Aviso hoy"
text.eng = "I report today"
why.spa = "PORQUE es la ruta."
why.eng = "PORQUE that is the way."
points = 2
[[question.step.choice]]
text.spa = "Guardo el secreto"
text.eng = "I keep the secret"
why.spa = "PORQUE el silencio protege a quien daña."
why.eng = "PORQUE silence protects whoever does harm."

[[question]]
id = "opinion"
kind = "likert"
stem.spa = "¿Qué tan de acuerdo está?"
stem.eng = "How much do you agree?"
scale.spa = ["Nada", "Algo", "Mucho"]
scale.eng = ["Not at all", "Somewhat", "Very much"]
[[question.statement]]
text.spa = "Sé a quién avisar"
text.eng = "I know whom to tell"
[[question.statement]]
text.spa = "Me siento capaz"
text.eng = "I feel able to"
"""

TOPICS = ("ruta", "senales", "prevencion")

# What a person would have to answer to have everything right.
RIGHT = {
    "una": "b",
    "varias": ["a", "b"],
    "cierto": False,
    "parejas": ["a", "b", "c"],
    "orden": [1, 2, 3, 4],
    "numero": "24",
    "corta": "pgn.",
    "huecos": ["Veinticuatro", "0"],
    "camino": [0, 0],
}


class AnyFiles:
    """A package that has every file."""

    def need(self, path: str, table: Table, key: str) -> None:
        pass


def read(text: str, languages: tuple[str, ...] = ("spa", "eng")) -> tuple[BankDraft, Problems]:
    """Read a bank and what is wrong with it."""
    problems = Problems()
    return read_bank(text, "banks/m1.toml", languages, TOPICS, AnyFiles(), problems), problems


@cache
def asked() -> dict[str, Asked]:
    """Return the questions of the bank by their slug, numbered from 1."""
    bank, problems = read(TOML)
    assert not problems, "\n".join(map(str, problems))
    return {
        one.slug: Asked(number, one.kind, one.body, one.key, one.weight, one.is_critical, one.topic)
        for number, one in enumerate(bank.questions, 1)
    }


def filled(slug: str, answer: Any, guise: Guise, number: int | None = None) -> dict[str, list[str]]:
    """Fill the form of a question the way a browser sends it."""
    one = asked()[slug]
    number = number or one.number
    name = f"q{number}"

    def token(part: str) -> str:
        return guise.token(number, part)

    match one.kind:
        case "single":
            return {name: [token(answer)]}
        case "multiple":
            return {name: [token(option) for option in answer]}
        case "true_false":
            return {name: ["true" if answer else "false"]}
        case "matching":
            lefts = [left["id"] for left in one.body["lefts"]]
            return {
                f"{name}.{token('left ' + left)}": [token(right)] for left, right in zip(lefts, answer, strict=True)
            }
        case "ordering":
            return {
                f"{name}.{token(item['id'])}": [str(place)]
                for item, place in zip(one.body["items"], answer, strict=True)
            }
        case "cloze":
            return {f"{name}.plazo": [answer[0]], f"{name}.quien": [token(f"quien {answer[1]}")]}
        case "scenario":
            sent, step = {}, one.body["start"]
            for index, choice in enumerate(answer):
                sent[f"{name}.{index}"] = [token(f"{step} {choice}")]
                step = one.body["steps"][step]["choices"][choice]["next"]
            return sent
        case "likert":
            return {f"{name}.{letter}": [str(step)] for letter, step in zip("ab", answer, strict=True)}
        case _:
            return {name: [answer]}
