"""Schemes and levels as data: what each asks and gives, and who of a group would qualify today."""

from dataclasses import replace

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action
from lms.certification.forms import LevelForm, SchemeForm
from lms.certification.manage import manage
from lms.certification.models import Level
from lms.certification.queries.levels import courses_to_teach, get_level, schemes_of, units_of
from lms.certification.rules.levels import LevelRules, Shortfall, shortfalls
from lms.certification.services.issuing import ANY_COURSE, evidence_of, rules_of_level
from lms.certification.services.schemes import LevelDraft, change_level, create_scheme, drafted
from lms.cohorts.models import Cohort
from lms.cohorts.queries.evidence import facts_of, facts_of_course
from lms.core import clock
from lms.core.database import db
from lms.core.ids import id_text
from lms.core.languages import content_language
from lms.core.texts import tongue
from lms.curriculum.models import Course
from lms.organization.forms import offered

Page = str | Response | tuple[str, int]
Weighed = tuple[str, list[Shortfall]]
_GROUPS = 100
_MOST = 200  # people who completed a course, in a preview


@manage.get("/manage/schemes")
@requires(Action.SCHEME_MANAGE)
def schemes() -> str:
    """List the schemes with their levels."""
    found = [
        (scheme, [(level, rules_of_level(level)) for level in scheme.levels]) for scheme in schemes_of(current_actor())
    ]
    return render_template("certification/manage/schemes.html", schemes=found, here="schemes")


@manage.route("/manage/schemes/new", methods=["GET", "POST"])
@requires(Action.SCHEME_MANAGE)
def new_scheme() -> Page:
    """Make a scheme from the defaults of its kind, or look who would qualify by them today."""
    actor = current_actor()
    form, units = SchemeForm(), units_of(actor)
    published = [(row.slug, tongue(row.title, content_language())) for row in courses_to_teach()]
    form.unit.choices = offered((id_text(unit.id), unit.name) for unit in units)
    form.course.choices = offered([(ANY_COURSE, _("any course")), *published])
    form.trainers.choices = offered([("", _("as the programme proposes")), *published])
    preview: list[tuple[LevelDraft, list[Weighed]]] | None = None
    if form.validate_on_submit():
        levels = drafted(form.kind.data, form.courses())
        if "look" in request.form:
            preview = [(one, _of_course(one.course_slug, one.rules)) for one in levels]
        else:
            title = {"spa": form.title_spa.data or "", "eng": form.title_eng.data or ""}
            unit = next(one for one in units if id_text(one.id) == form.unit.data)
            scheme = create_scheme(unit, title, levels, actor, clock.now())
            db.session.commit()
            flash(_("The scheme is made. Look through what each level asks and gives."), "good")
            return redirect(url_for(".schemes", _anchor=scheme.slug), 303)
    page = render_template(
        "certification/manage/new_scheme.html", form=form, preview=preview, most=_MOST, here="schemes"
    )
    return page, 422 if form.errors else 200


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
    asked = request.values.get("cohort")
    chosen = next((one for one in cohorts if id_text(one.id) == asked), None)
    if asked is not None and not form.errors:
        preview = _preview(chosen, wanted) if chosen else _of_course(level.course_slug, wanted)
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


def _of_course(slug: str, rules: LevelRules) -> list[Weighed]:
    """Weigh those who completed a course last, in a group or without one."""
    facts = facts_of_course(slug, _MOST).values()
    asked = replace(rules.requirements, attendance=None)  # it is counted in groups
    return [(one.name, shortfalls(asked, evidence_of(one, 0, frozenset()), clock.today())) for one in facts]


def _preview(cohort: Cohort, rules: LevelRules) -> list[Weighed]:
    facts = facts_of(cohort)
    weighed = []
    for one in facts.people.values():
        evidence = evidence_of(one, facts.sessions_held, frozenset())
        weighed.append((one.name, shortfalls(rules.requirements, evidence, clock.today())))
    return weighed
