"""A map of the world in dots: where people signed in from, as SVG.

Like the other drawings it has attributes and classes only. Shares are told by the colour of
a country's dots and by their size; each country's name and number stand in its title and in
the table beside the map.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from . import show
from .world_dots import COLUMNS, DOTS, MARKERS, ROWS

# From which share on a country is drawn in which of the steps 1 to 5.
STEPS = (0.0, 0.01, 0.05, 0.1, 0.2)
# How wide a dot of each step is, and a marker; the room between two dots is 1.
_DOTS = (0.54, 0.66, 0.74, 0.82, 0.9, 0.98)
_MARKERS = (0.0, 0.8, 0.95, 1.1, 1.25, 1.4)


def world_map(
    name: str, title: str, desc: str, values: Sequence[tuple[str, str, int]]
) -> SafeString:
    """The map; `values` are code, name and number of each value that was counted.

    What is no country's code (ISO 3166-1 alpha-2, and XK) counts in the shares, and is not
    drawn. A country without a dot of its own has a marker.
    """
    total = sum(number for _code, _words, number in values)
    # The smallest first: where two touch, the larger lies on top.
    drawn = sorted(
        (
            (code, _title(words, number, total), step(number, total))
            for code, words, number in values
        ),
        key=lambda one: one[2],
    )
    seen = frozenset(code for code, _words, place in drawn if place)
    countries = format_html_join(
        "",
        '<path class="hub-map-{}" stroke-width="{}" d="{}"><title>{}</title></path>',
        (
            (place, _DOTS[place], DOTS[code], words)
            for code, words, place in drawn
            if code in DOTS and place
        ),
    )
    markers = format_html_join(
        "",
        '<circle class="hub-map-{}" cx="{}" cy="{}" r="{}"><title>{}</title></circle>',
        (
            (place, *map(str, MARKERS[code]), _MARKERS[place], words)
            for code, words, place in drawn
            if code in MARKERS and place
        ),
    )
    return format_html(
        '<svg role="img" aria-labelledby="hub-{0}-map-title hub-{0}-map-desc"'
        ' viewBox="-1 -1 {1} {2}" class="hub-chart hub-map" xmlns="http://www.w3.org/2000/svg">'
        '<title id="hub-{0}-map-title">{3}</title><desc id="hub-{0}-map-desc">{4}</desc>'
        '<g fill="none" stroke-linecap="round" stroke-dasharray="0 1">'
        '<path class="hub-map-0" stroke-width="{5}" d="{6}"/>{7}</g>{8}</svg>',
        *(name, COLUMNS + 1, ROWS + 1, title, desc, _DOTS[0], _land_without(seen)),
        *(countries, markers),
    )


def step(number: int, total: int) -> int:
    """The step of a number: 0 for none, 1 to 5 by its share of the total."""
    if number <= 0 or total <= 0:
        return 0
    return sum(number >= share * total for share in STEPS)


def legend() -> tuple[tuple[str, str], ...]:
    """Class and words of each step."""
    bounds = [f"{share:.0%}" for share in STEPS]
    words = [
        _("under %(share)s") % {"share": bounds[1]},
        *(
            _("%(low)s to %(high)s") % {"low": low, "high": high}
            for low, high in pairwise(bounds[1:])
        ),
        _("%(share)s and more") % {"share": bounds[-1]},
    ]
    return tuple((f"hub-map-key-{place}", one) for place, one in enumerate(words, 1))


def _title(words: str, number: int, total: int) -> str:
    share = number / total if total else 0
    return f"{words}: {show.number_words(number)} ({share:.1%})"


@lru_cache(maxsize=8)
def _land_without(seen: frozenset[str]) -> str:
    """The dots of all countries nobody signed in from, as one path."""
    return "".join(path for code, path in DOTS.items() if code not in seen)
