"""The operating system of an agent, before client hints."""

from __future__ import annotations

import re

from .agent import Agent
from .versions import major, shorten

# uap-core's family → our name, where they differ.
_NAMES = {
    "ATV OS X": "Apple TV",
    "Linux": "GNU/Linux",
    "Linux Mint": "Mint",
    "Mac OS": "Mac",
    "Mac OS X": "Mac",
    "SunOS": "Solaris",
    "Symbian^3 Anna": "Symbian^3",
    "Symbian^3 Belle": "Symbian^3",
    "WatchOS": "watchOS",
    "tvOS": "Apple TV",
}

# Systems uap-core takes for another one, or does not see. The first match counts.
_TOKENS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"OpenHarmony[ /]?([\d.]*)", "OpenHarmony"),
        (r"HarmonyOS[ /]?([\d.]*)", "HarmonyOS"),
        (r"KAIOS/([\d.]*)", "KaiOS"),
        (r"(?:Web0S|webOS)(?:\.TV-|[ /])?([\d.]*)", "webOS"),
        (
            r"Android TV[ /]?([\d.]*)|(?:BRAVIA|GoogleTV|\bATV\b).*Android[ /]?([\d.]*)",
            "Android TV",
        ),
        (r"\bChromebook\b()", "Chrome OS"),
        (r"\bCrKey/([\d.]*)", "Google TV"),
        (r"\((?:Mac OS|macOS)/([\d.]+)|[\[,;( ]macOS[, /]([\d.]+)", "Mac"),
        (r"\bKubuntu[ /]?([\d.]*)", "Kubuntu"),
        (r"\bXbox\b()", "Xbox"),
        (r"\bPlayStation (?:Vita|Portable)|\bPSP\b()", "PlayStation Portable"),
        (r"\bPlay[Ss]tation()", "PlayStation"),
        (r"\bNintendo (?:Switch|3DS|DSi?)()", "Nintendo Mobile"),
        (r"\bNintendo\b()", "Nintendo"),
    )
)

_ANDROID = re.compile(r"Android[ /-]?(\d[\d.]*)")
_JAVA_ME = re.compile(r"\bJ2ME\b|\bMIDP\b")
_SAFARI_VERSION = re.compile(r"\bVersion/(\d+(?:\.\d+)*)[^(]*\bSafari/")

# From version 26 on the browser tells the version of the system, which the
# frozen "OS 18_6", "OS 18_7" and "10_15_7" do not.
_SAFARI_TELLS = 26

DESKTOP = frozenset(
    {
        "Arch Linux",
        "CentOS",
        "Chrome OS",
        "Chromium OS",
        "Debian",
        "Fedora",
        "FreeBSD",
        "GNU/Linux",
        "Gentoo",
        "Haiku OS",
        "Kubuntu",
        "Lubuntu",
        "Mac",
        "Mint",
        "NetBSD",
        "OpenBSD",
        "Red Hat",
        "SUSE",
        "Slackware",
        "Solaris",
        "Ubuntu",
        "Windows",
        "Xubuntu",
    }
)


def operating_system(agent: Agent) -> tuple[str, str]:
    """Name and version of the operating system; `""` for what is not known."""
    for pattern, name in _TOKENS:
        if match := pattern.search(agent.text):
            version = next((group for group in match.groups() if group), "").strip(".")
            return name, shorten(version) if name == "Mac" else version
    name = _NAMES.get(agent.os, agent.os)
    version = agent.os_version
    if name == "iOS":
        return _apple_mobile(agent, version)
    if name == "Mac":
        told = _told_by_safari(agent)
        return name, shorten(told if major(told) >= _SAFARI_TELLS else version)
    if not name:
        match = _ANDROID.search(agent.text)
        if match:
            return "Android", match[1].strip(".")
        return ("Java ME", "") if _JAVA_ME.search(agent.text) else ("", "")
    if name == "Windows" and version.startswith(("Phone", "Mobile", "CE", "RT")):
        return f"Windows {version.split()[0]}", ""
    return name, version


def _apple_mobile(agent: Agent, version: str) -> tuple[str, str]:
    told = _told_by_safari(agent)
    if major(version) == 18 and major(told) >= _SAFARI_TELLS:
        version = told
    is_ipad = "iPad" in agent.text or agent.device == "iPad"
    return ("iPadOS" if is_ipad and major(version) >= 13 else "iOS"), version


def _told_by_safari(agent: Agent) -> str:
    if agent.browser not in {"Safari", "Mobile Safari"}:
        return ""
    match = _SAFARI_VERSION.search(agent.text)
    return match[1] if match else ""
