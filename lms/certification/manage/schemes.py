"""Schemes and levels as data: what each asks and gives, and who of a group would qualify today."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action
from lms.certification.forms import LevelForm
from lms.certification.manage import manage
from lms.certification.models import Level
from lms.certification.queries.levels import get_level, schemes_of
from lms.certification.rules.levels import LevelRules, Shortfall, shortfalls
from lms.certification.services.issuing import ANY_COURSE, evidence_of, rules_of_level
from lms.certification.services.schemes import change_level
from lms.cohorts.models import Cohort
from lms.cohorts.queries.evidence import facts_of
from lms.core import clock
from lms.core.database import db
from lms.core.ids import id_text
from lms.curriculum.models import Course
from lms.organization.forms import offered

Page = str | Response | tuple[str, int]
_GROUPS = 100


@manage.get("/manage/schemes")
@requires(Action.SCHEME_MANAGE)
def schemes() -> str:
    """List the schemes with their levels."""
    found = [
        (scheme, [(level, rules_of_level(level)) for level in scheme.levels]) for scheme in schemes_of(current_actor())
    ]
    return render_template("certification/manage/schemes.html", schemes=found, here="schemes")


@manage.route("/manage/schemes/<id:level>", methods=["GET", "POST"])
@requires(Action.SCHEME_MANAGE, level=get_level)
def level(level: Level) -> Page:
    """Change a level, or look who of a group would qualify by what is written."""
    before = rules_of_level(level)
    form = LevelForm(data=LevelForm.filled(before, level.title, level.course_slug))
    slugs = sorted({*db.session.scalars(select(Course.slug)), level.course_slug} - {ANY_COURSE})
    form.course.choices = offered([(ANY_COURSE, _("any course")), *((slug, slug) for slug in slugs)])
    form.renew_refresher.choices = offered([("", _("none")), *((slug, slug) for slug in slugs)])
    cohorts = _groups(level)
    wanted, preview = before, None
    if form.validate_on_submit():
        wanted = form.rules(before)
        if "look" not in request.form:
            title = dict(level.title) | {"spa": form.title_spa.data or "", "eng": form.title_eng.data or ""}
            change_level(level, title, form.course.data, wanted, current_actor(), clock.now())
            db.session.commit()
            flash(_("Saved. Certificates already issued stay as they are."), "good")
            return redirect(url_for(".schemes"), 303)
    chosen = next((one for one in cohorts if id_text(one.id) == request.values.get("cohort")), None)
    if chosen is not None and not form.errors:
        preview = _preview(chosen, wanted)
    page = render_template(
        "certification/manage/level.html",
        level=level,
        form=form,
        cohorts=cohorts,
        chosen=chosen,
        preview=preview,
        here="schemes",
    )
    return page, 422 if form.errors else 200


def _groups(level: Level) -> list[Cohort]:
    query = select(Cohort).join(Course, Course.id == Cohort.course_id).order_by(Cohort.starts_on.desc(), Cohort.name)
    if level.course_slug != ANY_COURSE:
        query = query.where(Course.slug == level.course_slug)
    return list(db.session.scalars(query.limit(_GROUPS)))


def _preview(cohort: Cohort, rules: LevelRules) -> list[tuple[str, list[Shortfall]]]:
    facts = facts_of(cohort)
    weighed = []
    for one in facts.people.values():
        evidence = evidence_of(one, facts.sessions_held, frozenset())
        weighed.append((one.name, shortfalls(rules.requirements, evidence, clock.today())))
    return weighed
