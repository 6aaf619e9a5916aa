"""Posts as of a day, one post with who held it, and the list of professions."""

import uuid

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action, can
from lms.core import clock
from lms.core.asked import asked, day_asked, page_asked, sort_asked, words_asked
from lms.core.database import db
from lms.organization.forms import DayForm, FillForm, PostsForm, ProfessionForm
from lms.organization.manage import manage
from lms.organization.manage.asked import tables_of, unit_asked
from lms.organization.manage.people import table_response
from lms.organization.models import Post, Profession, Unit
from lms.organization.queries import people as people_queries
from lms.organization.queries import posts as queries
from lms.organization.queries.posts import PostFilter, get_post, get_profession
from lms.organization.queries.units import get_unit
from lms.organization.services import posts as services
from lms.organization.words import SECTORS, in_words

Page = str | Response | tuple[str, int]


def _asked() -> PostFilter:
    state = request.args.get("state", "")
    return PostFilter(
        day_asked(),
        unit_asked(Action.UNIT_READ),
        request.args.get("only") == "1",
        asked("profession", 40),
        state if state in ("filled", "vacant") else "",
    )


@manage.get("/posts")
@requires(Action.UNIT_READ)
def posts() -> str:
    """List posts as of a day: a sentence that counts them, then each."""
    actor, wanted, sort = current_actor(), _asked(), sort_asked("unit")
    rows, pages = queries.posts_page(actor, wanted, sort, page_asked())
    tally = queries.tally(actor, wanted)
    return render_template(
        "organization/posts.html",
        rows=rows,
        pagination=pages,
        wanted=wanted,
        sort=sort,
        tables=tables_of("organization_manage.export_posts"),
        tally=tally,
        total=sum(one.posts for one in tally),
        filled=sum(one.filled for one in tally),
        professions=queries.professions(with_retired=True),
        may_open=can(actor, Action.POST_MANAGE),
        here="posts",
    )


@manage.get("/posts/posts.<kind>")
@requires(Action.UNIT_READ)
def export_posts(kind: str) -> FlaskResponse:
    """Send the list as a table."""
    rows = queries.all_posts(current_actor(), _asked(), sort_asked("unit"))
    headers = [
        _("Office"), _("Profession"), _("Post key"), _("Open since"), _("State"),
        _("Given names"), _("Family names"), _("Since"),
    ]  # fmt: skip
    cells = [
        [
            row.unit,
            in_words(row.profession),
            row.key,
            row.opened_on,
            _("filled") if row.person_id else _("vacant"),
            row.given_names,
            row.family_names,
            row.from_on,
        ]
        for row in rows
    ]
    return table_response(_("posts"), kind, headers, cells)


@manage.route("/units/<id:unit>/posts/new", methods=["GET", "POST"])
@requires(Action.POST_MANAGE, unit=get_unit)
def new_posts(unit: Unit) -> Page:
    """Open posts in an office."""
    form, is_valid = PostsForm(data={"opened_on": clock.today(), "count": 1}), False
    form.offer(queries.professions())
    is_valid = form.validate_on_submit()
    if is_valid:
        profession = get_profession(form.profession.data)
        made = services.open_posts(
            current_actor(), unit, profession, form.key.data or None, form.count.data, form.opened_on.data, clock.now()
        )
        db.session.commit()
        if len(made) == 1:
            flash(_("The post is open. Who holds it?"))
            return redirect(url_for("organization_manage.fill_post", post=made[0].id), 303)
        flash(_("%(count)s posts are open.", count=len(made)))
        return redirect(url_for("organization_manage.unit", unit=unit.id), 303)
    page = render_template("organization/posts_form.html", form=form, unit=unit, here="posts")
    return page, 422 if form.errors else 200


@manage.get("/posts/<id:post>")
@requires(Action.UNIT_READ, post=get_post)
def post(post: Post) -> str:
    """Show a post and who held it."""
    with_names = can(current_actor(), Action.PERSON_READ, post)
    return render_template(
        "organization/post.html",
        post=post,
        history=queries.history_of(post),
        today=clock.today(),
        may_manage=can(current_actor(), Action.POST_MANAGE, post),
        with_names=with_names,
        here="posts",
    )


