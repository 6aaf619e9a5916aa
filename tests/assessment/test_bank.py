"""A bank with a mistake: the file, the line and what to write."""

import pytest

from tests.assessment.bank import TOML, read

OPTION = '[[question.option]]\ntext.spa = "x"\nwhy.spa = "x"\n'
RIGHT_OPTION = OPTION + "correct = true\n"
HEAD = '[[question]]\nid = "q"\nstem.spa = "x"\n'
SCALE, STATEMENT = HEAD + 'kind = "likert"\n', '[[question.statement]]\ntext.spa = "x"'


def problems(text):
    return [str(one) for one in read(text, ("spa",))[1]]


def test_the_bank_of_every_kind_is_sound():
    bank, found = read(TOML)
    assert not found
    assert len(bank.questions) == 11


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[[question]", "banks/m1.toml:1: This is not valid TOML"),
        ("x = 1", "“question” is missing."),
        (HEAD + 'kind = "essay"', "“essay” is not a kind of question."),
        (HEAD + 'kind = "single"\n' + OPTION, "at least two options"),
        (HEAD + 'kind = "single"\n' + OPTION * 2, "exactly one correct option; this one has 0"),
        (HEAD + 'kind = "single"\n' + RIGHT_OPTION * 2, "exactly one correct option; this one has 2"),
        (HEAD + 'kind = "multiple"\n' + RIGHT_OPTION + OPTION, "at least two correct options"),
        (HEAD + 'kind = "multiple"\n' + RIGHT_OPTION * 2, "at least one option that is not correct"),
        (HEAD + 'kind = "true_false"\nwhy_true.spa = "x"\nwhy_false.spa = "x"', "“answer” is missing."),
        (HEAD + 'kind = "matching"\n[[question.pair]]\nleft.spa = "x"\nright.spa = "x"', "at least two pairs"),
        (HEAD + 'kind = "ordering"\n[[question.item]]\ntext.spa = "x"', "at least three items"),
        (HEAD + 'kind = "numeric"\nanswer = 1\ntolerance = -1', "cannot be negative"),
        (HEAD + 'kind = "short_text"', "“accept” is missing."),
        (HEAD + 'kind = "cloze"\ntext.spa = "a"\n[[question.blank]]\nid = "b"\naccept.spa = ["x"]', "[[b]] exactly"),
        (HEAD + 'kind = "open"\n[[question.criterion]]\ntext.spa = "x"\npoints = 0', "“points” is at least 1."),
        (SCALE + 'scale.spa = ["x"]\n' + STATEMENT, "at least three steps"),
        (SCALE + 'critical = true\nscale.spa = ["x", "y", "z"]\n' + STATEMENT, "cannot be critical"),
        (HEAD + 'kind = "single"\ntopic = "otro"\n' + RIGHT_OPTION + OPTION, "The topic “otro” is not in course.toml."),
        (HEAD + 'kind = "single"\nweight = 0\n' + RIGHT_OPTION + OPTION, "“weight” is more than 0."),
        (HEAD + 'kind = "single"\ncolour = "red"\n' + RIGHT_OPTION + OPTION, "“colour” is not a known field here."),
        ('[[question]]\nid = "Q!"\nkind = "single"\nstem.spa = "x"\n' + RIGHT_OPTION + OPTION, "lower-case letters"),
    ],
)  # fmt: skip
def test_a_mistake_is_named(text, sentence):
    found = problems(text)
    assert any(sentence in one for one in found), found
    assert all(one.startswith("banks/m1.toml:") for one in found)


STEP = '[[question.step]]\nid = "{}"\ntext.spa = "x"\n'
CHOICE = '[[question.step.choice]]\ntext.spa = "x"\nwhy.spa = "x"\npoints = 1\n{}\n'


def scenario(*steps):
    return (
        HEAD
        + 'kind = "scenario"\n'
        + "".join(
            STEP.format(name) + "".join(CHOICE.format(f'next = "{after}"' if after else "") for after in ways)
            for name, ways in steps
        )
    )


def test_a_scenario_that_goes_round_in_a_circle_is_refused():
    assert any("leads back to itself" in one for one in problems(scenario(("a", ["b", ""]), ("b", ["a", ""]))))


def test_a_choice_that_leads_nowhere_is_refused():
    assert any("“z”, which does not exist" in one for one in problems(scenario(("a", ["z", ""]))))


def test_a_step_nobody_reaches_is_refused():
    assert any("Nothing leads to the step “b”." in one for one in problems(scenario(("a", ["", ""]), ("b", ["", ""]))))


def test_a_scenario_without_points_is_refused():
    assert any(
        "No choice of this scenario" in one for one in problems(scenario(("a", ["", ""])).replace("points = 1", ""))
    )


def test_two_questions_of_one_name_are_refused():
    twice = (HEAD + 'kind = "single"\n' + RIGHT_OPTION + OPTION) * 2
    assert any("Two questions of this bank have the id “q”." in one for one in problems(twice))


def test_everything_wrong_is_named_at_once():
    text = HEAD + 'kind = "single"\ntopic = "otro"\nweight = -1\ncolour = "red"\n' + OPTION
    assert len(problems(text)) >= 5
