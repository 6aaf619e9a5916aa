"""Where a signature comes from, and the branch below it."""

from flask import Response as FlaskResponse
from flask import abort, render_template, request, url_for
from flask_babel import gettext as _

from lms.access.lock import current_actor, requires
from lms.access.policy import Action, can
from lms.certification.codes import is_code
from lms.certification.models import Credential
from lms.certification.queries.branches import family_of
from lms.certification.queries.chains import chain_of, codes_of
from lms.certification.queries.descendants import descendants
from lms.certification.queries.levels import credential_coded, get_credential
from lms.certification.queries.trees import tree_of
from lms.certification.views import bp
from lms.certification.words import STATES, in_words
from lms.core import clock
from lms.core.asked import page_asked
from lms.core.choices import choices
from lms.core.codes import spaced, tidy_code
from lms.organization.manage.people import table_response

MOST_OPEN = 40
TABLES = ("csv", "xlsx")


@bp.get("/certificates/<id:credential>/branch")
@requires(Action.CREDENTIAL_READ, credential=get_credential)
def lineage(credential: Credential) -> str:
    """Show the chain to the agency and the branch, as a drawing and as a table."""
    now, today = clock.now(), clock.today()
    at = _at(credential)
    opened = [code for text in request.args.getlist("open")[:MOST_OPEN] if is_code(code := tidy_code(text))]
    tree = tree_of(at, at.public_name, opened, page_asked(), now, today)
    if page_asked() > 1 and not tree.nodes:
        abort(404)
    chain = chain_of(credential)
    return render_template(
        "certification/lineage.html",
        credential=credential,
        at=at,
        is_mine=credential.holder_id == current_actor().person_id,
        chain=[(link, link.standing_at(now, today)) for link in reversed(chain)],
        tree=tree,
        opened=opened,
        today=today,
        agency=choices().agency or choices().short_name or _("The agency"),
        tables={kind.upper(): url_for(".export_branch", credential=credential.id, kind=kind) for kind in TABLES},
        may_act=can(current_actor(), Action.CREDENTIAL_REVOKE, credential),
        here="certificates",
    )


@bp.get("/certificates/<id:credential>/branch.<kind>")
@requires(Action.CREDENTIAL_READ, credential=get_credential)
def export_branch(credential: Credential, kind: str) -> FlaskResponse:
    """Send the whole branch as a table."""
    lineages = [one for _id, one in family_of(credential)]
    more = (Credential.public_name, Credential.level_id, Credential.generation, Credential.valid_until)
    people = descendants(lineages, clock.now(), clock.today(), *more)
    names = {codes_of(lineage)[-1]: credential.public_name for lineage in lineages}
    names |= {codes_of(one.lineage)[-1]: one.public_name for one in people}
    titles = {level.id: in_words(level.title) for level in credential.level.scheme.levels}
    states = {status: str(word) for status, (_kind, word) in STATES.items()}
    cells = []
    for one in sorted(people, key=lambda one: (one.generation, one.lineage)):
        parent, code = codes_of(one.lineage)[-2:]
        names_of = (one.public_name, spaced(code), titles[one.level_id], one.generation, names[parent])
        cells.append([*names_of, states[one.status], one.valid_until])
    headers = [_("Person"), _("Code"), _("Level"), _("Generation"), _("Certified by"), _("State"), _("Valid until")]
    return table_response(_("branch"), kind, headers, cells)


def _at(credential: Credential) -> Credential:
    """Return whom the tree starts from: the holder, or somebody of her branch."""
    code = tidy_code(request.args.get("at", ""))
    if not is_code(code):
        return credential
    found = credential_coded(code)
    above = [line for _id, line in family_of(credential)]
    if found is None or not any(found.lineage.startswith(line) for line in above):
        abort(404)
    return found