@manage.route("/posts/<id:post>/fill", methods=["GET", "POST"])
@requires(Action.POST_MANAGE, post=get_post)
def fill_post(post: Post) -> Page:
    """Choose who holds a post, then from which day."""
    actor = current_actor()
    chosen = people_queries.find_person(actor, Action.PERSON_READ, request.values.get("person"))
    if chosen is None:
        wanted = people_queries.PeopleFilter(words_asked(), None if words_asked() else post.unit)
        rows, pages = people_queries.people_page(actor, wanted, "name", page_asked())
        return render_template(
            "organization/fill_choose.html", post=post, rows=rows, pagination=pages, words=words_asked(), here="posts"
        )
    form, is_valid = FillForm.posted(data={"from_on": clock.today()})
    if is_valid:
        services.fill_post(actor, post, chosen, form.from_on.data, form.until_on.data, clock.now())
        db.session.commit()
        flash(_("%(name)s holds the post.", name=chosen.name))
        return redirect(url_for("organization_manage.post", post=post.id), 303)
    page = render_template("organization/fill.html", post=post, person=chosen, form=form, here="posts")
    return page, 422 if form.errors else 200


@manage.route("/posts/<id:post>/vacate/<id:holding>", methods=["GET", "POST"])
@requires(Action.POST_MANAGE, post=get_post)
def vacate_post(post: Post, holding: uuid.UUID) -> Page:
    """Ask for the day, then end a holding."""
    found = queries.get_holding(post, holding)
    form, is_valid = DayForm.posted(data={"on": clock.today()})
    if is_valid:
        services.vacate_post(current_actor(), found, form.on.data, clock.now())
        db.session.commit()
        flash(_("The post is vacant from that day on."))
        return redirect(url_for("organization_manage.post", post=post.id), 303)
    page = render_template("organization/post_day.html", post=post, holding=found, form=form, here="posts")
    return page, 422 if form.errors else 200


@manage.route("/posts/<id:post>/close", methods=["GET", "POST"])
@requires(Action.POST_MANAGE, post=get_post)
def close_post(post: Post) -> Page:
    """Ask for the day, then close a post."""
    form, is_valid = DayForm.posted(data={"on": clock.today()})
    if is_valid:
        services.close_post(current_actor(), post, form.on.data, clock.now())
        db.session.commit()
        flash(_("The post is closed. What it was stays on record."))
        return redirect(url_for("organization_manage.post", post=post.id), 303)
    page = render_template("organization/post_day.html", post=post, holding=None, form=form, here="posts")
    return page, 422 if form.errors else 200


@manage.get("/professions")
@requires(Action.POST_MANAGE)
def professions() -> str:
    """List the professions posts can ask for."""
    return render_template(
        "organization/professions.html",
        rows=queries.professions(with_retired=True),
        sectors=SECTORS,
        may_change=can(current_actor(), Action.SETTINGS_MANAGE),
        here="posts",
    )


@manage.route("/professions/new", methods=["GET", "POST"])
@requires(Action.SETTINGS_MANAGE)
def new_profession() -> Page:
    """Add a profession."""
    return _profession(None)


@manage.route("/professions/<profession>", methods=["GET", "POST"])
@requires(Action.SETTINGS_MANAGE)
def change_profession(profession: str) -> Page:
    """Correct a profession."""
    return _profession(get_profession(profession))


def _profession(profession: Profession | None) -> Page:
    data = None
    if profession is not None:
        names = {code: profession.name.get(code, "") for code in ("spa", "eng")}
        data = names | {"code": profession.code, "sector": profession.sector, "is_retired": profession.is_retired}
    form = ProfessionForm(data=data)
    if profession is not None:
        del form.code
    if form.validate_on_submit():
        code = profession.code if profession else form.code.data
        services.save_profession(
            current_actor(), profession, code, form.name(), form.sector.data, form.is_retired.data, clock.now()
        )
        db.session.commit()
        flash(_("Saved."))
        return redirect(url_for("organization_manage.professions"), 303)
    page = render_template("organization/profession_form.html", form=form, profession=profession, here="posts")
    return page, 422 if form.errors else 200
