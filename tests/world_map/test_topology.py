"""How the dots are made from outlines."""

from __future__ import annotations

import pytest

from tests.world_map.grid import COLUMNS, ROWS, column_of, middle_of, row_of
from tests.world_map.make_dots import part_of, path
from tests.world_map.topology import area_and_middle, contains, shapes, unwrapped

SQUARE = [(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)]
HOLE = [(4, 4), (6, 4), (6, 6), (4, 6), (4, 4)]
# From 170° east over 180° to 170° west.
ACROSS = unwrapped([(170, 0), (-170, 0), (-170, 10), (170, 10), (170, 0)])


@pytest.mark.parametrize(
    ("longitude", "latitude", "column", "row"),
    [
        (-178.75, 83, 0, 0),
        (178.75, -55, 143, 69),
        (1.25, 1, 72, 41),
        # East of 180°, as files without jumps have it.
        (181.25, 1, 0, 41),
        # Beyond the edges.
        (1.25, 90, 72, 0),
        (1.25, -90, 72, 69),
    ],
)
def test_the_grid_has_a_column_and_a_row_for_every_place(longitude, latitude, column, row):
    assert (column_of(longitude), row_of(latitude)) == (column, row)


@pytest.mark.parametrize(("column", "row"), [(0, 0), (COLUMNS - 1, ROWS - 1), (72, 18)])
def test_the_middle_of_a_dot_is_in_its_column_and_row(column, row):
    longitude, latitude = middle_of(column, row)
    assert (column_of(longitude), row_of(latitude)) == (column, row)


@pytest.mark.parametrize(
    ("polygon", "point", "expected"),
    [
        ([SQUARE], (5, 5), True),
        ([SQUARE], (11, 5), False),
        ([SQUARE], (-1, 5), False),
        ([SQUARE], (5, 11), False),
        ([SQUARE, HOLE], (5, 5), False),
        ([SQUARE, HOLE], (5, 2), True),
        ([ACROSS], (175, 5), True),
        ([ACROSS], (-175, 5), True),
        ([ACROSS], (0, 5), False),
    ],
)
def test_a_point_is_in_a_country_or_not(polygon, point, expected):
    assert contains(polygon, point) is expected


def test_the_middle_of_an_outline_is_its_centroid():
    assert area_and_middle(SQUARE) == (100, (5, 5))
    assert area_and_middle([(1, 2), (1, 2)]) == (0, (1, 2))


def test_arcs_are_told_in_steps_and_read_backwards_for_the_country_beside():
    # A border of two points, and what closes the country on either side of it.
    border, west, east = [[1, 0], [0, 4]], [[1, 4], [-1, -2], [1, -2]], [[1, 0], [2, 2], [-2, 2]]
    polygon = {"type": "Polygon", "id": "1", "properties": {"name": "West"}, "arcs": [[0, 1]]}
    islands = {"type": "MultiPolygon", "properties": {"name": "East"}, "arcs": [[[2, ~0]]]}
    first, second = shapes(
        {
            "transform": {"scale": [2, 3], "translate": [10, 20]},
            "arcs": [border, west, east],
            "objects": {"countries": {"geometries": [polygon, islands]}},
        }
    )
    assert (first.number, first.name) == ("1", "West")
    assert first.polygons == [[[(12, 20), (12, 32), (10, 26), (12, 20)]]]
    assert (second.number, second.name) == ("", "East")
    assert second.polygons == [[[(12, 20), (16, 26), (12, 32), (12, 20)]]]


@pytest.mark.parametrize(
    ("code", "middle", "expected"),
    [
        ("FR", (2, 47), "FR"),
        ("FR", (-53, 4), "GF"),
        ("NO", (10, 61), "NO"),
        ("NO", (16, 78.5), "SJ"),
        ("DE", (-53, 4), "DE"),
    ],
)
def test_parts_of_a_country_with_a_code_of_their_own_have_it(code, middle, expected):
    assert part_of(code, middle) == expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([(3, 1)], "M3 1h.1"),
        ([(3, 1), (4, 1), (5, 1)], "M3 1h2.1"),
        ([(3, 1), (5, 1)], "M3 1h.1M5 1h.1"),
        ([(3, 1), (4, 2)], "M3 1h.1M4 2h.1"),
    ],
)
def test_dots_side_by_side_are_one_run(cells, expected):
    assert path(cells) == expected
