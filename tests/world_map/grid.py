"""The grid of the world map: from degrees to columns and rows, and back. Pure.

Equirectangular with its true parallel at 37°, where a dot is as high as it is wide (2.5° by
2°): a compromise between Europe, which is squeezed, and the tropics, which are stretched.
From 84° north to 56° south: no country but Antarctica lies outside.
"""

from __future__ import annotations

WEST, NORTH = -180.0, 84.0
WIDTH, HEIGHT = 2.5, 2.0
COLUMNS, ROWS = 144, 70


def column_of(longitude: float) -> float:
    """The column of a longitude (degrees, east), 0 being the middle of the first dot."""
    return (longitude - WEST) % 360 / WIDTH - 0.5


def row_of(latitude: float) -> float:
    """The row of a latitude (degrees, north), the map's edge where it lies outside."""
    return min(max((NORTH - latitude) / HEIGHT - 0.5, 0), ROWS - 1)


def middle_of(column: int, row: int) -> tuple[float, float]:
    """Longitude and latitude of a dot."""
    return WEST + (column + 0.5) * WIDTH, NORTH - (row + 0.5) * HEIGHT
