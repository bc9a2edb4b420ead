"""Boundaries as rings of points: packed small, and asked whether a point lies in them.

Coordinates are whole numbers of 1e-6 degree, about 0.11 m north to south; rounding moves a point by
0.08 m at most. Rings lie inside one another as they come: a point is in an area when a ray from it
crosses the lines an odd number of times, holes and islands included.
"""

from __future__ import annotations

import math
import sys
import zlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

SCALE = 1_000_000
"""Units in a degree."""
METRES = 111_195.0 / SCALE
"""Metres in a unit, along a meridian (a sphere of 6,371 km)."""

Ring = tuple[Sequence[int], Sequence[int]]
"""Longitudes and latitudes, the first point once more at the end."""


@dataclass(frozen=True)
class Box:
    """Bounds, in units."""

    west: int
    south: int
    east: int
    north: int


def ring_of(points: Iterable[tuple[float, float]]) -> Ring:
    """A ring of points in degrees, (longitude, latitude); closed if it is not."""
    xs, ys = array("i"), array("i")
    for lon, lat in points:
        x, y = round(lon * SCALE), round(lat * SCALE)
        if xs and xs[-1] == x and ys[-1] == y:
            continue
        xs.append(x)
        ys.append(y)
    if xs and (xs[0], ys[0]) != (xs[-1], ys[-1]):
        xs.append(xs[0])
        ys.append(ys[0])
    return xs, ys


def box_of(rings: Sequence[Ring]) -> Box:
    """What bounds them all."""
    return Box(
        min(min(xs) for xs, _ in rings),
        min(min(ys) for _, ys in rings),
        max(max(xs) for xs, _ in rings),
        max(max(ys) for _, ys in rings),
    )


def pack(rings: Sequence[Ring]) -> bytes:
    """Rings in few bytes: differences of neighbours, compressed."""
    words = array("i", [len(rings)])
    for xs, _ in rings:
        words.append(len(xs))
    for xs, ys in rings:
        words.extend(_differences(xs))
        words.extend(_differences(ys))
    if sys.byteorder == "big":
        words.byteswap()
    return zlib.compress(words.tobytes(), 6)


def unpack(data: bytes) -> list[Ring]:
    """The rings again. Raises ValueError when they are damaged."""
    words = array("i")
    try:
        words.frombytes(zlib.decompress(data))
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if sys.byteorder == "big":
        words.byteswap()
    count = words[0]
    lengths, at = words[1 : 1 + count], 1 + count
    rings: list[Ring] = []
    for length in lengths:
        xs = list(accumulate(words[at : at + length]))
        ys = list(accumulate(words[at + length : at + 2 * length]))
        rings.append((xs, ys))
        at += 2 * length
    if at != len(words):
        raise ValueError("rings of other lengths than they say")
    return rings


def contains(rings: Sequence[Ring], x: int, y: int) -> bool:
    """Whether a point lies in the area that the rings bound."""
    inside = False
    for xs, ys in rings:
        if not min(ys) <= y <= max(ys):
            continue
        before_x, before_y = xs[0], ys[0]
        for now_x, now_y in zip(xs, ys, strict=True):
            if (before_y > y) is not (now_y > y):
                across = before_x + (y - before_y) * (now_x - before_x) / (now_y - before_y)
                if x < across:
                    inside = not inside
            before_x, before_y = now_x, now_y
    return inside


def distance(rings: Sequence[Ring], x: int, y: int, limit: float) -> float:
    """How far a point is from the nearest line, in metres; infinity beyond `limit` metres.

    On a plane that touches the sphere there, which is right to 1 in 10,000 for a few kilometres.
    """
    squeeze = math.cos(math.radians(y / SCALE)) or 1e-9
    reach_y = limit / METRES
    reach_x = reach_y / squeeze
    west, east, south, north = x - reach_x, x + reach_x, y - reach_y, y + reach_y
    nearest = math.inf
    for xs, ys in rings:
        before_x, before_y = xs[0], ys[0]
        for now_x, now_y in zip(xs, ys, strict=True):
            if (
                (before_y > south or now_y > south)
                and (before_y < north or now_y < north)
                and (before_x > west or now_x > west)
                and (before_x < east or now_x < east)
            ):
                ax, ay = (before_x - x) * squeeze, before_y - y
                bx, by = (now_x - x) * squeeze, now_y - y
                nearest = min(nearest, _to_segment(ax, ay, bx, by))
            before_x, before_y = now_x, now_y
    metres = nearest * METRES
    return metres if metres <= limit else math.inf


def simplified(ring: Ring, tolerance: float) -> Ring:
    """A ring with fewer points, none further than `tolerance` degrees from its line.

    By Douglas and Peucker: keep the point that is furthest from the segment between two kept ones.
    """
    xs, ys = ring
    limit = tolerance * SCALE
    keep = {0, len(xs) - 1}
    middle = max(range(len(xs)), key=lambda at: abs(xs[at] - xs[0]) + abs(ys[at] - ys[0]))
    keep.add(middle)
    todo = [(0, middle), (middle, len(xs) - 1)]
    while todo:
        first, last = todo.pop()
        if last - first < 2:
            continue
        furthest, at = 0.0, first
        for index in range(first + 1, last):
            x, y = xs[index], ys[index]
            away = _to_segment(xs[first] - x, ys[first] - y, xs[last] - x, ys[last] - y)
            if away > furthest:
                furthest, at = away, index
        if furthest > limit:
            keep.add(at)
            todo += [(first, at), (at, last)]
    kept = sorted(keep)
    return [xs[at] for at in kept], [ys[at] for at in kept]


def _differences(values: Sequence[int]) -> Iterable[int]:
    before = 0
    for value in values:
        yield value - before
        before = value


def _to_segment(ax: float, ay: float, bx: float, by: float) -> float:
    """From the origin to a segment."""
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    along = 0.0 if not length else max(0.0, min(1.0, -(ax * dx + ay * dy) / length))
    return math.hypot(ax + along * dx, ay + along * dy)
