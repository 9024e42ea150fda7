"""The engine of a browser."""

from __future__ import annotations

import re

from sessions_hub.understanding.versions import major

# A browser whose agent poses as another's, or tells of no engine at all.
_FIXED = {
    "AOL Explorer": "Trident",
    "Chrome Frame": "WebKit",
    "ChatGPT Atlas": "Blink",
    "Elinks": "Text-based",
    "Links": "Text-based",
    "Lynx": "Text-based",
    "Sputnik Browser": "Blink",
    "w3m": "Text-based",
}
_GECKO_BROWSERS = frozenset({"Firefox", "Firefox Mobile"})
_IOS = frozenset({"iOS", "iPadOS"})

_CHROME = re.compile(r"Chr[o0]m(?:e|ium)/(\d[\d.]*)")
_WEBKIT = re.compile(r"(?i)AppleWebKit/?(\d[\d.]*)?|\(webkit (\d[\d.]*)\)")
_GECKO = re.compile(r"\brv:(\d[\d.]*)")
_FIREFOX = re.compile(r"Firefox/(\d[\d.]*)")
_KHTML = re.compile(r"\bKHTML/(\d[\d.]*)")
_PRESTO = re.compile(r"\bPresto/(\d[\d.]*)")
_TRIDENT = re.compile(r"\bTrident/(\d[\d.]*)")
_TOKENS: tuple[tuple[str, str, re.Pattern[str]], ...] = tuple(
    (needle, name, re.compile(rf"\b{needle}(\d[\d.]*)"))
    for needle, name in (
        ("Edge/", "Edge"),
        ("ArkWeb/", "ArkWeb"),
        ("Goanna/", "Goanna"),
        ("Servo/", "Servo"),
        ("Clecko/", "Clecko"),
        ("NetFront/", "NetFront"),
    )
)
_FIRST_BLINK = 28
# Opera's engine was Elektra before version 7 and Blink from 15 on.
_FIRST_PRESTO, _LAST_PRESTO = 7, 14
# For these ten versions Firefox said rv:109.0, since "rv:11" meant Internet Explorer.
_FROZEN_GECKO = "109.0"


def engine(name: str, version: str, text: str, os_name: str) -> tuple[str, str]:
    """Engine, and its version in full, of the browser called `name`; `""` when unknown."""
    if name in _FIXED:
        return _FIXED[name], ""
    if match := _KHTML.search(text):
        return "KHTML", match[1]
    if name in {"Opera", "Opera Mini", "Opera Mobile"} and (found := _of_opera(version, text)):
        return found
    if name in _GECKO_BROWSERS and "AppleWebKit" in text and os_name not in _IOS:
        return "Gecko", ""
    found = _by_token(text, os_name)
    # Neither Apple's client nor Android's tells the engine of the browser it works for.
    if not found[0] and ("CFNetwork/" in text or name == "Android Browser"):
        return "WebKit", ""
    return found


def _of_opera(version: str, text: str) -> tuple[str, str] | None:
    if match := _PRESTO.search(text):
        return "Presto", match[1]
    if "AppleWebKit" in text or not version:
        return None
    number = major(version)
    if number < _FIRST_PRESTO:
        return "Elektra", ""
    return ("Presto", "") if number <= _LAST_PRESTO else None


def _by_token(text: str, os_name: str) -> tuple[str, str]:
    webkit = _WEBKIT.search(text)
    if webkit and os_name in _IOS:
        return "WebKit", webkit[1] or ""
    for needle, name, pattern in _TOKENS:
        if needle in text and (match := pattern.search(text)):
            return name, match[1]
    if match := _TRIDENT.search(text):
        return "Trident", match[1]
    if "MSIE " in text:
        return "Trident", ""
    if match := _PRESTO.search(text):
        return "Presto", match[1]
    chrome = _CHROME.search(text)
    if chrome and major(chrome[1]) >= _FIRST_BLINK:
        return "Blink", chrome[1]
    if webkit:
        return "WebKit", webkit[1] or webkit[2] or ""
    if "Gecko/" in text and (match := _GECKO.search(text)):
        firefox = _FIREFOX.search(text)
        return "Gecko", firefox[1] if firefox and match[1] == _FROZEN_GECKO else match[1]
    return "", ""
