"""The branch below a certificate as a tree that is opened generation by generation."""

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from lms.certification.models import Credential
from lms.certification.queries.branches import Below, children, counts_below, family_of, first_children, folded
from lms.certification.queries.descendants import states_below
from lms.certification.rules.status import Status
from lms.core.pages import Pages

SIZE = 50  # people of a generation on one page
SOME = 25  # of a generation opened further down
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
    states: dict[int, Counter[Status]]  # of each generation, the whole of it

    @property
    def total(self) -> int:
        return sum(counted.total() for counted in self.states.values())

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
    """Read a branch: the people right below, and those below whoever is opened; eight statements at most."""
    family = family_of(credential)
    states = states_below([lineage for _id, lineage in family], now, today)
    rows, total = children([one for one, _lineage in family], page, SIZE)
    rows += first_children(opened, SOME) if opened else []
    people = {one.id: one for one in folded(rows, now, today)}
    under: dict[uuid.UUID | None, list[Below]] = defaultdict(list)
    for one in people.values():
        under[one.parent_id].append(one)
    counts = counts_below(list(people))
    nodes: list[Node] = []

    def put(one: Below, parent_name: str, depth: int, parent_index: int) -> None:
        is_open = one.code in opened and bool(counts[one.id])
        node = Node(one, parent_name, depth, len(nodes) + 1, parent_index, counts[one.id], is_open)
        nodes.append(node)
        for child in under[one.id] if is_open else ():
            put(child, one.name, depth + 1, node.index)

    for root, _lineage in family:
        for one in under[root]:
            put(one, name, 1, 0)
    return Tree(nodes, Pages(page, SIZE, total), states)
