"""The branch below a certificate as a tree that is opened generation by generation."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from lms.certification.models import Credential
from lms.certification.queries.branches import Below, branch, children, counts_below, family_of, inside
from lms.certification.rules.status import Status
from lms.core.database import db
from lms.core.pages import Pages

SIZE = 50  # people of a generation on one page
SOME = 25  # of a generation opened further down
WHOLE = 2_000  # up to so many are read at once, and their states counted
STEP, ROW, LEFT, TOP = 38, 58, 22, 30  # the drawing, in its own units


@dataclass(frozen=True)
class Node:
    """Somebody of the tree, where she stands in the drawing."""

    below: Below
    parent_name: str
    depth: int
    index: int
    parent_index: int
    count: int  # people certified by her
    is_open: bool

    @property
    def x(self) -> int:
        return LEFT + STEP * self.depth

    @property
    def y(self) -> int:
        return TOP + ROW * self.index

    @property
    def line(self) -> str:
        """The path from whoever certified her."""
        above = TOP + ROW * self.parent_index + 14
        return f"M{self.x - STEP} {above}V{self.y}H{self.x - 14}"


@dataclass(frozen=True)
class Tree:
    """What is shown of a branch."""

    nodes: list[Node]
    pages: Pages
    generations: dict[int, int]
    states: dict[int, Counter[Status]]  # empty where the branch is too large to be looked at one by one

    @property
    def total(self) -> int:
        return sum(self.generations.values())

    @property
    def valid(self) -> int:
        return sum(counted[Status.VALID] for counted in self.states.values())

    @property
    def height(self) -> int:
        return TOP + ROW * (len(self.nodes) + 1)

    @property
    def width(self) -> int:
        return 340 + STEP * max([0, *(node.depth - 2 for node in self.nodes)])


def tree_of(credential: Credential, name: str, opened: Collection[str], page: int, now: datetime, today: date) -> Tree:
    """Read a branch: the people right below, and those below whoever is opened."""
    family = family_of(credential)
    lineages, roots = [lineage for _id, lineage in family], {one for one, _lineage in family}
    where = inside(lineages)
    generations = {
        row.generation: row.people
        for row in db.session.execute(
            select(Credential.generation, func.count().label("people"))
            .where(where)
            .group_by(Credential.generation)
            .order_by(Credential.generation)
        )
    }
    reading = _Whole if sum(generations.values()) <= WHOLE else _Part
    return reading(roots, lineages, now, today).tree(name, set(opened), page, generations)


class _Whole:
    """A branch small enough to be read at once."""

    def __init__(self, roots: set[uuid.UUID], lineages: list[str], now: datetime, today: date) -> None:
        self.roots, self.now, self.today = roots, now, today
        self.read(lineages)

    def read(self, lineages: list[str]) -> None:
        people = branch(lineages, self.now, self.today)
        self.states: dict[int, Counter[Status]] = defaultdict(Counter)
        self.under: dict[uuid.UUID, list[Below]] = defaultdict(list)
        for one in sorted(people, key=lambda one: one.name):
            self.states[one.generation][one.status] += 1
            if one.parent_id:
                self.under[one.parent_id].append(one)

    def first(self, page: int) -> tuple[list[Below], int]:
        """Return a page of the people right below, and how many there are."""
        found = [one for root in self.roots for one in self.under[root]]
        return found[(page - 1) * SIZE : page * SIZE], len(found)

    def of(self, parents: list[Below]) -> dict[uuid.UUID, list[Below]]:
        """Return whom these people certified."""
        return {one.id: self.under[one.id] for one in parents}

    def counts(self, people: list[Below]) -> Counter[uuid.UUID]:
        """Count whom these people certified."""
        return Counter({one.id: len({each.holder_id for each in self.under[one.id]}) for one in people})

    def tree(self, name: str, opened: set[str], page: int, generations: dict[int, int]) -> Tree:
        """Lay the tree out, one line for each person."""
        first, total = self.first(page)
        shown, levels = {one.id: one for one in first}, first
        under: dict[uuid.UUID, list[Below]] = {}
        while wanted := [one for one in levels if one.code in opened and one.id not in under]:
            found = self.of(wanted)
            under |= {key: people[:SOME] for key, people in found.items()}
            levels = [one for people in found.values() for one in people[:SOME]]
            shown |= {one.id: one for one in levels}
        counts = self.counts(list(shown.values()))
        nodes: list[Node] = []

        def put(one: Below, parent_name: str, depth: int, parent_index: int) -> None:
            node = Node(one, parent_name, depth, len(nodes) + 1, parent_index, counts[one.id], one.id in under)
            nodes.append(node)
            for child in under.get(one.id, ()):
                put(child, one.name, depth + 1, node.index)

        for one in first:
            put(one, name, 1, 0)
        return Tree(nodes, Pages(page, SIZE, total), generations, dict(sorted(self.states.items())))


class _Part(_Whole):
    """A branch of many thousands: only what is opened is read."""

    def read(self, lineages: list[str]) -> None:
        self.states = {}

    def first(self, page: int) -> tuple[list[Below], int]:
        return children(self.roots, page, SIZE, self.now, self.today)

    def of(self, parents: list[Below]) -> dict[uuid.UUID, list[Below]]:
        found: dict[uuid.UUID, list[Below]] = {one.id: [] for one in parents}
        for one in children(list(found), 1, SOME * len(found), self.now, self.today)[0]:
            if one.parent_id:
                found[one.parent_id].append(one)
        return found

    def counts(self, people: list[Below]) -> Counter[uuid.UUID]:
        return counts_below([one.id for one in people])
