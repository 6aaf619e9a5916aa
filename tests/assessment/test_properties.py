"""Whatever arrives, nothing breaks: any JSON as an answer, any form, any token."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.assessment.grading import grade
from lms.assessment.kinds import KINDS
from lms.assessment.rules import Guise
from tests.assessment.bank import RIGHT, asked, filled

GUISE = Guise(b"this attempt")
OTHER = Guise(b"another attempt")
SLUGS = list(asked())

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize("slug", SLUGS)
@given(answer=json_values)
def test_any_json_as_an_answer_gives_a_mark_and_a_page(slug, answer):
    one = asked()[slug]
    kind = KINDS[one.kind]
    share = kind.mark(one.body, one.key, answer).share
    assert share is None or 0.0 <= share <= 1.0
    kind.view(one.body, answer, one.number, GUISE)
    kind.review(one.body, one.key, answer, one.number, GUISE)
    assert kind.is_complete(one.body, answer) in (True, False)
    assert isinstance(kind.typed(answer), str)
    kind.after(one.body, answer, answer)


@given(answers=st.dictionaries(st.integers(1, 12), json_values))
def test_any_answers_give_a_score(answers):
    result = grade(list(asked().values()), answers, {}, 70)
    assert result.score is None or 0 <= result.score <= 100
    assert result.right <= result.asked


@pytest.mark.parametrize("slug", SLUGS)
@given(sent=st.dictionaries(st.text(max_size=12), st.lists(st.text(max_size=12), max_size=3), max_size=6))
def test_any_form_is_read(slug, sent):
    one = asked()[slug]
    names = {f"q{one.number}", *(f"q{one.number}.{name}" for name in ("a", "b", "0", "1", "plazo", "quien"))}
    crossed = sent | {name: ["zzz", "\u0663", "²", "9" * 30] for name in names}
    for form in (sent, crossed):
        answer = KINDS[one.kind].read(one.body, form, one.number, GUISE)
        assert KINDS[one.kind].mark(one.body, one.key, json.loads(json.dumps(answer))) is not None


@pytest.mark.parametrize("slug", RIGHT)
def test_what_a_form_sends_is_what_is_marked(slug):
    one = asked()[slug]
    answer = KINDS[one.kind].read(one.body, filled(slug, RIGHT[slug], GUISE), one.number, GUISE)
    assert answer == RIGHT[slug]
    stored = json.loads(json.dumps(answer))
    assert KINDS[one.kind].mark(one.body, one.key, stored).share == 1.0


def test_the_opinion_and_the_open_answer_come_back_too():
    for slug, given_answer in {"opinion": [0, 2], "abierta": "Aviso a la dirección."}.items():
        one = asked()[slug]
        assert KINDS[one.kind].read(one.body, filled(slug, given_answer, GUISE), one.number, GUISE) == given_answer


@pytest.mark.parametrize("slug", ["una", "varias", "parejas", "orden", "camino"])
def test_tokens_of_another_attempt_are_no_answer(slug):
    one = asked()[slug]
    assert KINDS[one.kind].read(one.body, filled(slug, RIGHT[slug], OTHER), one.number, GUISE) is None


def test_a_choice_of_another_attempt_leaves_its_gap_open():
    one = asked()["huecos"]
    assert KINDS["cloze"].read(one.body, filled("huecos", ["24", "0"], OTHER), one.number, GUISE) == ["24", None]


def test_tokens_say_nothing_about_the_order_of_the_file():
    one = asked()["una"]
    orders = set()
    for seed in range(60):
        guise = Guise(f"attempt {seed}".encode())
        options = KINDS["single"].view(one.body, None, one.number, guise)["options"]
        assert len({option["token"] for option in options}) == 3
        orders.add(tuple(option["id"] for option in options))
    assert len(orders) == 6


def test_a_text_longer_than_any_answer_is_cut_and_kept():
    one = asked()["abierta"]
    answer = KINDS["open"].read(one.body, {f"q{one.number}": ["a" * 50_000]}, one.number, GUISE)
    assert len(answer) == 6000
