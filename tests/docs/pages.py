"""The pages of the documentation, and the commands of their `console` blocks."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))
DOCUMENTS = [
    *PAGES,
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "tests/benchmarks/README.md",
]

# With what Sphinx is told to do: {toctree}, {image} a.png.
_FENCE = re.compile(r"^( *)```(\w*|\{[\w-]+\}[^\n]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_PROMPT = "$ "


@dataclass(frozen=True)
class Block:
    """One fenced block of a page: its language, what is in it, and where it begins."""

    language: str
    text: str
    line: int


@dataclass(frozen=True)
class Example:
    """One command of a page, and the answer that is shown below it."""

    page: str
    line: int
    command: str
    shown: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


def name_of(path: Path) -> str:
    """How a page is called: by its path in the project."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name


def blocks_in(text: str) -> list[Block]:
    """The fenced blocks of a page, in order."""
    return [
        Block(match[2], match[3], text.count("\n", 0, match.start()) + 1)
        for match in _FENCE.finditer(text)
    ]


def examples_in(path: Path) -> list[Example]:
    """The commands of a page in order; one that is not complete goes on in the next line."""
    found: list[Example] = []
    for block in blocks_in(path.read_text(encoding="utf-8")):
        if block.language != "console":
            continue
        lines = block.text.splitlines()
        starts = [at for at, line in enumerate(lines) if line.startswith(_PROMPT)]
        assert starts[:1] == [0], f"{name_of(path)}:{block.line} does not begin with a command"
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            answer = start + 1
            while goes_on("\n".join(lines[start:answer])):
                answer += 1
            command = "\n".join(lines[start:answer]).removeprefix(_PROMPT)
            shown = "\n".join(lines[answer:end]).strip()
            found.append(Example(name_of(path), block.line + 1 + start, command, shown))
    return found


def goes_on(command: str) -> bool:
    """Whether a shell would wait for another line: after a backslash, or in quotes."""
    if command.endswith("\\"):
        return True
    try:
        shlex.split(command)
    except ValueError:
        return True
    return False
