"""Grading: the weighted mean, the pass mark, what must be right."""

import pytest

from lms.assessment.grading import Asked, grade
from tests.assessment.bank import RIGHT, asked


def one(number, answer="b", **values):
    body = {"options": [{"id": "a"}, {"id": "b"}]}
    return Asked(number, "single", body, {"right": [answer], "why": {}}, **values)


def test_everything_right_is_a_hundred():
    questions = [question for slug, question in asked().items() if slug in RIGHT]
    answers = {asked()[slug].number: answer for slug, answer in RIGHT.items()}
    result = grade(questions, answers, {}, 100)
    assert result.score == 100
    assert result.is_passed
    assert result.right == result.asked == len(RIGHT)


def test_a_heavier_question_counts_more():
    assert grade([one(1, weight=3), one(2)], {1: "b", 2: "a"}, {}, 70).score == 75


def test_what_must_be_right_fails_the_attempt_whatever_the_score():
    result = grade(
        [one(1, is_critical=True), *(one(number) for number in range(2, 11))], dict.fromkeys(range(2, 11), "b"), {}, 70
    )
    assert result.score == 90
    assert not result.is_passed
    assert result.missed_critical == (1,)


def test_partly_right_is_not_enough_where_it_must_be_right():
    question = asked()["varias"]
    critical = Asked(2, question.kind, question.body, question.key, is_critical=True)
    assert not grade([critical], {2: ["a"]}, {}, 50).is_passed


def test_topics_are_counted_apart():
    result = grade([one(1, topic="ruta"), one(2, topic="ruta"), one(3, topic="senales")], {1: "b", 3: "b"}, {}, 70)
    assert result.by_topic == {"ruta": (1, 2), "senales": (1, 1)}


def test_while_a_person_has_to_mark_there_is_no_score():
    result = grade([one(1), asked()["abierta"]], {1: "b", 9: "Mi plan."}, {}, 70)
    assert result.score is None
    assert result.is_passed is None
    assert result.waiting == (9,)


def test_the_points_of_a_person_close_it():
    result = grade([one(1), asked()["abierta"]], {1: "b", 9: "Mi plan."}, {9: [1, 1]}, 70)
    assert result.score == pytest.approx(83.33)


def test_an_attempt_of_opinions_alone_is_whole():
    assert grade([asked()["opinion"]], {}, {}, 70).score == 100
