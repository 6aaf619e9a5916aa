"""Doors of staff: the settings of the site, the work in progress, the audit trail."""

import uuid
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lms.access.lock import current_actor, requires
from lms.access.policy import Action
from lms.core import audit, clock
from lms.core.asked import day_asked, page_asked
from lms.core.choices import choices, forget
from lms.core.database import db
from lms.core.errors import NotAllowed
from lms.core.jobs import retry
from lms.core.pages import Pages
from lms.core.tabular import csv_response, xlsx_response
from lms.site import records, words
from lms.site.forms import SettingsForm
from lms.site.services import save_choices

manage = Blueprint("site_manage", __name__, template_folder="templates")


@manage.route("/settings/site", methods=["GET", "POST"])
@requires(Action.SETTINGS_MANAGE)
def settings() -> Response | tuple[str, int]:
    """Choose what holds for the whole site."""
    forget()  # somebody else may have chosen in another process a moment ago
    before = choices()
    form, is_valid = SettingsForm.posted(data=SettingsForm.values_of(before))
    if not is_valid:
        return render_template("site/settings.html", form=form), 422 if form.errors else 200
    changed = save_choices(current_actor(), before, form.chosen(), clock.now())
    db.session.commit()
    forget()
    flash(_("The settings were saved.") if changed else _("Nothing was different, so nothing was changed."))
    return redirect(url_for("site_manage.settings"), 303)


@manage.get("/work")
@requires(Action.JOB_READ)
def jobs() -> str:
    """List the work that waits, runs or stopped."""
    actor, page = current_actor(), page_asked()
    rows, total = records.page_of(records.jobs(actor), page)
    return render_template(
        "site/jobs.html",
        rows=rows,
        pagination=Pages(page, records.PAGE, total),
        names=words.JOBS,
        states=words.STATES,
        may_retry=records.may_retry(actor),
    )


@manage.post("/work/<id:job>/retry")
@requires(Action.SETTINGS_MANAGE)
def retry_job(job: uuid.UUID) -> Response:
    """Let a job that gave up try again."""
    row, now = records.stopped_job(job), clock.now()
    retry(row, now)
    audit.record(current_actor(), "job.retry", "job", row.id, now)
    db.session.commit()
    flash(_("It will be tried again."))
    return redirect(url_for("site_manage.jobs"), 303)


@manage.get("/audit")
@requires(Action.AUDIT_READ)
def acts() -> str | Response:
    """List who did what between two days."""
    if not records.reaches_everything(current_actor(), Action.AUDIT_READ):
        raise NotAllowed
    until_on = day_asked("until")
    from_on = day_asked("from", until_on - timedelta(days=30))
    kind = request.args.get("kind", "")
    kind = kind if kind in words.KINDS else ""
    query = records.acts(kind, from_on, until_on)
    if (form := request.args.get("as")) in ("csv", "xlsx"):
        head = [_("When"), _("What"), _("Concerns"), _("Identifier"), _("Note"), _("Who")]
        answer = csv_response if form == "csv" else xlsx_response
        return answer(f"audit-{from_on}-{until_on}.{form}", head, records.all_of(query))
    page = page_asked()
    rows, total = records.page_of(query, page)
    return render_template(
        "site/acts.html",
        rows=rows,
        pagination=Pages(page, records.PAGE, total),
        kinds=words.KINDS,
        acts=words.ACTS,
        kind=kind,
        from_on=from_on,
        until_on=until_on,
    )
