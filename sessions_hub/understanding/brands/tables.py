"""The text of the tables, made ready for look-ups."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LENGTH = 24


def plain(text: str) -> str:
    """Letters and digits of `text` in lower case: "D-Link" and "d link" are one."""
    return "".join(character for character in text.lower() if character.isalnum())


def rows(table: str, separator: str | None = None) -> Iterator[tuple[str, str]]:
    """Pairs of value and entry of "value: entry entry …" lines, which may be indented on."""
    for line in re.sub(r"\n ", " ", table).strip().splitlines():
        value, _, entries = line.partition(":")
        for entry in entries.split(separator):
            if entry.strip():
                yield value.strip(), entry.strip()


class Beginnings:
    """What begins a text → a value, among entries with wildcards.

    `#` is a digit, `@` a letter, `_` a space or an underscore, and `$` at the end
    the end of a word. The longest matching entry counts, then the one that is
    literal earlier.
    """

    def __init__(self, table: str) -> None:
        self._root = _Node()
        for value, entry in rows(table):
            node = self._root
            for character in entry.replace("_", " ").removesuffix("$"):
                node = node.next.setdefault(character, _Node())
            if entry.endswith("$"):
                node.end = value
            else:
                node.value = value

    def find(self, text: str) -> str:
        """The value of the entry that begins `text`, without case; `""` for none."""
        return _deepest(self._root, text[:_LENGTH].upper().replace("_", " ") + " ", 0)[1]


class _Node:
    """A step in the tree of the entries: a look-up costs their length, not their number."""

    __slots__ = ("end", "next", "value")

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.value = ""
        # For texts in which the word ends here.
        self.end = ""


def _deepest(node: _Node, text: str, index: int) -> tuple[int, str]:
    """Length and value of the longest entry below `node` that matches `text` at `index`."""
    character = text[index : index + 1]
    ends = not (character.isalnum() or character == "-")
    value = (node.end if ends else "") or node.value
    best = (index, value) if value else (0, "")
    for step in (character, _class_of(character)):
        if following := node.next.get(step):
            found = _deepest(following, text, index + 1)
            if found[0] > best[0]:
                best = found
    return best


def _class_of(character: str) -> str:
    if character.isdigit():
        return "#"
    return "@" if character.isalpha() else "never"
