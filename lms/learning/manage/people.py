"""One person's courses and tests, as those who look after people see them."""

from flask import render_template

from lms.access.lock import requires
from lms.access.policy import Action
from lms.core.asked import page_asked
from lms.core.pages import Pages
from lms.curriculum.queries import outline_of
from lms.learning.manage import manage
from lms.learning.queries.attempts import history_of
from lms.learning.queries.courses import courses_of
from lms.learning.queries.staff import SIZE
from lms.organization.models import Person
from lms.organization.queries.people import get_person


@manage.get("/people/<id:person>/learning")
@requires(Action.ENROLMENT_READ, person=get_person)
def person(person: Person) -> str:
    """Show what a person takes and took; scores, not answers."""
    attempts, total = history_of(person.id, page_asked(), SIZE)
    return render_template(
        "learning/manage/person.html",
        person=person,
        courses=courses_of(person.id),
        attempts=[
            (row, outline, outline.activity(row.activity_number))
            for row in attempts
            for outline in [outline_of(row.version_id)]
        ],
        pagination=Pages(page_asked(), SIZE, total),
        here="enrolments",
    )
