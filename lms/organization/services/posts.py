"""Posts and professions: open, close, fill and vacate with days, so that coverage can be told as of any of them."""

import tomllib
import uuid
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

from flask_babel import gettext as _
from sqlalchemy import insert, select

from lms.access.policy import Action, Actor, can
from lms.core import audit
from lms.core.database import db
from lms.core.errors import NotAllowed, RuleBroken
from lms.core.languages import format_date
from lms.core.texts import Texts
from lms.organization.models import Person, Post, PostHolding, Profession, Unit
from lms.organization.rules.posts import Span, fill_problem, vacate_problem

PROFESSIONS = Path(__file__).resolve().parents[1] / "professions.toml"


def load_professions() -> int:
    """Bring in the professions that are not on the list yet; return how many. What staff changed stays."""
    rows = tomllib.loads(PROFESSIONS.read_text("utf-8"))["profession"]
    known = set(db.session.scalars(select(Profession.code)))
    fresh = [row for row in rows if row["code"] not in known]
    if fresh:
        db.session.execute(insert(Profession), fresh)
    return len(fresh)


def save_profession(
    actor: Actor, profession: Profession | None, code: str, name: Texts, sector: str, is_retired: bool, now: datetime
) -> Profession:
    """Add a profession, or correct one; its code never changes, for posts name it.

    :raise RuleBroken: the code is taken.
    """
    before = None
    if profession is None:
        if db.session.get(Profession, code):
            raise RuleBroken(_("The code %(code)s is taken. Write another one.", code=code))
        profession = Profession(code=code)
        db.session.add(profession)
    else:
        before = {"name": profession.name, "sector": profession.sector, "is_retired": profession.is_retired}
    profession.name, profession.sector, profession.is_retired = name, sector, is_retired
    after = {"name": name, "sector": sector, "is_retired": is_retired}
    audit.record(actor, "profession.save", "profession", profession.code, now, before, after)
    db.session.flush()
    return profession


def open_posts(
    actor: Actor, unit: Unit, profession: Profession, key: str | None, count: int, on: date, now: datetime
) -> list[Post]:
    """Open one or several posts of a profession in a unit; only a single one can have a key.

    :raise RuleBroken: the unit is closed, or the key is another post's there.
    """
    if unit.closed_on is not None:
        raise RuleBroken(_("%(name)s is closed. Choose another office.", name=unit.name))
    if key and count != 1:
        raise RuleBroken(_("Several posts cannot share one key. Open them one by one, or leave the key out."))
    if key and db.session.scalar(select(Post.id).where(Post.unit_id == unit.id, Post.key == key)):
        raise RuleBroken(_("Another post in this office has the key %(key)s. Write another one.", key=key))
    posts = [Post(unit_id=unit.id, profession_code=profession.code, key=key, opened_on=on) for _number in range(count)]
    db.session.add_all(posts)
    db.session.flush()
    for post in posts:
        audit.record(actor, "post.open", "post", post.id, now, after=_told(post))
    return posts


def close_post(actor: Actor, post: Post, on: date, now: datetime) -> None:
    """Close a post; whoever holds it leaves it that day.

    :raise RuleBroken: the post was opened later, or somebody began to hold it later.
    """
    if on < post.opened_on:
        raise RuleBroken(_("The post was opened on %(day)s. Choose a later day.", day=format_date(post.opened_on)))
    before = _told(post)
    for one in _holdings(post.id):
        if one.from_on >= on:
            raise RuleBroken(
                _("Somebody holds the post from %(day)s. Correct that first.", day=format_date(one.from_on))
            )
        if one.until_on is None or one.until_on > on:
            one.until_on = on
    post.closed_on = on
    audit.record(actor, "post.close", "post", post.id, now, before, _told(post))
    db.session.flush()


def fill_post(
    actor: Actor, post: Post, person: Person, from_on: date, until_on: date | None, now: datetime
) -> PostHolding:
    """Let a person hold a post from a day on.

    :raise NotAllowed: the person is out of the actor's reach.
    :raise RuleBroken: somebody holds it on one of these days, or the post is not open then.
    """
    if not can(actor, Action.PERSON_READ, person):
        raise NotAllowed(_("Choose somebody of your own part of the tree."))
    if person.merged_into_id is not None:
        raise RuleBroken(_("This record was joined to another one. Work on that one."))
    # Who fills the same post at the same time waits here, so two spans never meet.
    db.session.execute(select(Post.id).where(Post.id == post.id).with_for_update())
    held = [Span(one.from_on, one.until_on) for one in _holdings(post.id)]
    why = fill_problem(Span(post.opened_on, post.closed_on), held, Span(from_on, until_on))
    sentences = {
        "backwards": _("The last day has to come after the first."),
        "before": _("The post was opened on %(day)s. Choose a later day.", day=format_date(post.opened_on)),
        "after": _("The post was closed on %(day)s.", day=format_date(post.closed_on)),
        "held": _("Somebody holds the post on these days. Vacate it first, or choose other days."),
    }
    if why is not None:
        raise RuleBroken(sentences[why])
    holding = PostHolding(post_id=post.id, person_id=person.id, from_on=from_on, until_on=until_on)
    db.session.add(holding)
    db.session.flush()
    audit.record(actor, "post.fill", "post", post.id, now, after={"person": person.id, "from": from_on})
    return holding


def vacate_post(actor: Actor, holding: PostHolding, on: date, now: datetime) -> None:
    """End a holding: the day is the first on which the post is vacant.

    :raise RuleBroken: the holding began later or ended before.
    """
    why = vacate_problem(Span(holding.from_on, holding.until_on), on)
    if why == "backwards":
        raise RuleBroken(_("It began on %(day)s. Choose a later day.", day=format_date(holding.from_on)))
    if why == "ended":
        raise RuleBroken(_("It ended on %(day)s already.", day=format_date(holding.until_on)))
    before = {"until": holding.until_on}
    holding.until_on = on
    audit.record(actor, "post.vacate", "post", holding.post_id, now, before, {"until": on})
    db.session.flush()


def _holdings(post_id: uuid.UUID) -> Iterable[PostHolding]:
    return db.session.scalars(select(PostHolding).where(PostHolding.post_id == post_id)).all()


def _told(post: Post) -> dict[str, object]:
    return {name: getattr(post, name) for name in ("unit_id", "profession_code", "key", "opened_on", "closed_on")}
