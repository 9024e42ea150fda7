"""Reads TopoJSON, and tells whether a point lies in a country. Pure.

The format: https://github.com/topojson/topojson-specification
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

Point = tuple[float, float]
Ring = list[Point]
Polygon = list[Ring]


@dataclass(frozen=True)
class Shape:
    """One country as the file has it: ISO 3166-1 numeric id (or none), name, polygons."""

    number: str
    name: str
    polygons: list[Polygon]


def shapes(topology: dict[str, Any]) -> Iterator[Shape]:
    """The countries of a world-atlas file, in degrees."""
    arcs = [_arc(arc, topology["transform"]) for arc in topology["arcs"]]
    for geometry in topology["objects"]["countries"]["geometries"]:
        match geometry["type"]:
            case "Polygon":
                polygons = [geometry["arcs"]]
            case "MultiPolygon":
                polygons = geometry["arcs"]
            case other:
                raise ValueError(f"A country is no {other}.")
        yield Shape(
            geometry.get("id", ""),
            geometry["properties"]["name"],
            [[_ring(ring, arcs) for ring in polygon] for polygon in polygons],
        )


def _arc(steps: Sequence[Sequence[int]], transform: dict[str, list[float]]) -> Ring:
    """Each step is told from the one before, in whole units of the transform."""
    (kx, ky), (dx, dy) = transform["scale"], transform["translate"]
    xs, ys = accumulate(step[0] for step in steps), accumulate(step[1] for step in steps)
    return [(x * kx + dx, y * ky + dy) for x, y in zip(xs, ys, strict=True)]


def _ring(indexes: Sequence[int], arcs: Sequence[Ring]) -> Ring:
    """Arcs end to end; a negative index is its complement, backwards."""
    ring: Ring = []
    for index in indexes:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        # Each begins where the one before ended.
        ring += arc[1:] if ring else arc
    return unwrapped(ring)


def unwrapped(ring: Ring) -> Ring:
    """The ring without jumps at 180°: it goes on beyond, as on a globe."""
    found: Ring = []
    for x, y in ring:
        while found and x - found[-1][0] > 180:
            x -= 360
        while found and x - found[-1][0] < -180:
            x += 360
        found.append((x, y))
    return found


def contains(polygon: Polygon, point: Point) -> bool:
    """Whether the point is inside the outer ring and in none of the holes: even-odd rule."""
    x, y = point
    return any(
        sum(_crossings(ring, (x + turn, y)) for ring in polygon) % 2 == 1 for turn in (-360, 0, 360)
    )


def _crossings(ring: Ring, point: Point) -> int:
    x, y = point
    found = 0
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            found += 1
    return found


def area_and_middle(ring: Ring) -> tuple[float, Point]:
    """The area of a ring (square degrees) and its centroid; the first point of a flat one."""
    doubled = x = y = 0.0
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        cross = x1 * y2 - x2 * y1
        doubled += cross
        x += (x1 + x2) * cross
        y += (y1 + y2) * cross
    if not doubled:
        return 0.0, ring[0]
    return abs(doubled) / 2, (x / (3 * doubled), y / (3 * doubled))
