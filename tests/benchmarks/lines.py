"""One measured figure a line, beside its target: the table of the scripts without variants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


def table(lines: Sequence[Sequence[str]]) -> str:
    """Lines as Markdown, the first the head: names from the left, numbers from the right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = []
    for line in lines:
        cells = [
            f"{cell:>{width}}" if i else f"{cell:<{width}}"
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        text.append(f"| {' | '.join(cells)} |")
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(text)


@dataclass(frozen=True)
class Line:
    """One measured figure, with its target if it has one."""

    label: str
    value: float
    unit: str
    target: float | None = None

    @property
    def is_missed(self) -> bool:
        return self.target is not None and self.value > self.target

    def __str__(self) -> str:
        target = f"≤ {self.target:g}" if self.target is not None else ""
        verdict = ("MISSED" if self.is_missed else "ok") if target else ""
        return (
            f"| {self.label:<62} | {self.value:>9.2f} {self.unit:<3} | {target:<7} | {verdict:<6} |"
        )


def print_lines(lines: Sequence[Line]) -> int:
    """Print the table and what is missed. Returns the exit status: 1 when a target is missed."""
    print(f"| {'':<62} | {'measured':>13} | target  |        |")
    print(f"|{'-' * 64}|{'-' * 15}|{'-' * 9}|{'-' * 8}|")
    print("\n".join(map(str, lines)))
    missed = [line for line in lines if line.is_missed]
    print("\n" + ("\n".join(f"MISSED {line.label}" for line in missed) or "Every target is met."))
    return 1 if missed else 0
