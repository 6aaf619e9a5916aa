"""Open a group under one's own right to certify."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action
from lms.certification.forms import WarrantGroupForm
from lms.certification.queries.levels import courses_to_teach
from lms.certification.queries.own import place_names
from lms.certification.rules.signing import own_limits
from lms.certification.services.opening import courses_under, open_under_warrant, opening_limits, rights_of, why_not
from lms.certification.views import bp
from lms.certification.words import limit_words, warrant_words
from lms.cohorts.forms import audience_choices, language_choices, project_choices
from lms.cohorts.queries.opening import projects_around
from lms.cohorts.rules import group_problem
from lms.cohorts.words import group_sentence
from lms.core import clock
from lms.core.database import db
from lms.core.ids import id_from_text, id_text
from lms.core.languages import content_language
from lms.core.texts import tongue
from lms.curriculum.audiences import AUDIENCES
from lms.curriculum.models import Version
from lms.learning.views.who import my_id
from lms.organization.forms import offered
from lms.organization.models import Person

Page = str | Response | tuple[str, int]


@bp.route("/groups/open", methods=["GET", "POST"])
@requires(Action.SELF_USE)
def open_cohort() -> Page:
    """Show what my right to certify reaches; sent, open a group within it."""
    actor, now, today = current_actor(), clock.now(), clock.today()
    person = db.session.get_one(Person, my_id())
    rights = rights_of(person.id, now, today)
    able = [right for right in rights if not own_limits(right.signer, today)]
    rows = courses_to_teach()
    slugs = set(courses_under(able, [row.slug for row in rows]))
    courses = [row for row in rows if row.slug in slugs]
    warrants = {right.signer.code: right.signer for right in rights if right.signer.warrant}
    form = WarrantGroupForm(data={"starts_on": today})
    form.course.choices = offered((id_text(row.id), tongue(row.title, content_language())) for row in courses)
    languages = {code for one in warrants.values() if one.warrant for code in one.warrant.languages}
    form.language.choices = [one for one in language_choices(("spa",)) if not languages or one.value in languages]
    form.audience.choices = audience_choices(dict.fromkeys(c for row in courses for c in row.audiences), AUDIENCES)
    form.project.choices = project_choices(projects_around(person.unit, today), id_text)
    if form.validate_on_submit():
        plan, version = form.plan(), db.session.get_one(Version, id_from_text(form.course.data))
        if problem := group_problem(plan, 0):
            form.ends_on.errors = [group_sentence(problem)]
        elif found := opening_limits(rights, plan, version.course.slug, today):
            form.place_code.errors = [limit_words(one) for one in found]
        else:
            cohort = open_under_warrant(person, version, plan, actor, now, today)
            db.session.commit()
            flash(_("The group is open. Enrol the people now, or print the code for them."), "good")
            return redirect(url_for("cohorts_manage.group", cohort=cohort.id), 303)
    codes = [code for one in warrants.values() if one.warrant for code in one.warrant.territory]
    names = place_names(codes) if codes else {}
    page = render_template(
        "certification/open.html",
        form=form,
        courses=courses,
        warrants=[(one, warrant_words(one.warrant, one.left, names)) for one in warrants.values() if one.warrant],
        problems=[] if able else why_not(rights, today),
        here="groups",
    )
    return page, 422 if form.errors else 200
