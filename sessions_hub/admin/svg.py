"""Charts as SVG: attributes and classes only, so that no policy of content is in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from .show import number_words

# In units of the drawing; a bar chart is drawn at its natural size, text and all.
_WIDTH = 320
_LINE = 36
_HEIGHT = 100


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, and its parts from the bottom to the top."""

    name: str
    parts: tuple[int, ...]


def bars(name: str, title: str, desc: str, values: Sequence[tuple[str, int]]) -> SafeString:
    """Horizontal bars, one for each value, with its words above and its number at the end."""
    most = max((number for _words, number in values), default=0) or 1
    lines = format_html_join(
        "",
        '<text x="0" y="{}" class="hub-chart-text">{}</text>'
        '<text x="{}" y="{}" text-anchor="end" class="hub-chart-number">{}</text>'
        '<rect x="0" y="{}" width="{}" height="8" rx="4" class="hub-chart-track"/>'
        '<rect x="0" y="{}" width="{}" height="8" rx="4" class="hub-chart-1">'
        "<title>{}: {}</title></rect>",
        (
            (
                *(_LINE * line + 14, _cut(words), _WIDTH, _LINE * line + 14, number_words(number)),
                *(_LINE * line + 20, _WIDTH),
                *(_LINE * line + 20, _length(number, most, _WIDTH), words, number_words(number)),
            )
            for line, (words, number) in enumerate(values)
        ),
    )
    size = f"0 0 {_WIDTH} {max(1, len(values)) * _LINE}"
    return _drawing(name, title, desc, size, lines, kind="hub-bars")


def columns(
    name: str, title: str, desc: str, values: Sequence[Column], colours: Sequence[int]
) -> SafeString:
    """Columns side by side, each of parts on top of each other; as wide as there is room.

    The number of a colour for each part. Without text, which would be stretched with them.
    """
    most = max((sum(column.parts) for column in values), default=0) or 1
    drawn = []
    for number, column in enumerate(values):
        top = float(_HEIGHT)
        rects = []
        for colour, part in zip(colours, column.parts, strict=True):
            if part:
                height = part * _HEIGHT / most
                top -= height
                rects.append((number * 10 + 1, _units(top), _units(height), colour))
        shapes = format_html_join(
            "", '<rect x="{}" y="{}" width="8" height="{}" class="hub-chart-{}"/>', rects
        )
        drawn.append((column.name, number_words(sum(column.parts)), number * 10, _HEIGHT, shapes))
    body = format_html_join(
        "",
        "<g><title>{}: {}</title>"
        '<rect x="{}" y="0" width="10" height="{}" fill="transparent"/>{}</g>',
        drawn,
    )
    size = f"0 0 {max(1, len(values)) * 10} {_HEIGHT}"
    return _drawing(name, title, desc, size, body, kind="hub-columns")


def _drawing(
    name: str, title: str, desc: str, size: str, body: SafeString, *, kind: str
) -> SafeString:
    ratio = "none" if kind == "hub-columns" else "xMinYMin meet"
    return format_html(
        '<svg role="img" aria-labelledby="hub-{0}-title hub-{0}-desc" viewBox="{1}"'
        ' preserveAspectRatio="{2}" class="hub-chart {3}" xmlns="http://www.w3.org/2000/svg">'
        '<title id="hub-{0}-title">{4}</title><desc id="hub-{0}-desc">{5}</desc>{6}</svg>',
        *(name, size, ratio, kind, title, desc, body),
    )


def _length(number: int, most: int, width: int) -> str:
    # What is there is seen.
    return _units(max(3.0, number * width / most)) if number else "0"


def _units(number: float) -> str:
    """With a point in every language."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _cut(words: str, most: int = 38) -> str:
    return words if len(words) <= most else f"{words[: most - 1]}…"
