"""Two columns of a spreadsheet, pasted: who, and the e-mail."""

import re
from dataclasses import dataclass

from lms.accounts.rules.names import is_email
from lms.core.problems import N_, Problem, Problems
from lms.core.texts import folded

MOST = 2000


@dataclass(frozen=True)
class Line:
    """One row: who (user name, staff key or whole name, folded) gets which e-mail."""

    number: int
    who: str
    email: str


def read_lines(text: str) -> tuple[list[Line], list[Problem]]:
    """Read every row; report each that cannot be.

    >>> read_lines("Lucía Tum\\tLucia@salud.gob.gt\\n\\nK-17; otro")[0]
    [Line(number=1, who='lucia tum', email='lucia@salud.gob.gt')]
    """
    lines, problems, seen = [], Problems(), dict[str, int]()
    for number, row in enumerate(text.splitlines()[: MOST + 1], start=1):
        cells = [cell.strip(" \"'") for cell in re.split(r"[\t;,]", row) if cell.strip(" \"'")]
        if not cells:
            continue
        who, email = folded(" ".join(cells[:-1])), cells[-1].lower()
        if number > MOST:
            problems.add("", number, N_("Paste at most %(most)s rows at a time."), most=MOST)
        elif not who or not is_email(email):
            problems.add("", number, N_("Write who it is and the e-mail, in two columns."))
        elif email in seen:
            problems.add("", number, N_("This e-mail stands in row %(row)s already."), row=seen[email])
        else:
            seen[email] = number
            lines.append(Line(number, who, email))
    return lines, list(problems)
