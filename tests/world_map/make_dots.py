"""Makes sessions_hub/admin/world_dots.py: which country each dot of the map lies in.

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    PYTHONPATH=. python tests/world_map/make_dots.py package > sessions_hub/admin/world_dots.py
    ruff format sessions_hub/admin/world_dots.py

The dots come from Natural Earth's outlines at 1:110m. A country that is too small for a dot
gets a place for a marker, from those at 1:50m or from the table below.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

from tests.world_map.grid import COLUMNS, ROWS, column_of, middle_of, row_of
from tests.world_map.topology import Point, Polygon, Shape, area_and_middle, contains, shapes

# Without an ISO id in the files. ISO has no code for two of them: they are parts of the
# countries that addresses there are counted to.
BY_NAME = {"Kosovo": "XK", "N. Cyprus": "CY", "Somaliland": "SO"}
# Outlines of one country that are another one by ISO: west, south, east, north.
PARTS = {
    "FR": [("GF", (-56, 1, -50, 7))],
    "NO": [("SJ", (9, 74, 35, 82))],
}
# In neither file: longitude and latitude of the country's main place.
ELSEWHERE = {
    "BQ": (-68.3, 12.2), "BV": (3.4, -54.4), "CC": (96.8, -12.2), "CX": (105.6, -10.5),
    "GI": (-5.4, 36.1), "GP": (-61.5, 16.2), "IO": (72.4, -7.3), "MQ": (-61.0, 14.6),
    "RE": (55.5, -21.1), "TK": (-171.8, -9.2), "TV": (179.2, -8.5), "UM": (-176.5, 0.2),
    "YT": (45.2, -12.8),
}  # fmt: skip

_HEAD = '''"""Where the dots of the world map lie. Made by tests/world_map/make_dots.py.

Outlines: Natural Earth (naturalearthdata.com), public domain, as TopoJSON in world-atlas 2.0.2
(github.com/topojson/world-atlas), whose ISC License says:

Copyright 2013-2019 Michael Bostock

Permission to use, copy, modify, and/or distribute this software for any purpose
with or without fee is hereby granted, provided that the above copyright notice
and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH
REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND
FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT,
INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS
OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER
TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF
THIS SOFTWARE.
"""

from __future__ import annotations

from collections.abc import Mapping
'''


def codes() -> dict[str, str]:
    """ISO 3166-1 numeric → alpha-2."""
    import django
    from django.conf import settings

    if not settings.configured:
        settings.configure()
        django.setup()
    from django_countries import countries
    from django_countries.data import COUNTRIES

    return {str(countries.numeric(code, padded=True)): code for code in COUNTRIES}


def by_code(found: list[Shape]) -> dict[str, list[Polygon]]:
    """The polygons of each country, by its alpha-2 code."""
    names, polygons = codes(), defaultdict(list)
    for shape in found:
        code = names.get(shape.number) or BY_NAME.get(shape.name)
        if code is None:
            continue
        for polygon in shape.polygons:
            polygons[part_of(code, area_and_middle(polygon[0])[1])].append(polygon)
    return polygons


def part_of(code: str, middle: Point) -> str:
    """The code of an outline of `code` around this point: its own, or that of one of its parts."""
    x, y = middle
    for part, (west, south, east, north) in PARTS.get(code, ()):
        if west <= x <= east and south <= y <= north:
            return part
    return code


def dots(polygons: dict[str, list[Polygon]]) -> dict[str, list[tuple[int, int]]]:
    """Column and row of each dot of each country: those whose middle lies in it."""
    boxes = [
        (code, polygon, [min(p[1] for p in polygon[0]), max(p[1] for p in polygon[0])])
        for code, found in polygons.items()
        for polygon in found
    ]
    cells = defaultdict(list)
    for row in range(ROWS):
        y = middle_of(0, row)[1]
        near = [(code, polygon) for code, polygon, (low, high) in boxes if low <= y <= high]
        for column in range(COLUMNS):
            point = middle_of(column, row)
            code = next((code for code, polygon in near if contains(polygon, point)), None)
            if code is not None:
                cells[code].append((column, row))
    # Below the map's edge; its outline reaches above it nowhere.
    cells.pop("AQ", None)
    return cells


def path(cells: list[tuple[int, int]]) -> str:
    """The dots as an SVG path of horizontal runs, for a stroke with a dot at every whole unit."""
    text, start = "", cells[0]
    for before, after in pairwise([*cells, (-1, -1)]):
        if after != (before[0] + 1, before[1]):
            # A little further than the last dot, which rounding must not lose.
            length = before[0] - start[0]
            text += f"M{start[0]} {start[1]}h{length or ''}.1"
            start = after
    return text


def markers(missing: list[str], finer: dict[str, list[Polygon]]) -> dict[str, tuple[float, float]]:
    """Where the marker of each country without a dot lies, in columns and rows of the grid."""
    found = {}
    for code in missing:
        x, y = ELSEWHERE.get(code) or max(area_and_middle(polygon[0]) for polygon in finer[code])[1]
        found[code] = (round(column_of(x), 1), round(row_of(y), 1))
    return found


def main(folder: Path) -> None:
    """Print the module."""
    coarse, finer = (
        by_code(list(shapes(json.loads((folder / f"countries-{scale}.json").read_text()))))
        for scale in ("110m", "50m")
    )
    cells = dots(coarse)
    missing = sorted({*codes().values(), "XK"} - cells.keys())
    print(_HEAD)
    print(f"COLUMNS, ROWS = {COLUMNS}, {ROWS}")
    print("# Country → its dots, as runs of columns in a row.")
    print("DOTS: Mapping[str, str] = {")
    for code in sorted(cells):
        lines = _lines(path(cells[code]))
        if len(lines) == 1:
            print(f'    "{code}": "{lines[0]}",')
            continue
        print(f'    "{code}": (')
        for line in lines:
            print(f'        "{line}"')
        print("    ),")
    print("}\n# Country without a dot → column and row of its marker.")
    print("MARKERS: Mapping[str, tuple[float, float]] = {")
    for code, (column, row) in markers(missing, finer).items():
        print(f'    "{code}": ({column}, {row}),')
    print("}")


def _lines(text: str, most: int = 86) -> list[str]:
    lines = [""]
    for run in text.split("M")[1:]:
        if len(lines[-1]) + len(run) + 1 > most:
            lines.append("")
        lines[-1] += f"M{run}"
    return lines


if __name__ == "__main__":
    main(Path(sys.argv[1]))
