"""Boundaries: packed and unpacked, and whether points lie in them."""

from __future__ import annotations

import math
import zlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from freehold.civic.places.rings import (
    METRES,
    SCALE,
    Ring,
    box_of,
    contains,
    distance,
    pack,
    ring_of,
    simplified,
    unpack,
)

SQUARE = ring_of([(-105, 42), (-105, 43), (-104, 43), (-104, 42)])
HOLE = ring_of([(-104.6, 42.4), (-104.6, 42.6), (-104.4, 42.6), (-104.4, 42.4)])


def units(lon: float, lat: float) -> tuple[int, int]:
    return round(lon * SCALE), round(lat * SCALE)


@st.composite
def stars(draw: st.DrawFn) -> tuple[tuple[float, float], list[tuple[float, float]]]:
    """A centre, and a ring around it that bends in and out without crossing itself."""
    lon, lat = draw(st.floats(-179, 179)), draw(st.floats(-80, 80))
    sizes = draw(st.lists(st.floats(0.01, 0.5), min_size=3, max_size=40))
    turn = 2 * math.pi / len(sizes)
    points = [
        (lon + size * math.cos(turn * at), lat + size * math.sin(turn * at))
        for at, size in enumerate(sizes)
    ]
    return (lon, lat), points


@given(stars(), st.floats(0, 0.98), st.floats(0, 6.28))
def test_every_point_inside_is_found_and_none_beyond(
    star: tuple[tuple[float, float], list[tuple[float, float]]], part: float, angle: float
) -> None:
    (lon, lat), points = star
    turn = 2 * math.pi / len(points)
    at = int(angle / turn) % len(points)
    (ax, ay), (bx, by) = points[at], points[(at + 1) % len(points)]
    assume(len(points) > 3)  # a triangle may not hold its centre
    along = (angle - at * turn) / turn
    edge_x, edge_y = ax + along * (bx - ax) - lon, ay + along * (by - ay) - lat
    ring = ring_of(points)
    assert contains([ring], *units(lon + part * edge_x, lat + part * edge_y))
    assert not contains([ring], *units(lon + 1.02 * edge_x, lat + 1.02 * edge_y))


@given(stars())
def test_packing_loses_nothing_and_rounding_at_most_half_a_unit(
    star: tuple[tuple[float, float], list[tuple[float, float]]],
) -> None:
    ring = ring_of(star[1])
    back = unpack(pack([ring, SQUARE]))
    assert [(list(xs), list(ys)) for xs, ys in back] == [
        (list(xs), list(ys)) for xs, ys in (ring, SQUARE)
    ]
    for lon, lat in star[1]:
        off = min(
            max(abs(x / SCALE - lon), abs(y / SCALE - lat))
            for x, y in zip(ring[0], ring[1], strict=True)
        )
        assert off <= 0.5 / SCALE + 1e-12
        assert off * SCALE * METRES <= 0.06


def test_a_hole_is_not_part_and_an_island_in_it_is() -> None:
    island = ring_of([(-104.52, 42.48), (-104.52, 42.52), (-104.48, 42.52), (-104.48, 42.48)])
    rings = [SQUARE, HOLE, island]
    assert contains(rings, *units(-104.9, 42.1))
    assert not contains(rings, *units(-104.45, 42.45))
    assert contains(rings, *units(-104.5, 42.5))
    assert not contains(rings, *units(-103.9, 42.5))


@given(st.floats(42.001, 42.999))
def test_a_ray_through_a_corner_counts_once(latitude: float) -> None:
    diamond = ring_of([(-104.5, 42), (-105, latitude), (-104.5, 43), (-104, latitude)])
    assert contains([diamond], *units(-104.5, latitude))
    assert not contains([diamond], *units(-105.5, latitude))


@given(st.floats(-104.99, -104.01), st.floats(42.01, 42.99))
def test_two_neighbours_share_no_point_and_leave_none_out(lon: float, lat: float) -> None:
    """A line in the middle, bent: each point of the square is in exactly one half."""
    bend = [(-104.5, 42.0), (-104.6, 42.3), (-104.4, 42.7), (-104.5, 43.0)]
    west = ring_of([(-105, 42), (-105, 43), *reversed(bend)])
    east = ring_of([*bend, (-104, 43), (-104, 42)])
    point = units(lon, lat)
    assert contains([west], *point) is not contains([east], *point)


def test_distance_in_metres() -> None:
    x, y = units(-104.5, 42.001)
    assert distance([SQUARE], x, y, 500) == pytest.approx(111.2, abs=0.1)
    assert distance([SQUARE], x, y, 50) == math.inf
    x, y = units(-104.999, 42.5)
    east = 111.195 * math.cos(math.radians(42.5))
    assert distance([SQUARE], x, y, 500) == pytest.approx(east, abs=0.1)
    assert distance([SQUARE], *units(-105, 42.5), 1) == 0


@given(stars(), st.floats(0.0001, 0.2))
def test_simplifying_keeps_within_its_tolerance(
    star: tuple[tuple[float, float], list[tuple[float, float]]], tolerance: float
) -> None:
    ring = ring_of(star[1])
    short = simplified(ring, tolerance)
    assert len(short[0]) <= len(ring[0])
    assert (short[0][0], short[1][0]) == (short[0][-1], short[1][-1])
    for x, y in zip(ring[0], ring[1], strict=True):
        assert off_line(short, x, y) <= tolerance * SCALE + 1


def off_line(ring: Ring, x: int, y: int) -> float:
    """How many units a point is from a ring's lines."""
    xs, ys = ring
    nearest = math.inf
    for ax, ay, bx, by in zip(xs, ys, xs[1:], ys[1:], strict=False):
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy
        along = ((x - ax) * dx + (y - ay) * dy) / length if length else 0
        along = max(0, min(1, along))
        nearest = min(nearest, math.hypot(x - ax - along * dx, y - ay - along * dy))
    return nearest


def test_the_box_bounds_all() -> None:
    box = box_of([SQUARE, HOLE])
    assert (box.west, box.north) == (-105 * SCALE, 43 * SCALE)


@pytest.mark.parametrize(
    "damage", [b"", b"no rings", zlib.compress(b"\1\0\0\0\5\0\0\0"), zlib.compress(b"123")]
)
def test_damaged_rings_are_an_error(damage: bytes) -> None:
    with pytest.raises(ValueError):
        unpack(damage)
