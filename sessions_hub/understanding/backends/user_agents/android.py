"""Android and the systems made of it."""

from __future__ import annotations

import re

from sessions_hub.understanding.versions import major, shorten

from .named_systems import Rule, first_group, named

_NEEDLES = ("android", "andr0id", "adr ", "okhttp/", "dalvik/", "yunos", "; kf")
_LIKE_ANDROID = re.compile(r"like Android")

_VERSION = re.compile(
    r"(?<![\w-])Andr[o0]id(?: OUYA)?[ ,:-]{1,2}v?(\d+(?:\.\d+)*)"
    r"|(?<![\w-])Android \(\d+/(\d+(?:\.\d+)*)"
    r"|(?<![\w-])Android(?: OS)?/(\d+(?:\.\d+)*)"
    r"|\bAdr (\d+(?:\.\d+)*)"
)
# Applications may tell the API level instead. https://apilevels.com
_API_LEVELS = {
    "21": "5.0",
    "22": "5.1",
    "23": "6.0",
    "24": "7.0",
    "25": "7.1",
    "26": "8.0",
    "27": "8.1",
    "28": "9",
    "29": "10",
    "30": "11",
    "31": "12",
    "32": "12.1",
    "33": "13",
    "34": "14",
    "35": "15",
    "36": "16",
}

_CHROMEBOOK = re.compile(r"\bChromebook\b(?:[^/]{0,64}\bBuild/R\d+-([\d.]+))?")
_FIRE = re.compile(r"; ?(?:AFT[A-Z]\w{0,12}|KF[A-Z]{2,6}\d?)(?: Build|[ );]|$)")
_TELEVISION = re.compile(r"(?i)Android ?TV\b|\bBRAVIA\b|\bGoogle ?TV\b|\bSMART TV Build\b|Andr0id")
# Galaxy Watch 4 and later; the ones before ran Tizen.
_WEAR = re.compile(r"\bWear ?OS\b|\bSM-(?:R8[6-9]|R9|L[37])\d|\bPixel Watch|\bTicWatch")

# What vendors built on Android and named, with a version of its own.
_NAMED: tuple[Rule, ...] = tuple(
    (needle, name, re.compile(pattern))
    for needle, name, pattern in (
        ("mocordroid", "MocorDroid", r"MocorDroid([\d.]*)"),
        ("razodroid", "RazoDroiD", r"(?i)RazoDroiD(?: v([\d.]+))?"),
        ("mildwild", "MildWild", r"MildWild(?: ([\d.]+))?"),
        ("cyanogenmod", "CyanogenMod", r"CyanogenMod[ /-]?([\d.]*)"),
        ("yunos", "YunOs", r"(?i)\bYunOS[ /]?([\d.]*)"),
    )
)
_LINEAGE = re.compile(r"(?i)\blineage(?:_|OS)")
_REMIX = re.compile(r"\bRemix(?: OS)? (?:Mini|Pro|Ultra-Tablet|Build)")


def android(text: str, lower: str) -> tuple[str, str] | None:
    """Name and version of the Android, or of its kin, of `text`; None when there is none."""
    if not any(needle in lower for needle in _NEEDLES) or _LIKE_ANDROID.search(text):
        return None
    version = _android_version(text)
    if "chromebook" in lower and (match := _CHROMEBOOK.search(text)):
        return "Chrome OS", first_group(match)
    if found := named(_NAMED, text, lower):
        return found
    if _FIRE.search(text):
        return "Fire OS", _fire_os(version)
    if "lineage" in lower and _LINEAGE.search(text):
        return "Lineage OS", _lineage_os(version)
    if "remix" in lower and _REMIX.search(text):
        return "Remix OS", {5: "2", 6: "3"}.get(major(version), "")
    if _TELEVISION.search(text):
        return "Android TV", version
    if _WEAR.search(text):
        return "Wear OS", ""
    is_android = any(needle in lower for needle in ("andr", "adr ", "okhttp/", "dalvik/"))
    return ("Android", version) if is_android else None


def _android_version(text: str) -> str:
    match = _VERSION.search(text)
    version = first_group(match) if match else ""
    return _API_LEVELS.get(version, version)


def _fire_os(version: str) -> str:
    # https://developer.amazon.com/docs/fire-tv/fire-os-overview.html
    release = major(version)
    if release >= 12:
        return str(release)
    if release >= 10:
        return "8"
    return {9: "7", 8: "7", 7: "6", 6: "5", 5: "5", 4: "4", 2: "1"}.get(release, "")


def _lineage_os(version: str) -> str:
    # https://lineageos.org: Android 15 is 22, 8.1 is 15.1, 7.1.2 is 14.1
    release = major(version)
    if release >= 14:
        return str(release + 7)
    if release >= 5:
        rest = shorten(version).partition(".")[2] or "0"
        return f"{release + 7}.{rest}"
    return ""
