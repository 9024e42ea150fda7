"""Version numbers as text: shortened, and in a form that sorts."""

from __future__ import annotations

import re

# Four parts of seven digits and three dots: 31 of the 32 characters of a key.
_PARTS = 4
_DIGITS = 7
_LARGEST = 10**_DIGITS - 1
_NUMBER = re.compile(r"[0-9]+")


def shorten(version: str, parts: int = 2) -> str:
    """The first `parts` parts: "126.0.6478.54" → "126.0"."""
    return ".".join(version.split(".", parts)[:parts])


def major(version: str) -> int:
    """The first number of `version`; 0 when it has none."""
    match = _NUMBER.match(version[:16])
    return int(match.group()) if match else 0


def longer(first: str, second: str) -> str:
    """`second`, unless `first` says the same and more ("142.0.3" and "142")."""
    if not second or first == second or first.startswith(f"{second}."):
        return first
    return second


def version_key(version: str) -> str:
    """A text of 31 characters that sorts as the version does; `""` when it has no number.

    "10.15.7" → "0000010.0000015.0000007.0000000". Up to four numbers count, larger
    ones than 9999999 as that. A part without a number ends the version ("8.1-beta").
    """
    numbers: list[int] = []
    for part in version[:64].split(".", _PARTS)[:_PARTS]:
        match = _NUMBER.match(part.strip())
        if match is None:
            break
        numbers.append(min(int(match.group()), _LARGEST))
        if match.end() < len(part.strip()):
            break
    if not numbers:
        return ""
    numbers += [0] * (_PARTS - len(numbers))
    return ".".join(f"{number:0{_DIGITS}d}" for number in numbers)
