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


# Marketing names → the versions of the system itself, which sort.
_WINDOWS = {
    "95": "4.0",
    "98": "4.10",
    "ME": "4.90",
    "NT 4.0": "4.0",
    "2000": "5.0",
    "XP": "5.1",
    "Server 2003": "5.2",
    "Vista": "6.0",
}


def os_version_key(name: str, version: str) -> str:
    """`version_key()` of a system's version; Windows XP sorts before Windows 7."""
    return version_key(_WINDOWS.get(version, version) if name == "Windows" else version)


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
