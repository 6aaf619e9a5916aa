"""The whole programme, told once and counted. It takes a minute, so it has a verb of its own: `make programme`."""

from collections import Counter

from lms.core.clock import now, today
from lms.site.seed.story import Story
from tests.site import counting


def test_the_figures_of_the_documents_come_out(runner, app):
    result = runner.invoke(args=["seed", "--scenario", "programme"])
    assert result.exit_code == 0, result.output
    with app.app_context():
        at, story = now(), Story(today())
        members = (
            "SELECT DISTINCT {} FROM {} JOIN cohort g ON g.id = cohort_id JOIN course k ON k.id = g.course_id "
            f"WHERE k.slug = 'facilitadoras-comunitarias' AND g.starts_on BETWEEN '{story.day(450)}' "
            f"AND '{story.day(300)}'"
        )
        assert counting.first_round(str(story.day(450)), str(story.day(300))) == (180, 139, 125)
        assert counting.by_sex(members.format("person_id", "cohort_member")) == {"female": 133, "male": 47}
        assert counting.by_sex(members.format("holder_id", "credential")) == {"female": 106, "male": 19}
        by_place = counting.facilitators(at)
        assert set(by_place) == set(counting.FOUR) and sum(by_place.values()) == 225
        assert counting.certified_short_of_something() == []
        assert counting.professionals("jueces-paz-familia") == 144
        assert counting.professionals("atencion-especializada") == 54 + 240
        checks = counting.every_check(at)
        assert [(one.code, step.broken) for one in checks for step in one.steps if step.broken] == []
        verdicts = Counter(str(one.verdict) for one in checks)
        assert set(verdicts) <= {"valid", "expired", "suspended", "revoked", "under_review"}, verdicts
