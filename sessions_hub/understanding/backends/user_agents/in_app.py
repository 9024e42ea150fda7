"""Apps that tell their name in a way of their own, and phones that tell their browser so."""

from __future__ import annotations

import re

_VERSION = r"(\d+(?:\.\d+)*)"
# What Facebook's apps call themselves, by how that begins; the first match counts.
_FACEBOOK_APPS = (
    ("EMA", "Facebook Lite"),
    ("FBLite", "Facebook Lite"),
    ("MessengerLite", "Facebook Messenger Lite"),
    ("Messenger", "Facebook Messenger"),
    ("Orca", "Facebook Messenger"),
    ("MESSENGER", "Facebook Messenger"),
    ("FBPageAdmin", "Meta Business Suite"),
    ("PAAA", "Meta Business Suite"),
    ("PagesManager", "Meta Business Suite"),
    ("FBGroups", "Facebook Groups"),
    ("GroupsForiOS", "Facebook Groups"),
    ("Barcelona", "Threads"),
    ("Instagram", "Instagram"),
)
_FACEBOOK = re.compile(r"FB(?:AN|_IAB)/(\w+)")
_FACEBOOK_VERSION = re.compile(rf"FBAV/{_VERSION}")
_TIKTOK = re.compile(rf"\bapp_version/{_VERSION}")
_TIKTOK_BUILD = re.compile(rf"(?i)\b(?:musical_ly|trill|tiktok)[_/ ]{_VERSION}")
_TIKTOK_NAMES = ("musical_ly", "trill_", "tiktok")
_WEIBO = re.compile(rf"__weibo__{_VERSION}")
_REDDIT = re.compile(rf"\bReddit/Version {_VERSION}")
_OFFICE = re.compile(rf"; Microsoft ([A-Z][\w ]{{2,30}}?) {_VERSION}")
_ANDROID_BINANCE = re.compile(rf"\bBNC/\S{{1,24}} \(Android {_VERSION}\)")
_NAVER = re.compile(rf"NAVER\(inapp; \w{{1,24}}; \d{{1,8}}; {_VERSION}[;)]")
# On Android its name sticks to the version of Safari.
_SNAPCHAT = re.compile(rf"Snapchat/?{_VERSION}")
_WINDOWS_HTTP = re.compile(r"WinHttp\.WinHttpRequest\.(\d+)")
_SOGOU = re.compile(r" SE (\d)\.[\dXx]")
_MAUI = re.compile(r"(?i)MAUI[ -](?:WAP[ -])?Browser\b|WAP Browser/MAUI")
_PHONE_BROWSER = re.compile(
    rf"(?i)\b(?:Browser/)?(Opera|Dorado|Obigo|NetFront)(?: WAP-Browser)?[/ -]?(?:{_VERSION})?"
)
_PHONE_NAMES = {"dorado": "Dorado", "netfront": "NetFront", "obigo": "Obigo", "opera": "Opera"}


def in_app(text: str, lower: str) -> tuple[str, str, str] | None:
    """Type, name and version; None when `text` tells them in the usual way."""
    if "fban/" in lower or "fb_iab/" in lower or "metaiab" in lower:
        return "mobile app", _facebook(text), _version(_FACEBOOK_VERSION, text)
    if any(name in lower for name in _TIKTOK_NAMES):
        return "mobile app", "TikTok", _version(_TIKTOK, text) or _version(_TIKTOK_BUILD, text)
    if "__weibo__" in lower:
        return "mobile app", "Sina Weibo", _version(_WEIBO, text)
    if "reddit/version" in lower:
        return "mobile app", "Reddit", _version(_REDDIT, text)
    if "bnc/" in lower and (match := _ANDROID_BINANCE.search(text)):
        return "mobile app", "Binance", match[1]
    if "snapchat" in lower and (match := _SNAPCHAT.search(text)):
        return "mobile app", "Snapchat", match[1]
    if "naver(" in lower:
        return "mobile app", "Naver", _version(_NAVER, text)
    if "microsoft office/" in lower and (match := _OFFICE.search(text)):
        return _office(match[1], match[2])
    if "winhttprequest" in lower and (match := _WINDOWS_HTTP.search(text)):
        return "library", "WinHttp WinHttpRequest", match[1]
    if " se " in lower and (match := _SOGOU.search(text)):
        return "browser", "Sogou Explorer", match[1]
    return _phone(text, lower)


def _facebook(text: str) -> str:
    match = _FACEBOOK.search(text)
    app = match[1] if match else ""
    return next((name for start, name in _FACEBOOK_APPS if app.startswith(start)), "Facebook")


def _office(program: str, version: str) -> tuple[str, str, str]:
    if program == "Outlook":
        return "pim", "Microsoft Outlook", version
    return "mobile app", f"Microsoft Office {program}", version


def _phone(text: str, lower: str) -> tuple[str, str, str] | None:
    if "maui" in lower and _MAUI.search(text):
        return "browser", "MAUI WAP Browser", ""
    if "browser/" in lower:
        named = [] if text.startswith(("Mozilla/", "Opera/")) else _PHONE_BROWSER.findall(text)
        if named:
            name = named[0][0]
            version = next((number for other, number in named if other == name and number), "")
            return "browser", _PHONE_NAMES[name.lower()], version
    return None


def _version(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[1] if match else ""
