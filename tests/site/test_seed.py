"""A small telling of the programme: everybody in it was certified by somebody who could, for what she had done."""

import json
from collections import Counter

import pytest

from lms.core.clock import now, today
from lms.site.seed.story import Story
from tests.site import counting


@pytest.fixture
def told(runner, app):
    result = runner.invoke(args=["seed", "--scenario", "programme", "--small", "--json"])
    assert result.exit_code == 0, result.output
    with app.app_context():
        yield json.loads(result.stdout)


def test_a_small_programme_keeps_every_rule(told, runner, client, tmp_path):
    at, story = now(), Story(today(), is_small=True)
    checks = counting.every_check(at)
    assert [(one.code, step.broken) for one in checks for step in one.steps if step.broken] == []
    verdicts = Counter(str(one.verdict) for one in checks)
    assert verdicts["valid"] > 20
    assert set(verdicts) <= {"valid", "expired", "suspended", "revoked", "under_review"}, verdicts
    assert {"suspended", "revoked", "under_review"} <= set(verdicts)
    assert counting.certified_short_of_something() == []

    group = next(one for one in story.told["group"] if one.get("round") == 1)
    count = tuple(
        sum(story.some(number) for number in group[of].values()) for of in ("enrolled", "took_part", "certified")
    )
    assert counting.first_round(str(story.day(450)), str(story.day(300))) == count
    assert set(counting.facilitators(at)) <= set(counting.FOUR)

    newest = (
        "SELECT code, document FROM credential WHERE place_code NOT LIKE '15%' AND generation = :number "
        "ORDER BY issued_at DESC"
    )
    for number in (1, 2, 3):
        code, document = counting.rows(newest, number=number)[0]
        file = tmp_path / f"{code}.json"
        file.write_text(document)
        assert runner.invoke(args=["verify-credential", str(file)]).exit_code == 0
        assert client.get(f"/verify/{code}").status_code == 200

    with_pin = next(one for one in told["doors"] if one["pin"])
    answer = client.post("/sign-in", data={"login": with_pin["username"], "secret": with_pin["pin"]})
    assert answer.status_code == 303, answer.text[:300]

    again = runner.invoke(args=["seed", "--scenario", "programme"])
    assert again.exit_code == 1 and "make demo" in again.output
    assert runner.invoke(args=["verify-audit"]).exit_code == 0


def test_the_figures_of_the_documents_stand_in_the_plan():
    plan = Story(today()).told["group"]

    def total(number: int, of: str, *sexes: str) -> int:
        return sum(one[of][sex] for one in plan if one.get("round") == number for sex in sexes or ("women", "men"))

    assert [total(1, of) for of in ("enrolled", "took_part", "certified")] == [180, 139, 125]
    assert (total(1, "enrolled", "women"), total(1, "certified", "women")) == (133, 106)
    assert total(1, "certified") + total(2, "certified") == 225
    assert {one["place"] for one in plan if one.get("round") in (1, 2)} == set(counting.FOUR)
