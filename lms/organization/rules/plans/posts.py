"""Which post is meant by a row, who held it, and from when somebody holds it now."""

import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from lms.core.problems import N_
from lms.core.texts import Texts
from lms.organization.rules.lists import Line
from lms.organization.rules.plans.known import Change, Known, KnownHolding, KnownPost, Plan, Wrong
from lms.organization.rules.plans.people import Draft
from lms.organization.rules.posts import Span, fill_problem

_CANNOT = N_("The post cannot be held from %(since_on)s: it was opened later, or somebody holds it.")


class Posts:
    """Finds or makes the post of each row, and fills it."""

    def __init__(
        self,
        known: Known,
        today: date,
        make_id: Callable[[], uuid.UUID],
        name_of: Callable[[uuid.UUID], str],
        wrong: Wrong,
    ) -> None:
        self.known, self.today, self.make_id, self.name_of, self.wrong = known, today, make_id, name_of, wrong
        self.posts = dict(known.posts)
        self.keyed = {(post.unit, post.key): post.id for post in known.posts.values() if post.key}
        self.loose: dict[tuple[uuid.UUID, str], list[KnownPost]] = defaultdict(list)  # those without a key
        for post in sorted(known.posts.values(), key=lambda one: (one.opened_on, one.id)):
            if post.key is None:
                self.loose[post.unit, post.profession].append(post)
        self.rows: dict[uuid.UUID, int] = {}  # posts that a row has spoken for
        self.by_post: dict[uuid.UUID, dict[uuid.UUID, KnownHolding]] = defaultdict(dict)
        self.by_person: dict[uuid.UUID, list[KnownHolding]] = defaultdict(list)
        for holding in known.holdings:
            self.by_post[holding.post][holding.id] = holding
            self.by_person[holding.person].append(holding)
        self.made: set[uuid.UUID] = set()
        self.new_keys: dict[uuid.UUID, str] = {}

    def place(self, line: Line, draft: Draft | None) -> uuid.UUID:
        """Return the unit of the row's post: the one it names, else where the person is."""
        return line.unit or (draft.person.unit if draft else self.known.branch)

    # Rows that name their post.
    def keyed_post(self, line: Line, draft: Draft | None, change: Change) -> None:
        """Fill the post of this key, or leave it vacant when the row names nobody."""
        unit = self.place(line, draft)
        found = self.keyed.get((unit, line.post or ""))
        post = self.posts[found] if found else self.without_key(line, draft, unit, change)
        if post is None:
            return
        if line.profession and line.profession != post.profession:
            self.wrong(
                line.number,
                N_("The post “%(key)s” is of another profession: %(profession)s."),
                key=line.post,
                profession=self.named(post),
            )
        elif post.id in self.rows:
            self.wrong(line.number, N_("Row %(row)s speaks of the same post."), row=self.rows[post.id])
        else:
            self.rows[post.id] = line.number
            self.fill(line, post, draft, change) if draft else self.leave_vacant(line, post, change)

    def without_key(self, line: Line, draft: Draft | None, unit: uuid.UUID, change: Change) -> KnownPost | None:
        """Give the key to the post it was meant for: the person's own, or a vacant one; else open a new one."""
        if not line.profession:
            self.wrong(line.number, N_("The post “%(key)s” is new, so write its profession."), key=line.post)
            return None
        own = self.own_post(line, draft, unit) if draft else None
        post = own or (None if draft else self.free_post(line, unit, None))
        if post is None:
            post = self.open(line, unit, change)
        elif line.post:
            change.tell(N_("The post gets the key %(key)s."), key=line.post)
            self.new_keys[post.id] = line.post
            self.posts[post.id] = post = replace(post, key=line.post)
        if line.post:
            self.keyed[unit, line.post] = post.id
        return post

    # Rows that name only a profession.
    def holds_already(self, line: Line, draft: Draft | None, change: Change) -> bool:
        """Recognise a post the person holds; tell whether there is one."""
        post = self.own_post(line, draft, self.place(line, draft)) if draft else None
        if draft is None or post is None:
            return False
        self.rows[post.id] = line.number
        self.fill(line, post, draft, change)
        return True

    def own_post(self, line: Line, draft: Draft, unit: uuid.UUID) -> KnownPost | None:
        for holding in self.by_person.get(draft.person.id, ()):
            post = self.posts.get(holding.post)
            if post is None or post.id in self.rows or (line.post and post.key):
                continue
            if (post.unit, post.profession) == (unit, line.profession) and self.is_still(self.at(holding)):
                return post
        return None

    def vacant_post(self, line: Line, draft: Draft | None, change: Change) -> None:
        """Fill a vacant post of this profession, or open one."""
        unit = self.place(line, draft)
        post = self.free_post(line, unit, (line.since or self.today) if draft else None)
        post = post or self.open(line, unit, change)
        self.rows[post.id] = line.number
        if draft:
            self.fill(line, post, draft, change)

    def free_post(self, line: Line, unit: uuid.UUID, by: date | None) -> KnownPost | None:
        for post in self.loose.get((unit, line.profession or ""), ()):
            if post.id in self.rows or self.still(post.id) or (by is not None and post.opened_on > by):
                continue
            return post
        return None

    def open(self, line: Line, unit: uuid.UUID, change: Change) -> KnownPost:
        post = KnownPost(self.make_id(), unit, line.profession or "", line.post, line.since or self.today)
        self.posts[post.id] = post
        self.made.add(post.id)
        if not line.has_person:
            change.state = "new"
        change.tell(N_("New post: %(profession)s."), profession=self.named(post))
        return post

    # Holding it.
    def fill(self, line: Line, post: KnownPost, draft: Draft, change: Change) -> None:
        since, still = line.since or self.today, self.still(post.id)
        if own := next((one for one in still if one.person == draft.person.id), None):
            self.correct(line, post, own, change)
            return
        for holding in still:
            if holding.span.meets(Span(since)):
                if not self.end(line, holding):
                    return
                change.tell(N_("Follows %(name)s in the post."), name=self.name_of(holding.person))
        if self.clashes(post, Span(since), None):
            self.wrong(line.number, _CANNOT, since_on=since)
            return
        holding = KnownHolding(self.make_id(), post.id, draft.person.id, Span(since))
        self.by_post[post.id][holding.id] = holding
        self.by_person[draft.person.id].append(holding)
        self.made.add(holding.id)
        change.tell(
            N_("Holds the post from %(since_on)s: %(profession)s."), since_on=since, profession=self.named(post)
        )

    def correct(self, line: Line, post: KnownPost, holding: KnownHolding, change: Change) -> None:
        if line.since is None or line.since == holding.span.from_on:
            return
        wanted = Span(line.since, holding.span.until_on)
        if self.clashes(post, wanted, holding.id):
            self.wrong(line.number, _CANNOT, since_on=line.since)
            return
        self.put(replace(holding, span=wanted))
        change.tell(N_("In the post since %(since_on)s."), since_on=line.since)

    def leave_vacant(self, line: Line, post: KnownPost, change: Change) -> None:
        for holding in self.still(post.id):
            if holding.span.meets(Span(line.since or self.today)) and self.end(line, holding):
                change.tell(N_("Becomes vacant; %(name)s held it."), name=self.name_of(holding.person))

    def leave_old(self, draft: Draft, change: Change) -> None:
        """End what a person held in the office she moves away from, unless the list still names it."""
        last = draft.line.since or self.today
        for holding in list(self.by_person.get(draft.person.id, ())):
            post, held = self.posts.get(holding.post), self.at(holding)
            if post is None or draft.before is None or post.unit != draft.before.unit:
                continue
            if self.is_still(held) and post.id not in self.rows and held.span.from_on < last:
                self.put(replace(held, span=Span(held.span.from_on, last)))
                change.tell(N_("Leaves the post: %(profession)s."), profession=self.named(post))

    def end(self, line: Line, holding: KnownHolding) -> bool:
        last = line.since or self.today
        if last <= holding.span.from_on:
            self.wrong(
                line.number,
                N_("%(name)s holds this post since %(from_on)s. Write a later day in “Since”."),
                name=self.name_of(holding.person),
                from_on=holding.span.from_on,
            )
            return False
        self.put(replace(holding, span=Span(holding.span.from_on, last)))
        return True

    # Holdings as the rows so far leave them.
    def put(self, holding: KnownHolding) -> None:
        self.by_post[holding.post][holding.id] = holding

    def at(self, holding: KnownHolding) -> KnownHolding:
        return self.by_post[holding.post][holding.id]

    def still(self, post: uuid.UUID) -> list[KnownHolding]:
        return [one for one in self.by_post.get(post, {}).values() if self.is_still(one)]

    def is_still(self, holding: KnownHolding) -> bool:
        return holding.span.until_on is None or holding.span.until_on > self.today

    def clashes(self, post: KnownPost, wanted: Span, but: uuid.UUID | None) -> bool:
        others = [one.span for one in self.by_post.get(post.id, {}).values() if one.id != but]
        return fill_problem(Span(post.opened_on), others, wanted) is not None

    def named(self, post: KnownPost) -> Texts:
        return self.known.professions.get(post.profession, {})

    def collect(self, plan: Plan) -> None:
        """Put what is new and what differs into the plan."""
        for post in self.posts.values():
            if post.id in self.made:
                plan.new_posts.append(
                    {
                        "id": post.id,
                        "unit_id": post.unit,
                        "profession_code": post.profession,
                        "key": post.key,
                        "opened_on": post.opened_on,
                    }
                )
        plan.changed_posts = [{"id": one, "key": key} for one, key in self.new_keys.items()]
        before = {holding.id: holding for holding in self.known.holdings}
        for held in self.by_post.values():
            for one in held.values():
                span = {"id": one.id, "from_on": one.span.from_on, "until_on": one.span.until_on}
                if one.id in self.made:
                    plan.new_holdings.append(span | {"post_id": one.post, "person_id": one.person})
                elif before[one.id] != one:
                    plan.changed_holdings.append(span)
