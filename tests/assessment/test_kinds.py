"""Each kind of question marks what its authors would expect."""

import pytest

from lms.assessment.grading import marked
from lms.assessment.kinds import KINDS
from lms.assessment.rules import Guise
from tests.assessment.bank import RIGHT, asked

GUISE = Guise(b"one attempt")


def share(slug, answer):
    one = asked()[slug]
    return KINDS[one.kind].mark(one.body, one.key, answer).share


@pytest.mark.parametrize("slug", RIGHT)
def test_the_right_answer_earns_everything(slug):
    assert share(slug, RIGHT[slug]) == 1.0


@pytest.mark.parametrize("slug", RIGHT)
def test_no_answer_earns_nothing(slug):
    assert share(slug, None) == 0.0


def test_a_bank_holds_every_kind():
    assert {one.kind for one in asked().values()} == set(KINDS)


def test_a_wrong_option_takes_back_a_right_one():
    assert share("varias", ["a"]) == 0.5
    assert share("varias", ["a", "b", "c"]) == 0.5
    assert share("varias", ["a", "b", "c", "d"]) == 0.0
    assert share("varias", ["c"]) == 0.0


def test_true_is_not_one():
    assert share("cierto", 0) == 0.0
    assert share("cierto", True) == 0.0


def test_pairs_count_one_by_one():
    assert share("parejas", ["a", "d", "c"]) == pytest.approx(2 / 3)


def test_order_counts_neighbours_so_one_slip_does_not_cost_everything():
    assert share("orden", [2, 3, 4, 1]) == pytest.approx(2 / 3)
    assert share("orden", [4, 3, 2, 1]) == 0.0
    assert share("orden", [1, 2, None, None]) == pytest.approx(1 / 3)


@pytest.mark.parametrize("typed", ["24", "24.5", "23,5", "24 ", " 24", "024"])
def test_a_number_is_right_within_its_tolerance(typed):
    assert share("numero", typed.strip()) == 1.0


@pytest.mark.parametrize("typed", ["25", "-24", "veinticuatro", "24 horas", "2 4 . ", "1e1", "٢٤x", "inf", "nan", ""])
def test_a_number_is_wrong_outside_it_or_when_it_is_none(typed):
    assert share("numero", typed) == 0.0


@pytest.mark.parametrize("typed", ["PGN", "pgn", "la pgn", "LA  PGN.", "the PGN"])
def test_words_are_compared_without_case_accents_and_a_final_stop(typed):
    assert share("corta", typed) == 1.0


def test_gaps_count_one_by_one_and_accept_either_language():
    assert share("huecos", ["twenty-four", "1"]) == 0.5
    assert share("huecos", [None, "0"]) == 0.5


def test_the_best_way_through_a_scenario_is_whole_and_a_detour_costs():
    assert share("camino", [0, 0]) == 1.0
    assert share("camino", [1, 0, 0]) == pytest.approx(3 / 4)
    assert share("camino", [1, 1]) == 0.0
    assert share("camino", [0]) == 0.5


def test_a_way_once_gone_is_gone():
    one = asked()["camino"]
    after = KINDS["scenario"].after
    assert after(one.body, None, [1]) == [1]
    assert after(one.body, [1], [1, 0]) == [1, 0]
    assert after(one.body, [1], [0]) == [1]
    assert after(one.body, [1], None) == [1]


def test_other_answers_may_be_changed_and_taken_back():
    one = asked()["una"]
    assert KINDS["single"].after(one.body, "a", "b") == "b"
    assert KINDS["single"].after(one.body, "a", None) is None


def test_an_open_answer_waits_for_a_person():
    one = asked()["abierta"]
    assert marked(one, "Aviso a la dirección.").mark.share is None
    assert marked(one, "   ").mark.share == 0.0
    assert marked(one, "Aviso a la dirección.", [2, 1]).mark.share == 1.0
    assert marked(one, "Aviso a la dirección.", [1, 0]).mark.share == pytest.approx(1 / 3)


def test_an_open_answer_without_what_must_not_be_missing_earns_nothing():
    assert marked(asked()["abierta"], "Aviso.", [0, 1]).mark.share == 0.0


def test_only_a_person_s_kind_is_marked_by_a_person():
    one = asked()["una"]
    with pytest.raises(TypeError):
        KINDS["single"].mark_by_person(one.body, [1])


def test_an_opinion_is_never_wrong_and_never_counted():
    assert not marked(asked()["opinion"], [0, None]).is_scored


def test_running_text_can_be_looked_at_before_it_is_kept():
    assert KINDS["open"].typed("Aviso al 110.") == "Aviso al 110."
    assert KINDS["single"].typed("b") == ""


@pytest.mark.parametrize("slug", ["parejas", "orden", "huecos"])
def test_where_the_author_s_order_is_the_answer_it_is_never_shown(slug):
    one = asked()[slug]
    plain = [Guise(f"{seed}".encode(), is_shuffled=False) for seed in range(12)]

    def shown(guise):
        view = KINDS[one.kind].view(one.body, None, one.number, guise)
        if slug == "parejas":
            return tuple(right["text"]["spa"] for right in view["rights"])
        if slug == "orden":
            return tuple(item["text"]["spa"] for item in view["items"])
        return tuple(choice["text"]["spa"] for choice in view["gaps"]["quien"]["choices"])

    assert len({shown(guise) for guise in plain}) > 1


def test_options_keep_the_author_s_order_where_the_quiz_does_not_shuffle():
    one = asked()["una"]
    view = KINDS["single"].view(one.body, None, one.number, Guise(b"x", is_shuffled=False))
    assert [option["id"] for option in view["options"]] == ["a", "b", "c"]


def test_the_page_of_a_question_holds_nothing_of_its_key():
    for slug, one in asked().items():
        view = str(KINDS[one.kind].view(one.body, RIGHT.get(slug), one.number, GUISE))
        assert "PORQUE" not in view
        assert "correct" not in view


def test_the_step_of_a_scenario_does_not_say_where_its_choices_lead():
    one = asked()["camino"]
    view = KINDS["scenario"].view(one.body, None, one.number, GUISE)
    assert all("next" not in choice for choice in view["step"]["choices"])


def test_the_review_tells_the_better_way():
    one = asked()["camino"]
    review = KINDS["scenario"].review(one.body, one.key, [1, 1], one.number, GUISE)
    assert [past["is_best"] for past in review["past"]] == [False, False]
    assert review["past"][0]["better"]["spa"] == "La escucho"
    assert "PORQUE" in review["past"][1]["better_why"]["spa"]


def test_a_question_is_complete_when_every_part_is():
    def is_complete(slug, answer):
        return KINDS[asked()[slug].kind].is_complete(asked()[slug].body, answer)

    assert is_complete("una", "a")
    assert not is_complete("una", None)
    assert not is_complete("parejas", ["a", None, "c"])
    assert not is_complete("orden", [1, 2, 2, 3])
    assert is_complete("orden", [4, 3, 2, 1])
    assert not is_complete("huecos", ["24", None])
    assert not is_complete("camino", [1])
    assert is_complete("camino", [1, 1])
    assert not is_complete("opinion", [0, None])
    assert is_complete("opinion", [0, 2])
