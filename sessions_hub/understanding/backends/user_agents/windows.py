"""Windows by what user agents, applications and libraries call it."""

from __future__ import annotations

import re

from sessions_hub.understanding.versions import major

from .named_systems import first_group

# The kernel's version → what the release is called.
_RELEASES = {
    "11.0": "11",
    "10.0": "10",
    "6.4": "10",
    "6.3": "8.1",
    "6.2": "8",
    "6.1": "7",
    "6.0": "Vista",
    "5.2": "Server 2003",
    "5.1": "XP",
    "5.01": "2000",
    "5.0": "2000",
}
_NAMES = {"2003": "Server 2003", "me": "ME", "xp": "XP", "vista": "Vista", "nt": "NT"}
# A kernel that still calls itself 10.0; 20348 is Windows Server 2022.
_FIRST_BUILD_OF_11 = 22000

_NEEDLES = ("win", "wce", "mingw")
_IS_WINDOWS = re.compile(
    r"(?i)(?<![a-z])(?:windows|win(?:32|64|nt|dows|98|95|10|11|[78]|ce)(?![a-z])|win 9x)"
    r"|mingw|cygwin"
)
_KERNEL = re.compile(r"(?i)Win(?:dows )?[ _]?NT[ /]?(\d+\.\d+)(?:\.(\d+))?")
_RELEASE = re.compile(
    r"(?i)(?<![a-z])Win(?:dows)?(?:_64/|[ /_-]|%20)?"
    r"(?:(10|11|8\.1|[78](?![\d.])|XP|Vista|2000|2003|98|95|ME\b|NT\b|3\.1)(?![\d])"
    r"|(6\.[0-4]|5\.[012]))"
)
_MILLENNIUM = re.compile(r"Win 9x 4\.90")
_CE = re.compile(r"(?i)\bWindows ?CE\b[ /]?([\d.]*)|\bWCE\b()|\bWinCE()")
_ARM = re.compile(r"; ?ARM(?:;|\))")


def windows(text: str, lower: str) -> tuple[str, str] | None:
    """Name and version of the Windows of `text`; None when it speaks of none."""
    if not any(needle in lower for needle in _NEEDLES):
        return None
    if match := _CE.search(text):
        return "Windows CE", first_group(match)
    if not _IS_WINDOWS.search(text):
        return None
    if match := _KERNEL.search(text):
        kernel, build = match.groups()
        if kernel in {"6.2", "6.3"} and _ARM.search(text):
            return "Windows RT", "8.1" if kernel == "6.3" else ""
        if kernel == "10.0" and major(build or "") >= _FIRST_BUILD_OF_11:
            return "Windows", "11"
        return "Windows", _RELEASES.get(kernel, "NT" if major(kernel) < 5 else "")
    if _MILLENNIUM.search(text):
        return "Windows", "ME"
    if match := _RELEASE.search(text):
        name, kernel = match.groups()
        if kernel:
            return "Windows", _RELEASES.get(kernel, "")
        return "Windows", _NAMES.get(name.lower(), name)
    return "Windows", ""
