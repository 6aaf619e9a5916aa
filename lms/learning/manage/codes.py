"""Codes to join: make one, look how many places are left, print it for a group, end it."""

import segno
from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action
from lms.accounts.links import outward
from lms.core import clock
from lms.core.asked import page_asked
from lms.core.database import db
from lms.core.ids import id_text
from lms.core.pages import Pages
from lms.curriculum.queries import outline_of
from lms.learning.forms import CodeForm
from lms.learning.manage import manage
from lms.learning.manage.enrolments import frame_of
from lms.learning.models import JoinCode
from lms.learning.queries.staff import SIZE, codes_of, get_code, units_held, version_shown
from lms.learning.services import codes as services


@manage.route("/manage/enrolments/<slug>/codes", methods=["GET", "POST"])
@requires(Action.ENROLMENT_MANAGE)
def codes(slug: str) -> str | Response | tuple[str, int]:
    """List the codes of a course and make new ones."""
    frame, actor, today = frame_of(slug), current_actor(), clock.today()
    units = units_held(actor, Action.ENROLMENT_MANAGE)
    form = CodeForm()
    form.unit.choices = [(id_text(unit.id), unit.name) for unit in units]
    if form.validate_on_submit() and _is_ahead(form):
        unit = next(unit for unit in units if id_text(unit.id) == form.unit.data)
        code = services.open_code(
            frame["course"], unit, form.places.data, form.expires_on.data, form.due_on.data, actor, clock.now()
        ).code
        db.session.commit()
        return redirect(url_for("learning_manage.code_sheet", code=code), 303)
    found, total = codes_of(actor, frame["course"], page_asked())
    page = render_template(
        "learning/manage/codes.html",
        **frame,
        codes=[(code, services.shown_code(code.code)) for code in found],
        form=form,
        today=today,
        pagination=Pages(page_asked(), SIZE, total),
    )
    return page, 422 if form.errors else 200


def _is_ahead(form: CodeForm) -> bool:
    if form.expires_on.data < clock.today():
        form.expires_on.errors = [_("This day has passed. Choose today or a later one.")]
    elif form.due_on.data and form.due_on.data < clock.today():
        form.due_on.errors = [_("This day has passed. Choose today or a later one.")]
    return not form.errors


def _picture(address: str) -> Markup:
    """Draw an address as a QR code as large as the page lets it be: it hangs on a wall."""
    drawn = segno.make(address, error="m", micro=False)
    svg = drawn.svg_inline(border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True)
    return Markup(svg)  # noqa: S704  (our own drawing)


@manage.get("/manage/codes/<code>")
@requires(Action.ENROLMENT_MANAGE, code=get_code)
def code_sheet(code: JoinCode) -> str:
    """Show a code large, with a picture to point a camera at, for the wall of a room."""
    address = outward("learning.join", code=code.code)
    return render_template(
        "learning/manage/code.html",
        code=code,
        shown=services.shown_code(code.code),
        outline=outline_of(version_shown(code.course)),
        picture=_picture(address),
        address=outward("learning.join"),
        today=clock.today(),
        here="enrolments",
    )


@manage.post("/manage/codes/<code>/end")
@requires(Action.ENROLMENT_MANAGE, code=get_code)
def end_code(code: JoinCode) -> Response:
    """End a code: nobody else comes in with it."""
    services.end_code(code, current_actor(), clock.now(), clock.today())
    slug = code.course.slug
    db.session.commit()
    flash(_("The code has ended. Who came in with it stays in the course."))
    return redirect(url_for("learning_manage.codes", slug=slug), 303)
