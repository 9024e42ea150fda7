"""The operating system of an agent, before client hints."""

from __future__ import annotations

import re

from sessions_hub.understanding.codes import OS_CODES

from .agent import Agent
from .android import android
from .apple import apple
from .named_systems import DEVICES, UNIX, first_group, named
from .windows import windows

# uap-core's family → our name, where they differ.
_NAMES = {
    "Linux": "GNU/Linux",
    "Mac OS X": "Mac",
    "Symbian^3 Belle": "Symbian^3",
    "WatchOS": "watchOS",
    "tvOS": "Apple TV",
}

_PLAYSTATION = re.compile(r"(?i)PlayStation ?(\d)(?: Pro)?[ /]?(\d+\.\d+)?")
_WEBOS = re.compile(r"(?i)\bWEBOS(\d+(?:\.\d+)*)|\b(?:hpwOS|webOS)/(\d[\d.]*)")
_WEBOS_BROWSER = re.compile(r"\bChr[o0]me/(\d+)")
# https://webostv.developer.lge.com/develop/specifications/web-api-and-web-engine
_WEBOS_OF_CHROME = {
    "38": "3",
    "53": "4",
    "68": "5",
    "79": "6",
    "87": "22",
    "94": "23",
    "108": "24",
    "120": "25",
}
_CROS = re.compile(r"\bCrOS\b(?: \w+ (\d[\d.]*))?")
_LINUX = re.compile(r"\bLinux/(\d+(?:\.\d+)+)")
_JAVA_ME = re.compile(r"(?i)\bJ2ME\b|MIDP|\bMMP/\d|\bCLDC")
_SYMBIAN_RELEASES = {"Series60/5.2": "Anna", "Series60/5.3": "Belle", "Series60/5.4": "Belle"}


def operating_system(agent: Agent) -> tuple[str, str]:
    """Name and version of the operating system; `""` for what is not known."""
    text, lower = agent.text, agent.text.lower()
    uap = (_NAMES.get(agent.os, agent.os), agent.os_version)
    return (
        _television_or_console(text, lower)
        or _device(text, lower)
        or named(UNIX, text, lower)
        or windows(text, lower)
        or apple(text, lower, uap)
        or _chrome_os(text, lower)
        or android(text, lower)
        or _other(text, lower, uap)
    )


def _television_or_console(text: str, lower: str) -> tuple[str, str] | None:
    if "web0s" in lower or "webos" in lower or "hpwos" in lower:
        return "webOS", _webos_version(text)
    if "playstation" in lower and (match := _PLAYSTATION.search(text)):
        return "PlayStation", ".".join(group for group in match.groups() if group)
    return None


def _webos_version(text: str) -> str:
    if match := _WEBOS.search(text):
        return first_group(match)
    browser = _WEBOS_BROWSER.search(text)
    return _WEBOS_OF_CHROME.get(browser[1], "") if browser else ""


def _device(text: str, lower: str) -> tuple[str, str] | None:
    found = named(DEVICES, text, lower)
    if found and found[0] == "Symbian^3":
        return found[0], next((v for k, v in _SYMBIAN_RELEASES.items() if k in text), "")
    return found


def _chrome_os(text: str, lower: str) -> tuple[str, str] | None:
    match = _CROS.search(text) if "cros" in lower else None
    return ("Chrome OS", match[1] or "") if match else None


def _other(text: str, lower: str, uap: tuple[str, str]) -> tuple[str, str]:
    if "linux" in lower:
        match = _LINUX.search(text)
        return "GNU/Linux", match[1] if match else ""
    if _JAVA_ME.search(text):
        return "Java ME", ""
    if "xbox" in lower:
        return "Xbox", ""
    # Whatever uap-core names beside these is a device or a browser.
    return uap if uap[0] in OS_CODES else ("", "")
