"""The page of results, docs/benchmarks.md: a section for each script, and a table of them all.

What lies between a section's markers is the last run's, and is replaced with the next one:

    <!-- begin: prune; status 0; 2026-11-27; --rows 50000 -->
    ...
    <!-- end: prune -->

Everything else on the page is written by hand and stays. `status ?` is a run of which no exit
status is known, or none at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tests.benchmarks.lines import table

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
SUMMARY = "summary"
# What the exit statuses of the scripts mean.
VERDICTS = {0: "met", 1: "**MISSED**", 2: "could not be measured"}
UNKNOWN = "?"

_BEGIN = re.compile(r"^<!-- begin: (\w+)(?:; status ([012]|\?); ([^;\n]*); ([^;\n]*))? -->\n", re.M)
_SPECIAL = re.compile(r"([\\`*<\[])")


class PageError(Exception):
    """The page is not as the benchmarks write it."""


@dataclass(frozen=True)
class Section:
    """What the page holds of one script."""

    name: str
    title: str
    status: int | None
    # Of the run, as ISO 8601 writes it; a remark in the place of it where there was none.
    date: str
    options: str

    @property
    def verdict(self) -> str:
        return "see there" if self.status is None else VERDICTS[self.status]


def replaced(text: str, name: str, content: str, attributes: str = "") -> str:
    """The page with other content between the markers of a section.

    `attributes` follow the name in the marker. Raises PageError where a marker is missing.
    """
    begin, _inside, end = _span(text, name)
    marker = f"<!-- begin: {name}{f'; {attributes}' if attributes else ''} -->\n"
    return f"{text[:begin]}{marker}\n{content.strip()}\n\n{text[end:]}"


def attributes_of(status: int | None, date: str, options: Sequence[str]) -> str:
    """What the marker of a section says of its run."""
    return f"status {UNKNOWN if status is None else status}; {date}; {' '.join(options) or '-'}"


def with_summary(text: str) -> str:
    """The page with its table of all sections made anew. Raises PageError."""
    lines = [("script", "run", "options", "targets")]
    for section in sections(text):
        link = f"[{section.title}](#{anchor(section.title)})"
        options = f"`{section.options}`" if section.options not in {"-", ""} else ""
        lines.append((f"{link}, `{section.name}.py`", section.date, options, section.verdict))
    return replaced(text, SUMMARY, table(lines))


def sections(text: str) -> Iterator[Section]:
    """Every section but the summary, in the order of the page. Raises PageError."""
    for begin in _BEGIN.finditer(text):
        name, status, date, options = begin.groups()
        if name == SUMMARY:
            continue
        _span(text, name)
        titles = re.findall(r"^## (.+)$", text[: begin.start()], re.M)
        if not titles or status is None:
            raise PageError(f"The section “{name}” has no heading, or no status in its marker.")
        yield Section(name, titles[-1], int(status) if status != UNKNOWN else None, date, options)


def anchor(title: str) -> str:
    """What a heading is linked by, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def as_markdown(output: str) -> str:
    """The output of a script: its tables as they are, misses as a list, other lines as lines."""
    parts = []
    for kind, lines in groupby(output.strip().splitlines(), _kind):
        if kind == "table":
            parts.append("\n".join(lines))
        elif kind == "miss":
            parts.append("\n".join(f"- {_escaped(line)}" for line in lines))
        elif kind == "text":
            parts.append("\\\n".join(map(_escaped, lines)))
    return "\n\n".join(parts)


def _kind(line: str) -> str:
    if not line.strip():
        return "empty"
    return "table" if line.startswith("|") else "miss" if line.startswith("MISSED") else "text"


def _escaped(line: str) -> str:
    return _SPECIAL.sub(r"\\\1", line.strip())


def _span(text: str, name: str) -> tuple[int, int, int]:
    """Where the markers of a section begin, the first ends, and the last begins."""
    found = [begin for begin in _BEGIN.finditer(text) if begin[1] == name]
    if len(found) != 1:
        number = len(found) or "no"
        raise PageError(
            f"The page has {number} line “<!-- begin: {name}; status ?; -; - -->”. It needs one, "
            f"and “<!-- end: {name} -->” below it, where the results of {name} belong."
        )
    end = text.find(f"<!-- end: {name} -->", found[0].end())
    following = _BEGIN.search(text, found[0].end())
    if end < 0 or (following and following.start() < end):
        raise PageError(f"The section “{name}” is not closed by “<!-- end: {name} -->”.")
    return found[0].start(), found[0].end(), end
