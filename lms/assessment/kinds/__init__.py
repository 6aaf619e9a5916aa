"""The kinds of question, one small class each; `KINDS` is the whole list. Pure."""

from lms.assessment.kinds.arrange import Matching, Ordering
from lms.assessment.kinds.base import Kind
from lms.assessment.kinds.choice import Multiple, Single, TrueFalse
from lms.assessment.kinds.likert import Likert
from lms.assessment.kinds.scenario import Scenario
from lms.assessment.kinds.typed import Cloze, Numeric, Open, ShortText

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Single(),
        Multiple(),
        TrueFalse(),
        Matching(),
        Ordering(),
        Numeric(),
        ShortText(),
        Cloze(),
        Open(),
        Scenario(),
        Likert(),
    )
}
